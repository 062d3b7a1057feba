# configtest warns of what takes requests away or makes them wait, sums up
# what will run, and hands the CLI its configuration.
use strict;
use warnings;
use Test::More;
use Ubal::Server;

my $server = Ubal::Server->new(
    modules        => ['proxy', 'proxy_http'],
    ingest_program => 0,
    base           => 'UbalIngestProgram /bin/true',
);
my $root = $server->root;
my $mount = <<'END';
<Location "/api/user">
    SetHandler ubal
    Require all granted
</Location>
END
my $vendor = <<'END';
<UbalVendor demo>
    UbalURL http://127.0.0.1:9/transactions
</UbalVendor>
END

sub text_of {
    my ($conf, @more) = @_;
    my ($exit, $text) = $server->configtest($conf, @more);
    is $exit, 0, 'accepted' or diag $text;
    return $text;
}

# --- ProxyPass ----------------------------------------------------------------

my $warned = qr{test\.conf:\d+:\ this\ ProxyPass\ takes\ every\ request
                \ of\ <Location\ "/api/user">.*ProxyPass\ /api/user\ !}x;
for my $covers ('/ http://a.test/', '/api http://a.test/',
                '"/api/user" http://a.test/', '/api/ http://a.test/') {
    like text_of($mount . "ProxyPass $covers\n"), $warned,
        "ProxyPass $covers: warned";
}
for my $spares ('/api/us http://a.test/', '/api/user/12 http://a.test/',
                '/apis http://a.test/', "/api/user !\nProxyPass / http://a/") {
    unlike text_of($mount . "ProxyPass $spares\n"), qr/ProxyPass takes/,
        "ProxyPass $spares: not warned";
}
like text_of($mount . "ProxyPass / http://a/\nProxyPass /api/user !\n"),
    $warned, 'an exception behind it comes too late: warned';
like text_of("<VirtualHost *:80>\n$mount</VirtualHost>\n"
    . "ProxyPass / http://a/\n"), $warned,
    'the main server\'s, before a vhost\'s mount: warned';
unlike text_of("<VirtualHost *:80>\nProxyPass / http://a/\n</VirtualHost>\n"
    . "<VirtualHost *:81>\n$mount</VirtualHost>\n"), qr/ProxyPass takes/,
    'another vhost\'s: not warned';
like text_of($mount
    . "<Location \"/api\">\nProxyPass http://a/\n</Location>\n"), $warned,
    'a Location\'s: warned';

# --- DBDMax ---------------------------------------------------------------------

like text_of($mount . "DBDKeep 3\nDBDMax 3\n"),
    qr{test\.conf:\d+: 3 database connections for 8 threads.*DBDMax 8},
    'fewer connections than threads: warned';
unlike text_of($mount), qr/database connections for/,
    'as many connections as threads: not warned';

# --- the summary -------------------------------------------------------------------

like text_of($mount . $vendor . "LogLevel ubal:info\n"),
    qr{database\ sqlite3\ \Q@{[ $server->db ]}\E:\ served\ at\ .*/api/user;
       .*vendor\ demo\ from\ http://127\.0\.0\.1:9/transactions}x,
    'LogLevel ubal:info: says what will run';
unlike text_of($mount . $vendor . "LogLevel ubal:warn\n"), qr/served at/,
    'LogLevel ubal:warn: silent';

# --- DUMP_UBAL ------------------------------------------------------------------------

my $secret = $server->write_file('conf/secret', "s3cr3t-of-the-test\n");
chmod 0600, $secret;
my $dump = text_of($mount
    . ($vendor =~ s/(UbalURL.*)/$1\n    UbalAuth bearer file:$secret/r)
    . "UbalScale 3\n", '-t', '-D', 'DUMP_UBAL');
like $dump, qr/^UbalIngestDB sqlite3 \S*\Q@{[ $server->db ]}\E/m,
    'the dump has the database';
like $dump, qr/^UbalScale 3$/m, 'the dump has its values';
like $dump, qr{^\s*UbalURL http://127\.0\.0\.1:9/transactions$}m,
    'the dump has the vendor';
unlike $dump, qr/s3cr3t/, 'the dump has no secret';
unlike text_of($mount . $vendor), qr/^UbalIngestDB/m, 'no dump unasked';
my @dialect = ('UbalWindow settle=5s tick=1s lookback=off',
    'UbalReconcile 3600s', 'UbalMap id id type', 'UbalMap userId user.id',
    'UbalType earned credit', 'UbalType earned "daily reward"');
$dump = text_of($vendor =~ s/(UbalURL.*)/join "\n", $1, @dialect/er,
    '-t', '-D', 'DUMP_UBAL');
is_deeply [grep { my $line = $_; grep { $_ eq $line } @dialect }
           split /\n/, $dump], \@dialect, 'the dump has the dialect';
$dump = text_of(<<"END", '-t', '-D', 'DUMP_UBAL');
$mount
<VirtualHost *:80>
DBDParams "file:\@DATA\@/two.db?mode=ro"
$vendor
</VirtualHost>
END
my @databases = $dump =~ /^UbalIngestDB (.*)$/mg;
is scalar @databases, 2, 'the dump has each database once';

done_testing;
