# What clients do, at each endpoint alike: methods (C3), HEAD (C4), parameters
# that there are not (C5), and reading nothing (C6).
use strict;
use warnings;
use IO::Socket qw(SOL_SOCKET SO_RCVBUF);
use JSON::PP qw(decode_json);
use Test::More;
use Ubal::Data;
use Ubal::Server qw(wait_for);

# One child with one connection to the database.
my $server = Ubal::Server->new(dbd => 0, size => "ServerLimit 1\n"
    . "StartServers 1\nThreadsPerChild 16\nMaxRequestWorkers 16\n"
    . "MinSpareThreads 1\nMaxSpareThreads 16");
my $since = 1767225600_000000;
my $data = Ubal::Data->new($server->db)->create
    ->cover(since => $since, as_of => 1772323200_000000, commit_seq => 1);
$data->user("u$_", earned => $_, payout => $_) for 1 .. 30;
$data->user('12', earned => 500);
$data->sql('INSERT INTO transactions VALUES ' . join ', ', map {
    "(1, 't$_', '12', " . ($since + $_ * 1_000_000) . ", 0, 1, 1)"
} 1 .. 1200);
$server->start(<<'END');
@DBD@DBDKeep 1
DBDMax 1
SendBufferSize 2048
MaxKeepAliveRequests 0
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
<Location "/payouts">
    SetHandler ubal-payouts
    Require all granted
</Location>
END

my @json = ('/user/12', '/user/12?at=2026-02-01T00:00:00Z',
            '/user?ids=12,u1,u2', '/user/12/payouts', '/payouts',
            '/user/12/history', '/user/12/transactions?limit=1000');
my @exports = map { ['/user/12/transactions', { Accept => $_ }] }
    qw(text/csv application/x-ndjson);
my @problems = (['/user/', {}], ['/user/12?x=1', {}], ['/user/12/none', {}],
                ['/user/12?at=2020-01-01T00:00:00Z', {}],
                ['/payouts/x', {}], ['/payouts?limit=0', {}],
                ['/user/12/transactions', { Accept => 'image/png' }]);

# --- C3 -------------------------------------------------------------------------

for my $path (@json) {
    for my $method (qw(POST PUT DELETE PATCH TRACE FROBNICATE)) {
        my ($status, $headers, $body) = $server->request($method, $path, {},
            $method eq 'TRACE' ? undef : 'GET /user/u1 HTTP/1.1');
        is $status, 405, "C3: $method $path: 405";
        is $headers->{allow}, 'GET,HEAD,OPTIONS', '... Allow';
        is $headers->{'content-type'}, 'application/problem+json',
            '... a problem';
    }
    my ($status, $headers, $body) = $server->request('OPTIONS', $path);
    is "$status $headers->{allow}$body", '200 GET,HEAD,OPTIONS',
        "C3: OPTIONS $path";
}

# --- C4 -------------------------------------------------------------------------

for my $case (map({ [$_, {}] } @json), @exports, @problems) {
    my ($path, $send) = @$case;
    my ($status, $headers, $body) = $server->get($path, $send);
    my ($code, $head, $nothing) = $server->request('HEAD', $path, $send);
    my $name = join ' ', "C4: HEAD $path", values %$send;
    is $code, $status, "$name: $status";
    is $nothing, '', '... no body';
    # What is not made cannot be counted.
    delete @$_{qw(date transfer-encoding)} for $headers, $head;
    is_deeply $head, $headers, '... the headers of GET';
}

# --- C5 -------------------------------------------------------------------------

for my $path (@json) {
    my $and = $path =~ /\?/ ? '&' : '?';
    for my $bad ('x=1', 'x', 'constructor=1', '__proto__=1', 'ID=1', 'at%00=1',
                 'limit[]=1', 'order%5B%5D=asc') {
        my ($status, undef, $body) = $server->get("$path$and$bad");
        is $status, 400, "C5: $path$and$bad: 400";
        my ($name) = $bad =~ /\A([^=]*)/;
        $name =~ s/%5B/[/;
        $name =~ s/%5D/]/;
        is decode_json($body)->{detail}, "unknown parameter '$name'",
            '... named';
    }
    next unless $path =~ /\?(\w+)=/;
    my $twice = $1;
    for my $bad ("$path&$twice=12", "$path&$twice=", "$path&$twice") {
        my ($status, undef, $body) = $server->get($bad);
        is $status, 400, "C5: $bad: 400";
        like decode_json($body)->{detail}, qr/^parameter '$twice' /,
            '... named';
    }
}

# --- C6 -------------------------------------------------------------------------

# A client that asks, and asks again, and reads nothing, until httpd has bytes
# that it cannot send: the second column of its side in /proc/net/tcp.
sub stuck {
    my ($path) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => $server->port) or die;
    $socket->setsockopt(SOL_SOCKET(), SO_RCVBUF(), 1024);
    my $size = length(($server->get($path))[2]) + 300;
    print $socket "GET $path HTTP/1.1\r\nHost: x\r\n\r\n"
        x (1 + int(600_000 / $size));
    $socket->flush;
    my $side = sprintf ': 0100007F:%04X 0100007F:%04X 01 ', $server->port,
        $socket->sockport;
    ok wait_for(sub {
        my ($unsent) = Ubal::Server::slurp('/proc/net/tcp')
            =~ /\Q$side\E([0-9A-F]{8}):/;
        return defined $unsent && hex $unsent > 2000;
    }), "a client of $path reads nothing";
    return $socket;
}

my @slow;
for my $path (@json) {
    push @slow, stuck($path);
    is +($server->get('/user/12'))[0], 200,
        "C6: a slow client of $path holds no connection";
}
is +($server->get($_))[0], 200, "C6: beside all of them: $_" for @json;
close $_ for @slow;
is +($server->get($_))[0], 200, "... when they have gone: $_" for @json;

done_testing;
