# /user?ids=: many users at once, each as /user/{id} has it, in the order asked
# for, and never one for another.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use Test::More;
use Ubal::Data;
use Ubal::Server;

my $server = Ubal::Server->new;
my $data = Ubal::Data->new($server->db)->create;
$data->cover(since => 1767225600_000000, as_of => 1772323200_000000);
my %ids = (12 => 12, 13 => 13, '074' => '074', 'a,b' => 'a%2Cb',
           "\xc3\xa9" => '%c3%a9', 'a b' => 'a+b', 'a+b' => 'a%2Bb',
           '"\\' => '%22%5C', '%2C' => '%252C', "o'brien" => "o'brien",
           '</script>' => '%3C/script%3E', '{"a":1}' => '%7B%22a%22:1%7D',
           'x' x 128 => 'x' x 128, '%s' => '%25s', "\xf0\x9f\x92\xb6" =>
           '%F0%9F%92%B6');
my $earned = 1;
$data->user($_, earned => $earned++, spent => 2, payout => $earned * 3,
            paid_out => $earned) for sort keys %ids;
$server->start(<<'END');
DBDMax 64
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
<Location "/found">
    SetHandler ubal
    UbalUnknownUser 404
    UbalAmounts string
    UbalBalance earned -spent -payout
    Require all granted
</Location>
END

sub single {
    my ($encoded) = @_;
    my ($status, undef, $body) = $server->get('/user/' . $encoded =~ s/\+/%20/gr
        =~ s{/}{%2F}gr);
    return $body;
}

sub ids { return join ',', @_ }
sub items { return '{"items":[' . join(',', @_) . ']}' }
sub is_bulk {
    my ($encoded, $expected, $name, $headers) = @_;
    my ($status, undef, $body) = $server->get("/user?ids=$encoded", $headers);
    is $status, 200, "$name: found";
    is $body, $expected, "$name: exact";
}

# --- what is asked for ------------------------------------------------------------

my @plain = grep { $_ !~ m{/} } sort keys %ids;
is_bulk(ids(@ids{@plain}), items(map { single($ids{$_}) } @plain),
        'all kinds of ids');
is_bulk(ids(reverse @ids{@plain}),
        items(map { single($ids{$_}) } reverse @plain), 'the order asked for');
is_bulk('12', items(single(12)), 'one');
is_bulk('nobody,12', items('{"userId":"nobody","balance":0,"earned":0,'
    . '"spent":0,"paid_out":0,"payout":0}', single(12)), 'one is unknown');
like +($server->get("/user?ids=$ids{'</script>'}"))[2],
    qr{"userId":"</script>","balance":-?0\.\d+,"earned":0\.\d+,},
    'an id with a slash';
is_bulk('7,07,%37%20', items(map { qq({"userId":"$_","balance":0,"earned":0,)
    . '"spent":0,"paid_out":0,"payout":0}' } '7', '07', '7 '),
    'what only looks alike is not the same');
my @many = map { "u$_" } 1 .. 200;
is_bulk(ids(@many), items(map { qq({"userId":"$_","balance":0,"earned":0,)
    . '"spent":0,"paid_out":0,"payout":0}' } @many), 'two hundred');

# --- as the Location says ------------------------------------------------------------

my ($status, $headers, $body) = $server->get('/found?ids=nobody,12,none');
is $status, 200, 'UbalUnknownUser 404: found';
like $body, qr/\A\{"items":\[\{"userId":"12",[^{]*\}\]\}\z/,
    '... and the unknown left out';
like $body, qr/"earned":"0\.\d\d"/, 'UbalAmounts';
my $figures = decode_json($body)->{items}[0];
is sprintf('%.0f', 100 * $figures->{balance}), sprintf('%.0f',
    100 * ($figures->{earned} - $figures->{spent} - $figures->{payout})),
    'UbalBalance';
is +($server->get('/found?ids=nobody,none'))[2], '{"items":[]}',
    'UbalUnknownUser 404: none is known';

# --- a reply like others ---------------------------------------------------------------

$data->cover(has_conflicts => 1);
($status, $headers, $body) = $server->get('/user?ids=12,13');
is $headers->{'content-type'}, 'application/json', 'type';
is $headers->{'ubal-as-of'}, '2026-03-01T00:00:00Z', 'as-of';
is $headers->{'ubal-incomplete'}, 'conflicts', 'what is incomplete';
my %had = ('If-None-Match' => $headers->{etag});
is +($server->get('/user?ids=12,13', \%had))[0], 304, 'not modified';
is +($server->get('/user?ids=13,12', \%had))[0], 200, 'another order is';
my (undef, $head, $nothing) = $server->request('HEAD', '/user?ids=12,13');
is_deeply { %$head, date => 0 }, { %$headers, date => 0 },
    "HEAD: GET's headers";
is $nothing, '', '... without a body';
$data->user(12, earned => 5);
is +($server->get('/user?ids=12,13', \%had))[0], 200,
    'a change of one is a change';

# --- what is refused ---------------------------------------------------------------------

my %refused = (
    '' => qr/id is to follow, or parameter 'ids'/,
    'ids=' => qr/'ids' is empty/, 'ids' => qr/'ids' is empty/,
    'ids=,' => qr/'ids': id 1 is empty/, 'ids=12,' => qr/'ids': id 2 is empty/,
    'ids=12,,13' => qr/'ids': id 2 is empty/,
    'ids=12,13,12' => qr/'ids': id 3 is given twice/,
    'ids=12,%31%32' => qr/'ids': id 2 is given twice/,
    'ids=12&ids=13' => qr/'ids' is given twice/,
    'ids=12,%zz' => qr/'ids': id 2 /, 'ids=12%00' => qr/'ids': id 1 /,
    'ids=12,%' => qr/'ids': id 2 /, 'ids=%2' => qr/'ids': id 1 /,
    'ids=%ff' => qr/'ids': id 1 is not UTF-8/,
    'ids=a%0ab' => qr/'ids': id 1 has a control character/,
    'ids=12,' . 'x' x 129 => qr/'ids': id 2 is longer/,
    'ids=' . ids(@many, 'one') => qr/'ids' has more than 200/,
    'ids=12&at=2026-02-01T00:00:00Z' => qr/unknown parameter 'at'/,
    'id=12' => qr/unknown parameter 'id'/,
);
for my $query (sort keys %refused) {
    my ($code, $with, $problem) = $server->get("/user?$query");
    my $name = substr $query, 0, 40;
    is $code, 400, "?$name: 400";
    like decode_json($problem)->{detail}, $refused{$query},
        '... and says why';
    unlike $problem, qr/balance|"items"/, '... and shows nobody';
    is $with->{etag}, undef, '... and has no tag';
}
is +($server->get('/users?ids=12'))[0], 404, '/users is another place';
is +($server->get('/user/?ids=12'))[0], 400, 'a slash behind is an empty id';
is +($server->get('/user/12?ids=12'))[0], 400, 'a user has no ids';
$data->cover(as_of => 0);
($status, $headers, $body) = $server->get('/user?ids=12');
is $status, 503, 'nothing fetched: 503';
unlike $body, qr/items/, '... and no empty list';

done_testing;
