# Promise: whatever way a vendor pages, every transaction is stored exactly
# once: shuffled, doubled, shifted, on borders, capped, without totals; and
# what cannot be stored is kept as a dead letter.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX qw(strftime);
use Ubal::Ingest;
use Ubal::Vendor;

my $begin = time - 3600;

sub stamp { return strftime('%Y-%m-%dT%H:%M:%S.000Z', gmtime shift) }

# `$count` transactions of 7 users in the ten minutes after $begin, in an order
# that has nothing to do with time; three share each second, and the amounts
# tell them apart.
sub make_items {
    my ($count) = @_;
    my @types = ('earned', 'spent', 'payout', 'paid_out', 'paidOut');
    return map {
        my $n = ($_ * 7919) % $count;
        { id => "t$n", userId => 'u' . $n % 7, type => $types[$n % 5],
          createdAt => stamp($begin + int($n * 600 / $count)),
          amount => sprintf('%d.%02d', $n, $n % 100) }
    } 0 .. $count - 1;
}

# The sums that the items make, as Ubal::Ingest::money prints them.
sub expected {
    my %sum;
    for (@_) {
        my $type = $_->{type} eq 'paidOut' ? 'paid_out' : $_->{type};
        (my $minor = $_->{amount}) =~ tr/.//d;
        $sum{ $_->{userId} }{$type} += $minor;
    }
    return join "\n", map {
        my $s = $sum{$_};
        join '|', $_, map { $s->{$_} // 0 } qw(earned spent payout paid_out)
    } sort keys %sum;
}

# Runs a daemon against the handler until it has caught up, then checks.
sub try_vendor {
    my ($name, $handler, $items, %with) = @_;
    my $vendor = Ubal::Vendor->new(handler => $handler);
    my $ingest = Ubal::Ingest->new(
        url   => $vendor->url,
        lines => "UbalRate 1000 1s\nUbalPageSize 100\nUbalSince "
            . stamp($begin) . "\n" . ($with{lines} // ''),
    );
    $ingest->start;
    ok Ubal::Server::wait_for(sub { $ingest->covers($begin, $begin + 700) },
                              120), "$name: caught up"
        or diag $ingest->log;
    $ingest->stop;
    is $ingest->money, expected(@$items), "$name: the money is exact"
        or diag $ingest->log;
    is $ingest->sqlite('SELECT count(*) FROM transactions'), scalar @$items,
        "$name: each is stored once";
    my ($exit, $out) = $ingest->command('verify');
    is $exit, 0, "$name: verify" or diag $out;
    cmp_ok $vendor->most_in(1), '<=', 1000, "$name: within the budget";
    return ($ingest, $vendor);
}

my @items = make_items(1500);
my $plain = Ubal::Vendor::list_handler(sub { @items });

try_vendor('in any order', $plain, \@items);
try_vendor('endDate belongs to the range',
           Ubal::Vendor::list_handler(sub { @items }, inclusive => 1),
           \@items);

{
    my $calls = 0;
    try_vendor('items shift while paging', sub {
        # A newer item at the front of every second request pushes all
        # others one place on.
        my ($method, $path, $query) = @_;
        my $extra = { id => 'x' . $calls++, raw => '' };
        my ($status, $headers, $body) = Ubal::Vendor::list_handler(
            sub { $calls % 2 ? @items : (@items[7 .. $#items], @items[0 .. 6]) }
        )->(@_);
        return ($status, $headers, $body);
    }, \@items);
}

try_vendor('the same id on two pages', sub {
    my ($status, $headers, $body) = $plain->(@_);
    my ($page) = $body =~ /"items":\[(\{.*?\})[,\]]/;
    $body =~ s/"items":\[/"items":[$page,/ if $page;
    return ($status, $headers, $body =~ s/("itemCount":)(\d+)/$1 . ($2 + !!$page)/er);
}, \@items);

try_vendor('without meta', sub {
    my ($status, $headers, $body) = $plain->(@_);
    return ($status, $headers, $body =~ s/,"meta":\{[^}]*\}//r);
}, \@items);

{
    my $glitches = 0;
    try_vendor('a second page that is empty and without meta, once', sub {
        my ($method, $path, $query) = @_;
        return (200, {}, '{"items":[]}') if $query->{page} == 2 && !$glitches++;
        return $plain->(@_);
    }, \@items);
}

try_vendor('meta on the first page alone', sub {
    my ($method, $path, $query) = @_;
    my ($status, $headers, $body) = $plain->(@_);
    $body =~ s/,"meta":\{[^}]*\}// if $query->{page} > 1;
    return ($status, $headers, $body);
}, \@items);

{
    my $glitches = 0;
    try_vendor('a first page that is empty and without meta, once', sub {
        my ($method, $path, $query, $number) = @_;
        return (200, {}, '{"items":[]}') if $number == 2 && !$glitches++;
        return $plain->(@_);
    }, \@items);
}

{
    my ($ingest) = try_vendor('no Date, twice', sub {
        my @reply = $plain->(@_);
        $reply[1]{Date} = undef if $_[3] <= 2;
        return @reply;
    }, \@items);
    like $ingest->log, qr/the reply lacks a Date/, 'and says so';
}

{
    my $secret = 'hunter2/plus';
    local $ENV{UBAL_T_KEY} = $secret;
    my ($ingest) = try_vendor('credentials in an error page', sub {
        my ($method, $path, $query, $number) = @_;
        return (200, {}, "<html>no such page $query->{key}") if $number == 2;
        return $plain->(@_);
    }, \@items, lines => "UbalAuth query key env:UBAL_T_KEY\n");
    unlike $ingest->log, qr/hunter2/, 'are not logged';
    is $ingest->sqlite("SELECT count(*) FROM requests"
        . " WHERE fault LIKE '%hunter2%'"), 0, 'and not kept';
}

try_vendor('silently capped below the page size', sub {
    my ($method, $path, $query) = @_;
    $query->{limit} = 40;
    return $plain->($method, $path, $query);
}, \@items);

try_vendor('two of five requests fail', sub {
    my (undef, undef, undef, $number) = @_;
    return (503, {}, 'no') if $number % 5 == 1;
    return (200, {}, '<html>') if $number % 10 == 3;
    return { body => ($plain->(@_))[2], cut => 50 } if $number % 10 == 8;
    return $plain->(@_);
}, \@items, lines => "UbalRetries 1000\n");

{
    my @bad = (
        '{"id":"b1","userId":"u1","createdAt":"2026-02-30T00:00:00Z","type":"earned","amount":1}',
        '{"id":"b2","userId":"u1","createdAt":"' . stamp($begin + 5) . '","type":"earned","amount":1.234}',
        '{"id":"b3","userId":"u1","createdAt":"' . stamp($begin + 5) . '","type":"refund","amount":1}',
        '{"id":"b4","userId":"u1","createdAt":"' . stamp($begin + 5) . '","type":"earned","amount":1e308}',
        '{"id":"b5","createdAt":"' . stamp($begin + 5) . '","type":"earned","amount":1}',
        '{"id":"b6","id":"b6","userId":"u1","createdAt":"' . stamp($begin + 5) . '","type":"earned","amount":1}',
        '{"id":"b\u00007","userId":"u1","createdAt":"' . stamp($begin + 5) . '","type":"earned","amount":1}',
        '7', 'null',
    );
    my @all = (@items[0 .. 20],
               (map { { raw => $_, createdAt => stamp($begin + 5) } } @bad));
    my ($ingest) = try_vendor('items that cannot be stored',
        Ubal::Vendor::list_handler(sub { @all }), [@items[0 .. 20]]);
    is $ingest->sqlite("SELECT count(*) FROM dead_letters WHERE state = 'open'"),
        scalar @bad, 'each is one dead letter, however often it was seen';
    is $ingest->sqlite('SELECT has_dead FROM coverage'), 1, 'and is shown';
}

{
    my @first = @items[0 .. 20];
    my @second = map { { %$_ } } @first;
    $second[3]{amount} = '99999.01';
    $second[4]{type} = $second[4]{type} eq 'earned' ? 'spent' : 'earned';
    $second[5]{userId} = 'u99';
    my $n = 0;
    my ($ingest) = try_vendor('changed under the same id', sub {
        my @show = @first;
        my ($method, $path, $query, $number, $self) = @_;
        # The changed ones beside the first, so that one page shows both.
        @show = (@first, @second[3 .. 5]);
        return Ubal::Vendor::list_handler(sub { @show })->(@_);
    }, \@first);
    is $ingest->sqlite('SELECT count(*) FROM dead_letters'
        . " WHERE kind = 'conflict' AND state = 'open'"), 3,
        'the first stands, the others are conflicts';
    is $ingest->sqlite('SELECT has_conflicts FROM coverage'), 1, 'shown';
}

done_testing;
