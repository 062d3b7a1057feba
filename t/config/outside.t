# configtest looks at what the configuration names and others make: folders,
# rights and the clock. It is an error where it is asked, a warning at a start,
# which heals by itself; and nothing is made or changed by looking.
use strict;
use warnings;
use File::Find qw(find);
use Test::More;
use Ubal::Server qw(wait_for);

my $server = Ubal::Server->new(dbd => 0);
my $root = $server->root;
my $mount = <<'END';
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
END
my $vendor = <<'END';
<UbalVendor demo>
    UbalURL http://127.0.0.1:9/transactions
</UbalVendor>
END

# A database in the folder `$name` of @ROOT@, with more lines.
sub in_folder {
    my ($name, @lines) = @_;
    return join "\n", 'DBDriver sqlite3',
        qq(DBDParams "file:\@ROOT\@/$name/ubal.db?mode=ro"), 'DBDMin 0',
        'DBDKeep 8', 'DBDMax 8', $mount, @lines, '';
}

# Every path below the root but the tested file, with what would show a change.
sub look {
    my %seen;
    find({ no_chdir => 1, wanted => sub {
        my @stat = lstat;
        $seen{$_} = join ' ', @stat[0 .. 7, 9, 10] unless /test\.conf\z/;
    } }, "$root/data", "$root/logs", "$root/run", grep { -e } "$root/none",
        "$root/closed");
    return \%seen;
}

my $before = look();
sub refuses {
    my ($name, $conf, $line, $words) = @_;
    my ($exit, $text) = $server->configtest($conf);
    isnt $exit, 0, "$name: refused";
    my @lines = split /\n/, $server->configuration($conf);
    my ($number) = grep { $lines[$_ - 1] =~ /^\s*\Q@{[$server->fill($line)]}\E/ }
        1 .. @lines;
    like $text, qr{\Q$root\E/conf/test\.conf:$number: .*$words},
        "$name: says where and what";
}

sub accepts {
    my ($name, $conf, @more) = @_;
    my ($exit, $text) = $server->configtest($conf, @more);
    is $exit, 0, "$name: accepted" or diag $text;
    return $text;
}

# --- folders ------------------------------------------------------------------

accepts 'a folder', in_folder('data', $vendor);
refuses 'no folder', in_folder('none', $vendor), 'DBDParams',
    qr{the folder of the database is missing; make it: install -d .*\Q$root\E/none$}m;
refuses 'no folder for who only reads', in_folder('none'), 'DBDParams',
    qr/the folder of the database is missing/;
refuses 'no folder for who writes',
    in_folder('data', $vendor, 'UbalIngestDB sqlite3 @ROOT@/none/ubal.db'),
    'UbalIngestDB', qr/the folder of the database is missing/;
refuses 'no folder for the log',
    in_folder('data', $vendor, 'UbalIngestLog @ROOT@/none/ubal.log'),
    'UbalIngestLog', qr/the folder of UbalIngestLog is missing/;
accepts 'a log that nobody writes',
    in_folder('data', 'UbalIngestLog @ROOT@/none/ubal.log');
like accepts('for -D DUMP_UBAL', in_folder('none', $vendor), '-t', '-D',
             'DUMP_UBAL'),
    qr{test\.conf:\d+: the folder.*^UbalIngestDB}ms,
    'who asks for the configuration has it, and a warning';
is_deeply look(), $before, 'nothing was made, nothing changed';

# --- rights -------------------------------------------------------------------

mkdir "$root/closed" or die "mkdir: $!";
chown $server->{uid}, $server->{gid}, "$root/closed" unless $>;
$server->write_file('closed/ubal.db', '');
chown $server->{uid}, $server->{gid}, "$root/closed/ubal.db" unless $>;
my $user = $server->{user};
for my $case (
    [0555, 0644, [$vendor], 'DBDParams',
     qr/User \Q$user\E cannot make files in the folder of the database/],
    [0444, 0644, [], 'DBDParams', qr/User \Q$user\E cannot (?:enter|read) the/],
    [0755, 0444, [$vendor], 'DBDParams',
     qr/User \Q$user\E cannot write the database/],
    [0755, 0000, [], 'DBDParams', qr/User \Q$user\E cannot read the database/],
) {
    my ($folder, $file, $lines, $line, $words) = @$case;
    chmod $file, "$root/closed/ubal.db" or die "chmod: $!";
    chmod $folder, "$root/closed" or die "chmod: $!";
    refuses sprintf('%o and %o', $folder, $file),
        in_folder('closed', @$lines), $line, $words;
    chmod 0755, "$root/closed";
}
chmod 0444, "$root/closed/ubal.db";
accepts 'a file to be read alone', in_folder('closed');
chmod 0644, "$root/closed/ubal.db";
chmod 0555, "$root/closed";
accepts 'a folder to be read alone', in_folder('closed');
refuses 'a log in it',
    in_folder('data', $vendor, 'UbalIngestLog @ROOT@/closed/ubal.log'),
    'UbalIngestLog', qr/cannot make files in the folder of UbalIngestLog/;
accepts 'a log that is there and may be written',
    in_folder('data', $vendor, 'UbalIngestLog @ROOT@/closed/ubal.db');
chmod 0755, "$root/closed";
is -s "$root/closed/ubal.db", 0, 'nothing was written';

# --- the clock ----------------------------------------------------------------

sub since {
    my ($date) = @_;
    return in_folder('data', $vendor =~ s/(UbalURL.*)/$1\n UbalSince $date/r);
}
refuses 'history from the future on', since('2999-01-01'), 'UbalSince',
    qr/UbalSince 2999-01-01 lies in the future/;
accepts 'history from the past on', since('2026-01-01');

# --- a start ------------------------------------------------------------------

$server->start(in_folder('none', $vendor));
like $server->output . $server->error_log,
    qr{httpd\.conf:\d+: the folder of the database is missing},
    'a start without the folder: a warning';
my ($status) = $server->get('/user/12');
is $status, 503, '503 until it is there';
mkdir "$root/none" or die "mkdir: $!";
chown $server->{uid}, $server->{gid}, "$root/none" unless $>;
ok wait_for(sub { -s "$root/none/ubal.db" }, 60),
    'once it is there, the companion makes the database';

done_testing;
