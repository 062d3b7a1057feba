# Promise (D10): where PostgreSQL refuses a transaction of the daemon because of
# others (a serialization failure, a deadlock, a lock that is not let go of),
# the whole of it is run again, in the statements and in COMMIT, without asking
# the vendor once more.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX ();
use Ubal::Hosts;
use Ubal::Postgres;
use Ubal::Server qw(wait_for);

my $hosts = Ubal::Hosts->new(count => 1);
my (undef, $daemon) = $hosts->fetching;
ok $daemon, 'it fetches' or BAIL_OUT($hosts->logs);
$hosts->goes_on('at first');

sub goes_on_as_before {
    my ($what) = @_;
    $hosts->goes_on($what);
    is $hosts->owner, $daemon, "$what: the same daemon";
    is $hosts->sql('SELECT COUNT(*) FROM requests WHERE fault IS NOT NULL'),
        0, "$what: no request was in vain"
        or diag $hosts->sql('SELECT DISTINCT fault FROM requests');
    $hosts->is_true($what);
}

for my $code ('40001', '40P01', '55P03') {
    for my $when ('INSERT', 'UPDATE') {
        my $of = $when eq 'INSERT' ? 'slot' : 'page';
        for my $is_late (0, 1) {
            my $where = $is_late ? 'in COMMIT' : 'in a statement';
            ok $hosts->refuse($when, $is_late, $code, 3),
                "$code for a $of, $where: run again" or diag $hosts->logs;
        }
    }
}
goes_on_as_before('refused');
$hosts->sql('DROP TRIGGER refuse ON requests');

# A session beside it, `$statements` one after another, until it is ended.
sub beside {
    my (@statements) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    open STDOUT, '>', '/dev/null';
    open STDERR, '>&', \*STDOUT;
    exec Ubal::Postgres::program('psql'), '-X', '-d',
        $hosts->pg->params($hosts->database) . ' application_name=beside',
        map { ('-c', $_) } @statements
        or POSIX::_exit(127);
}

# The other has the table of coverage, the daemon the token's row; then each
# wants the other's. The server looks for a deadlock where one has waited a second,
# the other's patience is longer: the daemon is who is refused.
my $from = length(($hosts->servers)[0]->error_log);
my $other = beside("SET deadlock_timeout = '60s'", 'BEGIN',
    'LOCK TABLE coverage IN SHARE MODE', 'DO $$ BEGIN LOOP
        PERFORM pg_stat_clear_snapshot();
        EXIT WHEN EXISTS (SELECT 1 FROM pg_stat_activity
            WHERE application_name = \'ubal-ingest\'
            AND wait_event_type = \'Lock\');
        PERFORM pg_sleep(0.01);
    END LOOP; END $$',
    "SELECT 1 FROM ubal_meta WHERE key = 'token' FOR UPDATE", 'COMMIT');
waitpid $other, 0;
my $log = sub { substr +($hosts->servers)[0]->error_log, $from };
ok wait_for(sub { $log->() =~ /waiting for the database: .*40P01/ }, 5),
    'a deadlock' or diag $log->();
goes_on_as_before('a deadlock');

# A lock that is held for longer than the daemon waits for one.
$from = length(($hosts->servers)[0]->error_log);
$other = beside('BEGIN', 'LOCK TABLE coverage IN SHARE MODE',
                'SELECT pg_sleep(60)');
ok wait_for(sub { $log->() =~ /waiting for the database: .*55P03/ }, 20),
    'a lock' or diag $log->();
$hosts->sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity
    WHERE application_name = 'beside'");
waitpid $other, 0;
goes_on_as_before('a lock');
$hosts->is_within_budget('in all');

done_testing;
