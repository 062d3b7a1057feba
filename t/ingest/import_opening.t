# Promise: opening balances are set once, for a whole file or not at all, and
# never where they would count money twice.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX ();
use Ubal::Export qw(export_rows write_csv write_text stamp);
use Ubal::Ingest;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $at = '2025-01-01T00:00:00Z';
my $begin = 1735689600;

sub opening {
    my ($ingest, $text, $when) = @_;
    my $path = write_text($ingest->root . '/opening.csv', $text);
    return $ingest->command('import', '--opening', $path, '--at',
                            $when // $at);
}

sub is_set {
    my ($ingest, $what, $pattern, @with) = @_;
    my ($exit, $text) = opening($ingest, @with);
    is $exit, 0, "$what: done" or diag $text;
    like $text, $pattern, "$what: says how many";
}

sub is_refused {
    my ($ingest, $what, $pattern, @with) = @_;
    my ($money, $rows) = (eval { $ingest->money }, rows($ingest));
    my ($exit, $text) = opening($ingest, @with);
    is $exit, 2, "$what: refused";
    like $text, $pattern, "$what: why";
    is eval { $ingest->money }, $money, "$what: nothing is stored";
    is rows($ingest), $rows, "$what: of no one";
}

sub rows {
    my ($ingest) = @_;
    return eval { $ingest->sqlite('SELECT count(*) FROM transactions') };
}

sub verifies {
    my ($ingest, $what) = @_;
    my ($exit, $text) = $ingest->command('verify');
    is $exit, 0, "$what: verify" or diag $text;
}

my $vendor = Ubal::Vendor->new;
my $ingest = Ubal::Ingest->new(url => $vendor->url,
                               lines => "UbalRate 1000 1s\n");

is_set($ingest, 'sums', qr/of 3 users: 5 sums, 5 new/,
       "userId,earned,spent,payout,paid_out\n"
       . "u1,100.50,20,10,0\nu2,0,0,0,7.25\n"
       . 'u' x 128 . ",1,0,0,0\n");
is $ingest->money, "u1|10050|2000|1000|0\nu2|0|0|0|725\n"
    . 'u' x 128 . '|100|0|0|0', 'sums: the money is right';
is $ingest->sqlite('SELECT DISTINCT created_at FROM transactions'),
    $begin * 1_000_000 - 1, 'sums: of just before';
is $ingest->sqlite("SELECT is_retired FROM vendors WHERE name = 'opening'"),
    1, 'sums: of a vendor that is not fetched from';
verifies($ingest, 'sums');

is_set($ingest, 'again', qr/of 1 users: 3 sums, 0 new, 3 there already/,
       "earned,spent,payout,paid_out,userId\n100.5,20.00,10,0,u1\n");
is_set($ingest, 'as balances', qr/of 2 users: 2 sums, 2 new/,
       "userId,balance\nu4,-3.50\nu5,9\n");
is $ingest->sqlite("SELECT earned, spent FROM balances"
                   . " WHERE user_id IN ('u4', 'u5') ORDER BY user_id"),
    "0|350\n900|0", 'as balances: earned or spent';

is_set($ingest, 'NDJSON', qr/of 2 users: 3 sums, 2 new, 1 there already/,
       '{"userId":"u5","balance":9.00}' . "\n"
       . '{"userId":77,"earned":"1.5","paid_out":1.25,"note":[1]}' . "\n");
is $ingest->sqlite("SELECT earned, paid_out FROM balances"
                   . " WHERE user_id = '77'"),
    '150|125', 'NDJSON: from the digits';
is_refused($ingest, 'NDJSON without sums', qr/line 1: there must be either/,
           '{"userId":"u6"}');
is_refused($ingest, 'NDJSON with null', qr/line 1: earned: is no number/,
           '{"userId":"u6","earned":null}');
is_refused($ingest, 'another one', qr/user u1 has an opening balance/,
           "userId,balance\nu6,1\nu1,100\n");
is_refused($ingest, 'another instant', qr/are set at 2025-01-01T00:00:00Z/,
           "userId,balance\nu6,1\n", '2024-12-31');
is_refused($ingest, 'the future', qr/an instant of the past/,
           "userId,balance\nu6,1\n", '2999-01-01');
is_refused($ingest, 'twice', qr/line 4: user u6 comes twice/,
           "userId,balance\nu6,1\nu7,1\nu6,1\n");
is_refused($ingest, 'an amount', qr/line 3: balance: '1.005' /,
           "userId,balance\nu6,1\nu7,1.005\n");
is_refused($ingest, 'a user', qr/line 2: userId is empty/,
           "userId,balance\n,1\n");
is_refused($ingest, 'a field', qr/line 2: it has not as many fields/,
           "userId,balance\nu6\n");
is_refused($ingest, 'no sums', qr/must be either balance/, "userId\nu6\n");
is_refused($ingest, 'both', qr/must be either balance/,
           "userId,balance,earned\nu6,1,1\n");
verifies($ingest, 'all');

# History that they have already
my $old = write_csv($ingest->root . '/old.csv',
                    export_rows(10, begin => $begin + 5),
                    export_rows(10, id => 'o', begin => $begin - 5));
my ($exit, $text) = $ingest->command('import', $old);
is $exit, 2, 'older history: refused';
like $text, qr/line 12: it is from before 2025-01-01T00:00:00Z/,
    'older history: which row';
is rows($ingest), 9, 'older history: nothing is stored';

# Users with a history
my $new = write_csv($ingest->root . '/new.csv',
                    export_rows(100, begin => $begin));
($exit, $text) = $ingest->command('import', $new);
is $exit, 0, 'later history: stored' or diag $text;
verifies($ingest, 'with history');

my $other = Ubal::Ingest->new(url => $vendor->url,
                              lines => "UbalRate 1000 1s\n");
($exit, $text) = $other->command('import', write_csv(
    $other->root . '/new.csv', export_rows(3, begin => $begin, users => 2)));
is $exit, 0, 'another database: history' or diag $text;
is_set($other, 'history before', qr/3 new/, "userId,balance\nfree,1\nu1,1\n",
       '2025-01-01T00:00:02Z');
is $other->sqlite('SELECT type, sum(amount) FROM transactions'
                   . " WHERE user_id = 'u1' AND created_at < 1735689602000000"
                   . ' GROUP BY type HAVING sum(amount) <> 0'), '0|100',
    'history before: is a part of the opening balance';
verifies($other, 'history before');

# Beside a daemon whose coverage begins now
my $third = Ubal::Ingest->new(url => $vendor->url,
                              lines => "UbalRate 1000 1s\n");
my $now = time;
$third->start;
ok wait_for(sub { $third->covers(time, $now) }, 30), 'coverage begins'
    or diag $third->log;
is_refused($third, 'later than coverage', qr/--at must not be later than/,
           "userId,balance\nu1,1\n", stamp(time));
is_set($third, 'beside a daemon', qr/1 new/, "userId,balance\nu1,1\n",
       stamp($now - 60));
verifies($third, 'beside a daemon');
is $third->ended, undef, 'beside a daemon: it lives';
$third->stop;

# What is listed from before: a window is asked for from a tick earlier
{
    my $since = time - 3600;
    my $part = substr stamp($since - 1), 0, -1;
    my @items = map {
        { id => "t$_->[0]", userId => 'u1', type => 'earned', amount => '1.00',
          createdAt => $_->[1] }
    } ['old', "$part.500Z"], ['first', stamp($since)],
        ['next', stamp($since + 1)];
    my $lister = Ubal::Vendor->new(
        handler => Ubal::Vendor::list_handler(sub { @items }));
    my $late = Ubal::Ingest->new(
        url => $lister->url,
        lines => "UbalRate 1000 1s\nUbalSince " . stamp($since) . "\n");
    is_set($late, 'before the first start', qr/1 new/, "userId,balance\nu1,5\n",
           stamp($since));
    $late->start;
    ok wait_for(sub { $late->covers($since, $since + 10) }, 30),
        'the first start: covered' or diag $late->log;
    $late->stop;
    is $late->money, 'u1|700|0|0|0',
        'the first start: what the opening balance has is not counted again';
    cmp_ok $late->sqlite('SELECT sum(ignored) FROM requests'), '>', 0,
        'the first start: and said to be ignored';
    verifies($late, 'the first start');
}

done_testing;
