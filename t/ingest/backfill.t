# Promise: history that is wanted is fetched newest first on what live rounds
# leave of the budget, goes on where it was after any end, and coverage grows
# backwards over what adjoins.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX qw(strftime);
use Ubal::Ingest;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $days = 12;
my $begin = time - $days * 86400;

sub stamp { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime shift) }

# An item every 20 minutes, at the full second.
my @items = map {
    { id => "t$_", userId => 'u' . $_ % 5, type => 'earned', amount => '0.10',
      createdAt => strftime('%Y-%m-%dT%H:%M:%S.000Z',
                            gmtime($begin + 1200 * $_)) }
} 0 .. $days * 72 - 1;

sub vendor {
    my ($method, $path, $query, $number, $self) = @_;
    return { status => 503 } if $self->flag('down')
        && $query->{endDate} lt $self->flag('down');
    return Ubal::Vendor::list_handler(sub { @items })->(@_);
}

sub ingest {
    my ($vendor, %with) = @_;
    return Ubal::Ingest->new(
        url   => $vendor->url,
        lines => 'UbalRate ' . ($with{rate} // '50 1s')
            . "\nUbalRetries 3\nUbalPageSize 50\nUbalSince " . stamp($begin)
            . "\n",
    );
}

sub coverage {
    my ($ingest) = @_;
    return split /\|/, $ingest->sqlite('SELECT since / 1000000,'
        . ' as_of / 1000000, has_backfill, has_gaps FROM coverage');
}

subtest 'newest first' => sub {
    my $vendor = Ubal::Vendor->new(handler => \&vendor);
    my $ingest = ingest($vendor);
    $ingest->start;
    ok wait_for(sub { $ingest->covers($begin, $begin) }, 60), 'all is fetched'
        or diag $ingest->log;
    ok wait_for(sub { !(coverage($ingest))[2] }, 10), 'backfill is over';
    $ingest->stop;
    is $ingest->sqlite('SELECT count(*), sum(amount) FROM transactions'),
        scalar(@items) . '|' . 10 * @items, 'each transaction once';
    my @asked = map { $_->{query} } $vendor->arrivals;
    my @history = grep { $_->{page} == 1 && $_->{endDate} le stamp(time - 90) }
        @asked;
    my @backward = grep { $history[$_]{endDate} lt $history[$_ - 1]{endDate} }
        1 .. $#history;
    cmp_ok @history, '>=', $days - 1, 'a day at most in a window';
    cmp_ok @backward, '>=', @history - 2 - @history / 4,
        'newest first (parts of a split window aside)';
    my ($exit, $out) = $ingest->command('verify');
    is $exit, 0, 'verify' or diag $out;
};

subtest 'goes on after a kill' => sub {
    my $vendor = Ubal::Vendor->new(handler => \&vendor);
    my $ingest = ingest($vendor, rate => '5 1s');
    my $at = time;
    for my $round (1 .. 3) {
        my ($since) = eval { coverage($ingest) };
        $ingest->start;
        ok wait_for(sub { my ($now) = eval { coverage($ingest) };
                          $now && $now > 0 && $now < ($since // $at) - 3600 },
                    60), "round $round: coverage grows backwards"
            or diag $ingest->log;
        $ingest->stop('KILL');
    }
    $ingest->start;
    ok wait_for(sub { $ingest->covers($begin, $begin) }, 60), 'to its end'
        or diag $ingest->log;
    $ingest->stop;
    is $ingest->sqlite('SELECT count(*), sum(amount) FROM transactions'),
        scalar(@items) . '|' . 10 * @items, 'each transaction once';
    cmp_ok $vendor->most_in(1), '<=', 5, 'within the budget';
    my ($exit, $out) = $ingest->command('verify');
    is $exit, 0, 'verify' or diag $out;
};

subtest 'what cannot be fetched' => sub {
    my $vendor = Ubal::Vendor->new(handler => \&vendor);
    my $limit = $begin + 4 * 86400;
    $vendor->set_flag('down', stamp($limit));
    my $ingest = ingest($vendor);
    $ingest->start;
    ok wait_for(sub { my (undef, undef, undef, $gaps) =
                          eval { coverage($ingest) }; $gaps }, 60),
        'a window of it is parked' or diag $ingest->log;
    my ($since, $as_of) = coverage($ingest);
    cmp_ok $since, '>', $begin, 'coverage does not reach beyond it';
    cmp_ok $as_of, '>', $begin + 11.9 * 86400, 'live data goes on';
    $ingest->stop;
    my ($exit, $out) = $ingest->command('verify');
    is $exit, 0, 'verify' or diag $out;
};

done_testing;
