# Runs test programs and counts their cases. Knows TAP and nothing of ours.
package Ubal::Suite;
use strict;
use warnings;

use Exporter qw(import);
use TAP::Harness;

our @EXPORT_OK = qw(run_programs);

# Runs test programs, so many at once as `$jobs` says, begun in the order they
# are given in. Each is a hash: `name`, which no other has, and `command`, a
# list. Adds to each `passed` and `failed`, its cases: one failed more for a
# program that fails in another way or was not run; and `seconds`.
sub run_programs {
    my ($jobs, @tests) = @_;
    return unless @tests;
    my %of = map { $_->{name} => $_ } @tests;
    my $harness = TAP::Harness->new({
        exec      => sub { return $of{ $_[1] }{command} },
        jobs      => $jobs,
        color     => -t STDOUT,
        verbosity => $ENV{TEST_VERBOSE} ? 1 : 0,
        merge     => 0,
        timer     => 1,
    });
    my $all = $harness->runtests(map { $_->{name} } @tests);
    my %ran = map { $_ => 1 } $all->descriptions;
    for my $test (@tests) {
        @$test{qw(passed failed seconds)} = (0, 1, 0);
        next unless $ran{ $test->{name} };
        my ($parser) = $all->parsers($test->{name});
        $test->{passed} = $parser->passed;
        $test->{failed} = $parser->failed || ($parser->has_problems ? 1 : 0);
        $test->{seconds} = $parser->end_time - $parser->start_time;
    }
}

1;
