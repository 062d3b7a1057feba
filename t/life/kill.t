# Promise: kill -9 of daemon, winner child or parent, under each MPM: one
# daemon again, never two; none without the parent; no zombies.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Fcntl qw(LOCK_EX LOCK_NB);
use Ubal::Life qw(life_server live_daemon section parent_of no_zombies mpms);
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $vendor = Ubal::Vendor->new;

sub may_lock {
    my ($path) = @_;
    open my $file, '+<', $path or die "$path: $!";
    return flock $file, LOCK_EX | LOCK_NB;
}

for my $mpm (mpms()) {
    my ($server, $daemon) = life_server($vendor, mpm => $mpm);

    kill 'KILL', $daemon;
    my $next = live_daemon($server, $daemon);
    isnt $next, $daemon, "$mpm: a killed daemon is replaced";
    ok no_zombies($server->pid, $server->children),
        "$mpm: and waited for";

    my $winner = parent_of($next);
    kill 'KILL', $winner;
    ok wait_for(sub { !grep { $_ == $winner } $server->children }),
        "$mpm: the child that started it is killed";
    is live_daemon($server), $next, "$mpm: the daemon outlives it";
    kill 'KILL', $next;
    my $third = live_daemon($server, $next);
    ok $third, "$mpm: killed then, it is replaced by another child";

    $winner = parent_of($third);
    kill 'KILL', $third, $winner;
    ok live_daemon($server, $third), "$mpm: both killed at once, too";

    kill 'KILL', $server->pid;
    ok wait_for(sub { !$server->daemons }),
        "$mpm: the parent killed, the daemon goes";
    # Children that are left alone take the lock, see the parent gone, and let
    # go of it without a daemon.
    ok +(grep { $_ } $server->remnants), "$mpm: children go on";
    ok wait_for(sub { may_lock($server->db . '.ingest.lock') }),
        "$mpm: and leave the lock";
    is scalar($server->daemons), 0, "$mpm: without a daemon";
    unlike $server->error_log, qr/seg fault/i, "$mpm: nothing crashed";
}

# The same where pidfd_open is not to be had, and where another process, as
# mod_cgid's, keeps the generation's pipe open.
{
    my $preload = Ubal::Server::build_folder() . '/faulty.so';
    my $server = Ubal::Server->new;
    {
        local $ENV{LD_PRELOAD} = join ' ', grep { length }
            $ENV{LD_PRELOAD} // '', $preload;
        local $ENV{UBAL_NO_PIDFD} = 1;
        $server->start(section($vendor));
    }
    my $daemon = live_daemon($server);
    like Ubal::Server::slurp("/proc/$daemon/cmdline"),
        qr/--parent-pid\x00@{[$server->pid]}\x00/, 'without pidfd_open the parent is known by its pid';
    $server->graceful;
    my $next = live_daemon($server, $daemon);
    ok $next, 'a graceful restart brings a new daemon all the same';
    kill 'KILL', $server->pid;
    ok wait_for(sub { !$server->daemons }),
        'and the parent killed, the daemon goes';
}
{
    my $server = Ubal::Server->new(modules => ['cgid']);
    $server->start(section($vendor));
    my $daemon = live_daemon($server);
    $server->graceful;
    my $next = live_daemon($server, $daemon);
    ok $next, 'with mod_cgid a graceful restart brings a new daemon';
    kill 'KILL', $server->pid;
    ok wait_for(sub { !$server->daemons }),
        'and the parent killed, the daemon goes';
    ok wait_for(sub { may_lock($server->db . '.ingest.lock') }),
        'the lock is free';
}

done_testing;
