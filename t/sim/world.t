# Promise: the real ingest, against a simulated vendor, network, clock, disk
# and crashes, keeps every invariant in each of the first seeds; and a seed
# replays exactly.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

my $world = ($ENV{UBAL_BUILD} || 'build') . '/sim/world';
my $last = $ENV{TEST_HTTPD} ? 4 : 24;    # sanitizers take their time

sub run_world {
    open my $out, '-|', $world, @_ or die "$world: $!\n";
    my $text = join '', <$out>;
    close $out;
    return ($?, $text);
}

my ($status, $text) = run_world('--any', '--seeds', "1-$last");
is $status, 0, "seeds 1 to $last hold" or diag substr $text, -6000;
my ($days, $requests) = $text =~ /: (\d+) vendor-days, (\d+) requests/;
cmp_ok $requests // 0, '>', 100 * $last, "they made $requests requests";

# A seed in a process of its own, and as the last of several.
my @runs = map { (run_world('--any', '--loud', '--seeds', $_))[1] }
    '3-3', '1-3';
s/^seeds .*//ms for @runs;
$runs[1] = substr $runs[1], -length $runs[0];
s{/\S*ubal-sim-\w+}{FOLDER}g for @runs;
ok length $runs[0] > 10_000 && $runs[0] eq $runs[1],
    'a seed replays exactly, line by line';

done_testing();
