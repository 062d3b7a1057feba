# Promise: each reply of the server is as conf/openapi.yaml says. An
# independent proxy (Prism) compares every request and reply on their way; each
# path, status, parameter, header and media type that is described is met.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use JSON::PP qw(decode_json encode_json);
use Storable qw(dclone);
use Test::More;

use Ubal::Data;
use Ubal::Prism qw(yaml);
use Ubal::Server;

my $description = "$FindBin::Bin/../../conf/openapi.yaml";
my $api = yaml($description);

# --- the server --------------------------------------------------------------

my ($since, $as_of) = (1767225600_000000, 1772323200_000000);
my $server = Ubal::Server->new;
my $data = Ubal::Data->new($server->db)->create
    ->cover(since => $since, as_of => $as_of, commit_seq => 1);
$data->user('12', earned => 120000, spent => 30025, paid_out => 15825,
            payout => 20000)
    ->user('13', earned => 5, spent => 700, payout => 50)
    ->user('14', payout => 1)
    ->user("a,b \xc3\xa9\xe2\x82\xac", earned => 1);
$data->sql('INSERT INTO transactions VALUES ' . join ', ', map {
    "(1, 't$_', '12', " . ($since + $_ * 1_000_001) . ", $_ % 4, $_, 1)"
} 1 .. 120);

sub configuration {
    my (@lines) = @_;
    return join "\n", '<Location "/user">', 'SetHandler ubal',
        'Require all granted', @lines, '</Location>',
        '<Location "/payouts">', 'SetHandler ubal-payouts',
        'Require all granted', @lines, '</Location>', '';
}

$server->start(configuration());
my $prism = Ubal::Prism->new(description => $description,
                             upstream => $server->url);

# --- what was met ------------------------------------------------------------

my %met;

sub resolve {
    my ($node) = @_;
    my $ref = ref $node eq 'HASH' && $node->{'$ref'} or return $node;
    my $at = $api;
    $at = $at->{ s{~1}{/}gr } for split m{/}, $ref =~ s{\A#/}{}r;
    return resolve($at);
}

sub path_of {
    my ($target) = @_;
    my $path = $target =~ s/\?.*//r;
    for my $template (keys %{ $api->{paths} }) {
        my $pattern = join '[^/]+', map { quotemeta }
            split /\{\w+\}/, $template, -1;
        return $template if $path =~ /\A$pattern\z/;
    }
    return;
}

sub parameters_of {
    my ($path) = @_;
    my $item = $api->{paths}{$path};
    return map { resolve($_) } @{ $item->{parameters} // [] },
        @{ $item->{get}{parameters} // [] };
}

sub responses_of {
    my ($path) = @_;
    my $responses = $api->{paths}{$path}{get}{responses};
    return map { $_ => resolve($responses->{$_}) } keys %$responses;
}

# What Prism does not look at: headers that nobody described.
my $known = qr/\A(?:date|server|connection|keep-alive|content-length
    |content-type|transfer-encoding|access-control-.*|accept-ranges)\z/x;

sub undescribed {
    my ($response, $headers) = @_;
    my %described = map { lc $_ => 1 } keys %{ $response->{headers} // {} };
    return grep { !$described{$_} && !/$known/ } sort keys %$headers;
}

sub note_met {
    my ($path, $status, $target, $send, $headers) = @_;
    $met{"$path $status"}++;
    my %has = map { lc $_ => 1 } keys %{ $send // {} };
    for my $parameter (parameters_of($path)) {
        my ($name, $in) = @$parameter{qw(name in)};
        my $given = $in eq 'path'
            || ($in eq 'query' ? $target =~ /[?&]\Q$name\E=/ : $has{lc $name});
        my $kind = $status < 400 ? 'taken' : $status == 400 ? 'refused' : '';
        $met{"$path $name $kind"}++ if $given && $kind;
    }
    $met{"$status $_"}++ for keys %$headers;
    $met{"$path $status " . ($headers->{'content-type'} // '') =~ s/;.*//r}++;
}

# GET of `$target` gives `$status`, and all is as described. Where the server
# says 400, the description, too, is to forbid it, unless that cannot be said
# in one: `open`.
sub drive {
    my ($target, $status, %with) = @_;
    my $path = path_of($target) // die "$target is not described";
    my ($got, $headers, $body, @faults) =
        $prism->get($target, $with{send});
    my $name = "GET $target" . ($with{name} ? ": $with{name}" : '');
    is $got, $status, "$name: $status" or diag $body;
    is_deeply [map { $_->{message} } grep { $_->{of} ne 'request' } @faults],
        [], '... the reply is as described' or diag $body;
    my $forbidden = grep { $_->{of} eq 'request' } @faults;
    is !!$forbidden, $status == 400,
        '... the description ' . ($forbidden ? 'forbids' : 'allows') . ' it'
        unless $with{open};
    my %response = responses_of($path);
    ok $response{$got}, '... a status that is described';
    my $type = ($headers->{'content-type'} // '') =~ s{;.*}{}r;
    my @types = sort keys %{ $response{$got}{content} // {} };
    ok +(@types ? scalar grep { $_ eq $type } @types : $type eq ''),
        "... a media type that is described: $type";
    is_deeply [undescribed($response{$got}, $headers)], [],
        '... no header that is not described';
    note_met($path, $got, $target, $with{send}, $headers);
    return ($headers, $body);
}

# --- all paths ---------------------------------------------------------------

my $encoded = 'a%2Cb%20%C3%A9%E2%82%AC';
my %good = (
    '/user' => ['/user?ids=12', "/user?ids=13,nobody,12,$encoded"],
    '/user/{id}' => ['/user/12', '/user/nobody', "/user/$encoded",
                     '/user/' . 'x' x 128],
    '/user/{id}/payouts' => ['/user/12/payouts', '/user/nobody/payouts'],
    '/user/{id}/transactions' => ['/user/12/transactions',
        map { "/user/12/transactions?$_" } 'limit=1', 'limit=1000',
        'type=earned', 'type=spent', 'type=payout', 'type=paid_out',
        'order=asc', 'order=desc', 'from=2026-01-01T00:01:00Z',
        'to=2026-01-01T00:01:00.5Z&from=2026-01-01T00:01:00Z'],
    '/payouts' => ['/payouts?limit=1', '/payouts?limit=1000', '/payouts'],
    '/user/{id}/history' => ['/user/12/history',
        map { "/user/12/history?$_" } 'step=day', 'step=month',
        'step=hour&from=2026-02-03T04:05:06Z&to=2026-02-03T14:05:06.5Z',
        'from=2026-01-01T00:00:00Z&to=2026-01-01T00:00:00Z'],
);
my @instants = qw(2026-01-01T00:00:00Z 2026-02-03T04:05:06.789Z
    2026-02-03T04:05:06.1234560Z 2026-02-03t04:05:06%2b02:00
    2026-03-01T00:00:00.000000Z);
my @no_instants = qw(yesterday 2026-02-01 2026-02-30T00:00:00Z
    2026-02-03T04:05:06 2026-02-03T04:05:06.Z 2026-02-03T25:05:06Z
    2026-02-03T04:05:06.0000001Z);
$good{'/user/{id}'} = [@{ $good{'/user/{id}'} },
                       map { "/user/12?at=$_" } @instants];

my %bad = (
    '/user' => ['/user', '/user?ids=', '/user?ids=12,12', '/user?ids=12,',
                '/user?ids=' . join(',', 1 .. 201), '/user?ids=a%0d%0ab',
                '/user?ids=' . 'x' x 129],
    '/user/{id}' => ['/user/' . 'x' x 129, '/user/a%0ab', '/user/7%e2%80%ae',
                     map { "/user/12?at=$_" } @no_instants],
    '/user/{id}/payouts' => ['/user/a%c2%85/payouts'],
    '/user/{id}/transactions' => ['/user/%7f/transactions',
        map { "/user/12/transactions?$_" } 'limit=0', 'limit=1001',
        'limit=1.5', 'limit=many', 'limit=-1', 'type=bonus', 'type=Earned',
        'order=up', 'from=now', 'to=2026-02-30T00:00:00Z', 'after=x',
        'after=0C9A'],
    '/payouts' => ['/payouts?limit=0', '/payouts?limit=1001',
                   '/payouts?limit=all', '/payouts?after=x'],
    '/user/{id}/history' => ['/user/%7f/history',
        map { "/user/12/history?$_" } 'step=week', 'from=now',
        'to=2026-02-30T00:00:00Z'],
);
# What a description cannot say, or Prism does not compare.
my %open = (
    '/user' => ['/user?ids=12&ids=13', '/user?ids=12&x=1', '/user?x=1&ids=12',
                '/user?ids=%ff'],
    '/user/{id}' => ['/user/12?x=1', '/user/' . '%e2%82%ac' x 43,
                     '/user/12?at=',
                     '/user/12?at=2026-02-01T00:00:00Z&at='],
    '/user/{id}/payouts' => ['/user/12/payouts?at=2026-02-01T00:00:00Z'],
    '/user/{id}/transactions' => [map { "/user/12/transactions?$_" }
        'at=1', 'limit=', 'type=', 'order=', 'after=', 'limit=1&limit=1',
        'after=00', 'after=0c9a0c9a0c9a0c9a0c9a0c9a0c9a',
        'from=2026-02-02T00:00:00Z&to=2026-02-01T00:00:00Z'],
    '/payouts' => ['/payouts?limit=&x=1', '/payouts?after=00',
                   '/payouts?type=earned', '/payouts?limit=1e2'],
    '/user/{id}/history' => [map { "/user/12/history?$_" } 'at=1', 'step=',
        'from=', 'to=',
        'step=day&step=day', 'step=hour', 'from=2026-02-02T00:00:00Z'
        . '&to=2026-02-01T00:00:00Z'],
);

is_deeply [sort keys %good], [sort keys %{ $api->{paths} }],
    'all paths are driven';
for my $path (sort keys %good) {
    drive($_, 200) for @{ $good{$path} };
    drive($_, 400) for @{ $bad{$path} };
    drive($_, 400, open => 1) for @{ $open{$path} };
    my $first = $good{$path}[0];
    my ($headers) = drive($first, 200);
    drive($first, 304, send => { 'If-None-Match' => $headers->{etag} });
    drive($first, 304, send => { 'If-None-Match' => '*' });
    drive($first, 200, send => { 'If-None-Match' => '"other"' });
}
# --- lists --------------------------------------------------------------------

my @formats = qw(application/json text/csv application/x-ndjson);
for my $format (@formats) {
    my ($headers, $body) = drive('/user/12/transactions', 200,
                                 send => { Accept => $format });
    like $headers->{'content-type'}, qr/\A\Q$format\E/, "as $format";
    drive('/user/12/transactions?limit=5', 200, send => { Accept => $format });
}
drive('/user/12/transactions', 406, send => { Accept => 'image/png' });

# Cursors: by `next` and by Link, to the end.
for my $path ('/user/12/transactions?limit=50', '/payouts?limit=1') {
    my ($headers, $body) = drive($path, 200);
    my ($pages, $next) = (1, decode_json($body)->{next});
    ok $next, "$path: there is more";
    while (defined $next && $pages < 9) {
        my ($link) = $headers->{link} =~ m{\A<(.*)>};
        like $link, qr/[?&]after=$next\z/, '... Link has the cursor';
        ($headers, $body) = drive($link, 200);
        $next = decode_json($body)->{next};
        $pages++;
    }
    ok !defined $next, '... to the end';
    ok !$headers->{link}, '... which has no Link';
}

# --- other statuses ----------------------------------------------------------

# Sums that do not fit; those over time are of the 1024 days before
# 2026-01-19.
$data->user('large', earned => '9000000000000000000',
            spent => '-9000000000000000000', payout => '9000000000000000000',
            paid_out => '-9000000000000000000');
$data->sql("UPDATE balances SET n = 100 WHERE user_id = 'large';"
    . "INSERT INTO sums VALUES ('large', 0, 19, 100, 9000000000000000000, "
    . '-9000000000000000000, 0, 0)');
my %other = (
    400 => [map { @$_ } values %open],
    500 => ['/user?ids=large', '/user/large', '/user/large/payouts',
            '/payouts',
            '/user/large/history?from=2026-02-01T00:00:00Z',
            '/user/large?at=2026-02-01T00:00:00Z'],
    409 => ['/user/12?at=2025-12-31T23:59:59Z',
            '/user/12?at=2026-03-01T00:00:01Z',
            '/user/12/history?from=2025-12-31T23:59:59Z',
            '/user/12/history?to=2026-03-01T00:00:01Z'],
);
for my $status (sort keys %other) {
    drive($_, $status, open => 1) for @{ $other{$status} };
}

# --- what configuration and state change -------------------------------------

my @all = map { $good{$_}[0] } sort keys %good;

$data->cover(map { $_ => 1 } qw(has_backfill has_gaps has_dead has_conflicts));
drive($_, 200, name => 'incomplete') for @all;
drive($_, 304, name => 'incomplete', send => { 'If-None-Match' => '*' })
    for @all;
for my $status (sort keys %other) {
    drive($_, $status, name => 'incomplete', open => 1)
        for @{ $other{$status} };
}
$data->cover(as_of => 0);
drive($_, 503, name => 'nothing fetched') for @all;
$data->cover(as_of => $as_of);

for my $form (['string', qr/"balance":"741\.50"/],
              ['minor', qr/"balance":74150,/]) {
    $server->restart(configuration("UbalAmounts $form->[0]"));
    drive($_, 200, name => $form->[0]) for @all;
    like +(drive('/user/12', 200, name => $form->[0]))[1], $form->[1],
        "$form->[0]: so written";
}
$server->restart(configuration('UbalUnknownUser 404', 'UbalBalance earned'));
drive('/user/nobody', 404);
drive("/user/nobody/$_", 404) for qw(history transactions);
drive('/user/nobody?at=2026-02-01T00:00:00Z', 404);
drive('/user/nobody/payouts', 404);
drive('/user?ids=nobody', 200, name => 'UbalUnknownUser');
$server->restart(configuration('UbalMaxStale 2min'));
drive($_, 503, name => 'stale') for @all;
unlink $server->db or die;
$server->restart(configuration());
drive($_, 503, name => 'no database') for @all;

# --- nothing described was left out ------------------------------------------

for my $path (sort keys %{ $api->{paths} }) {
    for my $parameter (parameters_of($path)) {
        my ($name, $in) = @$parameter{qw(name in)};
        ok $met{"$path $name taken"}, "$path: $name was given";
        ok $met{"$path $name refused"}, "$path: $name was refused"
            unless $in eq 'header';
    }
    my %response = responses_of($path);
    for my $status (sort keys %response) {
        ok $met{"$path $status"}, "$path: $status was met";
        ok $met{"$path $status $_"}, "$path: $status as $_ was met"
            for sort keys %{ $response{$status}{content} // {} };
        ok $met{"$status " . lc}, "$status: $_ was met"
            for sort keys %{ $response{$status}{headers} // {} };
    }
}
$prism->stop;

# --- it has teeth ------------------------------------------------------------

# One fault in each operation of a copy: each is found.
sub response {
    my ($copy, $path, $status) = @_;
    return $copy->{paths}{$path}{get}{responses}{$status};
}

my $wrong = dclone($api);
my $schemas = $wrong->{components}{schemas};
$schemas->{Amount} = { type => 'string' };
$schemas->{Figures}{required} = ['userId', 'nothing'];
response($wrong, '/user/{id}/payouts', 200)->{headers}{'Ubal-Nothing'} =
    { required => JSON::PP::true, schema => { type => 'string' } };
delete $wrong->{paths}{'/user'}{get}{responses}{400};
$wrong->{paths}{'/user/{id}'}{get}{responses}{400} = {
    description => 'x', content => { 'text/html' => { schema => {} } } };
my $copy = $server->write_file('wrong.json', encode_json($wrong));

my $again = Ubal::Server->new;
Ubal::Data->new($again->db)->create->cover(since => $since, as_of => $as_of);
$again->start(configuration());
$prism = Ubal::Prism->new(description => $copy, upstream => $again->url);

sub finds {
    my ($target, $pattern, $name) = @_;
    my (undef, undef, undef, @faults) = $prism->get($target);
    my @found = map { $_->{message} } grep { $_->{of} ne 'request' } @faults;
    ok scalar(grep { /$pattern/ } @found), "found: $name"
        or diag explain \@found;
}

finds('/user/12', qr/string/, 'amounts of another kind');
finds('/user/12', qr/nothing/, 'a key that is not there');
finds('/user/12/payouts', qr/ubal-nothing/i, 'a header that is not there');
finds('/user?x=1', qr/status code/i, 'a status that is not described');
finds('/user/12?x=1', qr/media type/, 'another media type');
is_deeply [undescribed({ headers => { 'A' => {} } },
                       { a => 1, 'ubal-as-of' => 1 })], ['ubal-as-of'],
    'found: a header that is not described';

done_testing;
