# Promise: an item is stored exactly as it was meant or kept aside with the
# reason, whatever its fields look like; what was aside is stored once it can
# be (faults V17 to V26).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Fault;
use Ubal::Server qw(wait_for);

# Items as text, each beside how it is stored ("user type created_at amount")
# or a pattern of why not. AT is second 5, MICROS the same in microseconds.
my $at = $Ubal::Fault::begin + 5;
my @cases;

sub case { push @cases, { name => $_[0], raw => $_[1], want => $_[2] } }

# An item of which one field is written otherwise.
sub with {
    my ($field, $text) = @_;
    my %fields = (id => '"i' . @cases . '"', userId => '"u"',
                  createdAt => '"AT"', type => '"earned"', amount => '1');
    $fields{$field} = $text;
    return '{' . join(',', map { defined $fields{$_} ? "\"$_\":$fields{$_}" : () }
                      qw(id userId createdAt type amount)) . '}';
}

sub stamped { return Ubal::Fault::stamp(5, shift) }

case 'V18: with Z', with(createdAt => '"' . stamped('%Y-%m-%dT%H:%M:%SZ') . '"'),
    'u 0 MICROS 100';
case 'V18: without a zone', with(createdAt => '"' . stamped('%Y-%m-%dT%H:%M:%S') . '"'),
    'u 0 MICROS 100';
case 'V18: with a blank', with(createdAt => '"' . stamped('%Y-%m-%d %H:%M:%S') . '"'),
    'u 0 MICROS 100';
case 'V18: with an offset', with(createdAt => '"'
    . POSIX::strftime('%Y-%m-%dT%H:%M:%S+02:00', gmtime($at + 7200)) . '"'),
    'u 0 MICROS 100';
case 'V18: epoch seconds', with(createdAt => $at), 'u 0 MICROS 100';
case 'V18: epoch milliseconds', with(createdAt => $at . '000'), 'u 0 MICROS 100';
case 'V20: 30 February', with(createdAt => '"2026-02-30T00:00:00Z"'), qr/createdAt/;
case 'V20: a leap second', with(createdAt => '"2016-12-31T23:59:60Z"'), qr/createdAt/;
case 'V20: year 0', with(createdAt => '"0000-01-01T00:00:00Z"'), qr/createdAt/;
case 'V20: the end of year 9999', with(createdAt => '"9999-12-31T23:59:59Z"'),
    qr/outside of 1970 to 9998/;
case 'V21: unknown type', with(type => '"refund"'), qr/type: 'refund' is unknown/;
case 'V22: a reversal', with(amount => '-3.5'), 'u 0 MICROS -350';
case 'V22: minus nothing', with(amount => '-0'), 'u 0 MICROS 0';
case 'V23: three decimals', with(amount => '1.234'), qr/amount/;
case 'V23: 1e308', with(amount => '1e308'), qr/amount/;
case 'V23: 20 digits', with(amount => '12345678901234567890'), qr/amount/;
case 'V23: NaN', with(amount => '"NaN"'), qr/amount/;
case 'V24: a string', with(amount => '"12.34"'), 'u 0 MICROS 1234';
case 'V24: an exponent', with(amount => '1.2e2'), 'u 0 MICROS 12000';
case 'V24: above 10^15', with(amount => '10000000000000.01'), qr/amount/;
case 'V24: a comma', with(amount => '"12,34"'), qr/amount/;
case 'V24: true', with(amount => 'true'), qr/amount/;
case "V25: no $_", with($_ => undef), qr/$_: is missing/
    for qw(userId createdAt type amount);
case 'V25: no id', with(id => undef), qr/id: is missing/;
case 'V25: null', with(userId => 'null'), qr/userId: is null/;
case 'V25: an array', with(type => '["earned"]'), qr/type: is an array/;
case 'V25: named twice', with(amount => '1,"amount":2'), qr/names a field twice/;
case 'V26: a slash', with(userId => '"a/b"'), 'a/b 0 MICROS 100';
case 'V26: a quote', with(userId => '"o\'b\"c"'), 'o\'b"c 0 MICROS 100';
case 'V26: unicode', with(userId => '"\u00e4\u20ac"'), "\xc3\xa4\xe2\x82\xac 0 MICROS 100";
case 'V26: a number', with(userId => '12'), '12 0 MICROS 100';
case 'V26: NUL', with(userId => '"a\u0000b"'), qr/userId/;
case 'V26: a control character', with(userId => '"a\u0007b"'), qr/userId/;
case 'V26: nothing', with(userId => '""'), qr/userId/;
case 'V26: 129 bytes', with(userId => '"' . 'z' x 129 . '"'), qr/userId/;
case 'V26: 4 KB', with(userId => '"' . 'x' x 4096 . '"'), qr/userId/;
case 'V26: 128 bytes', with(userId => '"' . 'y' x 128 . '"'), 'y' x 128 . ' 0 MICROS 100';

my @texts = map { $_->{raw} =~ s/AT/stamped('%Y-%m-%dT%H:%M:%S.000Z')/er } @cases;
my @items = map { { raw => $_, createdAt => Ubal::Fault::stamp(5) } } @texts;
my $run = Ubal::Fault::make(sub { return }, items => \@items);
$run->ingest->start;
$run->finish('all items');

for my $i (0 .. $#cases) {
    my $case = $cases[$i];
    my $id = "i$i";
    if (ref $case->{want}) {
        my $raw = $texts[$i] =~ s/'/''/gr;
        $raw = "raw = '$raw'";
        like $run->sqlite("SELECT reason FROM dead_letters WHERE $raw"
                          . " AND state = 'open'"),
            $case->{want}, $case->{name};
    }
    else {
        my $want = $case->{want} =~ s/MICROS/${at}000000/r;
        is $run->sqlite("SELECT user_id || ' ' || type || ' ' || created_at"
                . " || ' ' || amount FROM transactions WHERE id = '$id'"),
            $want, $case->{name};
    }
}
my $dead = grep { ref $_->{want} } @cases;
is $run->sqlite('SELECT count(*) FROM dead_letters'), $dead, 'each is kept once';
is $run->sqlite('SELECT has_dead FROM coverage'), 1, 'and said';
my ($exit, $out) = $run->ingest->command('verify');
is $exit, 0, 'verify' or diag $out;

# V21: a corrected UbalType stores what was dead, once.
{
    my $ingest = $run->ingest;
    $ingest->configure(lines => $ingest->{lines} . "UbalType earned refund\n");
    ($exit, $out) = $ingest->command('dead', 'replay', '--all');
    is $exit, 0, 'V21: replayed' or diag $out;
    my ($i) = grep { $cases[$_]{name} =~ /V21/ } 0 .. $#cases;
    is $run->sqlite("SELECT type, amount FROM transactions WHERE id = 'i$i'"),
        '0|100', 'V21: and stored';
    ($exit, $out) = $ingest->command('dead', 'replay', '--all');
    is $run->sqlite("SELECT count(*) FROM transactions WHERE id = 'i$i'"), 1,
        'V21: once';
    ($exit, $out) = $ingest->command('verify');
    is $exit, 0, 'V21: verify' or diag $out;
}

# V18: the hour that a clock change repeats, and the one it leaves out.
{
    my @fold = map { Ubal::Fault::item("f$_->[0]", 5, createdAt => $_->[1]) }
        ['summer', '2025-10-26T02:30:00+02:00'], ['winter', '2025-10-26T02:30:00+01:00'],
        ['gap', '2025-03-30T02:30:00'];
    my $fold = Ubal::Fault::make(sub {
        my ($plain, $number) = @_;
        return (200, {}, Ubal::Vendor::page(\@fold, total => 3)) if $number == 2;
        return;
    }, items => []);
    $fold->ingest->start;
    $fold->finish('V18 folds');
    is $fold->sqlite('SELECT created_at / 1000000 FROM transactions ORDER BY id'),
        "1743301800\n1761438600\n1761442200", 'V18: DST folds, read as written';
}

# V23: NaN as a bare word is not JSON: no item of such a page is to be trusted.
{
    my $run = Ubal::Fault::run('V23 bare NaN', Ubal::Fault::spoil(sub {
        return (200, {}, $_[0][2] =~ s/"amount":[^}]+/"amount":NaN/r);
    }));
    is $run->sqlite('SELECT seen FROM requests WHERE id = ' . $run->spoiled), 0,
        'V23 bare NaN: the page is refused whole';
}

# V19: createdAt in the future.
{
    my $far = Ubal::Fault::item('far', 86400 * 400);
    my $future = Ubal::Fault::make(sub {
        my ($plain, $number) = @_;
        return (200, {}, Ubal::Vendor::page([$far, Ubal::Fault::steady()],
                                            total => 151, limit => 200))
            if $number == 2;
        return;
    });
    $future->ingest->start;
    $future->finish('V19 the future');
    is $future->sqlite("SELECT count(*) FROM transactions WHERE id = 'far'"), 1,
        'V19: it is stored';
    cmp_ok $future->sqlite('SELECT as_of FROM coverage'), '<', time . '000000',
        'V19: as-of does not follow it';
}

# V17: a vendor's clock ahead of ours, and behind.
for my $off (-3600, 3600) {
    my $run = Ubal::Fault::make(sub {
        my ($plain) = @_;
        return (200, { Date => Ubal::Vendor::http_date(time + $off) },
                $plain->[2]);
    });
    $run->ingest->start;
    $run->finish("V17 off by $off", sub {
        my $as_of = eval { $run->sqlite('SELECT as_of FROM coverage') } // 0;
        return $as_of / 1e6 > $Ubal::Fault::begin + ($off > 0 ? 160 : -3600)
            && $run->sqlite('SELECT as_of > since AND has_backfill = 0
                             FROM coverage');
    });
    cmp_ok $run->sqlite('SELECT as_of FROM coverage') / 1e6, '<', time + $off,
        "V17: windows end in the vendor's past ($off)";
    my ($exit, $out) = $run->ingest->command('verify');
    is $exit, 0, "V17: verify ($off)" or diag $out;
}

done_testing;
