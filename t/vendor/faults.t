# Promise: the demo vendor has each fault when a test asks for it, for as many
# requests as asked, and is sound again afterwards.
use strict;
use warnings;
use Test::More;

use JSON::PP qw(decode_json);
use POSIX ();
use Ubal::Server qw(now wait_for);

my $server = Ubal::Server->new(ubal => 0, dbd => 0)->start(<<'END');
LoadModule ubal_demo_module @BUILD@/mod_ubal_demo.so
<Location "/v">
    SetHandler ubal-demo
    UbalDemoRate 10000 60s
    UbalDemoFaults on
    Require all granted
</Location>
END

my $range = 'startDate=2026-02-01T10:00:00Z&endDate=2026-02-01T10:10:00Z';

# Sets faults after clearing all; the list of what is set.
sub set {
    my ($query) = @_;
    my ($status, undef, $body) = $server->get("/v/fault?clear&$query");
    is $status, 200, "fault?$query" unless $status == 200;
    return decode_json($body);
}

sub page {
    my ($more) = @_;
    return $server->get("/v/transactions?$range&" . ($more // ''));
}

sub list {
    my ($more) = @_;
    my ($status, undef, $body) = page($more);
    is $status, 200, 'a page' unless $status == 200;
    return decode_json($body);
}

sub ids { return map { $_->{id} } @{ $_[0]{items} } }

sub raw_page {
    my ($extra) = @_;
    return $server->raw("GET /v/transactions?$range HTTP/1.1\r\n"
        . "Host: x\r\nConnection: close\r\n" . ($extra // '') . "\r\n", 20);
}

my $sound = list();
my %sound = map { $_->{id} => $_ } @{ $sound->{items} };
is $sound->{meta}{totalItems}, 600, 'a range of 600';

subtest 'how faults are set' => sub {
    set('status=503&retry-after=7&next=2&skip=1');
    my @replies = map { [page()] } 1 .. 4;
    is join(' ', map { $_->[0] } @replies), '200 503 503 200',
        'after one request, for two';
    is $replies[1][1]{'retry-after'}, 7, 'a header as asked';
    set('status=500&page=2');
    is +(page('limit=10&page=1'))[0], 200, 'not page 1';
    is +(page('limit=10&page=2'))[0], 500, 'but page 2';
    is_deeply [sort keys %{ set('status=500&html') }], ['html', 'status'],
        'several at once';
    is_deeply decode_json(($server->get('/v/fault?clear=html'))[2])
            ->{status}{value}, '500', 'one is cleared';
    is_deeply set(''), {}, 'all are cleared';
    is +($server->get('/v/fault?nonsense'))[0], 400, 'unknown ones are not set';
    is +($server->get('/v/fault?delay&next=x'))[0], 400, 'nor odd numbers';
    is +($server->request('POST', '/v/fault?status=500'))[0], 200, 'POST too';
    is +($server->get('/v/truth'))[0], 200, 'the truth has no faults';
    is +(page())[0], 500, 'the list has';
};

subtest 'replies' => sub {
    set('status=599');
    is +(page())[0], 599, 'a status that nobody knows';
    set('html');
    my ($status, $headers, $body) = page();
    is $status, 200, 'HTML with 200';
    like $headers->{'content-type'} . $body, qr{\Atext/html.*<h1>}s, 'is HTML';
    set('redirect=http%3A%2F%2F127.0.0.1%3A1%2Fx');
    ($status, $headers) = page();
    is "$status $headers->{location}", '302 http://127.0.0.1:1/x', 'redirect';
    set('big=100000');
    is length +(page())[2], 100_000, 'a big body';
    set('bomb=1000000');
    ($status, $headers, $body) = page();
    is $headers->{'content-encoding'}, 'gzip', 'a bomb is gzipped';
    cmp_ok length $body, '<', 8000, 'and small';
    require IO::Uncompress::Gunzip;
    my $inflated;
    ok IO::Uncompress::Gunzip::gunzip(\$body, \$inflated, Strict => 1),
        'it is sound';
    cmp_ok abs(length($inflated) - 1_000_000), '<', 300, 'and becomes big';
    is_deeply decode_json($inflated), [], 'as JSON';
};

subtest 'bytes' => sub {
    set('');
    my $whole = (page())[2];
    set('cut');
    my $reply = raw_page();
    my ($length) = $reply =~ /Content-Length: (\d+)/;
    my (undef, $body) = split /\r\n\r\n/, $reply, 2;
    cmp_ok length $body, '<', $length, 'shorter than Content-Length';
    ok $body eq substr($whole, 0, length $body), 'and right so far';
    set('cut=chunked');
    $reply = raw_page();
    like $reply, qr/Transfer-Encoding: chunked/, 'chunked';
    unlike $reply, qr/\r\n0\r\n/, 'without an end';
    set('cut=close');
    $reply = raw_page();
    unlike $reply, qr/Transfer-Encoding|Content-Length/, 'until it closes';
    like $reply, qr/\{"items"/, 'with something';
    unlike $reply, qr/"meta"/, 'but not all';
    set('drop');
    is raw_page(), '', 'not a byte';
    set('drop=reset');
    is eval { raw_page() } // '', '', 'nor when reset';
    set('dribble=1');
    is +(page('limit=1'))[2], do { set(''); (page('limit=1'))[2] },
        'byte by byte is the same';
    set('delay=300');
    my $begin = now();
    is +(page())[0], 200, 'late, but sound';
    cmp_ok now() - $begin, '>=', 0.3, 'late';
    set('hang');
    is eval { $server->raw("GET /v/transactions HTTP/1.1\r\nHost: x\r\n\r\n",
                           0.3) }, undef, 'it hangs';
    ok wait_for(sub {
        my $log = decode_json(($server->get('/v/arrivals'))[2])->{arrivals};
        return $log->[-1]{ended};
    }), 'until the client has gone';
};

subtest 'meta' => sub {
    set('nometa');
    ok !exists list()->{meta}, 'none';
    set('badmeta=3');
    is list()->{meta}{totalItems}, 603, 'more than there are';
    set('badmeta=-2');
    is list()->{meta}{totalItems}, 598, 'less';
    set('pages=9');
    is list()->{meta}{totalPages}, 9, 'pages that are not there';
    set('cap=100');
    my $capped = list();
    is scalar(ids($capped)), 100, 'smaller pages';
    is $capped->{meta}{totalPages}, 6, 'and more';
    set('endless');
    is_deeply [ids(list('page=7'))], [ids(list('page=1'))],
        'the last page for ever';
};

subtest 'items' => sub {
    set('shift=2');
    my @pages = map { list("limit=200&page=$_") } 1 .. 3;
    my %seen = map { $_ => 1 } map { ids($_) } @pages;
    is join(' ', map { $_->{meta}{totalItems} } @pages), '598 600 600',
        'two appeared';
    is scalar(keys %seen), 598, 'and no page shows them';
    is scalar(ids(list())), 600, 'one page does';
    set('shift=-1');
    %seen = map { $_ => 1 } map { ids(list("limit=200&page=$_")) } 1 .. 3;
    is scalar(keys %seen), 599, 'one went, and another is skipped';

    set('duplicate=3');
    my $page = list('limit=100&page=2');
    is $page->{meta}{itemCount}, 103, 'more rows';
    is_deeply [(ids($page))[-3 .. -1]],
        [(ids(list('limit=100&page=1')))[0 .. 2]], 'of the first page';
    is $page->{meta}{totalItems}, 600, 'that no total counts';

    for my $what ('', 'user', 'type', 'time') {
        set("conflict=$what&at=2026-02-01T10:05:00Z");
        my $last = list()->{items}[-1];
        my ($key) = $what eq 'user' ? 'userId' : $what eq 'time' ? 'createdAt'
            : $what || 'amount';
        is_deeply [grep { $last->{$_} ne $sound{ $last->{id} }{$_} }
                       sort keys %$last], [$key], "the same id, other $key";
    }
    set('changed&at=2026-02-01T10:05:00Z');
    my @changed = grep { $_->{amount} != $sound{ $_->{id} }{amount} }
        @{ list()->{items} };
    cmp_ok scalar @changed, '>', 20, 'amounts change';
    ok !(grep { $_->{createdAt} ge '2026-02-01T10:05' } @changed),
        'of older items';

    set('vanish');
    my $left = list()->{meta}{totalItems};
    ok $left > 450 && $left < 570, 'a seventh vanishes';
    set('late=1000000000');
    my $late = list()->{meta}{totalItems};
    ok $late > 450 && $late < 570, 'a seventh is not there yet';
    set('late=60');
    is list()->{meta}{totalItems}, 600, 'but appears';

    set('dead&at=2026-02-01T10:05:00Z');
    my (undef, undef, $body) = page('limit=20');
    my @dead = $body =~ /(\{"id":"dead-[^}]*\})/g;
    cmp_ok scalar @dead, '>=', 8, 'malformed items of each kind';
    like $body, qr/"totalItems":@{[600 + @dead]},/, 'counted';
    like "@dead", qr/\\u0000/, 'NUL';
    like "@dead", qr/12\.345\}.*02-30.*1e308/, 'and others';
    set('dead=type&at=2026-02-01T10:10:00Z');
    is list()->{meta}{totalItems}, 600, 'not in a range that lacks them';
};

subtest 'times and amounts' => sub {
    my ($border) = sort grep { /00\.000Z|:\d\d\.000Z/ }
        map { $_->{createdAt} } @{ $sound->{items} };
    my $count = sub {
        my ($from, $to) = @_;
        my (undef, undef, $body) =
            $server->get("/v/transactions?startDate=$from&endDate=$to");
        return decode_json($body)->{meta}{totalItems};
    };
    my $after = $border =~ s/000Z/001Z/r;
    set('');
    is $count->($border, $border), 0, 'the end is not in a range';
    my $there = $count->($border, $after);
    cmp_ok $there, '>', 0, 'the start is';
    set('endinclusive');
    is $count->($border, $border), $there, 'now the end is';
    set('startexclusive');
    is $count->($border, $after), 0, 'now the start is not';
    set('round');
    ok !(grep { $_->{createdAt} !~ /\.000Z\z/ } @{ list()->{items} }), 'cut';
    for (['space', qr/\A2026-02-01 10:0\d:\d\d\.\d{3}\z/],
         ['offset', qr/\A2026-02-01T12:.*\+02:00\z/],
         ['micros', qr/\.\d{6}Z\z/], ['epoch', qr/\A17\d{8}\z/],
         ['epochms', qr/\A17\d{11}\z/]) {
        set("timeformat=$_->[0]");
        like list('limit=1')->{items}[0]{createdAt}, $_->[1], $_->[0];
    }
    for (['string', qr/"amount":"\d+\.\d\d"/], ['exponent', qr/:\d+e-2\}/],
         ['minor', qr/"amount":\d+\}/], ['fixed', qr/"amount":\d+\.\d\d\}/]) {
        set("amounts=$_->[0]");
        like +(page('limit=1'))[2], $_->[1], $_->[0];
    }
    set('dateskew=-864000');
    my $date = (page())[1]{date};
    set('');
    isnt substr($date, 0, 16), substr((page())[1]{date}, 0, 16),
        'another clock';
    set('dateskew=86400');
    my $now = time;
    my $tomorrow = sub { return POSIX::strftime('%Y-%m-%dT%H:%M:%SZ',
                                                gmtime($now + $_[0])) };
    ok $count->($tomorrow->(3600), $tomorrow->(7200)) > 1000,
        'and items of tomorrow';
    set('');
};

done_testing;
