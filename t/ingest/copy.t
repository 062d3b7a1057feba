# Promise: copy moves a database to PostgreSQL as it is, while its daemon goes
# on; run again it brings the copy up to date. It is all there or nothing, never
# over other data. Who switches goes on from there: the vendor's truth to the
# last unit, and never more requests than the limit.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use JSON::PP ();
use POSIX qw(strftime);
use Ubal::Ingest;
use Ubal::Place qw(is_pgsql);
use Ubal::Postgres;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

plan skip_all => "goes from SQLite to PostgreSQL, by itself" if is_pgsql();

my $begin = time - 400;
my $period = 2;
my $pg = Ubal::Postgres->shared;

sub instant { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_[0]) }

# One item a second, of users that are not easy to write down, and one who has
# so many that there are sums over time; some that cannot be stored.
my @users = ('u0', 'u0', 'u0', q{o'neil "\\"; DROP}, "\x{e9}t\x{e9}\x{1F600}",
             '%s%lld', '{}', ' ');
utf8::encode($_) for @users;
my @types = qw(earned spent payout paid_out earned);

sub item {
    my ($at) = @_;
    return {
        id => "t$at", userId => $users[$at % @users],
        type => $at % 50 == 7 ? 'bonus' : $types[$at % @types],
        amount => $at % 97 == 3 ? -5.25 : 100 + $at % 7, createdAt => instant($at),
    };
}

sub source {
    my ($self) = @_;
    return map { item($_) } $begin .. ($self->flag('until') // time);
}

sub money_until {
    my ($until) = @_;
    my %sum;
    for my $at ($begin .. $until) {
        my $item = item($at);
        next if $item->{type} eq 'bonus';
        $sum{ $item->{userId} }{ $item->{type} } += 100 * $item->{amount};
    }
    return join "\n", map { my $user = $_; join '|', $user,
        map { $sum{$user}{$_} // 0 } qw(earned spent payout paid_out)
    } sort keys %sum;
}

my $vendor = Ubal::Vendor->new(handler => sub {
    my $self = $_[4];
    return Ubal::Vendor::list_handler(sub { source($self) })->(@_);
});
my $ingest = Ubal::Ingest->new(url => $vendor->url, short => 0,
    lines => "UbalRate 5 ${period}s\nUbalPageSize 100\nUbalInterval 1s\n"
        . 'UbalSince ' . instant($begin) . "\n"
        . "UbalWindow settle=1s tick=1s lookback=1h\n");

sub copy_to {
    my ($database, @with) = @_;
    return $ingest->command('copy', $pg->params($database), @with);
}

sub copies {
    my ($database, $what) = @_;
    my ($exit, $out) = copy_to($database, '--json');
    is $exit, 0, $what or diag $out;
    return JSON::PP::decode_json((split /\n/, $out)[-1] // '{}');
}

sub is_refused {
    my ($database, $what, $code, $pattern) = @_;
    my ($exit, $out) = copy_to($database);
    is $exit, $code, "$what: refused";
    like $out, $pattern, "$what: why";
}

# --- what the databases hold, row by row ------------------------------------------

sub columns_of {
    my ($table) = @_;
    return sort split /\n/,
        $ingest->sqlite("SELECT name FROM pragma_table_info('$table')");
}

sub tables { return split /\n/, $ingest->sqlite("SELECT name FROM sqlite_schema
    WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name") }

# All rows of a table as text that both databases write alike.
sub rows_of {
    my ($side, $table) = @_;
    my $row = join " || '|' || ",
        map { "COALESCE(CAST($_ AS TEXT), 'NULL')" } columns_of($table);
    my $where = $table eq 'ubal_meta'
        ? "WHERE key NOT IN ('owner_host', 'owner_pid', 'copied_token')" : '';
    return [sort split /\n/, $side->("SELECT $row FROM $table $where")];
}

sub is_same {
    my ($database, $what) = @_;
    my $ours = sub { $ingest->sqlite($_[0]) };
    my $theirs = sub { $pg->sql($database, $_[0]) };
    for my $table (tables()) {
        is_deeply rows_of($theirs, $table), rows_of($ours, $table),
            "$what: $table";
    }
    is $theirs->("SELECT COUNT(*) FROM ids i JOIN transactions t
        ON t.vendor = i.vendor AND t.id = i.id AND t.user_id = i.user_id
        AND t.created_at = i.created_at"),
        $ours->('SELECT COUNT(*) FROM transactions'), "$what: every id";
    for my $table (qw(windows requests dead_letters)) {
        my $highest = $ours->("SELECT seq FROM sqlite_sequence
            WHERE name = '$table'") || 0;
        is $theirs->("SELECT last_value FROM ${table}_id_seq"), $highest,
            "$what: no number of $table is given again" if $highest;
    }
}

# --- while the daemon goes on -----------------------------------------------------

my $database = $pg->database;
is_refused($database, 'before anything is there', 1, qr/no database/);
is $pg->sql($database, "SELECT COUNT(*) FROM pg_tables
    WHERE schemaname = 'public'"), 0, 'and nothing is made there';

$ingest->start;
ok wait_for(sub { $ingest->covers($begin, $begin + 390) }, 60), 'history'
    or diag $ingest->log;
is $ingest->sqlite('SELECT COUNT(*) > 0 FROM sums'), 1, 'sums over time';
{
    my $json = copies($database, 'a copy, while the daemon goes on');
    cmp_ok $json->{transactions}, '>', 350, 'of all transactions';
    is $json->{users}, scalar(keys %{ { map { $_ => 1 } @users } }), 'and users';
    is $json->{new}, $json->{transactions}, 'all are new';
    is $json->{asOf}, instant($pg->sql($database,
        'SELECT as_of / 1000000 FROM coverage')), 'it says as of when it is';
    is $pg->sql($database, 'SELECT COUNT(*) FROM transactions'),
        $json->{transactions}, 'they are there';
    my $as_of = $pg->sql($database, 'SELECT as_of FROM coverage') / 1e6;
    ok wait_for(sub { $ingest->covers($begin, $as_of + 3) }, 30),
        'the daemon was not held up';
}

# Commands leave what else there is: a conflict, a tombstone, an opening balance.
sub done {
    my ($what, $text, @words) = @_;
    my $file = $ingest->root . '/given.csv';
    open my $out, '>', $file or die "$file: $!";
    print $out $text // '';
    close $out;
    my ($exit, $said) = $ingest->command(map { $_ // $file } @words);
    is $exit, 0, $what or diag $said;
}

my ($stored) = grep { item($_)->{type} ne 'bonus' } $begin + 11 .. $begin + 12;
done('a conflict', "id,userId,createdAt,type,amount\nt$stored,u0,"
    . instant($stored) . ",earned,1\n", 'import', undef);
my ($letter) = split /\n/, $ingest->sqlite("SELECT id FROM dead_letters
    WHERE kind = 'dead' ORDER BY id");
done('a tombstone', undef, 'dead', 'drop', $letter);
done('an opening balance', "userId,balance\nu0,12.34\n", 'import', '--opening',
    undef, '--at', instant($begin));
is $ingest->sqlite("SELECT COUNT(DISTINCT kind || state) FROM dead_letters"), 3,
    'dead letters of three kinds';
$ingest->stop;
{
    my $before = $pg->sql($database, 'SELECT COUNT(*) FROM transactions');
    my $json = copies($database, 'again');
    ok $json->{isAgain}, 'it is brought up to date';
    is $json->{new}, $json->{transactions} - $before, 'by what is new';
    is_same($database, 'brought up to date');
    my $fresh = $pg->database;
    copies($fresh, 'to an empty database');
    is_same($fresh, 'at once');
    my ($exit, $out) = $ingest->command('verify');
    is $exit, 0, 'the database itself is as it was' or diag $out;
    $pg->drop($fresh);
}

# --- what is refused --------------------------------------------------------------

{
    my ($exit, $out) = $ingest->command('copy', 'postgres://me:secret@x/y');
    is $exit, 2, 'a password in a URI: refused';
    unlike $out, qr/secret/, 'and not shown';
    ($exit, $out) = $ingest->command('copy', 'dbname=x password=secret');
    is $exit, 2, 'a password in an argument: refused';
    like $out, qr/passfile=.* or service=/, 'and what to do';
    unlike $out, qr/secret/, 'without showing it';
    is +($ingest->command('copy'))[0], 2, 'no target: refused';
    ($exit, $out) = $ingest->command('copy', 'host=/nowhere dbname=x');
    is $exit, 1, 'no server: failed';

    my $other = $pg->database;
    copies($other, 'a copy to be changed');
    $pg->sql($other, "UPDATE ubal_meta SET value = repeat('0', 32)
        WHERE key = 'account_key'");
    is_refused($other, 'data of another database', 2, qr/of another database/);
    $pg->sql($other, "UPDATE ubal_meta SET value = (SELECT value FROM ubal_meta
        WHERE key = 'token') WHERE key = 'account_key'");
    $pg->drop($other);

    $other = $pg->database;
    copies($other, 'a copy to be newer');
    $pg->sql($other, 'UPDATE coverage SET commit_seq = commit_seq + 1000');
    is_refused($other, 'a restored database', 2, qr/newer than the database/);
    $pg->sql($other, 'UPDATE coverage SET commit_seq = commit_seq - 1000');
    $pg->sql($other, "UPDATE owners SET token = repeat('1', 32)
        WHERE first_seq = (SELECT MIN(first_seq) FROM owners)");
    is_refused($other, 'other commits', 2, qr/other commits than/);
    $pg->drop($other);

    $other = $pg->database;
    copies($other, 'a copy to be of a newer program');
    $pg->sql($other, "UPDATE ubal_meta SET value = '99' WHERE key = 'schema'");
    is_refused($other, 'a newer schema', 1, qr/schema 99/);
    $pg->drop($other);
}

# A copy that has lost a row, or has another one, is found out, and stays so.
{
    my $other = $pg->database;
    copies($other, 'a copy to be spoiled');
    my $one = "'" . $pg->sql($other, 'SELECT MIN(id) FROM transactions') . "'";
    $pg->sql($other, "UPDATE transactions SET amount = amount + 1
        WHERE id = $one");
    is_refused($other, 'another amount', 1, qr/has in the database/);
    $pg->sql($other, "DELETE FROM transactions WHERE id = $one");
    is_refused($other, 'a row less', 1, qr/not as many rows/);
    $pg->drop($other);
}

# --- broken off, and beside another -----------------------------------------------

# A psql of another's that has a lock on a table.
sub lock_table {
    my ($in, $table) = @_;
    open my $psql, '|-', Ubal::Postgres::program('psql'), '-X', '-q', '-o',
        '/dev/null', '-d', $pg->params($in) or die "psql: $!";
    $psql->autoflush(1);
    print $psql "BEGIN; LOCK TABLE $table IN SHARE ROW EXCLUSIVE MODE;\n";
    wait_for(sub { $pg->sql($in, "SELECT COUNT(*) FROM pg_locks
        WHERE relation = '$table'::regclass AND granted
        AND mode = 'ShareRowExclusiveLock'") }) or die "no lock on $table";
    return $psql;
}

# Starts a copy, and waits until it waits for that lock; its pid and that of
# the server's process.
sub begin_copy {
    my ($to) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDERR, '>', '/dev/null';
        if (!$>) {
            $) = "$ingest->{gid} $ingest->{gid}";
            POSIX::setgid($ingest->{gid});
            POSIX::setuid($ingest->{uid});
        }
        exec $ingest->program, 'copy', $pg->params($to), '--config',
            $ingest->config or POSIX::_exit(127);
    }
    my $server;
    wait_for(sub { $server = $pg->sql($to, "SELECT pid FROM pg_stat_activity
        WHERE datname = '$to' AND wait_event_type = 'Lock'") }, 30)
        or die 'the copy does not come that far';
    return ($pid, $server);
}

{
    my $other = $pg->database;
    copies($other, 'a copy to be emptied');
    my @emptied = grep { !/\A(?:ubal_meta|coverage)\z/ } tables(), 'ids';
    $pg->sql($other, 'TRUNCATE ' . join(', ', @emptied) . ";
        UPDATE coverage SET as_of = 0, commit_seq = 0;
        DELETE FROM ubal_meta WHERE key <> 'schema'");
    my $empty = join ' ', map { @{ rows_of(sub { $pg->sql($other, $_[0]) }, $_) } }
        tables();
    for my $table (qw(windows ids transactions)) {
        for my $how ('the program', 'its connection') {
            my $lock = lock_table($other, $table);
            my ($pid, $server) = begin_copy($other);
            if ($how eq 'the program') { kill 'KILL', $pid }
            else { $pg->sql($other, "SELECT pg_terminate_backend($server)") }
            waitpid $pid, 0;
            isnt $?, 0, "killed at $table: $how";
            close $lock;
            ok wait_for(sub { !$pg->sql($other, "SELECT COUNT(*)
                FROM pg_stat_activity WHERE pid = $server") }), 'it is gone';
            is join(' ', map { @{ rows_of(sub { $pg->sql($other, $_[0]) }, $_) } }
                tables()), $empty, 'and nothing of it is there';
        }
    }
    my $lock = lock_table($other, 'ubal_meta');
    is_refused($other, 'beside another', 75, qr/another process writes/);
    close $lock;
    copies($other, 'after all of these');
    is_same($other, 'after all of these');
    $pg->drop($other);
}

# --- the switch -------------------------------------------------------------------

# The old daemon sends requests that the copy does not know of; the new one
# begins at once when it has ended.
$ingest->start;
my $sent = $vendor->arrivals;
$vendor->wait_arrivals($sent + 2, 60) or die 'the old daemon does nothing';
my ($exit, $out) = copy_to($database);
is $exit, 0, 'the last copy' or diag $out;
like $out, qr/^brought up to date: \d+ transactions of \d+ users/m, 'says what';
$sent = $vendor->arrivals;
$vendor->wait_arrivals($sent + 3, 60) or die 'the old daemon does nothing';
$ingest->stop;
my ($before, $from) = (scalar $vendor->arrivals, length $ingest->log);
$ingest->configure(driver => 'pgsql', params => $pg->params($database));
$ingest->start;
$ingest->wait_log(qr/all 5 slots count as used/, 30, $from);
my $until = time;
$vendor->set_flag('until', $until);
ok wait_for(sub { $pg->sql($database, "SELECT as_of > ${until}000000
    FROM coverage") eq 't' }, 90), 'the new daemon goes on'
    or diag substr $ingest->log, $from;
cmp_ok $vendor->most_in($period), '<=', 5, 'the limit was kept over the switch';
my @arrivals = $vendor->arrivals;
cmp_ok $arrivals[$before]{start} - $arrivals[$before - 1]{end}, '>=',
    2 * $period, 'the first request after two periods';
$ingest->stop;
my $opened = money_until($until);
is $pg->sql($database, q{SELECT user_id, earned, spent, payout, paid_out
    FROM balances ORDER BY user_id}), with_opening($opened), 'exact balances';
($exit, $out) = $ingest->command('verify');
is $exit, 0, 'verify' or diag $out;
$ingest->configure(driver => 'sqlite3', params => $ingest->db);
is_refused($database, 'a copy that has a daemon', 2, qr/companion of its own/);

# u0 had 12.34 when it began.
sub with_opening {
    my ($money) = @_;
    $money =~ s/^u0\|(\d+)\|/'u0|' . ($1 + 1234) . '|'/em;
    return $money;
}

done_testing;
