# Runs test programs and counts their cases. Knows TAP and nothing of ours.
package Ubal::Suite;
use strict;
use warnings;

use Exporter qw(import);
use TAP::Harness;

our @EXPORT_OK = qw(run_suite);

# Runs `@tests`, each under the command `$exec`, so many at once as `$jobs` says;
# returns (passed, failed, names): the cases, one failed more for each program
# that fails in another way, and the programs that had any.
sub run_suite {
    my ($jobs, $exec, @tests) = @_;
    return (0, 0) unless @tests;
    my $harness = TAP::Harness->new({
        exec      => $exec,
        jobs      => $jobs,
        color     => -t STDOUT,
        verbosity => $ENV{TEST_VERBOSE} ? 1 : 0,
        merge     => 0,
        timer     => 1,
    });
    my $all = $harness->runtests(@tests);
    my $failed = $all->failed;
    my @names = grep { ($all->parsers($_))[0]->has_problems }
        $all->descriptions;
    $failed += grep { !($all->parsers($_))[0]->failed } @names;
    $failed ||= !$all->all_passed && !$all->skipped;
    return (scalar $all->passed, $failed + 0, @names);
}

1;
