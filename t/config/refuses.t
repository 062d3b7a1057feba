# configtest refuses what would not do what it looks like, with file and line
# and, where there is one, the corrected line.
use strict;
use warnings;
use Test::More;
use Ubal::Server;

# Nothing is run by a configtest: any program will do.
my $server = Ubal::Server->new(
    modules        => ['mime'],
    dbd            => 0,
    ingest_program => 0,
    base           => 'UbalIngestProgram /bin/true',
);
my $root = $server->root;

# The database, a mount and a vendor that nobody would refuse.
my $dbd = <<'END';
DBDriver sqlite3
DBDParams "file:@DB@?mode=ro"
DBDMax 25
END
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

# The number of the first line of the tested file that is `$line`.
sub line_of {
    my ($line) = @_;
    $line = $server->fill($line);
    my @lines = split /\n/, $server->configuration($_[1]);
    for my $number (1 .. @lines) {
        return $number if $lines[$number - 1] =~ /^\s*\Q$line\E\s*$/;
    }
    die "no line $line";
}

# httpd's way to say where, and ours.
sub place {
    my ($number) = @_;
    return qr{(?:line\ $number\ of\ \Q$root\E/conf/test\.conf:
                |\Q$root\E/conf/test\.conf:$number:)}x;
}

# Refused, at the line that is `$line`, with words like `$words`.
sub refuses {
    my ($name, $conf, $line, $words) = @_;
    my ($exit, $text) = $server->configtest($conf);
    isnt $exit, 0, "$name: refused";
    my $place = place(line_of($line, $conf));
    like $text, qr/$place.*$words/s, "$name: says where and what";
}

sub accepts {
    my ($name, $conf) = @_;
    my ($exit, $text) = $server->configtest($conf);
    is $exit, 0, "$name: accepted" or diag $text;
    return $text;
}

accepts 'all together', $dbd . $mount . $vendor;
accepts 'nothing of ours', 'ServerAdmin a@b.test';

# --- the database -------------------------------------------------------------

sub params {
    my ($params) = @_;
    return "DBDriver sqlite3\nDBDParams $params\n$mount";
}
refuses 'a bare path', params('@DB@'), 'DBDParams @DB@',
    qr{DBDParams "file:\Q$root\E/data/ubal\.db\?mode=ro"};
refuses 'a relative path', params('"file:data/ubal.db?mode=ro"'),
    'DBDParams "file:data/ubal.db?mode=ro"', qr/DBDParams/;
refuses 'no mode=ro', params('"file:@DB@"'), 'DBDParams "file:@DB@"',
    qr{DBDParams "file:\Q$root\E/data/ubal\.db\?mode=ro"};
refuses 'mode=rwc', params('"file:@DB@?mode=rwc"'),
    'DBDParams "file:@DB@?mode=rwc"', qr/mode=ro/;
refuses 'no DBDriver', $mount, '<Location "/user">', qr/DBDriver sqlite3/;
refuses 'another driver', "DBDriver mysql\nDBDParams host=x\n$mount",
    'DBDriver mysql', qr/DBDriver sqlite3|Can't load driver/;
accepts 'PostgreSQL',
    "DBDriver pgsql\nDBDParams \"service=ubal_read\"\n$mount";
refuses 'a password', "DBDriver pgsql\nDBDParams \"host=x password=y\"\n$mount",
    'DBDParams "host=x password=y"', qr/hold a password; write passfile=/;
refuses 'a password within a URI',
    "DBDriver pgsql\nDBDParams postgresql://me:y\@x/ubal\n$mount",
    'DBDParams postgresql://me:y@x/ubal', qr/hold a password; write passfile=/;
refuses 'a password to write with',
    "${dbd}UbalIngestDB pgsql \"host=x password=y\"\n$mount",
    'UbalIngestDB pgsql "host=x password=y"', qr/hold a password/;
refuses 'in a vhost, at its own line', $dbd . <<"END",
<VirtualHost *:80>
ServerName one.test
DBDParams relative.db
$mount
</VirtualHost>
END
    'DBDParams relative.db', qr/file:/;

{
    my $without = Ubal::Server->new(dbd => 0, ingest_program => 0);
    no warnings 'redefine';
    local *Ubal::Server::load_lines = do {
        my $plain = \&Ubal::Server::load_lines;
        sub { $plain->(@_) =~ s/^LoadModule dbd_module.*\n//mr };
    };
    my ($exit, $text) = $without->configtest($mount);
    isnt $exit, 0, 'mod_dbd not loaded: refused';
    like $text, qr{test\.conf:\d+:.*LoadModule dbd_module},
        'mod_dbd not loaded: says how to load it';
}

refuses 'DBDKeep above DBDMax', "${dbd}DBDKeep 26\n$mount", 'DBDKeep 26',
    qr/is above DBDMax 25.*write: DBDKeep 25/;
refuses 'DBDMax below the default of DBDKeep',
    ($dbd =~ s/DBDMax 25/DBDMax 1/r) . $mount, 'DBDMax 1',
    qr/DBDKeep 2, the default, is above DBDMax 1.*write: DBDKeep 1/;
refuses 'DBDMin above DBDKeep', "${dbd}DBDMin 4\nDBDKeep 3\n$mount",
    'DBDMin 4', qr/is above DBDKeep 3.*write: DBDMin 3/;
refuses 'DBDKeep above DBDMax in a vhost', <<"END", 'DBDKeep 4',
${dbd}DBDKeep 8
<VirtualHost *:80>
DBDMax 3
DBDKeep 4
$mount
</VirtualHost>
END
    qr/DBDKeep 4 is above DBDMax 3/;
accepts 'as many kept as there may be', "${dbd}DBDKeep 25\n$mount";
accepts 'DBDKeep above DBDMax where nothing of ours is',
    "${dbd}DBDKeep 26\n";

# --- mounts -------------------------------------------------------------------

for my $section ('<LocationMatch "^/user">', '<Location ~ "^/user">',
                 '<Files "user">', '<FilesMatch "^user">',
                 '<Directory "/">', '<Location "/us*r">') {
    my ($kind) = $section =~ /<(\w+)/;
    refuses $section, "$dbd$section\nSetHandler ubal\n"
        . "Require all granted\n</$kind>\n", 'SetHandler ubal',
        qr/Location that names a path/;
}
refuses 'a whole server', $dbd . "SetHandler ubal\n", 'SetHandler ubal',
    qr/a whole server/;
refuses 'AddHandler', $dbd . "AddHandler ubal .bal\n", 'AddHandler ubal .bal',
    qr/AddHandler/;
refuses 'capital letters', $dbd . ($mount =~ s/ubal/Ubal/r),
    'SetHandler Ubal', qr/SetHandler ubal/;
refuses 'payouts by a pattern', $dbd . "<LocationMatch \"^/payouts\">\n"
    . "SetHandler ubal-payouts\nRequire all granted\n</LocationMatch>\n",
    'SetHandler ubal-payouts',
    qr{write: <Location "/payouts"> SetHandler ubal-payouts </Location>};
refuses 'payouts in capital letters',
    $dbd . ($mount =~ s/ubal/UBAL-Payouts/r), 'SetHandler UBAL-Payouts',
    qr/SetHandler ubal-payouts/;
accepts 'names in any case', $dbd . <<'END';
<LOCATION "/user">
    sethandler "ubal"
    REQUIRE all granted
</LOCATION>
END

# --- Require ------------------------------------------------------------------

sub location {
    my ($path, @lines) = @_;
    return join "\n", qq(<Location "$path">), @lines, "</Location>\n";
}
my $bare = location('/api/user', 'SetHandler ubal');
my $at = '<Location "/api/user">';
my $wanted = qr/Require local/;
refuses 'no Require', $dbd . $bare, $at, $wanted;
refuses 'no Require of payouts', $dbd . ($bare =~ s/ubal/ubal-payouts/r), $at,
    $wanted;
refuses 'a sibling\'s Require',
    $dbd . $bare . location('/api/use', 'Require local'), $at, $wanted;
refuses 'a Require below it',
    $dbd . $bare . location('/api/user/12', 'Require local'), $at, $wanted;
refuses 'a Require for one method', $dbd . location('/api/user',
    'SetHandler ubal', '<Limit POST>', 'Require local', '</Limit>'),
    $at, $wanted;
refuses 'a Require of the document root', $dbd . $bare
    . "<Directory />\nRequire local\n</Directory>\n", $at, $wanted;
refuses 'another vhost\'s Require', $dbd . $bare . "<VirtualHost *:80>\n"
    . location('/', 'Require local') . "</VirtualHost>\n", $at, $wanted;
refuses 'a Require of all below it', $dbd . $bare
    . location('/api/user/', 'Require local'), $at, $wanted;
my $denied = 'Require all denied';
my @limited = ('<LimitExcept GET>', $denied, '</LimitExcept>');
my ($outer, $inner) = (location('/', $denied),
    location('/api/user', 'SetHandler ubal', $denied));
for my $case (
    ['of its own, beside one around it', '/api/user',
     $outer . location('/api/user', 'SetHandler ubal', @limited)],
    ['within another', '/api/user', $outer . location('/api/user',
        'SetHandler ubal', '<RequireAll>', @limited, '</RequireAll>')],
    ['later', '/', $inner . location('/', @limited)],
    ['of a user', '/api/user/12', $inner . location('/api/user/12', @limited)],
    ['of all users', '/api/user/', $inner . location('/api/user/', @limited)],
    ['of a vhost', '/api', $inner . "<VirtualHost *:80>\n"
        . location('/api', @limited) . "</VirtualHost>\n"],
    ['that is put aside', '/api/user', $outer . location('/api/user',
        'SetHandler ubal', 'AuthMerging Off')],
) {
    my ($name, $path, $conf) = @$case;
    refuses "a Require for some methods $name", $dbd . $conf,
        qq(<Location "$path">), qr/puts aside each Require.*Require local/;
}
accepts 'a Require for some methods beside one for all', $dbd
    . location('/api/user', 'SetHandler ubal', $denied, @limited);
accepts 'a Require for some methods before one for all',
    $dbd . location('/', @limited) . $inner;
accepts 'a Require for some methods that is added', $dbd . $outer
    . location('/api/user', 'SetHandler ubal', 'AuthMerging And', @limited);
accepts 'a Require for some methods elsewhere',
    $dbd . $inner . location('/api/users', @limited);
accepts 'an enclosing Location\'s Require',
    $dbd . $bare . location('/api', 'Require local');
accepts 'the root Location\'s Require',
    $dbd . location('/', 'Require local') . $bare;
accepts 'a RequireAny', $dbd . location('/api/user', 'SetHandler ubal',
    '<RequireAny>', 'Require local', '</RequireAny>');
accepts 'the main server\'s Require for a vhost\'s mount', $dbd
    . location('/api', 'Require local')
    . "<VirtualHost *:80>\n$bare</VirtualHost>\n";

# --- vendors and their directives -----------------------------------------------

refuses 'a directive outside of its section', $dbd . "UbalURL http://a/\n",
    'UbalURL http://a/', qr/inside of <UbalVendor/;
refuses 'a strange directive inside', $dbd
    . ($vendor =~ s/(UbalURL.*)/$1\n    ServerAdmin a\@b.test/r),
    'ServerAdmin a@b.test', qr/ServerAdmin is not a directive of <UbalVendor>/;
refuses 'a bad value, at its own line', $dbd
    . ($vendor =~ s/UbalURL.*/UbalURL ftp:x/r), 'UbalURL ftp:x', qr/UbalURL/;
for my $case (
    ['UbalType refund x', qr/UbalType: 'refund' is none of earned, spent/],
    ['UbalMap user id', qr/UbalMap: 'user' is none of id, userId/],
    ['UbalMap userId user..id', qr/the path 'user\.\.id' has an empty name/],
    ['UbalMap userId id type', qr/UbalMap: userId has too many paths/],
    ['UbalReconcile 48h', qr/UbalReconcile: '48h' is more than 24h/],
    ['UbalWindow lookback=soon', qr/UbalWindow: 'soon' is no time/],
    ['UbalWindow back=1h', qr/UbalWindow: 'back=1h' is none of settle=TIME/],
) {
    my ($line, $words) = @$case;
    refuses $line, $dbd . ($vendor =~ s/(UbalURL.*)/$1\n    $line/r), $line,
        $words;
}
refuses 'a name of two types, at the second', $dbd
    . ($vendor =~ s/(UbalURL.*)/$1\n UbalType earned x\n UbalType spent x/r),
    'UbalType spent x', qr/'x' cannot be both earned and spent/;
refuses 'a URL that says what each request says',
    $dbd . ($vendor =~ s{(UbalURL.*)}{$1?page=1}r),
    'UbalURL http://127.0.0.1:9/transactions?page=1', qr/sets page=/;
refuses 'a parameter that says what each request says',
    $dbd . ($vendor =~ s/(UbalURL.*)/$1\n UbalParam endDate x/r),
    'UbalParam endDate x', qr/sets endDate=/;
accepts 'other parameters', $dbd
    . ($vendor =~ s/(UbalURL.*)/$1?from=1\n UbalParam region eu/r);
accepts 'a dialect of its own', $dbd . ($vendor =~ s/(UbalURL.*)/$1
    UbalType earned credit "daily reward"
    UbalType payout earned
    UbalMap id id type
    UbalMap userId user.id
    UbalReconcile off
    UbalWindow lookback=off/r);
refuses 'no URL', $dbd . "<UbalVendor demo>\n</UbalVendor>\n",
    '<UbalVendor demo>', qr/UbalURL/;
refuses 'a bad name', $dbd . ($vendor =~ s/demo/1 2/r), '<UbalVendor 1 2>',
    qr/name/;
refuses 'a vendor in a Location', $dbd . location('/x', $vendor),
    '<UbalVendor demo>', qr/not allowed/;
refuses 'two vendors on one database', $dbd . $vendor
    . ($vendor =~ s/demo/other/r), '<UbalVendor other>', qr/one so far/;
refuses 'two vendors over two vhosts', $dbd . $vendor
    . "<VirtualHost *:80>\n" . ($vendor =~ s/demo/other/r)
    . "</VirtualHost>\n", '<UbalVendor other>',
    qr/beside the one at \Q$root\E.*test\.conf:\d+/;
accepts 'two vendors of two databases', $dbd . $vendor . <<"END";
<VirtualHost *:80>
DBDParams "file:\@DATA\@/two.db?mode=ro"
@{[ $vendor =~ s/demo/other/r ]}
</VirtualHost>
END

# --- values of a database ---------------------------------------------------------

refuses 'two scales for one database', $dbd . $mount . "UbalScale 2\n"
    . "<VirtualHost *:80>\n${mount}UbalScale 3\n</VirtualHost>\n",
    'UbalScale 3', qr/\Q$root\E.*test\.conf:\d+.*both are about/;
accepts 'two scales for two databases', $dbd . $mount . <<"END";
UbalScale 2
<VirtualHost *:80>
DBDParams "file:\@DATA\@/two.db?mode=ro"
${mount}UbalScale 3
</VirtualHost>
END
refuses 'a value given twice', $dbd . $mount . "UbalScale 2\nUbalScale  2\n",
    'UbalScale  2', qr/given already, at/;
refuses 'scale 10', $dbd . $mount . "UbalScale 10\n", 'UbalScale 10',
    qr/0 to 9/;
refuses "UbalCache $_", $dbd . $mount . "UbalCache $_\n", "UbalCache $_",
    qr/0 \(off\) to 10000000|takes one argument/ for '-1', '10000001', 'on', '5k', '1 2';
refuses 'two caches for one database', $dbd . $mount . "UbalCache 10\n"
    . "<VirtualHost *:80>\n${mount}UbalCache 20\n</VirtualHost>\n",
    'UbalCache 20', qr/both are about/;
accepts 'a cache', $dbd . $mount . "UbalCache 10000000\n";
refuses 'ingest without a vendor', $dbd . $mount . "UbalIngest on\n",
    'UbalIngest on', qr/no <UbalVendor>/;
refuses 'UbalIngestDB that is relative', $dbd . $vendor
    . "UbalIngestDB sqlite3 ubal.db\n", 'UbalIngestDB sqlite3 ubal.db',
    qr/UbalIngestDB/;

# --- what a daemon needs ------------------------------------------------------------

sub auth {
    my ($file) = @_;
    return $vendor =~ s/(UbalURL.*)/$1\n    UbalAuth bearer file:$file/r;
}
my $secret = $server->write_file('conf/secret', "s3cr3t-of-the-test\n");
chmod 0644, $secret;
refuses 'a secret that others can read', $dbd . auth($secret),
    '<UbalVendor demo>', qr/read/;
chmod 0600, $secret;
unlike accepts('a secret', $dbd . auth($secret)), qr/s3cr3t/,
    'a secret is not shown';
refuses 'no secret', $dbd . auth("$secret.none"), '<UbalVendor demo>',
    qr/secret\.none/;
accepts 'no secret, but nothing is fetched',
    $dbd . auth("$secret.none") . "UbalIngest off\n";
refuses 'ChrootDir', $dbd . $vendor . "ChrootDir \@ROOT\@\n",
    'ChrootDir @ROOT@', qr/UbalIngest off/;
accepts 'ChrootDir, but nothing is fetched',
    $dbd . $vendor . "ChrootDir \@ROOT\@\nUbalIngest off\n";

{
    my $other = Ubal::Server->new(ingest_program => 0);
    my ($exit, $text) = $other->configtest(
        $vendor . "UbalIngestProgram /nowhere/ubal-ingest\n");
    isnt $exit, 0, 'a missing program: refused';
    like $text, qr{test\.conf:\d+:.*/nowhere/ubal-ingest.*UbalIngestProgram},
        'a missing program: says which';
    my $plain = $other->write_file('not-executable', '');
    ($exit, $text) = $other->configtest(
        $vendor . "UbalIngestProgram $plain\n");
    isnt $exit, 0, 'a program that is not executable: refused';
}

# --- how replies look ---------------------------------------------------------------

sub looks {
    my ($line) = @_;
    return $dbd . $mount =~ s{(?=</Location>)}{    $line\n}r;
}
for my $wrong (
    ['UbalAmounts float', qr/decimal\|string\|minor; write: UbalAmounts decimal/],
    ['UbalUnknownUser 403', qr/200\|404; write: UbalUnknownUser 200/],
    ['UbalMaxStale 0', qr/write: UbalMaxStale 120/],
    ['UbalMaxStale -5', qr/write: UbalMaxStale 120/],
    ['UbalMaxStale "2 min"', qr/write: UbalMaxStale 120/],
    ['UbalMaxStale 1000d', qr/write: UbalMaxStale 120/],
    ['UbalBalance', qr/write: UbalBalance earned -spent -paid_out/],
    ['UbalBalance earned -spend', qr/'-spend' names no type; write: UbalBal/],
    ['UbalBalance earned - spent', qr/'-' names no type/],
    ['UbalBalance earned-spent', qr/'earned-spent' names no type/],
    ['UbalBalance earned -spent -spent', qr/'-spent' names a type again/],
    ['UbalBalance earned -earned', qr/'-earned' names a type again/],
    ['UbalBalance earned -paidOut', qr/'-paidOut' names no type/],
) {
    my ($line, $words) = @$wrong;
    refuses $line, looks($line), $line, $words;
}
accepts $_, looks($_)
    for 'UbalAmounts String', 'UbalMaxStale 120', 'UbalMaxStale 2min',
    'UbalMaxStale Off', 'UbalUnknownUser 404', 'UbalBalance earned',
    'UbalBalance +earned -spent -payout';
accepts 'for a whole server', "${dbd}UbalAmounts minor\n$mount";
refuses 'UbalAmounts in a vendor', $dbd . $mount
    . ($vendor =~ s{(?=</Ubal)}{    UbalAmounts minor\n}r), 'UbalAmounts minor',
    qr/UbalAmounts is not a directive of <UbalVendor>/;

# --- all at once --------------------------------------------------------------------

my (undef, $text) = $server->configtest(params('@DB@') . $bare);
my @found = $text =~ m{test\.conf:\d+:}g;
is scalar @found, 2, 'one configtest shows every finding';

done_testing;
