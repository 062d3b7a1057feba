# Roles on PostgreSQL that may do less than is asked of them: httpd's, which
# lacks a GRANT, gives 503 and a log that names it; the companion's, which may
# not make tables, says what to run, and fetches once the owner ran it.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

BEGIN { $ENV{UBAL_TEST_DB} = 'pgsql' }
use Ubal::Ingest;
use Ubal::Life qw(section);
use Ubal::Postgres;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $pg = Ubal::Postgres->new;
$ENV{UBAL_TEST_PG} = $pg->params;

my $text = Ubal::Server::slurp("$FindBin::Bin/../../conf/postgresql.md");
my @blocks = $text =~ /^```sql\n(.*?)^```/gms;
$pg->sql('postgres', "CREATE ROLE $_ LOGIN")
    for qw(ubal_owner ubal_write ubal_read);

my $vendor = Ubal::Vendor->new;
my $ingest = Ubal::Ingest->new(url => $vendor->url);
my @steps = sort glob "$FindBin::Bin/../../mod_ubal/store/sql/migrations/*.sql";
my ($schema) = map { $_ + 0 } $steps[-1] =~ m{/(\d+)[^/]*\z};

$pg->sql('postgres', 'CREATE DATABASE ubal OWNER ubal_owner');
$pg->sql('ubal', 'REVOKE CREATE ON SCHEMA public FROM PUBLIC');

sub params { return $pg->params('ubal', $_[0]) }

# --- no tables, and a companion that may not make them ------------------------------

my $server = Ubal::Server->new(dbd => 0);
$server->start(sprintf <<'END', params('ubal_read'), params('ubal_write'), section($vendor));
DBDriver pgsql
DBDParams "%s"
DBDMin 0
UbalIngestDB pgsql "%s"
%s
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
END
ok $server->wait_log(qr/has schema 0, this program needs $schema, and this role may not change its tables: run ubal-ingest migrate --config FILE/, 30),
    'the companion says why it cannot begin, and what to run'
    or diag $server->error_log;
is +($server->get('/user/12'))[0], 503, 'nothing is answered';
is $pg->sql('ubal', "SELECT to_regclass('coverage')"), '', 'or made';

$ingest->configure(driver => 'pgsql', params => params('ubal_owner'));
my ($exit, $said) = $ingest->command('migrate', '--json');
is $exit, 0, 'the owner migrates' or diag $said;
like $said, qr/"before":0,"after":$schema\}/, 'to this schema';
$pg->sql('ubal', $_, 'ubal_owner') for @blocks[1, 2];
ok wait_for(sub { ($server->get('/user/12'))[0] == 200 }, 60),
    'then the companion fetches and httpd answers, without a restart'
    or diag $server->error_log;

($exit, $said) = $ingest->command('migrate');
is $exit, 75, 'no migration under a companion, whose lock file is another'
    or diag $said;
like $said, qr/a companion of host \S+ fetches/, 'which is said';

# --- httpd's role without a GRANT ---------------------------------------------------

for my $table (qw(balances coverage)) {
    $pg->sql('ubal', "REVOKE SELECT ON $table FROM ubal_read", 'ubal_owner');
    my $from = length $server->error_log;
    my ($status, $headers, $body) = $server->get('/user/12');
    is $status, 503, "without a GRANT on $table: 503";
    ok $headers->{'retry-after'}, '... Retry-After';
    unlike $body, qr/balance|$table|permission/, '... no figures, no reason';
    my $log = substr $server->error_log, $from;
    like $log, qr/permission denied for table $table: the role lacks a GRANT/,
        '... which is in the log';
    is scalar(() = $log =~ /\[ubal:error\]/g), 1, '... once';
    $pg->sql('ubal', "GRANT SELECT ON $table TO ubal_read", 'ubal_owner');
    is +($server->get('/user/12'))[0], 200, '... granted: it answers';
}

done_testing;
