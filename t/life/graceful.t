# Promise: a graceful restart is a new daemon with the new configuration, also
# beside a request that never ends; a page in flight is finished first; a
# storm of them leaves one daemon and never shows two.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use IO::Socket::INET;
use List::Util qw(max);
use Ubal::Life qw(daemons_at_once life_server section live_daemon no_zombies
                  mpms);
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $vendor = Ubal::Vendor->new(handler => sub {
    my ($method, $path, $query, $number, $self) = @_;
    my $delay = $self->flag('delay') // 0;
    return { body => Ubal::Vendor::page([], total => 0), delay => $delay };
});

sub asked_with {
    my ($mark) = @_;
    return grep { ($_->{query}{mark} // '') eq $mark } $vendor->arrivals;
}

sub fast { return section($vendor, 'UbalRate 100 1s', "UbalParam mark $_[0]") }

for my $mpm (mpms()) {
    my ($server, $daemon) = life_server($vendor, mpm => $mpm);

    $server->graceful(fast("$mpm-1"));
    my $next = live_daemon($server, $daemon);
    ok $next, "$mpm: a graceful restart brings a new daemon";
    ok wait_for(sub { asked_with("$mpm-1") }), "$mpm: as now configured";

    # A head that is not finished keeps a child of this generation.
    my @old = $server->children;
    my $slow = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                     PeerPort => $server->port);
    print $slow "GET /index.html HTTP/1.1\r\nX-Not: ";
    $slow->flush;
    is +($server->get('/index.html'))[0], 200, "$mpm: it serves";
    $server->graceful(fast("$mpm-2"));
    my $beside = live_daemon($server, $next);
    ok wait_for(sub { asked_with("$mpm-2") }),
        "$mpm: new configuration beside a request that never ends";
    my %now = map { $_ => 1 } $server->children;
    ok +(grep { $now{$_} } @old), "$mpm: which is there still";
    print $slow "end\r\nHost: x\r\nConnection: close\r\n\r\n";
    like scalar(<$slow>), qr/ 200 /, "$mpm: and gets its reply";

    $server->restart(fast("$mpm-3"));
    my $last = live_daemon($server, $beside);
    ok wait_for(sub { asked_with("$mpm-3") }), "$mpm: the same for a restart";

    $vendor->set_flag(delay => 2);
    my $from = () = $vendor->arrivals;
    wait_for(sub { $vendor->arrivals > $from });
    my $number = ($vendor->arrivals)[$from]{number};
    $server->graceful(fast("$mpm-4"));
    live_daemon($server, $last);
    $vendor->clear_flag('delay');
    is +($vendor->arrivals)[$number - 1]{how}, 'done',
        "$mpm: a page in flight is finished by the old daemon";

    my $most = 0;
    for (1 .. 8) {
        kill 'USR1', $server->pid;
        for (1 .. 10) {
            $most = max($most, daemons_at_once($server));
            select undef, undef, undef, 0.02;
        }
    }
    $server->graceful(fast("$mpm-5"));
    ok wait_for(sub { asked_with("$mpm-5") }),
        "$mpm: after a storm the last configuration holds";
    ok live_daemon($server), "$mpm: with one daemon";
    cmp_ok $most, '<=', 1, "$mpm: and never two";
    ok no_zombies($server->pid, $server->children),
        "$mpm: no zombies";
    $server->stop;
    ok wait_for(sub { !$server->daemons }), "$mpm: none after the stop";
    unlike $server->error_log, qr/exit signal|seg fault/,
        "$mpm: no child crashed";
}

done_testing;
