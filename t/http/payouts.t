# /payouts: what is still to be paid to whom, exact, by id, page by page.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use Test::More;
use Ubal::Data;
use Ubal::Server;

my $server = Ubal::Server->new;
my $data = Ubal::Data->new($server->db)->create
    ->cover(since => 1767225600_000000, as_of => 1772323200_000000);
$server->start(<<'END');
<Location "/payouts">
    SetHandler ubal-payouts
    Require all granted
</Location>
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
<Location "/user/to-be-paid">
    SetHandler ubal-payouts
    UbalAmounts string
    Require all granted
</Location>
<VirtualHost *:@PORT@>
    ServerName any.test
</VirtualHost>
<VirtualHost *:@PORT@>
    ServerName root.test
    <Location "/">
        SetHandler ubal-payouts
        Require all granted
    </Location>
</VirtualHost>
END

sub body { return ($server->get(@_))[2] }

is body('/payouts'), '{"items":[],"next":null}', 'nobody has one';

my %outstanding = (12 => 41.75, 'B' => 0.01, 'a"b' => 5, "\xc3\xa9" => 1200,
                   'huge' => '92233720368547758.07');
$data->user(12, earned => 120000, payout => 20000, paid_out => 15825)
    ->user('B', payout => 1)->user('a"b', payout => 500)
    ->user("\xc3\xa9", payout => 130000, paid_out => 10000)
    ->user('huge', payout => '9223372036854775807')
    ->user('paid', payout => 100, paid_out => 100)
    ->user('over', payout => 100, paid_out => 101)
    ->user('none', earned => 100)
    ->user('odd', payout => -5, paid_out => -4);
my @items = map { '{"userId":"' . s/"/\\"/r . "\",\"amount\":$outstanding{$_}}" }
    sort keys %outstanding;
is body('/payouts'), '{"items":[' . join(',', @items) . '],"next":null}',
    'those with more requested than paid, by the bytes of their ids';
is body('/user/to-be-paid?limit=1000') =~ /"12","amount":"41\.75"/, 1,
    'a mount within another, UbalAmounts string';
like body('/user/12'), qr/"balance"/, '... beside it the other';
is body('/', { Host => 'root.test' }), body('/payouts'), 'mounted at the root';

my ($status, $headers, $body) = $server->get('/payouts');
is $headers->{'ubal-as-of'}, '2026-03-01T00:00:00Z', 'as of';
is $headers->{'cache-control'}, 'private, no-cache', 'not to be cached';
is +($server->get('/payouts', { 'If-None-Match' => $headers->{etag} }))[0],
    304, 'If-None-Match';
my @head = $server->request('HEAD', '/payouts');
delete $_->{date} for $head[1], $headers;
is_deeply $head[1], $headers, 'HEAD has the headers of GET';
is +($server->request('DELETE', '/payouts'))[0], 405, 'another method';
is +($server->request('OPTIONS', '/payouts'))[1]{allow}, 'GET,HEAD,OPTIONS',
    'OPTIONS';

for my $path ('/payouts/', '/payouts/12', '/payouts/%ff') {
    is +($server->get($path))[0], 404, "$path: there is nothing";
}
for my $query (qw(limit=0 limit=1001 limit=-1 after= after=12 x=1
                  limit=1&limit=1)) {
    ($status, $headers, $body) = $server->get("/payouts?$query");
    my ($name) = $query =~ /\A(\w+)/;
    is $status, 400, "?$query: 400";
    like decode_json($body)->{detail}, qr/parameter '$name'/,
        '... that names it';
}

# Page by page, who is paid in between left out.
sub walk {
    my ($path, $between) = @_;
    my @seen;
    while ($path) {
        my (undef, $fields, $text) = $server->get($path);
        my $page = decode_json($text);
        push @seen, map { $_->{userId} } @{ $page->{items} };
        is defined $page->{next}, defined $fields->{link}, "$path: a link";
        ($path) = ($fields->{link} // '') =~ /\A<(.*)>; rel="next"\z/;
        like $path, qr/after=\Q$page->{next}\E\z/, '... to next' if $path;
        $between->() if $between;
    }
    utf8::encode($_) for @seen;
    return join ' ', @seen;
}
for my $limit (1 .. 6) {
    is walk("/payouts?limit=$limit"), join(' ', sort keys %outstanding),
        "by $limit";
}
is walk('/payouts?limit=2', sub {
        $data->user('huge', payout => 5, paid_out => 5)
            ->user('0', payout => 5);
    }), "12 B a\"b \xc3\xa9", 'each page is of its own instant';

my $next = decode_json(body('/payouts?limit=1'))->{next};
is +($server->get("/user/12/transactions?after=$next"))[0], 400,
    'C5: its cursor is none of another list';
is +($server->get('/payouts?after=' . substr($next, 0, -2)))[0], 400,
    'cut: 400';
$data->user('min', payout => '9223372036854775807', paid_out => -1);
($status, $headers, $body) = $server->get('/payouts');
is $status, 500, 'a difference that no amount can hold is an error';
unlike $body, qr/items/, '... not a list';
like $server->error_log, qr/sums of user 'min'/, '... and logged';

$data->cover(as_of => 0);
is +($server->get('/payouts'))[0], 503, '503 before anything was fetched';

done_testing;
