# pgbouncer before the readers, in transaction mode: httpd answers as without
# it, from few connections of the server's, over the pooler's restarts and the
# server's. The companion needs a session, and says so.
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
use Ubal::Pooler;
use Ubal::Postgres;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $pg = Ubal::Postgres->new;
$ENV{UBAL_TEST_PG} = $pg->params;
my $pooler = Ubal::Pooler->new($pg, mode => 'transaction', size => 2);

my $server = Ubal::Server->new(dbd => 0);
my $database = $pg->database(name_of($server->db));
my $data = Ubal::Data->new($server->db)->create
    ->cover(since => 1767225600_000000, as_of => 1772323200_000000);
$data->commit(map { ["u$_", "a$_", 1767225600_000000 + $_, 'earned', $_] }
              1 .. 40);
$data->commit(map { ['u7', "b$_", 1767225600_000000 + $_, 'payout', 2] }
              1 .. 300);
my $params = $pooler->params($database);
$server->start(<<"END");
DBDriver pgsql
DBDParams "$params"
DBDMin 0
DBDKeep 8
DBDMax 8
UbalIngest Off
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
<Location "/payouts">
    SetHandler ubal-payouts
    Require all granted
</Location>
END

my @paths = (map({ "/user/u$_" } 1 .. 40), '/user/u7/payouts', '/payouts',
             '/user/u7/transactions', '/user/u7/transactions?type=payout',
             '/user?ids=u1,u2,u7', '/user/u7?at=2026-02-01T00:00:00Z',
             '/user/u7/history?step=month');
my %right;
for my $path (@paths) {
    (my $status, undef, $right{$path}) = $server->get($path);
    is $status, 200, "$path answers" or diag $server->error_log;
}
for (1 .. 40) {
    next if $_ == 7;
    my $amount = sprintf('%.2f', $_ / 100) =~ s/\.?0+\z//r;
    like $right{"/user/u$_"}, qr/"balance":\Q$amount\E0?,/, "the figures of u$_";
}

# --- connections of the server's --------------------------------------------------

my $backends = 'SELECT COUNT(*) FROM pg_stat_activity WHERE datname = '
    . "'$database' AND pid <> pg_backend_pid()";
my $load = Ubal::Load->new($server, \%right, 12);
ok $load->wait_right(300), 'twelve clients over the pooler';
my $most = 0;
for (1 .. 5) {
    my $count = $pg->sql('postgres', $backends);
    $most = $count if $count > $most;
    $load->wait_right(50);
}
cmp_ok $most, '<=', 2, 'from two connections of the server\'s';
cmp_ok $most, '>', 0, 'which are seen';
my %calm = $load->end;
is $calm{wrong}, 0, 'no reply is another\'s' or diag $calm{first};
is $calm{refused}, 0, 'and none refused' or diag $server->error_log;

# --- restarts ---------------------------------------------------------------------

$load = Ubal::Load->new($server, \%right, 4);
$load->wait_right(20);
$pooler->stop;
ok $load->wait_refused(10), 'the pooler is away: 503';
$pooler->start;
ok $load->wait_right(100), 'the pooler is back: it serves again';
$pg->restart('immediate');
ok $load->wait_right(100), 'and when the server has crashed behind it';
my %sum = $load->end;
is $sum{wrong}, 0, 'no wrong reply to any client' or diag $sum{first};

# --- the companion ----------------------------------------------------------------

my $vendor = Ubal::Vendor->new;
my $ingest = Ubal::Ingest->new(url => $vendor->url);
my $empty = $pg->database;
for my $mode (qw(transaction session)) {
    my $before = Ubal::Pooler->new($pg, mode => $mode, size => 4, port => 6433);
    my $from = length $ingest->log;
    $ingest->configure(driver => 'pgsql', params => $before->params($empty));
    $ingest->start;
    ok wait_for(sub { defined $ingest->ended }, 20),
        "the companion ends where a pooler ($mode) is before the server"
        or $ingest->stop;
    isnt $ingest->ended, 0, '... as one that failed';
    like substr($ingest->log, $from),
        qr/pooler, such as pgbouncer: ubal-ingest needs a session/,
        '... and says why';
    $before->stop;
}
is $pg->sql($empty, "SELECT to_regclass('coverage')"), '',
    'nothing was made or stored';

$ingest->configure(driver => 'pgsql', params => $pg->params($empty));
$ingest->start;
my $as_of = "SELECT as_of > 0 FROM coverage";
ok wait_for(sub { $pg->sql($empty, "SELECT to_regclass('coverage')") ne ''
                      && $pg->sql($empty, $as_of) eq 't' }, 30),
    'with a session it fetches' or diag $ingest->log;
is $ingest->stop, 0, 'and ends well';

done_testing;
