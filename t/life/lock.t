# Promise: one daemon a database, whoever wants one: two servers, two virtual
# hosts, a lock file that is removed or is a link.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Life qw(life_server section live_daemon);
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $vendor = Ubal::Vendor->new;

# Two servers, one database.
{
    my ($first, $daemon) = life_server($vendor);
    my $second = Ubal::Server->new(dbd => 0, base => sprintf <<'END', $first->db);
DBDriver sqlite3
DBDParams "file:%s?mode=ro"
END
    $second->start(section($vendor));
    ok wait_for(sub { $second->children }), 'a second server runs';
    is_deeply [$first->daemons, $second->daemons], [$daemon],
        'two servers on one database have one daemon';
    kill 'KILL', $daemon;
    ok wait_for(sub {
        my @pids = ($first->daemons, $second->daemons);
        return @pids == 1 && $pids[0] != $daemon;
    }), 'another after it was killed';
    $first->stop;
    ok live_daemon($second), 'the second takes over when the first stops';
    $second->stop;
}

# Two virtual hosts, two databases.
{
    my $server = Ubal::Server->new;
    my $port = Ubal::Server::free_port();
    $server->start(section($vendor) . <<"END" . section($vendor) . <<'END');
Listen 127.0.0.1:$port
<VirtualHost 127.0.0.1:$port>
DBDriver sqlite3
DBDParams "file:\@DATA\@/other.db?mode=ro"
END
</VirtualHost>
END
    ok wait_for(sub { $server->daemons == 2 }),
        'two virtual hosts with two databases have two daemons';
    ok -e $server->data . "/$_.ingest.lock", "$_ has a lock of its own"
        for qw(ubal.db other.db);
    my @pids = $server->daemons;
    kill 'KILL', $pids[0];
    ok wait_for(sub {
        my @now = $server->daemons;
        return @now == 2 && !grep { $_ == $pids[0] } @now;
    }), 'one killed, that one is replaced';
    ok +(grep { $_ == $pids[1] } $server->daemons), 'and the other stays';
    $server->stop;
}

# The lock file goes away under the daemon.
{
    my ($server, $daemon) = life_server($vendor);
    my $lock = $server->db . '.ingest.lock';
    unlink $lock or die "$lock: $!";
    ok live_daemon($server, $daemon),
        'the lock file removed, the daemon ends and another comes';
    ok -e $lock, 'with a lock file again';
    $server->stop;
}

# Someone laid a link where the lock file would be.
{
    my $server = Ubal::Server->new;
    my $victim = $server->write_file('conf/victim', "as it was\n");
    my (undef, undef, $uid, $gid) = Ubal::Server::httpd_user();
    chown $uid, $gid, $victim unless $>;
    my $lock = $server->db . '.ingest.lock';
    symlink $victim, $lock or die "symlink: $!";
    $server->start(section($vendor));
    ok $server->wait_log(qr/cannot take the lock/),
        'a link in place of the lock file is refused, and said';
    is +($server->get('/index.html'))[0], 200, 'httpd serves all the same';
    is scalar($server->daemons), 0, 'without a daemon';
    is Ubal::Server::slurp($victim), "as it was\n", 'nothing was written';
    unlink $lock;
    ok live_daemon($server), 'the link removed, it heals by itself';
    $server->stop;
}

done_testing;
