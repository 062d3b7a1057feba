# Methods, parameters and problems (C3, C5): what is asked for wrongly is said
# so, in a form that programs read.
use strict;
use warnings;
use Apache::Test qw(-withtestmore);
use Apache::TestRequest qw(GET);
use HTTP::Request;
use JSON::PP qw(decode_json);
use Ubal::Data;

my $data = Ubal::Data->shared(Apache::Test::vars('top_dir'));
my $agent = Apache::TestRequest::user_agent(keep_alive => 1);
my $base = 'http://' . Apache::TestRequest::hostport();

sub send_request {
    my ($method, $path, $body) = @_;
    return $agent->request(HTTP::Request->new($method, $base . $path, undef,
                                              $body));
}

my @methods = qw(POST PUT DELETE PATCH TRACE PROPFIND FROBNICATE);
my %query = (
    'x=1' => 'x', 'ids=12' => 'ids', 'limit' => 'limit',
    '=1' => '', '&&b&c' => 'b', '%78=1' => 'x', 'a%22%5c=1' => 'a"\\',
    'balance=0&x=1' => 'balance', '%ff=1' => "\x{fffd}",
    'y' x 100 => 'y' x 64,
);
plan tests => 5 * @methods + 6 + 4 * keys(%query) + 2 + 9;

for my $method (@methods) {
    my $body = $method eq 'TRACE' ? undef : 'GET /user/12 HTTP/1.1';
    my $reply = send_request($method, '/user/12', $body);
    is $reply->code, 405, "C3: $method: 405";
    is $reply->header('Allow'), 'GET,HEAD,OPTIONS', '... Allow';
    is $reply->header('Content-Type'), 'application/problem+json',
        '... a problem';
    is eval { decode_json($reply->content)->{status} }, 405, '... that reads';
    is +(send_request('GET', '/user/12'))->code, 200,
        '... and the next on this connection is answered';
}

for my $path ('/user/12', '/user/12/payouts') {
    my $reply = send_request('OPTIONS', $path);
    is $reply->code, 200, "C3: OPTIONS $path: 200";
    is $reply->header('Allow'), 'GET,HEAD,OPTIONS', '... Allow';
    is $reply->content, '', '... no body';
}

for my $query (sort keys %query) {
    my $reply = GET "/user/12?$query";
    is $reply->code, 400, "C5: ?$query: 400";
    is $reply->header('Content-Type'), 'application/problem+json',
        '... a problem';
    my $problem = eval { decode_json($reply->content) };
    is $problem->{detail}, "unknown parameter '$query{$query}'",
        '... that names it';
    is $problem->{status}, 400, '... with its status';
}
is +(GET '/user/12?')->code, 200, 'an empty query is none';
is +(GET '/user/12?&')->code, 200, '... also with a separator';

my $reply = GET '/user/12/none';
is $reply->content, '{"type":"about:blank","title":"Not Found","status":404,'
    . '"detail":"a user has nothing of this name"}', 'a problem, whole';
is $reply->header('Content-Length'), length $reply->content, '... its length';
is $reply->header('Cache-Control'), 'private, no-cache',
    '... not to be kept, as it may be found later';
ok !defined $reply->header('Retry-After'), '... not to be tried again';
$reply = send_request('HEAD', '/user/12/none');
is $reply->code, 404, 'HEAD of a problem';
is $reply->content, '', '... has no body';

$data->cover(as_of => 0);
$reply = GET '/user/12';
$data->cover(as_of => 1772323200_000000);
is $reply->code, 503, 'nothing fetched yet: 503';
like $reply->header('Retry-After'), qr/^[1-9]\d*$/, '... to be tried again';
unlike $reply->content, qr/balance/, '... and no zeros';
