# Several httpd servers, each with a run directory of its own, on one PostgreSQL
# server: which of them fetches, and whether what they stored is the vendor's
# own truth. The vendor is the demo vendor, in a server of its own.
#
#   my $hosts = Ubal::Hosts->new(count => 2);      # started
#   my $first = $hosts->fetching;                  # the server whose daemon owns
#   $hosts->goes_on('what happened');              # as-of passes now
#   $hosts->is_true('what happened');              # to the last unit
#   $hosts->is_within_budget('what happened');
package Ubal::Hosts;
use strict;
use warnings;

use POSIX qw(strftime);
use Test::More;

use Ubal::Postgres;
use Ubal::Server qw(wait_for now);

my @types = qw(earned spent payout paid_out);

sub stamp { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime shift) }

# Taken over within 5 s of an idle machine: the time is noted, and a loaded one
# has twice as long.
sub is_prompt {
    my (undef, $took, $what) = @_;
    note sprintf '%s in %.2f s', $what, $took;
    cmp_ok $took, '<', 10, "$what in time";
}

# count: how many servers (2). period: of the limit of 5 requests (3 s).
# timeout: of a request (5 s). settings: lines of postgresql.conf. vendor_lines: of the vendor's httpd. vendor_url:
# where it is asked, instead of 127.0.0.1. standby => 1: there is one, which the
# servers turn to where it becomes the primary.
sub new {
    my ($class, %with) = @_;
    my $self = bless { count => 2, period => 3, timeout => 5,
                       since => time - 300, %with }, $class;
    $self->{pg} = Ubal::Postgres->new(settings => $with{settings} // []);
    $self->{database} = $self->{pg}->database;
    $self->{params} //= $self->{pg}->params($self->{database});
    $self->add_standby if $self->{standby};
    $self->{vendor} = Ubal::Server->new(ubal => 0, dbd => 0);
    $self->{vendor}->start(($with{vendor_lines} // '') . "\n"
        . 'LoadModule ubal_demo_module @BUILD@/mod_ubal_demo.so' . <<"END");

<Location "/vendor">
    SetHandler ubal-demo
    Require all granted
    UbalDemoRate 5 $self->{period}s
    UbalDemoVolume 600
    UbalDemoUsers 30
    UbalDemoFaults on
</Location>
END
    $self->{servers} = [];
    $self->add_server for 1 .. $self->{count};
    return $self;
}

sub pg       { return $_[0]{pg} }
sub database { return $_[0]{database} }
sub servers  { return @{ $_[0]{servers} } }

sub sql { return $_[0]{pg}->sql($_[0]{database}, $_[1]) }

# One more host, started, its httpd being `$program` where that is given; the
# server.
sub add_server {
    my ($self, $program) = @_;
    my $server = Ubal::Server->new(dbd => 0);
    local $ENV{TEST_HTTPD} = $program if $program;
    push @{ $self->{servers} }, $server;
    return $server->start(sprintf <<'END', $self->{params},
DBDriver pgsql
DBDParams "%s"
DBDMin 1
DBDKeep 8
DBDMax 8
<UbalVendor demo>
    UbalURL %s
    UbalRate 5 %ss
    UbalInterval 1s
    UbalTimeout %ss
    UbalWindow settle=1s tick=1s
    UbalSince %s
</UbalVendor>
<Location "/user">
    SetHandler ubal
    Require local
</Location>
END
        $self->{vendor_url} // $self->{vendor}->url('/vendor/transactions'),
        $self->{period},
        $self->{timeout},
        stamp($self->{since}));
}

sub add_standby {
    my ($self) = @_;
    my @both = ($self->{pg}, $self->{standby} = $self->{pg}->standby);
    $self->{params} = 'host=' . join(',', map { $_->host } @both) . ' port='
        . join(',', map { $_->port } @both) . " user=ubal "
        . "dbname=$self->{database} target_session_attrs=read-write";
}

# From now on the standby is told nothing: what is committed will be lost.
sub cut_off_standby {
    my ($self) = @_;
    my $standby = $self->{standby};
    $standby->configure("primary_conninfo = ''");
    $standby->{follows} = [];
    $standby->configure;
    $standby->sql('postgres', 'SELECT pg_reload_conf()');
    return wait_for(sub {
        $standby->sql('postgres',
            'SELECT COUNT(*) FROM pg_stat_wal_receiver') eq '0' }, 20);
}

# The primary is gone at once; the standby is promoted.
sub fail_over {
    my ($self) = @_;
    $self->{pg}->stop('immediate');
    $self->{pg} = $self->{standby}->promote;
}

# The pid of the daemon that the database has as its owner; 0 for none.
sub owner {
    my ($self) = @_;
    return 0 if $self->sql("SELECT to_regclass('ubal_meta')") eq '';
    return $self->sql("SELECT value FROM ubal_meta WHERE key = 'owner_pid'")
        || 0;
}

# Waits for one of the servers to have the owner's daemon, one that is none of
# `@not` (pids) and fetches: (server, pid).
sub fetching {
    my ($self, @not) = @_;
    my @found;
    wait_for(sub {
        my $owner = $self->owner;
        return if !$owner || grep { $_ == $owner } @not;
        @found = map { [$_, $owner] } grep {
            my $server = $_;
            (grep { $_ == $owner } $server->daemons)
                && $server->error_log =~ /\[pid $owner\] fetching for/;
        } $self->servers;
        return scalar @found;
    }, 40);
    return @{ $found[0] // [] };
}

# The servers but this one.
sub others {
    my ($self, $but) = @_;
    return grep { $_ != $but } $self->servers;
}

sub logs {
    my ($self) = @_;
    return join "\n--\n", map { substr $_->error_log, -3000 } $self->servers;
}

# All since the beginning is covered up to a second from now.
sub goes_on {
    my ($self, $what, $timeout) = @_;
    my $target = time + 1;
    my $came = wait_for(sub {
        (eval { $self->sql('SELECT CASE WHEN since <= '
            . "$self->{since}000000 AND as_of > ${target}000000 "
            . 'THEN 1 ELSE 0 END FROM coverage') } // 0) eq '1'
    }, $timeout // 90);
    ok $came, "$what: as-of goes on, the history is there"
        or diag $self->logs;
    return $came;
}

# (earned, spent, payout, paid_out) in minor units of each user, as the vendor
# says, of [since, $to).
sub truth {
    my ($self, $to) = @_;
    my (undef, undef, $body) = $self->{vendor}->get('/vendor/truth?from='
        . stamp($self->{since}) . "&to=$to");
    my %truth;
    while ($body =~ /\{("userId":"([^"]*)"[^}]*)\}/g) {
        my ($text, $user) = ($1, $2);
        $truth{$user} = join ' ', map {
            $text =~ /"$_":(-?\d+)(?:\.(\d+))?/
                ? $1 . substr(($2 // '') . '00', 0, 2) + 0 : '?'
        } @types;
    }
    return \%truth;
}

# What is covered is the vendor's truth for each user; each id is there once,
# balances and sums are those of the transactions.
sub is_true {
    my ($self, $what) = @_;
    my $micros = $self->sql('SELECT as_of / 1000000 * 1000000 FROM coverage');
    my $truth = $self->truth(stamp($micros / 1_000_000));
    my %ours = map { my ($user, @sums) = split /\|/; ($user => "@sums") }
        split /\n/, $self->sql("SELECT user_id, earned, spent, payout, paid
            FROM (SELECT user_id,
                SUM(CASE WHEN type = 0 THEN amount ELSE 0 END) AS earned,
                SUM(CASE WHEN type = 1 THEN amount ELSE 0 END) AS spent,
                SUM(CASE WHEN type = 2 THEN amount ELSE 0 END) AS payout,
                SUM(CASE WHEN type = 3 THEN amount ELSE 0 END) AS paid
            FROM transactions WHERE created_at >= $self->{since}000000
            AND created_at < $micros GROUP BY user_id) AS s");
    cmp_ok scalar(keys %$truth), '>', 20, "$what: the vendor knows users";
    is_deeply \%ours, $truth, "$what: exact for every user";
    is $self->sql('SELECT COUNT(*) - COUNT(DISTINCT (vendor, id))
        FROM transactions'), 0, "$what: each id once";
    my ($exit, $out) = $self->verify;
    is $exit, 0, "$what: verify" or diag $out;
}

# On the settings as httpd gives them to the daemon.
sub verify {
    my ($self) = @_;
    my ($server) = grep { $_->pid } $self->servers;
    return $server->ingest('verify');
}

# --- a daemon that is held up at a point of its own ------------------------------

# Makes the trigger that does it: `$when` is INSERT for the transaction that
# opens a request's slot, UPDATE for the one that stores its page, and
# `$is_late` has it run in COMMIT. hold() switches it on, release() off.
sub make_hold {
    my ($self, $when, $is_late) = @_;
    my $kind = $is_late ? 'CONSTRAINT TRIGGER' : 'TRIGGER';
    my $late = $is_late ? 'DEFERRABLE INITIALLY DEFERRED' : '';
    $self->sql(<<"END");
CREATE TABLE IF NOT EXISTS held (is_on INT);
CREATE OR REPLACE FUNCTION hold() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN
    WHILE EXISTS (SELECT 1 FROM held) LOOP PERFORM pg_sleep(0.02); END LOOP;
    RETURN NULL;
END';
DROP TRIGGER IF EXISTS hold ON requests;
CREATE $kind hold AFTER $when ON requests $late
    FOR EACH ROW EXECUTE FUNCTION hold();
END
}

# Has the database refuse the next `$times` such transactions with an error of
# that code, counted where a rollback does not turn it back.
sub refuse {
    my ($self, $when, $is_late, $code, $times) = @_;
    $self->sql(<<"END");
CREATE SEQUENCE IF NOT EXISTS refused;
CREATE OR REPLACE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS '
BEGIN
    IF nextval(''refused'') <= $times THEN
        RAISE EXCEPTION USING ERRCODE = ''$code'', MESSAGE = ''made up'';
    END IF;
    RETURN NULL;
END';
SELECT setval('refused', 1, false);
DROP TRIGGER IF EXISTS refuse ON requests;
CREATE @{[$is_late ? 'CONSTRAINT' : '']} TRIGGER refuse AFTER $when ON requests
    @{[$is_late ? 'DEFERRABLE INITIALLY DEFERRED' : '']}
    FOR EACH ROW EXECUTE FUNCTION refuse();
END
    return wait_for(sub {
        $self->sql("SELECT CASE WHEN last_value > $times THEN 1 ELSE 0 END
            FROM refused") }, 40);
}

sub hold    { $_[0]->sql('INSERT INTO held VALUES (1)') }
sub release { $_[0]->sql('SET synchronous_commit = off; DELETE FROM held') }

# Waits until the daemon's session waits for `$event`, in a statement that
# matches `$query`: the number of its transaction.
sub held {
    my ($self, $event, $query) = @_;
    return wait_for(sub {
        $self->sql("SELECT backend_xid FROM pg_stat_activity
            WHERE application_name = 'ubal-ingest' AND wait_event = '$event'
            AND backend_xid IS NOT NULL AND query ~ '$query'");
    }, 30);
}

# Stops PostgreSQL at once, with all that was logged so far on its disk: another
# commit sees to that. Otherwise the transaction's number might be given again.
sub crash {
    my ($self) = @_;
    $self->sql('SET synchronous_commit = local; INSERT INTO held VALUES (1)');
    $self->{pg}->stop('immediate');
}

# What has become of a transaction: committed, aborted, in progress.
sub became {
    my ($self, $transaction) = @_;
    return $self->sql("SELECT pg_xact_status('$transaction')");
}

# Has the vendor do what t/vendor/demo_fault.c knows.
sub fault {
    my ($self, $words) = @_;
    my ($status, undef, $body) = $self->{vendor}->get("/vendor/fault?$words");
    is $status, 200, "the vendor has the fault $words" or diag $body;
}

# As the vendor itself has counted.
sub is_within_budget {
    my ($self, $what) = @_;
    my (undef, undef, $seen) = $self->{vendor}->get('/vendor/arrivals');
    my ($most) = $seen =~ /"max_in_period":(\d+)/;
    ok $most && $most <= 5, "$what: the vendor saw $most in a period at most";
    unlike $seen, qr/"status":429/, "$what: and refused none";
}

1;
