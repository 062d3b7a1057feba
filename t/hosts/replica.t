# httpd reads from a hot standby: what it answers is exact as of what it says,
# UbalMaxStale refuses what is further behind, and over several hosts reading
# and fetching go on after a failover without a restart.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

BEGIN { $ENV{UBAL_TEST_DB} = 'pgsql' }
use Ubal::Data;
use Ubal::Ingest;
use Ubal::Load;
use Ubal::Place qw(name_of);
use Ubal::Postgres;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $pg = Ubal::Postgres->new;
$ENV{UBAL_TEST_PG} = $pg->params;

my $server = Ubal::Server->new(dbd => 0);
my $database = $pg->database(name_of($server->db));
my $now = time;
my $data = Ubal::Data->new($server->db)->create
    ->cover(since => 1767225600_000000, as_of => ($now - 7200) . '000000')
    ->commit(['12', 'a1', 1767225600_000000, 'earned', 500]);
my $standby = $pg->standby;

# The standby first, as httpd beside it would have it.
sub hosts {
    my ($of, @with) = @_;
    return 'host=' . join(',', map { $_->host } $standby, $pg) . ' port='
        . join(',', map { $_->port } $standby, $pg) . " user=ubal dbname=$of "
        . join ' ', 'connect_timeout=5', @with;
}
my $params = hosts($database, 'target_session_attrs=prefer-standby');
$server->start(<<"END");
DBDriver pgsql
DBDParams "$params"
DBDMin 0
UbalIngest Off
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
<Location "/recent">
    SetHandler ubal
    UbalMaxStale 1h
    Require all granted
</Location>
END

# --- behind ------------------------------------------------------------------------

sub reads {
    return $standby->sql('postgres', 'SELECT COUNT(*) FROM pg_stat_activity '
        . "WHERE datname = '$database'");
}
sub reply { return ($server->get($_[0]))[0, 2] }

ok wait_for(sub { (reply('/user/12'))[0] == 200 }, 30), 'the standby answers'
    or diag $server->error_log;
cmp_ok reads(), '>', 0, 'and it is the standby that is asked';
$standby->sql('postgres', 'SELECT pg_wal_replay_pause()');
ok wait_for(sub { $standby->sql('postgres',
        'SELECT pg_get_wal_replay_pause_state()') eq 'paused' }, 30),
    'it falls behind';
$data->cover(as_of => $now . '000000')
    ->commit(['12', 'a2', 1767225600_000001, 'earned', 100]);
my ($status, $headers, $body) = $server->get('/user/12');
is $status, 200, 'behind: it answers';
like $body, qr/"balance":5(?:\.00)?,/, '... with the figures';
my $as_of = $headers->{'ubal-as-of'};
like $as_of, qr/\A\d{4}-\d\d-\d\dT/, '... and says as of when they are';
($status, $headers, $body) = $server->get('/recent/12');
is $status, 503, 'UbalMaxStale: 503';
like $headers->{'retry-after'}, qr/\A[1-9]\d*\z/, '... Retry-After';
unlike $body, qr/balance/, '... no figures';
is +($server->get('/recent/12', { 'If-None-Match' => '*' }))[0], 503,
    '... and never 304';
$standby->sql('postgres', 'SELECT pg_wal_replay_resume()');
ok wait_for(sub { (reply('/recent/12'))[0] == 200 }, 30),
    'it has caught up: it answers' or diag $server->error_log;
($status, $headers, $body) = $server->get('/recent/12');
like $body, qr/"balance":6(?:\.00)?,/, '... with the new figures';
cmp_ok $headers->{'ubal-as-of'}, 'gt', $as_of, '... as of later';

# --- failover -------------------------------------------------------------------------

my $vendor = Ubal::Vendor->new;
my $ingest = Ubal::Ingest->new(url => $vendor->url, lines => "UbalRate 5 1s\n");
my $fetched = $pg->database; # of its own: the figures above stay as they are
$ingest->configure(driver => 'pgsql',
                   params => hosts($fetched, 'target_session_attrs=read-write'));
ok wait_for(sub { $standby->sql('postgres', 'SELECT COUNT(*) FROM pg_database '
        . "WHERE datname = '$fetched'") }, 30), 'the standby follows';
$ingest->start;
$ingest->wait_log(qr/fetching for/, 30);
my $done = sub {
    $standby->sql($fetched, "SELECT to_regclass('coverage')") ne ''
        && $standby->sql($fetched, 'SELECT as_of > 0 FROM coverage') eq 't';
};
ok wait_for($done, 30), 'the companion found the one that can be written'
    or diag $ingest->log;

my %right = ('/user/12' => (reply('/user/12'))[1]);
my $load = Ubal::Load->new($server, \%right);
ok $load->wait_right(50), 'httpd answers from the standby';
$pg->stop('immediate');
ok $load->wait_right(50), 'and while the primary is gone';
ok wait_for(sub { defined $ingest->ended }, 30),
    'the companion ends with its connection' or $ingest->stop;
$standby->promote;
ok $load->wait_right(50), 'and from the new primary';
my %sum = $load->end;
is $sum{wrong}, 0, 'no wrong reply to any client' or diag $sum{first};
is $sum{refused}, 0, 'none refused' or diag $server->error_log;

my $from = length $ingest->log;
$ingest->start;
$ingest->wait_log(qr/fetching for/, 30, $from);
my $before = $standby->sql($fetched, 'SELECT as_of FROM coverage');
ok wait_for(sub { $standby->sql($fetched, 'SELECT as_of FROM coverage')
                      > $before }, 30), 'the companion fetches into it'
    or diag $ingest->log;
is $ingest->stop, 0, 'and ends well';

done_testing;
