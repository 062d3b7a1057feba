# Promise: while the companion has not made the database yet, readers get 503
# with Retry-After, and the error log a notice that says so, no error of SQL's.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Server;

# A companion that never gets as far.
my $server = Ubal::Server->new(ingest_program => 0, dbd => 0);
chmod 0755, $server->write_file('bin/none', "#!/bin/sh\nexit 1\n");
my $base = <<'END';
DBDriver sqlite3
DBDParams "file:@DB@?mode=ro"
DBDMin 0
DBDKeep 8
DBDMax 8
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
UbalIngestProgram @ROOT@/bin/none
END
my $vendor = <<'END';
<UbalVendor demo>
    UbalURL http://127.0.0.1:9/transactions
</UbalVendor>
END

# What a request is answered, and what it made httpd log.
sub ask {
    my $length = length $server->error_log;
    my ($status, $headers, $body) = $server->get('/user/12');
    return ($status, $headers, $body,
            join "\n", grep { /\[client |\[dbd:/ }
                split /\n/, substr $server->error_log, $length);
}

sub is_being_made {
    my ($when) = @_;
    my ($status, $headers, $body, $log) = ask();
    is $status, 503, "$when: 503";
    ok $headers->{'retry-after'}, "$when: with Retry-After";
    like $body, qr/the database is being made/, "$when: says why";
    like $log, qr/\A\[[^\n]*\[ubal:notice\][^\n]*is not made yet[^\n]*\z/,
        "$when: one notice in the log";
}

$server->start($base . $vendor);
is_being_made('no file');
$server->write_file('data/ubal.db', '');
is_being_made('an empty file');
system('sqlite3', $server->db,
    'CREATE TABLE coverage (schema INTEGER); INSERT INTO coverage VALUES (1)')
    == 0 or die "sqlite3: $?";
is_being_made('a first table');
$server->stop;
unlink $server->db;

# Where nobody is making it, that is an error as before.
$server->start($base);
my ($status, undef, $body, $log) = ask();
is $status, 503, 'no companion: 503';
like $body, qr/cannot be read now/, 'no companion: says no more';
like $log, qr/\[ubal:error\].*there is no database \Q@{[ $server->db ]}\E/,
    'no companion: an error that names the file';

done_testing;
