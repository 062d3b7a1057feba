# /user/{id}/history: at the end of each step exactly what ?at= says there,
# through the whole range that was asked for; never more than was fetched.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use Test::More;
use Time::Local qw(timegm);
use Ubal::Ledger qw(instant figures);

my $second = 1_000_000;
my $hour = 3600 * $second;
my $day = 24 * $hour;
# 2025-01-30T10:20:30.000004Z to 2026-03-01T00:00:00Z
my ($since, $as_of) = (1738232430 * $second + 4, 1772323200 * $second);
my @types = qw(earned spent payout paid_out);

my $ledger = Ubal::Ledger->new;
$ledger->store(map {
    my $n = $_;
    ({ userId => 'dense', type => $types[$n * 13 % 4],
       us => $since + ($n * 7_919_333_111 + ($n % 3 ? 0 : 1))
           % ($n % 2 ? $as_of - $since : 3 * $day),
       minor => $n * 37 % 50_000 - 4_000 },
     $n % 400 ? () :
     { userId => 'sparse', type => 'earned', us => $since + $n * 11 * $hour,
       minor => $n })
} 1 .. 2000);
$ledger->store({ userId => 'edge', type => 'earned', minor => 100,
                 us => 1740787200 * $second - 1 },   # 2025-03-01, just before
    { userId => 'edge', type => 'earned', minor => 20,
      us => 1740787200 * $second },
    { userId => 'edge', type => 'spent', minor => 999, us => $as_of });
$ledger->cover(since => $since, as_of => $as_of);
my $server = $ledger->serve(<<'END');
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
<Location "/found">
    SetHandler ubal
    UbalUnknownUser 404
    UbalAmounts minor
    Require all granted
</Location>
END

# The reply, of steps that end at @ends.
sub history {
    my ($user, $step, @ends) = @_;
    return qq({"userId":"$user","step":"$step","items":[)
        . join(',', map {
            '{"at":"' . instant($_) . '",' . figures($ledger->sums($user, $_))
                . '}'
        } @ends) . ']}';
}

sub borders {
    my ($width, $from, $to) = @_;
    my @ends;
    for (my $at = $from - $from % $width + $width; $at < $to; $at += $width) {
        push @ends, $at;
    }
    return (@ends, $to);
}

sub body_of {
    my ($path) = @_;
    my ($status, undef, $body) = $server->get($path);
    return $status == 200 ? $body : "$status $body";
}

# --- each step ---------------------------------------------------------------------

my ($first, $last) = (instant($since), instant($as_of));
for my $user (qw(dense sparse nobody)) {
    is body_of("/user/$user/history"),
        history($user, 'day', borders($day, $since, $as_of)),
        "$user: all of it by days";
}
is body_of('/user/dense/history?step=day'),
    body_of("/user/dense/history?from=$first&to=$last"),
    'what is not given is all there is';
my $from = $since + 40 * $hour;
is body_of('/user/dense/history?step=hour&from=' . instant($from)
           . '&to=' . instant($from + 99 * $hour)),
    history('dense', 'hour', borders($hour, $from, $from + 99 * $hour)),
    'by hours';
is body_of('/user/dense/history?step=month'),
    history('dense', 'month', map({ timegm(0, 0, 0, 1, ($_ + 1) % 12,
                                           2025 + int(($_ + 1) / 12))
                                        * $second } 0 .. 13)),
    'by months, which have no width';

# Each item is what ?at= says.
my $items = decode_json(body_of('/user/dense/history?step=month'))->{items};
for my $item (@$items) {
    my $at = decode_json(body_of("/user/dense?at=$item->{at}"));
    delete $at->{userId};
    is_deeply $item, $at, "$item->{at}: as ?at= has it";
}

# --- ends -----------------------------------------------------------------------------

my $march = 1740787200 * $second;
is body_of('/user/edge/history?from=2025-02-28T00:00:00Z'
           . '&to=2025-03-02T00:00:00Z'),
    history('edge', 'day', $march, $march + $day),
    'an item ends before its instant; from is no item, to is';
is body_of('/user/edge/history?from=2025-02-28T23:00:00Z'
           . '&to=2025-03-01T00:00:00.000001Z'),
    history('edge', 'day', $march, $march + 1),
    'to is an item though it is no border';
is body_of('/user/edge/history?from=2025-03-01T00:00:00Z'
           . '&to=2025-03-01T00:00:00Z'),
    history('edge', 'day', $march), 'from and to may be one';
like body_of("/user/edge/history?from=$last"), qr/"balance":1\.2,/,
    'what is at as-of does not count in it';
is body_of("/user/edge/history?from=2025-06-01T02:00:00%2B02:00"
           . '&to=2025-06-01T12:00:00Z&step=hour'),
    history('edge', 'hour', borders($hour, 1748736000 * $second,
                                    1748736000 * $second + 12 * $hour)),
    'offsets are taken off';

# --- what is refused ------------------------------------------------------------------

sub refuses {
    my ($query, $status, $words) = @_;
    my ($code, $headers, $body) = $server->get("/user/dense/history?$query");
    is $code, $status, "?$query: $status";
    like eval { decode_json($body)->{detail} }, $words, '... says why';
    unlike $body, qr/balance|items":/, '... and shows no figures';
}

my $interval = qr/2025-01-30T10:20:30\.000004Z to 2026-03-01T00:00:00Z/;
refuses 'from=' . instant($since - 1), 409, qr/'from'.*$interval/;
refuses 'to=' . instant($as_of + 1), 409, qr/'to'.*$interval/;
refuses 'from=2027-01-01T00:00:00Z', 409, qr/'from'.*$interval/;
refuses 'to=2020-01-01T00:00:00Z', 409, qr/'to'.*$interval/;
refuses 'from=2025-03-02T00:00:00Z&to=2025-03-01T00:00:00Z', 400,
    qr/'from' is later than 'to'/;
refuses 'step=hour', 400, qr/'step'.*1000/;
refuses 'step=week', 400, qr/'step' is none of hour, day, month/;
refuses 'step=', 400, qr/'step' is empty/;
refuses 'step=day&step=day', 400, qr/'step' is given twice/;
refuses 'from=2025-03-01', 400, qr/'from'/;
refuses 'at=2025-03-01T00:00:00Z', 400, qr/unknown parameter 'at'/;

my $end = $march + 1000 * $hour;
is scalar @{ decode_json(body_of('/user/dense/history?step=hour&from='
        . instant($march) . '&to=' . instant($end)))->{items} }, 1000,
    'a thousand items are answered';
refuses 'step=hour&from=' . instant($march) . '&to=' . instant($end + 1), 400,
    qr/1000/;

# --- a reply like others ---------------------------------------------------------------

is +($server->get('/found/nobody/history'))[0], 404, 'an unknown user: 404';
like +($server->get('/found/edge/history'))[2],
    qr/"balance":120,[^}]*}\]}\z/, 'amounts as UbalAmounts says';
$ledger->cover(has_conflicts => 1);
my ($status, $headers, $body) = $server->get('/user/dense/history');
is $headers->{'ubal-incomplete'}, 'conflicts', 'what is incomplete is said';
is $headers->{'content-length'}, length $body, 'the length';
my ($same, $other) = $server->get('/user/dense/history',
                                  { 'If-None-Match' => $headers->{etag} });
is $same, 304, 'not modified';
$ledger->store({ userId => 'dense', type => 'earned', us => $since + $hour,
                 minor => 1 });
($status, $other) = $server->get('/user/dense/history',
                                 { 'If-None-Match' => $headers->{etag} });
is $status, 200, 'a late row: modified';
$ledger->cover(as_of => 0, since => 0);
is +($server->get('/user/dense/history'))[0], 503, 'nothing fetched: 503';

done_testing;
