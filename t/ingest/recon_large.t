# Promise: one transaction that was listed late is found among a hundred
# million with 40 requests at most, two with 80, however full the windows are.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX qw(ceil strftime);
use Time::Local qw(timegm);
use Ubal::Ingest;
use Ubal::Vendor;

# Ten a second, since so long ago.
my $count = 100_000_000;
my $begin = time - $count / 10 - 3600;
$begin -= $begin % 1000;

sub stamp {
    my ($ms) = @_;
    return sprintf '%s.%03dZ',
        strftime('%Y-%m-%dT%H:%M:%S', gmtime int $ms / 1000), $ms % 1000;
}

# Number n was made at this ms.
sub made_at { return $begin * 1000 + 100 * $_[0] + 50 }

sub item {
    my ($id, $ms) = @_;
    return { id => $id, userId => 'u1', type => 'earned', amount => '1.00',
             createdAt => stamp($ms) };
}

# The ms that a time of the query is, and the first number from there on.
sub ms_of {
    my @t = $_[0] =~ /\A(\d+)-(\d+)-(\d+)T(\d+):(\d+):(\d+)\.(\d{3})Z\z/
        or die "what time is $_[0]?\n";
    return 1000 * timegm(@t[5, 4, 3, 2], $t[1] - 1, $t[0]) + $t[6];
}

sub number_from {
    my $number = ceil(($_[0] - $begin * 1000 - 50) / 100);
    return $number < 0 ? 0 : $number > $count ? $count : $number;
}

# Late ones are those of the flag (ms), and come last.
sub vendor {
    my ($method, $path, $query, $asked, $self) = @_;
    my ($from, $to) = map { ms_of($query->{$_}) } qw(startDate endDate);
    my ($first, $end) = map { number_from($_) } $from, $to;
    my @late = grep { $_ >= $from && $_ < $to }
        split ' ', $self->flag('late') // '';
    my $all = $end - $first;
    my $at = ($query->{page} - 1) * $query->{limit};
    my $last = $at + $query->{limit} - 1;
    my @items = map {
        $_ < $all ? item('n' . ($first + $_), made_at($first + $_))
            : item("late$late[$_ - $all]", $late[$_ - $all])
    } $at .. ($last < $all + @late ? $last : $all + @late - 1);
    return (200, {}, Ubal::Vendor::page(\@items, total => $all + @late,
        page => $query->{page}, limit => $query->{limit}));
}

# A database in which all of it is covered by windows of `$own` each; what of
# it is stored is only what lies around the late ones: nobody counts the rest.
sub fill {
    my ($ingest, $own, @late) = @_;
    my $windows = $count / $own;
    my $width = $own / 10 * 1e6;
    my $since = $ingest->sqlite('SELECT since FROM vendors');
    my $all = "WITH RECURSIVE k(k) AS (SELECT 0 UNION ALL SELECT k + 1 FROM k
        WHERE k + 1 < $windows)";
    my $columns = 'INSERT INTO windows (vendor, begins_at, ends_at, state,
        is_single, next_page, total, distinct_items, accepted, passes,
        failures, tick, early, own) ';
    $ingest->sqlite("$all $columns SELECT 1, ${begin}000000 + k * $width,
        ${begin}000000 + (k + 1) * $width, 1, 0, 1, n, n, n, 1, 0, 1000000,
        n - $own, $own FROM (SELECT k, $own + 10 * (k > 0) AS n FROM k)");
    $ingest->sqlite("$columns VALUES (1, ${begin}000000 + $windows * $width,
        $since, 1, 0, 1, 10, 10, 10, 1, 0, 1000000, 10, 0)");
    for my $ms (@late) {
        my $first = int(($ms - $begin * 1000) / 100 / $own) * $own - 20;
        my $end = $first + $own + 40;
        $ingest->sqlite("WITH RECURSIVE n(n) AS (SELECT $first UNION ALL
            SELECT n + 1 FROM n WHERE n + 1 < $end)
            INSERT INTO transactions SELECT 1, 'n' || n, 'u1',
            (${begin}000 + 100 * n + 50) * 1000, 0, 100, 0 FROM n");
    }
}

# The fullest windows that are made: twenty pages, and a fifth.
for my $own (1000, 24_000) {
    # A whole number of windows.
    $count = $own * ceil(100_000_000 / $own);
    my @late = map { made_at($_) + 20 } 31_234_567, 12_345_678, 87_654_321;
    my $vendor = Ubal::Vendor->new(handler => \&vendor);
    my $ingest = Ubal::Ingest->new(
        url => $vendor->url, lines => "UbalRate 1000 1s\nUbalReconcile off\n");
    $ingest->start;
    $ingest->wait_log(qr/: done/);
    $ingest->stop;
    fill($ingest, $own, @late);
    for my $case ([1, $late[0]], [2, @late]) {
        my ($n, @listed) = @$case;
        $vendor->set_flag('late', "@listed");
        my $from = length $ingest->log;
        $ingest->start;
        $ingest->wait_log(qr/fetching for.*: done/s, 30, $from);
        my ($exit, $text) = $ingest->command('reconcile', '--from',
            strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $begin));
        is $exit, 0, 'reconcile' or diag $text;
        $ingest->wait_log(qr/reconciliation took/, 120, $from);
        $ingest->stop;
        my ($took, $found) = substr($ingest->log, $from) =~
            /reconciliation took (\d+) requests and found (\d+)/;
        is $found, $n, "windows of $own: $n found";
        cmp_ok $took, '<=', 40 * $n, "with $took requests"
            or diag substr $ingest->log, $from;
    }
}

done_testing;
