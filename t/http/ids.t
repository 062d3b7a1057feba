# What is an id, and that nobody is given another user's figures (C1, C2, C9).
use strict;
use warnings;
use Apache::Test qw(-withtestmore);
use Apache::TestRequest qw(GET);
use Ubal::Data;

my $data = Ubal::Data->shared(Apache::Test::vars('top_dir'));
$data->user($_, earned => 100) for '7', "o'brien", 'a;b', 'a?b', '<b>&"\\';

sub escape {
    return join '', map { sprintf '%%%02x', ord } split //, $_[0];
}

my %bad = (
    'empty' => '', '129 bytes' => 'x' x 129, 'invalid UTF-8' => '%ff%fe',
    'overlong' => '%c0%af', 'surrogate' => '%ed%a0%80', 'CR LF' => 'a%0d%0ab',
    'NL' => '7%0a', 'DEL' => '%7f', 'C1' => '%c2%85',
    'U+202E' => '7%e2%80%ae', 'U+2028' => '%e2%80%a8', 'cut off' => '7%c3',
);
my @ours = ("' OR 1=1--", "'; DROP TABLE balances;--", '%s', '%', '_', '""',
            "\xe2\x82\xac", 'x' x 128, '..7', '7 ', ' 7', '07', '+7', '7;',
            '7.0', '<script>', "\xef\xbb\xbf7", '{"userId":"7"}', '\\u0037');
my %nowhere = (
    'a slash behind' => '/user/7/', 'an unknown route' => '/user/7/balance',
    'a longer route' => '/user/7/payouts/', 'case' => '/user/7/Payouts',
    'an encoded slash' => '/user/7%2Fpayouts',
    'a NUL' => '/user/7%00',
);
plan tests => 4 * keys(%bad) + 2 * @ours + 2 * keys(%nowhere) + 5 * 2 + 4;

for my $name (sort keys %bad) {
    for my $route ('', '/payouts') {
        my $reply = GET "/user/$bad{$name}$route";
        # No segment at all: two slashes are one, and this is a route's name.
        my $status = $route && $name eq 'empty' ? 200 : 400;
        is $reply->code, $status, "C1: $name$route: $status";
        unlike $reply->content, qr/"(?:earned|totalPayoutAmount)":1/,
            "$name$route: nobody's";
    }
}
for my $id (@ours) {
    my $reply = GET '/user/' . escape($id);
    is $reply->code, 200, "C2: just an id: $id";
    my $shown = $id =~ s/(["\\])/\\$1/gr;
    is $reply->content, qq({"userId":"$shown","balance":0,"earned":0,)
        . '"spent":0,"paid_out":0,"payout":0}', '... of nobody';
}
for my $name (sort keys %nowhere) {
    my $reply = GET $nowhere{$name};
    is $reply->code, 404, "C9: $name: 404";
    unlike $reply->content, qr/"earned"/, "$name: no figures";
}
for my $id ('7', "o'brien", 'a;b', 'a?b', '<b>&"\\') {
    my $reply = GET '/user/' . escape($id);
    is $reply->code, 200, "C2: known: $id";
    like $reply->content, qr/"balance":1,/, '... its own';
}
is +(GET '/user')->code, 400, 'C9: no id: something is missing';
like +(GET '/user//7')->content, qr/"userId":"7"/, 'C9: slashes are merged';
is +(GET '/user/%2537')->content =~ s/,.*//r, '{"userId":"%37"',
    'C9: decoded once';
is +(GET '/user/7%252Fpayouts')->content =~ s/,.*//r,
    '{"userId":"7%2Fpayouts"', 'C9: an id may have a per cent sign';
