# Promise: a wall clock that jumps an hour, ours or the vendor's, changes
# neither the budget nor what is covered.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX qw(strftime);
use Ubal::Ingest;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $begin = time;

# One transaction in the middle of each second, by the vendor's own clock,
# which is off by what the flag says.
sub steady {
    my ($method, $path, $query, $number, $self) = @_;
    my $now = Time::HiRes::time() + ($self->flag('offset') // 0);
    my @items = map {
        { id => "s$_", userId => '12', type => 'earned', amount => 1,
          createdAt => strftime('%Y-%m-%dT%H:%M:%S.500Z', gmtime $_) }
    } $begin - 5 .. int($now - 0.5);
    my @reply = Ubal::Vendor::list_handler(sub { @items })->(@_);
    $reply[1]{Date} = Ubal::Vendor::http_date(int $now);
    return @reply;
}

# The same, where it is only Date that is off.
sub misdated {
    my ($method, $path, $query, $number, $self) = @_;
    my @reply = Ubal::Vendor::list_handler(sub {
        map { { id => "m$_", userId => '12', type => 'earned', amount => 1,
                createdAt => strftime('%Y-%m-%dT%H:%M:%S.500Z', gmtime $_) }
        } $begin - 5 .. int(Time::HiRes::time() - 0.5)
    })->(@_);
    $reply[1]{Date} =
        Ubal::Vendor::http_date(time + ($self->flag('offset') // 0));
    return @reply;
}

my $vendor = Ubal::Vendor->new(handler => \&steady);
my $ingest = Ubal::Ingest->new(
    url   => $vendor->url,
    lines => "UbalRate 5 2s\nUbalSince "
        . strftime('%Y-%m-%dT%H:%M:%SZ', gmtime($begin - 5)) . "\n",
);
$ENV{LD_PRELOAD} = Ubal::Server::preload_faults();
my $clock = $ingest->root . '/clock';
$ENV{UBAL_CLOCK_FILE} = $clock;

sub set_clock {
    open my $out, '>', "$clock.new" or die "$clock: $!";
    print $out "$_[0]\n";
    close $out;
    rename "$clock.new", $clock or die "$clock: $!";
}

sub as_of { return $ingest->sqlite('SELECT as_of FROM coverage') / 1e6 }

# All that the vendor lists in what is covered is stored.
sub exact {
    my ($what) = @_;
    my $as_of = as_of();
    my $expected = grep { $_ + 0.5 < $as_of } $begin - 5 .. $as_of;
    is $ingest->sqlite('SELECT count(*) FROM transactions WHERE created_at < '
                       . sprintf '%d', $as_of * 1e6), $expected,
        "$what: everything before as-of is there";
}

sub goes_on {
    my ($what) = @_;
    my $before = as_of();
    ok wait_for(sub { as_of() > $before + 2 }, 30), "$what: as-of goes on"
        or diag $ingest->log;
    cmp_ok as_of(), '<', Time::HiRes::time() + ($vendor->flag('offset') // 0),
        "$what: and stays in the vendor's past";
    exact($what);
    cmp_ok $vendor->most_in(2), '<=', 5, "$what: within the budget";
}

set_clock(0);
$ingest->start;
ok wait_for(sub { $ingest->has_tables && eval { as_of() } }, 30), 'covered';
goes_on('right clock');
set_clock(3600);
goes_on('ours an hour ahead');
set_clock(-3600);
goes_on('ours an hour behind');
$ingest->stop('KILL');
$ingest->start;
goes_on('started with it an hour behind');
$ingest->stop('KILL');
set_clock(3600);
$ingest->start;
goes_on('started with it an hour ahead');

# The vendor's clock was ahead and is set right: as-of is taken back.
$vendor->set_flag('offset', 3600);
ok wait_for(sub { as_of() > time + 3000 }, 30), "vendor's clock ahead";
$vendor->set_flag('offset', 0);
ok wait_for(sub { as_of() < time }, 30), 'taken back once it is right'
    or diag $ingest->log;
goes_on('afterwards');

$ingest->stop;
my ($exit, $out) = $ingest->command('verify');
is $exit, 0, 'verify' or diag $out;

# What was read while Date was ahead of what the vendor listed is read again.
set_clock(0);
$vendor = Ubal::Vendor->new(handler => \&misdated);
$ingest = Ubal::Ingest->new(
    url   => $vendor->url,
    short => 0,
    lines => "UbalRate 5 2s\nUbalInterval 4s\nUbalWindow settle=1s tick=1s\n"
        . 'UbalSince ' . strftime('%Y-%m-%dT%H:%M:%SZ', gmtime($begin - 5))
        . "\n",
);
$ENV{UBAL_CLOCK_FILE} = "$clock.none";
$ingest->start;
ok wait_for(sub { $ingest->has_tables && eval { as_of() } }, 30), 'covered';
$vendor->set_flag('offset', 3600);
ok wait_for(sub { as_of() > time + 3000 }, 30), 'Date ahead';
$vendor->set_flag('offset', 0);
ok wait_for(sub { as_of() < time }, 30), 'taken back once it is right';
goes_on('afterwards');
$ingest->stop;
($exit, $out) = $ingest->command('verify');
is $exit, 0, 'verify' or diag $out;

done_testing;
