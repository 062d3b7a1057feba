# Promise (D8, D10): readers outlive PostgreSQL's restarts and cut connections
# without a wrong answer, a zero for who is known, or a restart of httpd; they
# work behind pgbouncer in transaction mode, where the companion says that it
# needs a session; UbalMaxStale guards what a standby shows.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX ();
use Ubal::Hosts;
use Ubal::Pooler;
use Ubal::Postgres;
use Ubal::Server qw(wait_for);

my $pg = Ubal::Postgres->new;
my $hosts = Ubal::Hosts->new(postgres => $pg, count => 1)->start;
my ($fetcher) = $hosts->servers;
$hosts->fetching;
$hosts->goes_on('readers: before');
my $database = $hosts->{database};
my $pooler = Ubal::Pooler->new($pg, size => 2);

sub reader {
    my ($params, $more) = @_;
    my $server = Ubal::Server->new(dbd => 0);
    $server->start(<<"END");
DBDriver pgsql
DBDParams "$params"
UbalIngest Off
<Location "/user">
    SetHandler ubal
    Require local
    @{[ $more // '' ]}
</Location>
END
    return $server;
}

my $direct = reader($hosts->{params});
my $pooled = reader($pooler->params($database));

# --- behind a pooler ---------------------------------------------------------

$fetcher->stop; # from here on, what is read stays as it is
my $at = Ubal::Hosts::instant($hosts->as_of - 10);
for my $path ('', '/payouts', "?at=$at", '/history', '/transactions?limit=3') {
    my (undef, $headers, $body) = $direct->get("/user/u1$path");
    my ($status, $pooled_headers, $pooled_body) = $pooled->get("/user/u1$path");
    is $status, 200, "pgbouncer: /user/u1$path";
    is $pooled_body, $body, 'pgbouncer: as without it';
    is $pooled_headers->{'ubal-as-of'}, $headers->{'ubal-as-of'},
        'pgbouncer: of the same instant';
}
is +($pooled->get('/user?ids=["u1","u2"]'))[2],
    ($direct->get('/user?ids=["u1","u2"]'))[2], 'pgbouncer: several users';

my %truth = map { $_ => ($direct->get("/user/$_"))[2] } map { "u$_" } 0 .. 6;

# Readers of `@servers`, four each, until stop_readers: how many replies of each
# kind they had. Whatever is neither the truth nor a 503 is wrong.
sub start_readers {
    my (@servers) = @_;
    my @pids;
    for my $n (0 .. 4 * @servers - 1) {
        my $server = $servers[$n % @servers];
        pipe my $in, my $out or die "pipe: $!";
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            my ($end, %seen) = (0, good => 0, unavailable => 0, wrong => 0);
            local $SIG{TERM} = sub { $end = 1 };
            while (!$end) {
                my $user = 'u' . int rand 7;
                my ($status, $headers, $body) = $server->get("/user/$user");
                next if $end;
                my $kind = $status == 200 && $body eq $truth{$user} ? 'good'
                    : $status == 503 && $headers->{'retry-after'}
                        ? 'unavailable' : 'wrong';
                $seen{$kind}++;
                print STDERR "# wrong: $status $body\n" if $kind eq 'wrong';
            }
            syswrite $out, join ' ', @seen{qw(good unavailable wrong)};
            POSIX::_exit(0);
        }
        close $out;
        push @pids, [$pid, $in];
    }
    return @pids;
}

sub stop_readers {
    my @sum = (0, 0, 0);
    for my $reader (@_) {
        my ($pid, $in) = @$reader;
        kill 'TERM', $pid;
        my @seen = split ' ', do { local $/; <$in> } // '0 0 1';
        waitpid $pid, 0;
        $sum[$_] += $seen[$_] for 0 .. 2;
    }
    note "$sum[0] good, $sum[1] unavailable";
    return @sum;
}

sub answers {
    my ($server) = @_;
    return wait_for(sub {
        my ($status, undef, $body) = $server->get('/user/u1');
        return $status == 200 && $body eq $truth{u1};
    }, 30);
}

# --- restarts and cut connections under load ---------------------------------

for my $mode (qw(fast immediate)) {
    my @readers = start_readers($direct, $pooled);
    $pg->stop($mode);
    my ($status, $headers) = $direct->get('/user/u1');
    is $status, 503, "D8: 503 while PostgreSQL is away, $mode";
    like $headers->{'retry-after'}, qr/\A\d+\z/, 'D8: with Retry-After';
    $pg->start;
    ok answers($direct), "D8: answers again after $mode, without a restart";
    ok answers($pooled), "D8: through pgbouncer too, $mode";
    my ($good, undef, $wrong) = stop_readers(@readers);
    is $wrong, 0, "D8: no wrong answer and no zero, $mode";
    cmp_ok $good, '>', 0, "D8: readers were answered, $mode";
}

{
    my @readers = start_readers($direct, $pooled);
    my $cut = 0;
    ok wait_for(sub {
        $cut += $pg->sql($database, "SELECT count(*) FROM
            (SELECT pg_terminate_backend(pid) FROM pg_stat_activity
             WHERE datname = '$database' AND pid <> pg_backend_pid()) AS cut");
        return $cut >= 40;
    }, 60), 'D10: readers are cut off, forty times';
    ok answers($direct), 'D10: answers after that';
    ok answers($pooled), 'D10: through pgbouncer too';
    my ($good, undef, $wrong) = stop_readers(@readers);
    is $wrong, 0, 'D10: no wrong answer and no zero';
    cmp_ok $good, '>', 0, 'D10: readers were answered';
}

# --- the companion behind a pooler -------------------------------------------

{
    my $seen = $hosts->vendor->arrivals;
    my $server = Ubal::Server->new(dbd => 0);
    my $params = $pooler->params($database);
    $server->start($hosts->configuration =~ s/^DBDParams.*/DBDParams "$params"/mr);
    ok wait_for(sub {
        $server->error_log =~ /pgbouncer: ubal-ingest needs a session of its own/
    }), 'pgbouncer: the companion says that it needs a session';
    is scalar($hosts->vendor->arrivals), $seen, 'pgbouncer: and fetches nothing';
    is +($server->get('/user/u1'))[2], $truth{u1}, 'pgbouncer: readers work';
    $server->stop;
}

# --- a standby ---------------------------------------------------------------

{
    my $standby = $pg->standby;
    my $follower = reader($standby->params($database), 'UbalMaxStale 8s');
    $fetcher->start($hosts->configuration);
    ok wait_for(sub { ($follower->get('/user/u1'))[0] == 200 }, 30),
        'standby: answers while it follows'
        or diag(($follower->get('/user/u1'))[2], $follower->error_log, substr $fetcher->error_log, -1500);
    $standby->sql('postgres', 'SELECT pg_wal_replay_pause()');
    ok wait_for(sub { ($follower->get('/user/u1'))[0] == 503 }, 30),
        'standby: UbalMaxStale refuses what is too old';
    $standby->sql('postgres', 'SELECT pg_wal_replay_resume()');
    ok wait_for(sub { ($follower->get('/user/u1'))[0] == 200 }, 30),
        'standby: answers when it has caught up';
    $follower->stop;
}

$_->stop for $fetcher, $direct, $pooled;
done_testing;
