# Promise: one SQLite in a process of httpd's. Two copies of it would drop each
# other's locks on a file that both have open (POSIX locks belong to the
# process), and mod_dbd's driver opens what mod_ubal reads.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Server;

my $server = Ubal::Server->new;
$server->start(<<'END');
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
END
$server->get('/user/12');
my ($child) = $server->children;
my %libraries;
for (split /\n/, Ubal::Server::slurp("/proc/$child/maps")) {
    $libraries{$1} = 1 if m{(/\S*libsqlite3\S*)};
}
is scalar(keys %libraries), 1, 'one libsqlite3' or diag sort keys %libraries;
my ($driver) = Ubal::Server::slurp("/proc/$child/maps")
    =~ m{(/\S*apr_dbd_sqlite3\S*)};
ok $driver, "mod_dbd's driver is there";
like qx(ldd $driver), qr/libsqlite3/, 'and has none of its own';
done_testing;
