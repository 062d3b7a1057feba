# Promise: the simulation finds a mistake in the budget, the borders, as-of,
# the take-over, idempotence or the verdicts. make sim-mutations has more.
use strict;
use warnings;
use FindBin;
use Test::More;

plan skip_all => 'too slow with sanitizers' if $ENV{TEST_HTTPD};

my $build = $ENV{UBAL_BUILD} || 'build';
my @quick = qw(budget-start budget-limit border-end border-settle as-of-open
               as-of-date slot-trust twice split-gap short-pass);

for my $name (@quick) {
    my $text = qx($FindBin::Bin/mutate $build run $name);
    chomp $text;
    like $text, qr/: seed \d+: .*\n1 of 1 /, "$name is found";
    note $text;
}

done_testing();
