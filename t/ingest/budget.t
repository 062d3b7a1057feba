# Promise: the vendor never sees more than N requests in any P: while behind,
# over crashes and restarts, after a restore of the database, and with requests
# that were given up.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use File::Copy qw(copy);
use POSIX qw(strftime);
use Ubal::Ingest;
use Ubal::Place qw(is_pgsql);
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $period = 2;
my $since = strftime('%Y-%m-%dT%H:%M:%SZ', gmtime(time - 86400));
my $number = 0;

# A vendor that always has more: each page is full and promises another.
sub endless {
    my ($method, $path, $query, $count, $self) = @_;
    my $at = $query->{startDate};
    return { hang => 1 } if $self->flag('hang');
    return (429, { 'Retry-After' => 1 }, '') if $self->flag('busy');
    my @items = map { { id => "e$count-$_", userId => '12', type => 'earned',
                        createdAt => $at, amount => 1 } } 1 .. 10;
    return (200, {}, Ubal::Vendor::page(\@items, total => 10_000,
            limit => 10, page => $query->{page}));
}

my $vendor = Ubal::Vendor->new(handler => \&endless);
my $ingest = Ubal::Ingest->new(
    url   => $vendor->url,
    lines => "UbalRate 5 ${period}s\nUbalPageSize 10\nUbalTimeout 300ms\n"
        . "UbalSince $since\n",
);

sub more {
    my ($count, $what) = @_;
    my $have = () = $vendor->arrivals;
    ok $vendor->wait_arrivals($have + $count, 60), $what
        or diag $ingest->log;
}

sub holds {
    my ($what) = @_;
    cmp_ok $vendor->most_in($period), '<=', 5, "$what: at most 5 in $period s"
        or diag join "\n", map { "$_->{start} $_->{end}" } $vendor->arrivals;
}

$ingest->start;
more(12, 'behind, it uses what the budget gives');
holds('behind');

for my $signal (qw(KILL TERM KILL KILL)) {
    $ingest->stop($signal);
    $ingest->start;
    more(1, "after SIG$signal it goes on");
}
holds('over crashes');

# Requests that are given up: the vendor may read them a period later.
$vendor->set_flag('hang');
more(2, 'requests that hang');
$vendor->clear_flag('hang');
more(4, 'then it goes on');
holds('given up');
cmp_ok $vendor->least_gap(5), '>=', $period,
    'the fifth before had ended a period ago, each time';

# A copy of the database, put back after more requests were sent. t/hosts/failover.t is
# about PostgreSQL's.
my $from;
if (!is_pgsql()) {
    $ingest->stop('KILL');
    my $copy = $ingest->db . '.copy';
    $ingest->sqlite("VACUUM INTO '$copy'");
    $ingest->start;
    more(5, 'more requests after the copy was made');
    $ingest->stop('KILL');
    unlink map { $ingest->db . $_ } '', '-wal', '-shm';
    rename $copy, $ingest->db or die "rename: $!";
    $from = length $ingest->log;
    $ingest->start;
    $ingest->wait_log(qr/all 5 slots count as used/, 10, $from);
    more(6, 'a restored database is taken over');
    holds('restored');
}

# Killed at a random moment, again and again.
for (1 .. 12) {
    select undef, undef, undef, rand 0.4;
    $ingest->stop('KILL');
    $ingest->start;
}
more(6, 'after a storm of kills it goes on');
holds('storm of kills');

# A vendor that stands still and reads later what was given up, while the proof
# of the ledger is lost.
kill 'STOP', $vendor->{pid};
$from = length $ingest->log;
ok wait_for(sub { 4 <= (() = substr($ingest->log, $from)
                        =~ /no whole reply/g) }, 60), 'four are given up';
$ingest->stop('KILL');
unlink $ingest->lock or die "unlink: $!";
$from = length $ingest->log;
$ingest->start;
$ingest->wait_log(qr/all 5 slots count as used/, 10, $from);
kill 'CONT', $vendor->{pid};
more(4 + 6, 'they are read late');
holds('read late');

# Busy answers cost slots as well.
$vendor->set_flag('busy');
more(2, '429 is tried again');
$vendor->clear_flag('busy');
more(2, 'and got over');
holds('429');

$ingest->stop;
my ($exit, $out) = $ingest->command('verify');
is $exit, 0, 'verify' or diag $out;

done_testing;
