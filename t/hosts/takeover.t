# Promise (P6): of several httpd hosts with one database one fetches and the
# others wait. Where it dies, its daemon is killed, or its connection is cut in
# mid-page, another takes over within five seconds; nothing is lost or doubled,
# and all together never exceed the vendor's limit.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX ();
use Test::More;

use Ubal::Hosts;
use Ubal::Postgres;
use Ubal::Server qw(wait_for);

my $pg = Ubal::Postgres->new;
my $hosts = Ubal::Hosts->new(postgres => $pg, count => 3)->start;

sub waiting {
    return grep { $_->error_log =~ /another session fetches .* waiting/ }
        $hosts->servers;
}

my $first = $hosts->fetching;
ok $first, 'P6: one of three hosts fetches';
ok wait_for(sub { waiting() >= 2 }), 'P6: the others wait';
$hosts->goes_on('P6');
is scalar($hosts->all_fetching), 1, 'P6: and go on waiting';
$hosts->is_exact('P6: one host');

for my $server ($hosts->servers) {
    my ($status, $headers) = $server->get('/user/u1');
    is $status, 200, 'P6: every host answers';
}

# Its power is cut.
$hosts->kill_host($first);
my $second = $hosts->fetching(5, $first);
ok $second, 'P6: a host that died is replaced within five seconds';
$hosts->goes_on('P6: after that');

# The daemon alone, again and again: its host or another goes on.
for my $round (1 .. 3) {
    my $now = $hosts->fetching;
    kill 'KILL', my $pid = ($now->daemons)[0];
    ok wait_for(sub {
        my @now = $hosts->all_fetching;
        return @now == 1 && !grep { $_ == $pid } $now[0]->daemons;
    }, 10), "P6: kill -9 of the daemon, $round";
}
$hosts->goes_on('P6: after those');

# Its connection is cut while the vendor makes its reply: what comes of it is
# not stored by who has lost the lock.
for my $round (1 .. 2) {
    my $now = $hosts->fetching;
    my $seen = $hosts->vendor->arrivals;
    $hosts->vendor->set_flag('delay', 1);
    ok wait_for(sub {
        my @all = $hosts->vendor->arrivals;
        return @all > $seen && !defined $all[-1]{end};
    }), 'P6: a request is on its way';
    my $before = length $now->error_log;
    $pg->sql('postgres', "SELECT pg_terminate_backend(pid)
        FROM pg_stat_activity WHERE application_name = 'ubal-ingest'
        AND pid IN (SELECT pid FROM pg_locks WHERE locktype = 'advisory')");
    $hosts->vendor->clear_flag('delay');
    ok wait_for(sub { substr($now->error_log, $before) =~ /57P01|connection/ }),
        "P6: its connection is cut in mid-page, $round"
        or diag substr $now->error_log, $before;
    ok $hosts->fetching(10), 'P6: and one host fetches again';
}
$hosts->goes_on('P6: at the end');
$hosts->is_exact('P6: at the end');

my ($name) = (POSIX::uname())[1];
my $before = length $first->error_log;
$first->start($hosts->configuration);
ok wait_for(sub {
    substr($first->error_log, $before)
        =~ /another session fetches .*of host \Q$name\E: waiting/
}), 'P6: the host that died comes back, and says for whom it waits';
for my $server ($hosts->servers) {
    $server->stop;
    ok wait_for(sub { !$server->daemons }), 'P6: a stop leaves no daemon';
}

done_testing;
