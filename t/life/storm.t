# Promise: a storm of graceful restarts under load loses no reply, and leaves
# one daemon (P4).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use List::Util qw(max);
use Test::More;

use Ubal::Life qw(daemons_at_once live_daemon mpms no_zombies section);
use Ubal::Data;
use Ubal::Server qw(now wait_for);
use Ubal::Vendor;

my $restarts = $ENV{RESTARTS} // 12;
my $clients = 4;
my $vendor = Ubal::Vendor->new(
    handler => sub { return { body => Ubal::Vendor::page([], total => 0) } });
my %size = (
    event => "ServerLimit 16\nStartServers 2\nThreadsPerChild 8\n"
        . "MaxRequestWorkers 128\nMinSpareThreads 8\nMaxSpareThreads 128",
    prefork => "ServerLimit 64\nMaxRequestWorkers 64\n"
        . "MinSpareServers 4\nMaxSpareServers 16",
);

# A process that asks, each time on a connection of its own, until `$end` is
# there; what came, a line each, counted.
sub client {
    my ($server, $end) = @_;
    my $pid = open my $out, '-|';
    die "fork: $!" unless defined $pid;
    return $out if $pid;
    my (%came, $asked);
    my @paths = ('/user/12', '/user?ids=12', '/user/12/payouts');
    until (-e $end) {
        my ($status, undef, $body) =
            $server->get($paths[$asked++ % @paths]);
        my $figures = $body =~ /"(?:earned|totalPayoutAmount)":5\b/ ? ' right' : " $body";
        $came{"$status$figures" =~ s/\s+/ /gr}++;
    }
    print map { "$came{$_} $_\n" } sort keys %came;
    close STDOUT;
    POSIX::_exit(0);
}

for my $mpm (mpms()) {
    my $server = Ubal::Server->new(mpm => $mpm,
                                   size => $size{$mpm} // $size{event});
    my $conf = section($vendor, 'UbalRate 100 1s') . <<'END';
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
END
    $server->start($conf);
    my $first = live_daemon($server);
    wait_for(sub { ($server->get('/user/12'))[0] == 200 }, 20);
    Ubal::Data->new($server->db)->user('12', earned => 500, payout => 500);

    my $end = $server->root . '/end';
    my @from = map { client($server, $end) } 1 .. $clients;
    my ($most, $before) = (0, $server->resumed);
    for my $n (1 .. $restarts) {
        # Half of them while the one before is under way still.
        my $resumed = $server->resumed;
        kill 'USR1', $server->pid;
        wait_for(sub {
            $most = max($most, daemons_at_once($server));
            return $n % 2 || $server->resumed > $resumed;
        }, 20);
    }
    ok wait_for(sub { $server->resumed >= $before + $restarts / 2 }, 20),
        "P4: $mpm: a storm of restarts";
    my $daemon = live_daemon($server);
    open my $mark, '>', $end or die $!;
    close $mark;
    my (%came, $total);
    for my $out (@from) {
        while (<$out>) {
            my ($count, $what) = /\A(\d+) (.*)/;
            $came{$what} += $count;
            $total += $count;
        }
        close $out;
    }
    is_deeply [sort keys %came], ['200 right'],
        "P4: $mpm: no reply of $total was lost" or diag explain \%came;
    cmp_ok $total, '>', $restarts, "$mpm: which was a load";
    ok $daemon, "P4: $mpm: one daemon";
    cmp_ok $most, '<=', 1, "P4: $mpm: and never two";
    ok no_zombies($server->pid, $server->children), "$mpm: no zombies";
    unlike $server->error_log, qr/exit signal|seg fault|scoreboard/,
        "$mpm: no child crashed";
    $server->stop;
    ok wait_for(sub { !$server->daemons }), "$mpm: none after the stop";
}

done_testing;
