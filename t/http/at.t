# /user/{id}?at=: the figures as of any instant, exact for users with few and
# with many transactions, in whatever order they came; outside of what is
# covered a refusal, never zeros.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use Test::More;
use Ubal::Ledger qw(instant);

my $second = 1_000_000;
my $day = 86_400 * $second;
my ($since, $as_of) = (1704067200 * $second, 1772323200 * $second); # 2024-01-01
my @types = qw(earned spent payout paid_out);

# Rows whose instants are a function of their number: spread over the two
# years, then crowded into a day, an hour, a minute, a second, an instant.
sub rows {
    my ($user, $count) = @_;
    my $middle = $since + 400 * $day + 12345 * $second;
    return map {
        my $n = $_;
        my $kind = $n % 6;
        my $within = $kind < 2 ? $as_of - $since
            : (undef, undef, $day, 3600 * $second, 61 * $second,
               $second)[$kind];
        my $at = ($kind < 2 ? $since : $middle)
            + ($n * 7_919_333_111) % $within;
        { userId => $user, type => $types[$n * 13 % 4], us => $at,
          minor => $n * 37 % 50_000 - 4_000 }
    } 1 .. $count;
}

my $ledger = Ubal::Ledger->new;
my @dense = rows('dense', 3000);
my @late = splice @dense, 500, 700;
$ledger->store(reverse(@dense), rows('sparse', 6),
    { userId => 'edge', type => 'earned', minor => 100, us => $since },
    { userId => 'edge', type => 'earned', minor => 20, us => $since + $day },
    { userId => 'edge', type => 'spent', minor => 3, us => $as_of - 1 },
    { userId => 'edge', type => 'spent', minor => 50_000, us => $as_of });
$ledger->cover(since => $since, as_of => $as_of);
my $server = $ledger->serve(<<'END');
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
<Location "/found">
    SetHandler ubal
    UbalUnknownUser 404
    Require all granted
</Location>
END

sub is_at {
    my ($user, $us, $name) = @_;
    my ($status, undef, $body) =
        $server->get("/user/$user?at=" . instant($us));
    is $body, $ledger->body($user, $us),
        $name // "$user at " . instant($us);
}

# Instants of transactions and one microsecond beside them, borders of seconds
# to days, and others.
sub instants {
    my @rows = @_;
    my %seen;
    return grep { $_ >= $since && $_ <= $as_of && !$seen{$_}++ } map {
        my $us = $_->{us};
        ($us, $us + 1, $us - $us % $second, $us - $us % (60 * $second),
         $us - $us % $day)
    } @rows;
}

# --- exact, before and after late rows ------------------------------------------

is_at('dense', $_) for instants(@dense[map { $_ * 230 } 0 .. 9]);
is_at('sparse', $_) for instants(rows('sparse', 6));
$ledger->store(@late);
is_at('dense', $_, 'late rows: at ' . instant($_))
    for instants(@late[map { $_ * 69 } 0 .. 9]);
is +($server->get('/user/dense'))[2], $ledger->body('dense'),
    'now: all of them';

# --- what counts --------------------------------------------------------------------

is_at('edge', $since, 'at since: nothing yet');
is_at('edge', $since + 1, 'what is at an instant counts after it');
is_at('edge', $since + $day, 'not at it');
is_at('edge', $as_of, 'at as-of: what came since does not count');
like +($server->get('/user/edge?at=' . instant($as_of)))[2],
    qr/"balance":1\.17,/, '... as figures';
like +($server->get('/user/edge'))[2], qr/"balance":-498\.83,/,
    'now: it does';

my $at = '2025-03-01T01:30:00';
my $utc = ($server->get("/user/dense?at=${at}Z"))[2];
is +($server->get('/user/dense?at=2025-03-01T03:30:00%2B02:00'))[2], $utc,
    'an offset is taken off, and the reply in UTC';
is +($server->get('/user/dense?at=2025-02-28T20:30:00-05:00'))[2], $utc,
    '... to either side';
is +($server->get('/user/dense?%61t=2025-03-01t01%3a30:00.000000000z'))[2],
    $utc, 'other spellings of the same';

# --- outside of what is covered ---------------------------------------------------

for my $us ($since - 1, $as_of + 1, $since - $day, $as_of + $day, 0) {
    my ($status, $headers, $body) =
        $server->get('/user/dense?at=' . instant($us));
    my $name = instant($us);
    is $status, 409, "$name: 409";
    is $headers->{'content-type'}, 'application/problem+json',
        '... a problem';
    like decode_json($body)->{detail},
        qr/'at'.*2024-01-01T00:00:00Z to 2026-03-01T00:00:00Z/,
        '... that names the interval';
    unlike $body, qr/balance|userId/, '... and no figures';
    is $headers->{'ubal-since'}, '2024-01-01T00:00:00Z', '... with since';
    is $headers->{'etag'}, undef, '... and no tag';
}

# --- users without transactions ---------------------------------------------------

is_at('nobody', $since + $day, 'a user without transactions: zeros');
is +($server->get('/found/nobody?at=2025-01-01T00:00:00Z'))[0], 404,
    '... or 404';
is +($server->get('/found/edge?at=2024-01-01T00:00:00Z'))[0], 200,
    'one that had none yet is found';

# --- as of an instant is a reply like others ------------------------------------------

$ledger->cover(has_conflicts => 1, has_gaps => 1);
my ($status, $headers, $body) = $server->get("/user/dense?at=${at}Z");
is $headers->{'ubal-incomplete'}, 'gaps,conflicts', 'what is incomplete';
is $headers->{'ubal-as-of'}, '2026-03-01T00:00:00Z', '... as-of';
is +($server->get("/user/dense?at=${at}Z",
                  { 'If-None-Match' => $headers->{etag} }))[0], 304,
    'not modified';
isnt +($server->get("/user/dense?at=2025-03-01T01:30:01Z"))[1]{etag},
    $headers->{etag}, 'another instant, another tag';

# --- what is no instant -----------------------------------------------------------------

for my $text ('yesterday', '2025-03-01', '1740787200', '2025-03-01T00:00:00',
              '2025-02-30T00:00:00Z', '2025-03-01T24:00:00Z',
              '2025-03-01T00:00:60Z', '2025-03-01T00:00Z',
              '2025-03-01T00:00:00.Z', '2025-03-01T00:00:00,5Z',
              '2025-03-01T00:00:00.0000001Z', '2025-03-01T00:00:00+0200',
              '2025-03-01T00:00:00+02:00', '2025-03-01+00:00:00Z',
              '2025-03-01T00:00:00%2B24:00', '2025-03-01T00:00:00ZZ',
              '%202025-03-01T00:00:00Z', '2025-03-01T00:00:00Z%00',
              '2025-03-01T00:00:00%zz', '20250301T000000Z',
              '2025%0d03%0d01T00:00:00Z', '9999-03-01T00:00:00Z',
              '1969-12-31T23:59:59Z', '-2025-03-01T00:00:00Z', '',
              "2025-03-01T00:00:00Z&at=2025-03-01T00:00:00Z") {
    my ($code, undef, $problem) = $server->get("/user/dense?at=$text");
    is $code, 400, "?at=$text: 400";
    like decode_json($problem)->{detail}, qr/^parameter 'at' /,
        '... that names it';
}

done_testing;
