# Promise (D9): a standby that is promoted without the last commits has the
# earlier as-of, which replies state; what was lost is fetched again, to the
# last unit; and as the ledger may lack requests that were sent, all slots count
# as used, on the host that fetched and on one that takes over from it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Hosts;
use Ubal::Server qw(wait_for);

for my $is_killed (0, 1) {
    my $what = $is_killed ? 'its host gone, too' : 'failed over';
    my $hosts = Ubal::Hosts->new(count => 2, standby => 1);
    my ($first, $daemon) = $hosts->fetching;
    ok $first, 'one fetches' or BAIL_OUT($hosts->logs);
    $hosts->goes_on('before');

    ok $hosts->cut_off_standby, 'the standby is told nothing more';
    my $kept = $hosts->{standby}->sql($hosts->database,
        'SELECT as_of, (SELECT MAX(id) FROM requests) FROM coverage');
    my ($kept_as_of, $kept_slot) = split /\|/, $kept;
    ok wait_for(sub {
        $hosts->sql("SELECT CASE WHEN as_of > $kept_as_of + 2000000
            AND (SELECT MAX(id) FROM requests) > $kept_slot + 1
            THEN 1 ELSE 0 END FROM coverage") }, 60),
        'pages and slots are committed that it does not have';
    my $lost = $hosts->sql('SELECT as_of FROM coverage');
    my ($reader) = $hosts->others($first);
    my $shown = sub { ($reader->get('/user/12'))[1]{'ubal-as-of'} // '' };
    my $before = $shown->();

    my $from = length $reader->error_log;
    my $first_from = length $first->error_log;
    if ($is_killed) {
        kill 'KILL', $first->pid, $first->daemons, $first->children;
    }
    $hosts->fail_over;
    cmp_ok $hosts->sql('SELECT as_of FROM coverage'), '<', $lost,
        "$what: as-of has gone back";
    ok wait_for(sub { my $now = $shown->(); $now && $now lt $before }, 20),
        "$what: which a reply states" or diag $before, ' ', $shown->();

    my ($next, $pid) = $hosts->fetching($daemon);
    ok $next, "$what: one fetches again" or diag $hosts->logs;
    is $next, $reader, "$what: of the other host" if $is_killed;
    my $log = substr $next->error_log, $next == $reader ? $from : $first_from;
    like $log, qr/slots count as used/, "$what: all slots count as used";
    $hosts->goes_on($what);
    $hosts->is_true($what);
    is $hosts->sql("SELECT (SELECT MIN(started) FROM requests WHERE id > a.last)"
        . ' >= a.ended + 3000000 FROM (SELECT MAX(id) AS last, MAX(ended) AS'
        . " ended FROM requests WHERE fault LIKE 'assumed%') AS a"), 't',
        "$what: the first request comes after two periods";
    $hosts->is_within_budget($what);
}

done_testing;
