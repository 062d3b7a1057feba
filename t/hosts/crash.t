# Promise (D8, D10): PostgreSQL may die in mid-page, in mid-COMMIT with what is
# committed there or not there, or refuse a transaction for another's sake: the
# daemon does all of it again by the items' ids, nothing is lost or doubled, the
# vendor's limit holds; readers get a 503 while it is away, and no other figures.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Hosts;
use Ubal::Postgres;
use Ubal::Server qw(wait_for);

my $pg = Ubal::Postgres->new;
my $hosts = Ubal::Hosts->new(postgres => $pg, count => 1)->start;
my ($server) = $hosts->servers;

$hosts->fetching;
$hosts->goes_on('D8: before');

# Runs `$code`, in the middle of which PostgreSQL dies; then it is there again.
sub over_a_crash {
    my ($what, $code) = @_;
    my $before = length $server->error_log;
    $code->();
    my ($status, $headers, $body) = $server->get('/user/u1');
    is $status, 503, "$what: 503 while it is away";
    like $headers->{'retry-after'} // '', qr/\A\d+\z/, "$what: with Retry-After";
    $pg->start;
    $hosts->goes_on($what);
    like substr($server->error_log, $before), qr/fetching for/,
        "$what: a new daemon fetches";
    ok wait_for(sub { ($server->get('/user/u1'))[0] == 200 }),
        "$what: readers are answered, without a restart";
    $hosts->is_exact($what);
}

over_a_crash('D8: in mid-page', sub {
    my $seen = $hosts->vendor->arrivals;
    $hosts->vendor->set_flag('delay', 1);
    ok wait_for(sub {
        my @all = $hosts->vendor->arrivals;
        return @all > $seen && !defined $all[-1]{end};
    }), 'D8: a request is on its way';
    $pg->stop('immediate');
    $hosts->vendor->clear_flag('delay');
});

# Whether the companion's own session stands in a COMMIT.
sub is_committing {
    return $hosts->sql("SELECT count(*) FROM pg_stat_activity
        WHERE application_name = 'ubal-ingest' AND state = 'active'
        AND ($_[0])");
}

# Committed, and nobody told: the server waits for a standby that never comes.
over_a_crash('D8: in mid-COMMIT, committed', sub {
    $pg->sql('postgres', "ALTER SYSTEM SET synchronous_standby_names = 'none'");
    $pg->sql('postgres', 'SELECT pg_reload_conf()');
    ok wait_for(sub { is_committing("wait_event = 'SyncRep'") }),
        'D8: a COMMIT is on its way';
    $pg->stop('immediate');
    $pg->configure; # the standby is forgotten
});

# Not committed: what is checked at the end of the transaction takes for ever.
$hosts->sql('CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN PERFORM pg_sleep(3600); RETURN NULL; END $$');
over_a_crash('D8: in mid-COMMIT, not committed', sub {
    $hosts->sql('CREATE CONSTRAINT TRIGGER dawdle AFTER INSERT ON requests
        DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION dawdle()');
    ok wait_for(sub { is_committing("wait_event = 'PgSleep'") }),
        'D8: a COMMIT is on its way';
    $pg->stop('immediate');
    $pg->start;
    $hosts->sql('DROP TRIGGER dawdle ON requests');
    $pg->stop('immediate');
});

# Each of these fails the first transactions that store anything.
for my $code (qw(40001 40P01)) {
    my $before = length $server->error_log;
    my ($pid) = $server->daemons;
    $hosts->sql("CREATE SEQUENCE failed_$code");
    $hosts->sql("CREATE FUNCTION fail_$code() RETURNS trigger LANGUAGE plpgsql
        AS \$\$ BEGIN
            IF nextval('failed_$code') <= 3 THEN
                RAISE EXCEPTION 'not now' USING ERRCODE = '$code';
            END IF;
            RETURN NULL;
        END \$\$");
    $hosts->sql("CREATE TRIGGER fail_$code AFTER INSERT ON transactions
        FOR EACH STATEMENT EXECUTE FUNCTION fail_$code()");
    ok wait_for(sub {
        $hosts->sql("SELECT last_value FROM failed_$code") > 3
    }), "D10: $code, three times";
    $hosts->sql("DROP TRIGGER fail_$code ON transactions");
    $hosts->goes_on("D10: $code");
    like substr($server->error_log, $before), qr/waiting for the database: .*$code/,
        "D10: $code: the log says why it waits";
    is_deeply [$server->daemons], [$pid], "D10: $code: the same daemon goes on";
    $hosts->is_exact("D10: $code");
}

$server->stop;
done_testing;
