# /user/{id}/transactions: exact rows in their order, page by page, in the
# format that is wanted; what is asked for wrongly is said so.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use Test::More;
use Ubal::Data;
use Ubal::Server;

my $server = Ubal::Server->new(modules => [qw(rewrite alias)]);
my $day = 1772323200_000000; # 2026-03-01T00:00:00Z
my @naughty = ('=1+1', '+1', '-1', '@x', "'quoted", 'a,b', 'a"b', '"', '{}',
               'a b ', "\xc3\xa9", '</script>', '%41', 'a\\b', "'", '=a",b',
               'a;=1+1');
my $data = Ubal::Data->new($server->db)->create
    ->cover(since => $day - 86400_000000, as_of => $day + 86400_000000)
    ->commit(
        ['12', 'a', $day, 'earned', 120000],
        ['12', 'b', $day + 1, 'spent', 30025],
        ['12', 'c', $day + 1000, 'payout', 20000],
        ['12', 'd', $day + 1_000_000, 'paid_out', 5],
        ['12', 'e', $day + 1_500_000, 'earned', -50],
        ['13', 'f', $day, 'earned', 1],
        ["a%b c\xc3\xa9'\"<>&?#;", 'g', $day, 'earned', 1],
        ["a%b c\xc3\xa9'\"<>&?#;", 'h', $day, 'earned', 1])
    ->commit(map { ['naughty', $naughty[$_], $day + $_, 'earned', 100] }
             0 .. $#naughty);

$server->start(<<'END');
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
<Location "/deep/er">
    SetHandler ubal
    Require all granted
</Location>
<Location "/minor">
    SetHandler ubal
    UbalAmounts minor
    UbalUnknownUser 404
    Require all granted
</Location>
<Location "/string">
    SetHandler ubal
    UbalAmounts string
    Require all granted
</Location>
RewriteEngine On
RewriteRule ^/mine$ /user/12/transactions?type=earned [PT,QSA]
END

sub item {
    my ($id, $at, $type, $amount) = @_;
    return qq({"id":"$id","createdAt":"2026-03-01T00:00:$at","type":"$type",)
        . qq("amount":$amount});
}

my %item = (
    a => item('a', '00Z', 'earned', 1200),
    b => item('b', '00.000001Z', 'spent', 300.25),
    c => item('c', '00.001Z', 'payout', 200),
    d => item('d', '01Z', 'paid_out', 0.05),
    e => item('e', '01.500Z', 'earned', -0.5),
);

sub shows {
    my ($query, $ids, $name) = @_;
    my ($status, $headers, $body) =
        $server->get("/user/12/transactions$query");
    is $status, 200, "$name: found";
    is $body, '{"userId":"12","items":['
        . join(',', map { $item{$_} } split //, $ids) . '],"next":null}',
        "$name: exact";
    ok !defined $headers->{link}, "$name: no next";
}

shows '', 'edcba', 'newest first';
shows '?order=desc', 'edcba', 'desc';
shows '?order=asc', 'abcde', 'asc';
shows '?type=earned', 'ea', 'a type';
shows '?type=paid_out&order=asc', 'd', 'another type';
shows '?from=2026-03-01T00:00:00.000001Z', 'edcb', 'from is within';
shows '?to=2026-03-01T00:00:01Z', 'cba', 'to is not';
shows '?from=2026-03-01T01:00:00.000001%2B01:00&to=2026-03-01T00:00:01.5Z'
    . '&order=asc', 'bcd', 'both, oldest first';
shows '?from=2026-03-01T00:00:01Z&to=2026-03-01T00:00:01Z', '', 'nothing';
shows '?limit=5', 'edcba', 'as many as there are';
shows '?limit=1000', 'edcba', 'the greatest limit';
shows '?from=1970-01-01T00:00:00Z', 'edcba', 'from before what is covered';

my ($status, $headers, $body) = $server->get('/user/none/transactions');
is $body, '{"userId":"none","items":[],"next":null}', 'a user without any';
is +($server->get('/minor/none/transactions'))[0], 404,
    '... where UbalUnknownUser says so';
like +($server->get('/minor/12/transactions?type=spent'))[2],
    qr/"amount":30025\}/, 'UbalAmounts minor';
like +($server->get('/string/12/transactions?type=earned'))[2],
    qr/"amount":"-0\.50"\},.*"amount":"1200\.00"\}/, 'UbalAmounts string';

# What is wrong is 400 and names the parameter.
my %wrong = (
    'type=bonus' => 'type', 'type=EARNED' => 'type', 'order=up' => 'order',
    'limit=0' => 'limit', 'limit=1001' => 'limit', 'limit=ten' => 'limit',
    'from=yesterday' => 'from', 'to=2026-02-30T00:00:00Z' => 'to',
    'from=2026-03-02T00:00:00Z&to=2026-03-01T00:00:00Z' => 'from',
    'after=' => 'after', 'after=x' => 'after', 'after=00' => 'after',
    'after=' . 'ab' x 40 => 'after', 'limit=1&limit=2' => 'limit',
    'step=day' => 'step',
);
for my $query (sort keys %wrong) {
    ($status, $headers, $body) = $server->get("/user/12/transactions?$query");
    is $status, 400, "?$query: 400";
    is $headers->{'content-type'}, 'application/problem+json', '... a problem';
    like decode_json($body)->{detail}, qr/parameter '$wrong{$query}'/,
        '... that names it';
}

# The link leads on, whatever the URL is like.
sub link_of {
    my ($fields) = @_;
    return ($fields->{link} // '') =~ /\A<([^<>]*)>; rel="next"\z/ ? $1 : '';
}

sub walk {
    my ($path, $accept) = @_;
    my @ids;
    while ($path) {
        my ($code, $fields, $text) =
            $server->get($path, $accept ? { Accept => $accept } : {});
        is $code, 200, "$path: a page" or last;
        my $page = $accept ? undef : decode_json($text);
        push @ids, $accept ? $text =~ /^\{"id":"([^"]*)"/mg
                 : map { $_->{id} } @{ $page->{items} };
        $path = link_of($fields);
        unlike $path, qr/[^!-~]/, '... whose link is printable';
        is(($path =~ /[?&]after=([^&]*)\z/)[0], $page->{next}, '... and next')
            if $page;
    }
    return join ' ', @ids;
}

is walk('/user/12/transactions?limit=2'), 'e d c b a', 'a walk';
is walk('/user/12/transactions?limit=1&order=asc&type=earned'), 'a e',
    'with filters';
is walk('/user/12/transactions?&limit=2&&order=asc&'), 'a b c d e',
    'with empty parameters';
is walk('/user/12/transactions?%6cimit=2&from=2026-03-01T01:00:00%2B01:00'),
    'e d c b a', 'with encoded ones';
is walk('/deep/er/12/transactions?limit=2'), 'e d c b a', 'below another mount';
is walk('http://x.test/user/12/transactions?limit=2'), 'e d c b a',
    'asked for by a whole URL';
is walk('/mine?limit=1'), 'e a', 'through a rewriting';
is walk("/user/a%25b%20c\xc3\xa9'\"<>&%3f%23;/transactions?limit=1"), 'h g',
    'with an id that needs encoding';
is walk('/user/12/transactions?limit=2', 'application/x-ndjson'), 'e d c b a',
    'pages of NDJSON';
for my $begin ('//user', '///user', '//evil.test/../user',
               'http://127.0.0.1//evil.test/../user') {
    my ($status, $fields) = $server->get("$begin/12/transactions?limit=1");
    is $status, 200, "$begin: the user";
    like link_of($fields), qr{\A/[^/]}, '... whose link names no other host';
}
like link_of(($server->get('/user/12/transactions?limit=1'
    . '&after=' . (decode_json(($server->get(
        '/user/12/transactions?limit=1'))[2])->{next})))[1]),
    qr{\A/user/12/transactions\?limit=1&after=[^&]+\z},
    'the link has one after';

# Cursors are of one list.
my $next = decode_json(
    ($server->get('/user/12/transactions?limit=2'))[2])->{next};
for my $other ('/user/13/transactions?', '/user/12/transactions?order=asc&',
               '/user/12/transactions?type=earned&',
               '/user/12/transactions?from=2026-03-01T00:00:00Z&',
               '/user/12/transactions?to=2026-03-02T00:00:00Z&') {
    ($status, $headers, $body) = $server->get("${other}after=$next");
    is $status, 400, "C5: $other: another list's cursor";
    like $body, qr/parameter 'after'/, '... is named';
}
is +($server->get("/user/12/transactions?order=desc&limit=7&after=$next"))[0],
    200, 'a limit makes no other list, nor what is said by default';
for my $i (0 .. length($next) - 1) {
    my $cut = $next;
    substr($cut, $i, 1) =~ tr/0-9a-f/1-9a-f0/;
    $status = ($server->get("/user/12/transactions?after=$cut"))[0];
    is $status, 400, "digit $i changed: 400" if $status != 400 || $i % 16 == 0;
}
is +($server->get('/user/12/transactions?after=' . uc $next))[0], 400,
    'in capitals: 400';
is +($server->get('/user/12/transactions?after=' . substr $next, 0, -2))[0],
    400, 'cut: 400';

# What is wanted.
my ($json, $csv, $lines) = ('application/json',
    'text/csv; charset=utf-8; header=present', 'application/x-ndjson');
my %accept = (
    '*/*' => $json, 'application/json' => $json, 'text/csv' => $csv,
    'application/x-ndjson' => $lines, 'text/*' => $csv,
    'application/*' => $json, '*/*;q=0.1, text/csv' => $csv,
    'text/csv;q=0.5, application/x-ndjson;q=0.6' => $lines,
    'application/json;q=0.4, text/csv;q=0.4' => $json,
    'text/csv , application/json' => $json,
    'application/json;q=0, */*' => $csv,
    'application/*;q=0, */*;q=0.1' => $csv,
    'application/*, application/json;q=0' => $lines,
    'TEXT/CSV' => $csv, 'text/csv;q=1.000' => $csv,
    'text/csv ; q=0.001' => $csv, 'text/csv;charset=utf-8' => $csv,
    'text/csv;q=2, application/x-ndjson;q=0.1' => $lines,
    'text/csv;q=, application/x-ndjson;q=0.1' => $lines,
    'text/csv;q=0.1234, application/x-ndjson;q=0.1' => $lines,
    ',, ;, /, text/csv' => $csv,
    'text/html, application/xhtml+xml, */*;q=0.8' => $json,
    'image/png' => 0, 'application/json;q=0' => 0, '*/*;q=0' => 0,
    'text/html' => 0, 'application' => 0, 'text/csv;q=0.0' => 0, '*' => 0,
    'text/csvx' => 0, 'application/problem+json' => 0,
);
for my $accept (sort keys %accept) {
    ($status, $headers, $body) =
        $server->get('/user/12/transactions', { Accept => $accept });
    is $status, $accept{$accept} ? 200 : 406, "Accept: $accept";
    is $headers->{'content-type'},
        $accept{$accept} || 'application/problem+json', '... its type';
    is $headers->{vary}, 'Accept', '... may vary';
}
is +($server->get('/user/12/transactions'))[1]{'content-type'}, $json,
    'no Accept: JSON';

# The files.
sub file {
    my ($path, $accept) = @_;
    return ($server->get($path, { Accept => $accept }))[2];
}

is file('/user/12/transactions', 'text/csv'), join('', map { "$_\r\n" }
    'id,createdAt,type,amount', 'e,2026-03-01T00:00:01.500Z,earned,-0.5',
    'd,2026-03-01T00:00:01Z,paid_out,0.05',
    'c,2026-03-01T00:00:00.001Z,payout,200',
    'b,2026-03-01T00:00:00.000001Z,spent,300.25',
    'a,2026-03-01T00:00:00Z,earned,1200'), 'CSV: exact';
is file('/user/12/transactions?order=asc&type=earned', $lines),
    "$item{a}\n$item{e}\n", 'NDJSON: exact';
like file('/minor/12/transactions?type=spent', 'text/csv'), qr/,30025\r\n\z/,
    'CSV: UbalAmounts minor';
like file('/string/12/transactions?type=earned&order=asc', 'text/csv'),
    qr/,1200\.00\r\n/, 'CSV: UbalAmounts string';
is file('/user/none/transactions', 'text/csv'), "id,createdAt,type,amount\r\n",
    'CSV: a user without any';
is file('/user/none/transactions', $lines), '', 'NDJSON: a user without any';
is file("/user/12/transactions?limit=2&after=$next", 'text/csv') =~ tr/\n//, 3,
    'CSV: a page, after a cursor of JSON';
is file("/user/12/transactions?after=$next", 'text/csv') =~ tr/\n//, 4,
    'CSV: the rest';

my @fields = map { /\A("(?:[^"]|"")*"|[^",]*),2026-/ ? $1 : "?$_" }
    split /\r\n/, file('/user/naughty/transactions?order=asc', 'text/csv')
        =~ s/\A[^\n]*\n//r;
is_deeply [map { s/\A"(.*)"\z/$1/r =~ s/""/"/gr =~ s/\A'//r } @fields],
    \@naughty, 'CSV: each id, read back as README says';
is_deeply [grep { /\A"?[=+\-@]/ } @fields], [], '... none is a formula';
is_deeply [grep { /\A[^"].*;/ } @fields], [],
    '... nor where a spreadsheet parts at semicolons';
is_deeply [map { decode_json($_)->{id} } split /\n/,
           file('/user/naughty/transactions?order=asc', $lines)],
    [map { my $text = $_; utf8::decode($text); $text } @naughty],
    'NDJSON: each id as it is';

# Headers.
for my $accept ($json, 'text/csv', $lines) {
    my @get = $server->get('/user/12/transactions', { Accept => $accept });
    my @head = $server->request('HEAD', '/user/12/transactions',
                                { Accept => $accept });
    delete $_->[1]{date}, delete $_->[1]{'transfer-encoding'}
        for \@get, \@head;
    is_deeply $head[1], $get[1], "$accept: HEAD has the headers of GET";
    is $head[2], '', '... and no body';
    is $get[1]{'cache-control'}, 'private, no-cache', '... not to be cached';
    is $get[1]{'ubal-as-of'}, '2026-03-02T00:00:00Z', '... as of';
    is defined $get[1]{etag}, $accept eq $json, '... ETag of JSON alone';
}
my $tag = ($server->get('/user/12/transactions'))[1]{etag};
($status, $headers) =
    $server->get('/user/12/transactions', { 'If-None-Match' => $tag });
is $status, 304, 'If-None-Match: 304';
is $headers->{vary}, 'Accept', '... which varies too';
$data->commit(['12', 'late', $day - 5, 'spent', 1]);
is +($server->get('/user/12/transactions', { 'If-None-Match' => $tag }))[0],
    200, '... until there is another row';

# Nothing known is not an empty list.
$data->cover(as_of => 0);
is +($server->get('/user/12/transactions', { Accept => $_ }))[0], 503,
    "$_: 503 before anything was fetched" for $json, 'text/csv', $lines;

done_testing;
