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
my @blocks = $text =~ /^```sql\n(.*?)^```/gms;
is scalar @blocks, 4, 'the statements are there';

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
sub migrate {
    my ($database) = @_;
    my ($lines) = $text =~ /^    # migrate\.conf\n((?:    .*\n)+)/m;
    $lines =~ s/^    //mg;
    $lines =~ s/service=ubal_owner/$pg->params($database, 'ubal_owner')/e;
    $lines =~ s{/run/}{$ingest->root . '/data/'}e;
    my $config = $ingest->root . '/migrate.conf';
    open my $out, '>', $config or die "$config: $!";
    print $out $lines;
    close $out;
    my ($exit, $said) = $ingest->as_user(
        sub { exec $ingest->program, 'migrate', '--config', $config });
    is $exit, 0, "the owner makes the tables of $database" or diag $said;
}
migrate('ubal');
$pg->sql('ubal', $_, 'ubal_owner') for @blocks[1, 2];

# the companion's role
my ($exit, $said) = $ingest->command('copy', params('ubal_write'));
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

# Plain tables, as a database that distributes them by itself has them.
$pg->sql('postgres', 'CREATE DATABASE flat OWNER ubal_owner');
migrate('flat');
$pg->sql('flat', $_, 'ubal_owner') for @blocks[3, 1];
is $pg->sql('flat', "SELECT COUNT(*) FROM pg_class
    WHERE relkind = 'p' OR relispartition"), 0, 'no partition is left';
my $flat = Ubal::Ingest->new(url => $vendor->url);
is +($flat->command('import', $csv))[0], 0, 'another database on SQLite';
($exit, $said) = $flat->command('copy', $pg->params('flat', 'ubal_write'));
is $exit, 0, 'it is copied' or diag $said;
$flat->configure(driver => 'pgsql', params => $pg->params('flat', 'ubal_write'));
open my $out, '>>', $csv or die "$csv: $!";
print $out "more,u1,2025-01-09T00:00:00Z,earned,1\n";
close $out;
($exit, $said) = $flat->command('import', '--json', $csv);
is $exit, 0, 'and stored into' or diag $said;
like $said, qr/"new":1,"duplicates":600/, 'each once';
is +($flat->command('verify'))[0], 0, 'and verified';

# The table of statements is complete.
my ($table) = $text =~ /^\| what for \| statements \| shards \|\n(.*?)\n\n/ms;
my @known = map { s/\*/.*/r } $table =~ /`([a-z_*]+)`/g;
my %of;
for my $path (glob "$FindBin::Bin/../../mod_ubal/store/sql/*.sql") {
    my ($name, $for) = $path =~ m{([a-z_]+)(?:\.(\w+))?\.sql\z};
    $of{$name} = $path if ($for // '') eq 'pgsql' || !$for && !$of{$name};
}
my @unnamed = grep {
    my $name = $_;
    my $sql = Ubal::Server::slurp($of{$name}) =~ s/--.*//gr;
    $sql =~ /\b(?:FROM|JOIN|INTO|UPDATE|COPY)\s+(?:transactions|balances|sums|ids)\b/
        && !grep { $name =~ /\A$_\z/ } @known;
} sort keys %of;
is "@unnamed", '', 'each statement on a distributed table is named';

done_testing;
