# Promise: the demo vendor gives any range at any time the same, lists and
# sums the same items, and lets nobody above its limit.
use strict;
use warnings;
use Test::More;

use JSON::PP qw(decode_json);
use Ubal::Server qw(wait_for);

my $mounts = <<'END';
LoadModule ubal_demo_module @BUILD@/mod_ubal_demo.so
<Location "/open">
    SetHandler ubal-demo
    UbalDemoRate 10000 60s
    UbalDemoSeed 7
    Require all granted
</Location>
<Location "/small">
    SetHandler ubal-demo
    UbalDemoRate 3 1500ms
    UbalDemoLog logs/arrivals
    Require all granted
</Location>
<Location "/shut">
    SetHandler ubal-demo
    UbalDemoToken secret
    UbalDemoVolume 5000
    UbalDemoUsers 3
    UbalDemoEpoch 2026-02-01T10:00:00Z
    Require all granted
</Location>
END
my $server = Ubal::Server->new(ubal => 0, dbd => 0)
    ->start($mounts);

sub ask {
    my ($path, %headers) = @_;
    my ($status, $headers, $body) = $server->get($path, \%headers);
    return ($status, $headers, $body);
}

sub answer {
    my ($path) = @_;
    my ($status, undef, $body) = ask($path);
    is $status, 200, $path unless $status == 200;
    return decode_json($body);
}

# The items as text, so that no amount goes through a double.
sub items {
    my ($query) = @_;
    my (undef, undef, $body) = ask("/open/transactions?$query");
    return $body =~ /(\{"id":[^}]*\})/g;
}

sub cents {
    my ($text) = @_;
    my ($sign, $whole, $part) = $text =~ /\A(-?)(\d+)(?:\.(\d{1,2}))?\z/
        or die "no amount: $text";
    return "${sign}1" * ($whole * 100 + substr(($part // '') . '00', 0, 2));
}

my $hour = 'startDate=2026-02-01T10:00:00.000Z&endDate=2026-02-01T11:00:00Z';
my @whole;

subtest 'one range, however it is asked for' => sub {
    my $first = answer("/open/transactions?$hour&limit=1000")->{meta};
    is_deeply $first,
        { totalItems => 3600, itemCount => 1000, itemsPerPage => 1000,
          totalPages => 4, currentPage => 1 }, 'meta';
    @whole = map { items("$hour&limit=1000&page=$_") } 1 .. 4;
    is scalar @whole, 3600, 'all pages together are as many';
    my %ids = map { /"id":"([^"]+)"/ => 1 } @whole;
    is scalar(keys %ids), 3600, 'each once';
    is_deeply [map { items("$hour&limit=1000&page=$_") } 1 .. 4], \@whole,
        'a second time the same, in the same order';
    my @times = map { /"createdAt":"([^"]+)"/ } @whole;
    isnt join(' ', @times), join(' ', sort @times), 'not in order of time';
    my @small = map { items("$hour&limit=400&page=$_") } 1 .. 9;
    is_deeply [sort @small], [sort @whole], 'smaller pages hold the same';
    my @parts = map {
        items(sprintf 'startDate=2026-02-01T10:%02d:00Z'
                . '&endDate=2026-02-01T%s', $_ * 15,
              $_ == 3 ? '11:00:00Z' : sprintf '10:%02d:00Z', $_ * 15 + 15)
    } 0 .. 3;
    is_deeply [sort @parts], [sort @whole], 'and so do the quarters of it';
    is_deeply answer("/open/transactions?$hour&page=5")->{items}, [],
        'after the last page there is nothing';
    is answer("/open/transactions?$hour&limit=5000")->{meta}{itemsPerPage},
        1000, 'a page has 1000 at most';
};

subtest 'the truth is the sum of the items' => sub {
    my (%sums, %spelled);
    for (@whole) {
        my ($user, $type, $amount) =
            /"userId":"([^"]+)".*"type":"([^"]+)","amount":([^}]+)\}/;
        $spelled{$type} = 1;
        $type = 'paid_out' if $type =~ /\Apaid/;
        $sums{$user}{$type} += cents($amount);
    }
    is join(',', sort keys %spelled),
        'earned,paid out,paidOut,paid_out,payout,spent', 'types';
    my (undef, undef, $body) =
        ask('/open/truth?from=2026-02-01T10:00:00Z&to=2026-02-01T11:00:00Z');
    is decode_json($body)->{totalItems}, 3600, 'as many';
    my %truth;
    while ($body =~ /\{("userId"[^}]*)\}/g) {
        my %user = $1 =~ /"(\w+)":"?([^",]+)/g;
        my $id = delete $user{userId};
        $truth{$id} = { map { $_ => cents($user{$_}) } keys %user };
    }
    for my $user (values %sums) {
        $user->{$_} //= 0 for qw(earned spent payout paid_out);
        $user->{balance} =
            $user->{earned} - $user->{spent} - $user->{paid_out};
    }
    is_deeply \%truth, \%sums, 'every sum of every user';
    (undef, undef, $body) = ask('/open/truth?userId=12'
        . '&from=2026-02-01T10:00:00Z&to=2026-02-01T11:00:00Z');
    my %twelve = $body =~ /"(\w+)":"?([^",}]+)/g;
    is cents($twelve{balance}), $sums{12}{balance}, 'user 12 alone';
    is_deeply answer('/open/truth?userId=nobody'),
        { userId => '', earned => 0, spent => 0, payout => 0, paid_out => 0,
          balance => 0 }, 'nobody has nothing';
};

subtest 'what exists' => sub {
    my ($status, $headers, $body) = ask('/open/transactions?limit=1');
    like $headers->{date}, qr/\A\w{3}, \d\d \w{3} \d{4} [\d:]{8} GMT\z/,
        'the vendor says what time it is';
    is decode_json($body)->{meta}{totalItems} > 1000, 1, 'all of the past';
    my $future = answer('/open/transactions?startDate=2190-01-01');
    is_deeply $future->{items}, [], 'nothing of the future';
    is $future->{meta}{totalItems}, 0, 'and it is not counted';
    my $soon = sub {
        return answer('/open/transactions?startDate=2026-11-01&limit=1')
            ->{meta}{totalItems};
    };
    my $before = $soon->();
    ok wait_for(sub { $soon->() > $before }, 20), 'but it comes';
    for my $wrong ('startDate=2026-02-30', 'endDate=x', 'page=0', 'limit=0',
                   'limit=1x') {
        is +(ask("/open/transactions?$wrong"))[0], 400, "$wrong is refused";
    }
};

subtest 'the limit' => sub {
    my @status = map { (ask('/small/transactions?limit=1'))[0] } 1 .. 3;
    is "@status", '200 200 200', 'as many as are allowed';
    my ($status, $headers, $body) = ask('/small/transactions?limit=1');
    is $status, 429, 'the next is not';
    like $headers->{'retry-after'}, qr/\A[12]\z/, 'it says when';
    is $headers->{'content-type'}, 'application/problem+json', 'as JSON';
    is decode_json($body)->{status}, 429, 'in words';
    is +(ask('/small/truth'))[0], 200, 'the truth does not count';
    my $log = answer('/small/arrivals');
    is $log->{max_in_period}, 4, 'each arrival counts, refused or not';
    is join(' ', map { $_->{status} } @{ $log->{arrivals} }),
        '200 200 200 429', 'and is remembered';
    is +(ask('/open/transactions?limit=1'))[0], 200,
        'another mount is another account';
    $server->graceful;
    is answer('/small/arrivals')->{total}, 4, 'over a restart too';
    # A request would only put it off.
    select undef, undef, undef, 1.55;
    is +(ask('/small/transactions?limit=1&x=%0a'))[0], 200,
        'after a period it goes on';
    my @lines;
    wait_for(sub {
        open my $in, '<', $server->root . '/logs/arrivals' or return 0;
        return (@lines = <$in>) >= 5;
    });
    is scalar @lines, 5, 'one line each in the log';
    like $lines[4], qr/\A\d+ \d+ 200 limit=1&x=%0a\n\z/, 'with its query';
    my ($arrived, $ended) = split ' ', $lines[4];
    cmp_ok $arrived, '<=', $ended, 'that ends after it arrived';
};

subtest 'other settings' => sub {
    is +(ask('/shut/transactions'))[0], 401, 'a token is demanded';
    is +(ask('/shut/transactions', Authorization => 'Bearer x'))[0], 401,
        'the right one';
    my ($status, undef, $body) =
        ask('/shut/transactions?endDate=2026-02-01T11:00:00Z',
            Authorization => 'Bearer secret');
    is $status, 200, 'it opens';
    is decode_json($body)->{meta}{totalItems}, 300_000,
        'nothing before the epoch, then so many a minute';
    is scalar(@{ answer('/shut/truth?to=2026-02-01T11:00:00Z')->{users} }), 3,
        'so many users';
    is +(ask('/shut/fault'))[0], 404, 'no faults unless they are allowed';
    is +($server->request('POST', '/shut/transactions'))[0], 405, 'only GET';
};

done_testing;
