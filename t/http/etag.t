# ETag and If-None-Match (C8): a tag is another whenever what is shown is, 304
# has the headers of 200 and no body, also for the tags that mod_deflate makes.
use strict;
use warnings;
use Compress::Zlib ();
use Test::More;
use Ubal::Data;
use Ubal::Server;

my $server = Ubal::Server->new(modules => ['deflate', 'filter', 'include']);
my $data = Ubal::Data->new($server->db)->create;
my %covered = (since => 1767225600_000000, as_of => 1772323200_000000);
$data->cover(%covered, has_gaps => 1);
my %money = (earned => 120000, spent => 30025, paid_out => 15825,
             payout => 20000);
$data->user('12', %money)->user('13', %money);

sub location {
    my ($path, @lines) = @_;
    return join "\n", "<Location \"$path\">", 'SetHandler ubal',
        'Require all granted', @lines, "</Location>\n";
}
$server->start("DBDMax 64\n" . location('/user')
    . location('/zipped', 'SetOutputFilter DEFLATE')
    . location('/string', 'UbalAmounts string')
    . location('/minor', 'UbalAmounts minor')
    . location('/requested', 'UbalBalance earned -spent -payout')
    . location('/missing', 'UbalUnknownUser 404')
    . location('/stale', 'UbalMaxStale 1s'));

my @paths = ('/user/12', '/user/12/payouts', '/user?ids=12,13',
             '/user/12?at=2026-02-01T00:00:00Z', '/user/12/history?step=month',
             '/zipped/12');

# Those that say something of the reply, without a body's.
sub truth {
    my ($headers) = @_;
    return { map { $_ => $headers->{$_} }
        grep { !/^(?:date|server|connection|vary|content-.*)$/ }
        keys %$headers };
}

sub tag_of { return ($server->get(@_))[1]{etag} }

# --- 304 -----------------------------------------------------------------------------

for my $path (@paths) {
    my %accept = $path =~ /zipped/ ? ('Accept-Encoding' => 'gzip') : ();
    my ($status, $headers, $body) = $server->get($path, { %accept });
    my $tag = $headers->{etag};
    is $status, 200, "$path: 200";
    like $tag, qr/\A"[0-9a-f]{32}(?:-gzip)?"\z/, '... with a strong tag';
    is $headers->{'cache-control'}, 'private, no-cache', '... Cache-Control';
    is $headers->{'last-modified'}, undef, '... no Last-Modified';
    is $headers->{vary}, %accept ? 'Accept-Encoding' : undef,
        '... Vary where it does';
    is $headers->{'content-encoding'}, %accept ? 'gzip' : undef,
        '... compressed where that is';
    is length $body, $headers->{'content-length'}, '... its length';
    my ($code, $had, $text) = $server->get($path, { %accept,
                                                    'If-None-Match' => $tag });
    is $code, 304, "C8: $path: not modified";
    is $text, '', '... no body';
    is_deeply truth($had), truth($headers), '... the same headers';
    for my $match ('', $tag) {
        my %if = $match ? ('If-None-Match' => $match) : ();
        my ($head_code, $head, $nothing) =
            $server->request('HEAD', $path, { %accept, %if });
        is $head_code, $match ? 304 : 200, "C4: HEAD $path: $head_code";
        is_deeply { %$head, date => 0 },
            { %{ $match ? $had : $headers }, date => 0 }, "... GET's headers";
        is $nothing, '', '... without a body';
    }
}

my (undef, $plain, $body) = $server->get('/zipped/12');
my (undef, $zipped, $bytes) =
    $server->get('/zipped/12', { 'Accept-Encoding' => 'gzip' });
is Compress::Zlib::memGunzip($bytes), $body,
    'what mod_deflate sent is what was shown';
is $zipped->{etag}, $plain->{etag} =~ s/"\z/-gzip"/r, '... with its tag';
is $body, '{"userId":"12","balance":741.5,"earned":1200,"spent":300.25,'
    . '"paid_out":158.25,"payout":200}', '... exact';

# --- forms of If-None-Match ---------------------------------------------------------------

my $tag = tag_of('/user/12');
my ($bare) = $tag =~ /"(.*)"/;
my %forms = (
    $tag => $tag, '*' => $tag, "W/$tag" => $tag,
    "\"$bare-gzip\"" => "\"$bare-gzip\"", "W/\"$bare-br\"" => "\"$bare-br\"",
    "\"x\", $tag" => $tag, "$tag,\"x\"" => $tag, "\"a,b\" ,\t$tag" => $tag,
    ",, $tag" => $tag, "\"\", W/\"x\", \"$bare-gzip\"" => "\"$bare-gzip\"",
    " $tag " => $tag,
);
for my $form (sort keys %forms) {
    my ($status, $headers) = $server->get('/user/12',
                                          { 'If-None-Match' => $form });
    is $status, 304, "C8: If-None-Match: $form: 304";
    is $headers->{etag}, $forms{$form}, '... with the tag that matched';
}
for my $form ('"x"', '""', $bare, "\"$bare", "$bare\"", "\"$bare-zip\"",
              "\"$bare-gzip-gzip\"", "\"-gzip\"", "\"$bare \"", 'W/*', '"*"',
              '', '"' . uc($bare) . 'A"', "w/$tag", "x $tag", '"' . 'x' x 5000 . '"',
              '"' . substr($bare, 0, 31) . '"', "\"x\" \"y",
              join(',', ('"x"') x 900)) {
    my ($status, undef, $text) = $server->get('/user/12',
                                              { 'If-None-Match' => $form });
    my $name = substr $form, 0, 50;
    is $status, 200, "C8: If-None-Match: $name: 200";
    is $text, $body, '... with the body';
}
is +($server->get('/user/12', { 'If-Modified-Since' =>
        'Fri, 01 Jan 2038 00:00:00 GMT' }))[0], 200,
    'a date says nothing: 200';
is +($server->request('GET', '/user/12', { 'If-None-Match' => $tag,
        'If-Modified-Since' => 'Thu, 01 Jan 1970 00:00:00 GMT' }))[0], 304,
    '... beside a tag';

# --- a tag is of what is shown ------------------------------------------------------------

isnt tag_of("/$_/12"), $tag, "$_: another form, another tag"
    for qw(string minor requested);
isnt tag_of('/user/13'), $tag, 'another user, another tag';
is tag_of('/missing/12'), $tag, 'the same form, the same tag';
my %seen = ($tag => 1);
for my $sum (sort keys %money) {
    $data->user('12', %money, $sum => $money{$sum} + 1);
    ok !$seen{ tag_of('/user/12') }++, "$sum changes: another tag";
}
$data->user('12', %money);
is tag_of('/user/12'), $tag, 'as it was: the tag that was';
$data->cover(as_of => $covered{as_of} + 20_000_000, has_gaps => 0,
             has_dead => 1);
my ($status, $headers) = $server->get('/user/12',
                                      { 'If-None-Match' => $tag });
is $status, 304, 'as-of goes on: not modified';
is $headers->{'ubal-as-of'}, '2026-03-01T00:00:20Z', '... and 304 says so';
is $headers->{'ubal-incomplete'}, 'dead', '... and what is incomplete now';
my $payouts = tag_of('/user/12/payouts');
$data->user('12', %money, earned => 1);
is tag_of('/user/12/payouts'), $payouts, 'payouts: not modified by what they '
    . 'do not show';
$server->graceful;
is tag_of('/user/12/payouts'), $payouts, '... nor by a restart';

# D7: a restored database has what was shown before, and its tag.
$data->user('12', %money, earned => 120001);
my $new = tag_of('/user/12');
$data->user('12', %money);
is +($server->get('/user/12', { 'If-None-Match' => $new }))[0], 200,
    'D7: money that went back is modified';

# --- no tag, no 304 -------------------------------------------------------------------------

for my $path ('/user/', '/user/12/none', '/user/12?x=1', '/missing/nobody',
              '/stale/12', '/user/12?at=2020-01-01T00:00:00Z', '/user') {
    my ($code, $with, $problem) = $server->get($path,
                                               { 'If-None-Match' => '*' });
    cmp_ok $code, '>=', 400, "$path: $code";
    is $with->{etag}, undef, '... no tag';
    like $problem, qr/"status":$code/, '... and never 304';
}

done_testing;
