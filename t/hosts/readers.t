# What happens to PostgreSQL under a live httpd that reads from it: restarts,
# crashes and ended backends under load. A reply is right, or 503 while the
# server is away; never wrong, never a zero for a known user, and nothing of
# httpd is to be restarted.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

BEGIN { $ENV{UBAL_TEST_DB} = 'pgsql' }
use Ubal::Data;
use Ubal::Load;
use Ubal::Place qw(name_of);
use Ubal::Postgres;
use Ubal::Server qw(wait_for);

my $pg = Ubal::Postgres->new;
$ENV{UBAL_TEST_PG} = $pg->params;

my $server = Ubal::Server->new;
my $data = Ubal::Data->new($server->db)->create
    ->cover(since => 1767225600_000000, as_of => 1772323200_000000);
$data->commit(map { ['12', "a$_", 1767225600_000000 + $_, 'earned', 7] } 1 .. 5)
    ->commit(['13', 'b1', 1767225600_000000, 'payout', 300]);
$server->start(<<'END_CONF');
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
<Location "/payouts">
    SetHandler ubal-payouts
    Require all granted
</Location>
END_CONF

my @paths = ('/user/12', '/user/13', '/user/13/payouts', '/user?ids=12,13',
             '/payouts', '/user/12/transactions',
             '/user/12?at=2026-02-01T00:00:00Z');
my %right;
for my $path (@paths) {
    (my $status, undef, $right{$path}) = $server->get($path);
    is $status, 200, "$path answers" or diag $server->error_log;
}
like $right{'/user/12'}, qr/"balance":0\.35,/, 'with figures';

# More often than there are connections in both children.
sub is_right {
    my ($name) = @_;
    my %wrong;
    for my $path ((@paths) x 6) {
        my $verdict = Ubal::Load::judge($right{$path}, $server->get($path));
        $wrong{"$path: $verdict"} = 1 if $verdict ne 'right';
    }
    is join("\n", sort keys %wrong), '', "$name: every reply is right";
}

my $httpd = join ' ', $server->children;

# --- backends that are ended ------------------------------------------------------

sub terminate {
    return $pg->sql('postgres', 'SELECT COUNT(pg_terminate_backend(pid)) FROM '
        . "pg_stat_activity WHERE datname = '" . name_of($server->db) . "'");
}
cmp_ok terminate(), '>', 0, 'httpd\'s backends are ended';
is_right('ended while idle');

my $load = Ubal::Load->new($server, \%right);
ok $load->wait_right(50), 'replies under load';
for my $round (1 .. 10) {
    terminate();
    $load->wait_right(5) or last;
}
ok $load->wait_right(50), 'backends ended ten times: it serves again';

# --- restarts ---------------------------------------------------------------------

for my $mode (qw(fast immediate)) {
    $pg->stop($mode);
    ok $load->wait_refused(20), "$mode: 503 while it is away";
    my ($status) = $server->get('/user/12', { 'If-None-Match' => '*' });
    is $status, 503, "$mode: and never 304";
    $pg->start;
    is_right("$mode, back");
    ok $load->wait_right(50), "$mode: so under load";
}
for my $mode (qw(fast immediate)) {
    $pg->restart($mode) for 1 .. 2;
    ok $load->wait_right(50), "$mode: two restarts in a row";
}
my %sum = $load->end;
is $sum{wrong}, 0, 'no wrong reply to any client' or diag $sum{first};
diag "right $sum{right}, refused $sum{refused}" if $ENV{TEST_VERBOSE};
is_right('at rest');
is join(' ', $server->children), $httpd, 'by the children of before';
unlike $server->error_log, qr/exit signal|AH00632/, 'which none of it hurt';

# A connection that broke in a statement is not for the next request as it is.
is $pg->sql('postgres', 'SELECT COUNT(*) FROM pg_stat_activity WHERE '
    . "datname = '" . name_of($server->db) . "' AND state LIKE 'idle in%'"), 0,
    'no transaction was left open';

done_testing;
