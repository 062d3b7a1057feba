# Promise: the helpers of the tests see what they are to see: a vendor that
# is asked too often, a server that does not start, what is left behind.
use strict;
use warnings;
use FindBin;
use lib $FindBin::Bin;
use Test::More;

use HTTP::Tiny;
use IO::Socket::INET;
use Ubal::Server qw(now wait_for);
use Ubal::Vendor;

my $http = HTTP::Tiny->new(keep_alive => 0, proxy => undef,
                           http_proxy => undef);

{
    my $vendor = Ubal::Vendor->new(handler => sub {
        my ($method, $path, $query, $number, $self) = @_;
        return { hang => 1 }  if $path eq '/hang';
        return { reset => 1 } if $path eq '/reset';
        return { body => 'x' x 50, cut => 10 } if $path eq '/cut';
        return { body => 'abc', dribble => 0.02 } if $path eq '/dribble';
        return { body => 'y' x 10000, chunked => 1 } if $path eq '/chunked';
        return (503, { 'Retry-After' => 7 }, 'no') if $self->flag('down');
        return (200, {}, "$number $query->{a}");
    });
    my $hang = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                     PeerPort => $vendor->port);
    print $hang "GET /hang HTTP/1.1\r\nX-Key: k\r\n\r\n";
    ok wait_for(sub { $vendor->arrivals == 1 }), 'an arrival is noted at once';
    my $reply = $http->get($vendor->url('/t?a=b%20c+d'));
    is $reply->{content}, '2 b c d', 'one that hangs holds up no other';
    is +($vendor->arrivals)[0]{headers}{'x-key'}, 'k', 'headers are noted';
    is +($vendor->arrivals)[0]{end}, undef, 'the one that hangs has no end';
    close $hang;
    ok wait_for(sub { defined +($vendor->arrivals)[0]{end} }),
        'it ends when the client goes';
    $vendor->set_flag('down');
    is $http->get($vendor->url('/t'))->{headers}{'retry-after'}, 7,
        'a flag changes the running vendor';
    $vendor->clear_flag('down');
    is $http->get($vendor->url('/reset'))->{status}, 599, 'reset';
    is $http->get($vendor->url('/cut'))->{status}, 599, 'cut';
    is $http->get($vendor->url('/dribble'))->{content}, 'abc', 'dribble';
    is length $http->get($vendor->url('/chunked'))->{content}, 10000,
        'chunked';
    # HTTP::Tiny itself asks a second time after a reply that is cut.
    is join(' ', map { $_->{how} } ($vendor->arrivals)[3 .. 7]),
        'reset cut cut done done', 'how each ended';
    is $vendor->most_in(60), 8, 'all are within a minute';
    is $vendor->most_in(0.000001), 1, 'no two are at one instant';
    cmp_ok $vendor->least_gap(1), '<', 0.5, 'gap of neighbours';
    is $vendor->least_gap(8), undef, 'no gap without so many';
}

{
    my @items = map {
        { id => "t$_", userId => '12', type => 'earned', amount => "$_.50",
          createdAt => sprintf '2026-01-01T00:00:%02d.000Z', $_ }
    } 1 .. 5;
    my $vendor = Ubal::Vendor->new(
        handler => Ubal::Vendor::list_handler(sub { @items }));
    my $got = $http->get($vendor->url('/t?startDate=2026-01-01T00:00:02.000Z'
        . '&endDate=2026-01-01T00:00:05Z&page=2&limit=2'))->{content};
    like $got, qr/\A\{"items":\[\{"id":"t4",[^]]*"amount":4\.50\}\],"meta"/,
        'a list in pages, amounts as written, its end exclusive';
    like $got, qr/"totalItems":3,"itemCount":1/, 'with its totals';
}

{
    my $server = Ubal::Server->new(ubal => 0);
    my ($exit, $text) = $server->configtest("Nonsense on\n");
    isnt $exit, 0, 'configtest fails on nonsense';
    like $text, qr/Nonsense/, 'and shows what httpd said';
    ok !eval { $server->start("Nonsense on\n"); 1 }, 'start croaks then';
    like $@, qr/Nonsense/, 'with what httpd said';
    ok !$server->pid, 'nothing runs';
    $server->start('');
    my $pid = $server->pid;
    is_deeply [$server->get('/index.html')]->[2], "hello\n", 'it serves';
    ok wait_for(sub { $server->children }), 'children are seen';
    $server->graceful("<Location /no>\nRequire all denied\n</Location>\n");
    is $server->pid, $pid, 'the same parent after a graceful restart';
    is +($server->get('/index.html'))[0], 200, 'it goes on';
    is +($server->get('/no'))[0], 403, 'with its new configuration';
    cmp_ok $server->stop, '<', 10, 'it stops';
    is_deeply [$server->remnants], [], 'nothing is left';
    my $root = $server->root;
    $server->start;
    $server->dispose;
    ok !-e $root, 'disposed of';
    ok !kill(0, $server->pid // 999_999_999), 'and ended';
}

for my $mpm (qw(worker prefork)) {
    my $server = Ubal::Server->new(ubal => 0, mpm => $mpm)->start;
    is +($server->get('/index.html'))[0], 200, $mpm;
    kill 'KILL', $server->pid;
    ok wait_for(sub { $server->has_ended }), "$mpm: a killed parent is seen";
    $server->dispose;
    is_deeply [$server->remnants], [], "$mpm: its orphans are ended";
}

# A run of tests that is ended from outside has failed.
{
    my $pid = open my $out, '-|';
    if (!$pid) {
        exec $^X, 't/run', $ENV{UBAL_BUILD}, 't/soak/memory.t'
            or POSIX::_exit(127);
    }
    my $seen = '';
    while (<$out>) {
        next unless /^== \d/;
        $seen = $_;
        kill 'TERM', $pid;
    }
    close $out;
    ok $seen, 'a run of tests has begun';
    isnt $?, 0, 'and fails where it is told to end';
}

# So has one with a suite of which nothing ran.
{
    local $ENV{UBAL_TEST_DB} = 'pgsql';
    my $said = qx($^X t/run $ENV{UBAL_BUILD} t/http/alive.t 2>&1);
    isnt $?, 0, 'a suite that ran no test has failed';
    like $said, qr/^http on pgsql .*: no test ran$/m, 'which is said';
    like $said, qr/^0 passed, 1 failed\n\z/m, 'and is the sum';
}

done_testing;
