# Promise: the statements of conf/postgresql.md make roles that can do what they
# are for, and no more: the owner migrates, the companion copies and fetches,
# httpd reads. Over several hosts the companion finds the one that can be written.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Export qw(export_rows write_csv money_of);
use Ubal::Ingest;
use Ubal::Postgres;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $text = Ubal::Server::slurp("$FindBin::Bin/../../conf/postgresql.md");
my @blocks = $text =~ /^```sql\n(CREATE ROLE.*?|REVOKE CREATE.*?)^```/gms;
is scalar @blocks, 2, 'the statements are there';

my $pg = Ubal::Postgres->new;
sub params { return $pg->params('ubal', $_[0]) }
sub said { return eval { $pg->sql('ubal', $_[1], $_[0]) } // "failed: $@" }

sub refused {
    my ($role, $statement) = @_;
    # psql says why on standard error
    open my $kept, '>&', \*STDERR or die "dup: $!";
    open STDERR, '>', '/dev/null';
    my $answer = said($role, $statement);
    open STDERR, '>&', $kept or die "dup: $!";
    like $answer, qr/^failed/, "$role may not: $statement";
}

$pg->sql('postgres', $_) for grep { /\S/ } split /;/, $blocks[0];

my $begin = 1735689600;
my @rows = export_rows(600, begin => $begin, step => 30);
my $vendor = Ubal::Vendor->new;
my $ingest = Ubal::Ingest->new(url => $vendor->url, lines => "UbalRate 5 1s\n");
my $csv = write_csv($ingest->root . '/x.csv', @rows);
is +($ingest->command('import', $csv))[0], 0, 'a database on SQLite';

# migrate as in the text, by the owner alone
my ($lines) = $text =~ /^    # migrate\.conf\n((?:    .*\n)+)/m;
$lines =~ s/^    //mg;
$lines =~ s/service=ubal_owner/params('ubal_owner')/e;
$lines =~ s{/run/}{$ingest->root . '/data/'}e;
my $config = $ingest->root . '/migrate.conf';
open my $out, '>', $config or die "$config: $!";
print $out $lines;
close $out;
sub migrate {
    return $ingest->as_user(
        sub { exec $ingest->program, 'migrate', '--config', $config });
}
my ($exit, $said) = migrate();
is $exit, 0, 'the owner makes the tables' or diag $said;
$pg->sql('ubal', $blocks[1], 'ubal_owner');

# the companion's role
($exit, $said) = $ingest->command('copy', params('ubal_write'));
is $exit, 0, 'the companion\'s role copies' or diag $said;
refused('ubal_write', 'CREATE TABLE x (i INT)');
refused('ubal_write', 'DROP TABLE ids');
refused('ubal_write', 'TRUNCATE ids');
$ingest->configure(driver => 'pgsql', params => params('ubal_write'));
is +($ingest->command('verify'))[0], 0, 'verifies';
$ingest->start;
ok wait_for(sub { said('ubal_read', 'SELECT as_of > 0 FROM coverage') eq 't' },
    60), 'and fetches' or diag $ingest->log;
$ingest->stop;

# httpd's role
is said('ubal_read', 'SELECT user_id, earned, spent, payout, paid_out
    FROM balances ORDER BY user_id'), money_of(@rows), 'httpd\'s role reads';
for my $table (qw(transactions sums owners)) {
    like said('ubal_read', "SELECT COUNT(*) FROM $table"), qr/^\d+$/,
        "and $table";
}
refused('ubal_read', $_) for 'UPDATE balances SET earned = 0',
    'DELETE FROM transactions', 'SELECT * FROM requests',
    'SELECT * FROM ubal_meta', 'CREATE TABLE x (i INT)';

# One that is only to be read from comes first.
my $standby = $pg->standby;
my $both = 'host=' . $standby->host . ',' . $pg->host . ' port='
    . $standby->port . ',' . $pg->port . ' dbname=ubal user=ubal_write';
$ingest->configure(driver => 'pgsql',
    params => "$both target_session_attrs=read-write");
my $as_of = said('ubal_read', 'SELECT as_of FROM coverage');
$ingest->start;
ok wait_for(sub { said('ubal_read', 'SELECT as_of FROM coverage') > $as_of },
    60), 'of several hosts, the one that can be written' or diag $ingest->log;
$ingest->stop;
ok wait_for(sub { $standby->sql('ubal', 'SELECT as_of FROM coverage',
        'ubal_read') eq said('ubal_read', 'SELECT as_of FROM coverage') }, 60),
    'a standby can be read from, and follows';

done_testing;
