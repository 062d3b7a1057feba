# What others do to the database while httpd answers from it: locks (D1), and
# the steps of the schema to this version's (D6). A reply is right, or 503 for
# a while that is bounded; nothing is to be restarted.
use strict;
use warnings;
use FindBin;
use IO::Handle;
use Test::More;
use Ubal::Place qw(is_pgsql);
use Ubal::Data;
use Ubal::Ingest;
use Ubal::Server;

plan skip_all => 'of SQLite alone' if is_pgsql();

my $mount = <<'END';
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
<Location "/payouts">
    SetHandler ubal-payouts
    Require all granted
</Location>
END
my @paths = ('/user/12', '/user/12/payouts', '/user?ids=12,13', '/payouts',
             '/user/12/transactions', '/user/12/history?step=month',
             '/user/12?at=2026-02-01T00:00:00Z');

# An sqlite3 program that is told what to do, as httpd's user.
package Ubal::Shell {
    sub new {
        my ($class, $db) = @_;
        my (undef, undef, $uid, $gid) = Ubal::Server::httpd_user();
        pipe my $in, my $to or die $!;
        pipe my $from, my $out or die $!;
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            open STDIN, '<&', $in;
            open STDOUT, '>&', $out;
            open STDERR, '>&', $out;
            close $_ for $to, $from;
            if (!$>) {
                $) = "$gid $gid";
                POSIX::setgid($gid);
                POSIX::setuid($uid);
            }
            exec 'sqlite3', '-batch', $db or POSIX::_exit(126);
        }
        $to->autoflush;
        return bless { to => $to, from => $from, pid => $pid }, $class;
    }

    # Returns what it says, once it is done.
    sub tell {
        my ($self, @lines) = @_;
        print { $self->{to} } map { "$_\n" } @lines, '.print done';
        my $said = '';
        while (defined(my $line = readline $self->{from})) {
            last if $line eq "done\n";
            $said .= $line;
        }
        return $said;
    }

    sub end {
        my ($self) = @_;
        close $self->{to};
        waitpid $self->{pid}, 0;
    }
}

package main;

my $server = Ubal::Server->new;
my $data = Ubal::Data->new($server->db)->create
    ->cover(since => 1767225600_000000, as_of => 1772323200_000000);
$data->user('12', earned => 500, payout => 100)->user('13', spent => 1);
$server->start($mount);

my %right = map { $_ => ($server->get($_))[2] } @paths;
is scalar(grep { ($server->get($_))[0] == 200 } @paths), @paths,
    'all endpoints answer';

sub is_right {
    my ($name) = @_;
    for my $path (@paths) {
        my ($status, undef, $body) = $server->get($path);
        is "$status $body", "200 $right{$path}", "$name: $path";
    }
}

# --- D1 -------------------------------------------------------------------------

my $writer = Ubal::Shell->new($server->db);
is $writer->tell('.timeout 5000', 'BEGIN IMMEDIATE;',
                 "UPDATE balances SET earned = 900 WHERE user_id = '12';"), '',
    'another program writes';
is_right('D1: beside a writer');
is $writer->tell('PRAGMA cache_spill = 1;', 'PRAGMA cache_size = 1;',
                 'CREATE TABLE junk AS WITH RECURSIVE i (n) AS (SELECT 1 '
                 . 'UNION ALL SELECT n + 1 FROM i WHERE n < 5000) '
                 . 'SELECT n, hex(zeroblob(100)) FROM i;'), '',
    'it has written more than it keeps in memory';
is_right('D1: beside a large transaction');
$writer->tell('ROLLBACK;');
is_right('D1: after it was rolled back');
$writer->end;

# An exclusive lock, which only who knows WAL badly takes: no reader is left
# with a connection of its own, as they would keep it from being taken.
$server->stop;
$writer = Ubal::Shell->new($server->db);
is $writer->tell('.timeout 5000', 'PRAGMA locking_mode = EXCLUSIVE;',
                 'BEGIN EXCLUSIVE;', "UPDATE balances SET changed_at = 2;"),
    "exclusive\n", 'another program has the database for itself';
$server->start;
for my $path (@paths) {
    my ($status, $headers, $body) = $server->get($path);
    is $status, 503, "D1: locked: $path: 503";
    like $headers->{'retry-after'}, qr/\A[1-9]\d*\z/, '... Retry-After';
    unlike $body, qr/balance|items|totalPayoutAmount/, '... no figures';
    is $headers->{etag}, undef, '... no tag';
}
is +($server->get('/user/12', { 'If-None-Match' => '*' }))[0], 503,
    'D1: locked: and never 304';
$writer->tell('ROLLBACK;');
$writer->end;
is_right('D1: unlocked');

# --- D6: the schema's steps -----------------------------------------------------

# A database as the version before left it, and the companion's program that
# brings it to this one's, with requests all the time.
my $migrations = "$FindBin::Bin/../../mod_ubal/store/sql/migrations";
my @steps = sort glob "$migrations/*.sqlite.sql";
my $ingest = Ubal::Ingest->new(url => 'http://127.0.0.1:1/');
my $old = Ubal::Data->new($ingest->db);
$old->sql('PRAGMA journal_mode = WAL');
for my $step (@steps[0 .. $#steps - 1]) {
    $old->sql('BEGIN;' . Ubal::Server::slurp($step) . 'COMMIT;');
}
$old->sql('UPDATE coverage SET schema = ' . $#steps . ', scale = 2, '
    . 'since = 1767225600000000, as_of = 1772323200000000;'
    . "INSERT INTO ubal_meta VALUES ('schema', '$#steps'), ('scale', '2')"
    . ' ON CONFLICT (key) DO UPDATE SET value = excluded.value;'
    . 'WITH RECURSIVE i (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM i '
    . 'WHERE n < 100000) INSERT INTO transactions (vendor, id, user_id, '
    . 'created_at, type, amount, commit_seq) '
    . "SELECT 1, 't' || n, n % 100, 1767225600000000 + n, 0, 5, 1 FROM i;"
    . 'INSERT INTO balances (user_id, earned, spent, payout, paid_out, '
    . 'changed_at) SELECT user_id, SUM(amount), 0, 0, 0, 1 FROM transactions '
    . 'GROUP BY user_id');
my $live = Ubal::Server->new(dbd => 0);
$live->start("DBDriver sqlite3\nDBDParams \"file:@{[ $ingest->db ]}?mode=ro\"\n"
    . "DBDMax 64\n$mount");
like +($live->get('/user/12'))[2], qr/"earned":50,/,
    'the schema of the version before: balances are answered';
is +($live->get('/user/12?at=2026-02-01T00:00:00Z'))[0], 503,
    'what is new in this version: 503';

my $migrator = fork // die "fork: $!";
if (!$migrator) {
    my ($exit, $text) = $ingest->command('migrate');
    print STDERR $text if $exit;
    POSIX::_exit($exit);
}
my %came;
my $note = sub {
    my ($status, $headers, $body) = $live->get('/user/12');
    $came{$status == 200 && $body =~ /"earned":50,/ ? 'right'
              : "$status $body"}++;
};
$note->() until waitpid $migrator, POSIX::WNOHANG();
is $?, 0, 'migrated meanwhile';
$note->();
is_deeply [keys %came], ['right'], 'D6: a migration: no failed request';
like +($live->get('/user/12?at=2026-02-01T00:00:00Z'))[2], qr/"earned":50,/,
    '... and what came with it is there';
unlike $_->error_log, qr/exit signal|seg fault/, 'no child crashed'
    for $server, $live;

done_testing;
