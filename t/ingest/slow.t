# Promise: a first reply that takes long, from a vendor whose clock is behind
# ours, covers nothing that the vendor could not list when it was asked.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX qw(strftime);
use Time::HiRes ();
use Ubal::Ingest;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $behind = 3; # the vendor's clock
my $begin = time - 20;

sub at { return strftime('%Y-%m-%dT%H:%M:%S.500Z', gmtime $_[0]) }

# One transaction in the middle of each second. What is listed is as it was
# when the request came; Date is when the reply went out.
sub steady {
    my ($number, $self) = @_[3, 4];
    my $now = Time::HiRes::time() - $behind;
    my (undef, $headers, $body) = Ubal::Vendor::list_handler(sub {
        map { { id => "s$_", userId => '12', type => 'earned', amount => 1,
                createdAt => at($_) } } $begin .. int($now - 0.5)
    })->(@_);
    my $delay = $self->flag('delay') // 0;
    $headers->{Date} = Ubal::Vendor::http_date(int($now + $delay));
    return { status => 200, headers => $headers, body => $body,
             delay => $delay };
}

my $vendor = Ubal::Vendor->new(handler => \&steady);
my $ingest = Ubal::Ingest->new(
    url   => $vendor->url,
    lines => "UbalRate 5 2s\nUbalReconcile off\nUbalSince "
        . strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $begin) . "\n",
);

sub as_of {
    return $ingest->has_tables
        && eval { $ingest->sqlite('SELECT as_of FROM coverage') / 1e6 } || 0;
}

sub is_exact {
    my ($what) = @_;
    my $to = int as_of();
    is $ingest->sqlite('SELECT COUNT(*) FROM transactions WHERE created_at < '
                       . "${to}000000"), $to - $begin,
        "$what: everything before as-of is there";
}

for my $start (1, 2) {
    $vendor->set_flag('delay', $behind);
    my $seen = $vendor->arrivals;
    $ingest->start;
    ok $vendor->wait_arrivals($seen + 1, 30), "start $start: asked";
    $vendor->set_flag('delay', 0);
    my $to = time;
    ok wait_for(sub { as_of() > $to + 3 }, 60), "start $start: as-of goes on"
        or diag $ingest->log;
    is_exact("start $start");
    $ingest->stop;
}

done_testing;
