# Promise: backfill fetches what was asked for, newest first, says what it
# costs and how far it is, and can be cancelled and gone on with; reconcile
# has a range compared with the vendor's list of today.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX qw(strftime);
use Ubal::Ingest;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $now = time;
my $day = 86400;
my $from = $now - 5 * $day;

sub stamp { return strftime('%Y-%m-%dT%H:%M:%S.000Z', gmtime shift) }

# One for each hour of ten days.
my @items = map { { id => "t$_", userId => 'u', type => 'earned', amount => '1.00',
                    createdAt => stamp($now - 3600 * $_) } } 1 .. 240;
my $late = { id => 'late', userId => 'v', type => 'earned', amount => '5.00',
             createdAt => stamp($now - 3 * $day) };
my $vendor = Ubal::Vendor->new(handler => sub {
    my ($method, $path, $query, $number, $self) = @_;
    return (503, {}, 'not now')
        if $self->flag('down') && $query->{startDate} lt stamp($now - 600);
    return Ubal::Vendor::list_handler(
        sub { return (@items, $self->flag('late') ? $late : ()) })->(@_);
});
my $ingest = Ubal::Ingest->new(url => $vendor->url,
                               lines => "UbalRate 1000 1s\nUbalPageSize 20\n");

sub run_ok {
    my ($what, @words) = @_;
    my ($exit, $text) = $ingest->command(@words);
    is $exit, 0, "$what: @words" or diag $text, $ingest->log;
    return $text;
}

sub stored { return $ingest->sqlite('SELECT count(*) FROM transactions') }
sub has_backfill { return $ingest->sqlite('SELECT has_backfill FROM coverage') }
sub since { return $ingest->sqlite('SELECT since FROM coverage') / 1e6 }

for (['backfill', '--from', 'soon'], ['backfill', '--to', stamp($now)],
     ['backfill', '--from', stamp($now + $day)], ['backfill', 'stop'],
     ['backfill', '--from', stamp($now), '--to', stamp($from)],
     ['backfill', 'cancel', '--from', stamp($from)], ['backfill', '--dry-run'],
     ['backfill', '--all'], ['reconcile'], ['reconcile', 'x', '--from', 1],
     ['reconcile', '--from', '2026-02-30']) {
    my ($exit, $text) = $ingest->command(@$_);
    is $exit, 2, "usage: @$_" or diag $text;
}
my ($exit, $text) = $ingest->command('reconcile', '--from', stamp($from));
is $exit, 1, 'reconcile needs a daemon' or diag $text;
like $text, qr/no daemon runs/, 'and says so';
($exit, $text) = $ingest->command('backfill', '--from', stamp($from));
is $exit, 2, 'history comes before what was fetched: nothing was yet';
like $text, qr/was not fetched from yet/, 'which is said';

$ingest->start;
$ingest->wait_log(qr/done/);
is stored(), 0, 'a first start fetches no history';
like run_ok('a dry run', 'backfill', '--from', stamp($from), '--dry-run'),
    qr/^vendor t: about \d+ windows, \d+ requests; takes \d+ min$/m,
    'says what it costs';
like run_ok('as JSON', 'backfill', '--from', stamp($from), '--dry-run', '--json'),
    qr/^\{"vendor":"t","windows":[1-9]\d*,"requests":[1-9]\d*,"seconds":\d+\}$/m,
    'the same';
is has_backfill(), 0, 'and does nothing';

# It waits while the vendor does not give it.
$vendor->set_flag('down');
$text = run_ok('asked for', 'backfill', '--from', stamp($from));
like $text, qr/^vendor t: 1 range\(s\) to be fetched$/m, 'is taken';
like $text, qr/^vendor t, \Q@{[substr stamp($from), 0, 19]}\E.*: fetched down to /m,
    'and shown, as no terminal follows';
is has_backfill(), 1, 'replies say so';
like run_ok('again', 'backfill', '--from', stamp($from)),
    qr/^vendor t: 0 range\(s\) to be fetched$/m, 'it is not asked for twice';
like run_ok('cancelled', 'backfill', 'cancel'), qr/^vendor t: 1 cancelled/,
    'is cancelled';
is has_backfill(), 0, 'and no more said';
like run_ok('then', 'backfill'), qr/no history is waited for/, 'there is none';
$ingest->stop;

# Without a daemon it is noted for the next.
$text = run_ok('no daemon', 'backfill', '--from', stamp($from), '--json');
like $text, qr/^\{"vendor":"t","added":1\}$/m, 'is added';
like $text, qr/no daemon runs: it goes on with the next/, 'and waits';
$vendor->clear_flag('down');
my $before = length $ingest->log;
$ingest->start;
$ingest->wait_log(qr/fetching for/, 20, $before);
$text = run_ok('followed', 'backfill', '--json');
like $text, qr/^\{"open":0\}$/m, 'is followed to its end';
is stored(), 120, 'each is stored once';
cmp_ok since(), '<=', $from, 'coverage reaches back';
is has_backfill(), 0, 'nothing more is waited for';
my @asked = $ingest->sqlite('SELECT begins_at FROM windows WHERE ends_at <= '
    . "${now}000000 ORDER BY id") =~ /\d+/g;
is_deeply \@asked, [sort { $b <=> $a } @asked], 'newest first';
run_ok('history', 'verify');

# A range that has changed at the vendor.
$vendor->set_flag('late');
like run_ok('compared', 'reconcile', '--from', stamp($from), '--to',
            stamp($now - $day), '--json'),
    qr/^\{"vendor":"t","ranges":[1-9]\d*\}$/m, 'is being compared';
ok wait_for(sub { $ingest->money =~ /^v\|500/m }, 60), 'what was late is found'
    or diag $ingest->log;
is stored(), 121, 'and nothing else';
$ingest->stop;
run_ok('reconciled', 'verify');

done_testing;
