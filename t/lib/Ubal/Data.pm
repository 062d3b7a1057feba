# A database as the daemon would leave it, written by the sqlite3 program, or
# psql where that is what stands for the file (Ubal::Place): for tests of the
# module alone. Knows the schema.
#
#   my $data = Ubal::Data->new("$folder/ubal.db");
#   $data->create;                              # tables, nothing fetched
#   $data->cover(since => $us, as_of => $us);   # something was fetched
#   $data->user('12', earned => 120000, payout => 20000);   # minor units
#   $data->commit(['12', 'id1', $us, 'earned', 120000]);    # a transaction
package Ubal::Data;
use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use File::Basename qw(dirname);
use POSIX ();
use Ubal::Place qw(is_pgsql name_of postgres);
use Ubal::Server;

my $migrations =
    abs_path(dirname(__FILE__) . '/../../../mod_ubal/store/sql/migrations');

my $over = 'ON CONFLICT (user_id) DO UPDATE SET '
    . join ', ', map { "$_ = excluded.$_" }
        qw(earned spent payout paid_out changed_at n);

sub new {
    my ($class, $path) = @_;
    return bless { path => $path }, $class;
}

sub path { return $_[0]{path} }

# Makes the PostgreSQL database where it is not there; its name.
sub pgsql_name {
    my ($self) = @_;
    my $name = name_of($self->{path});
    postgres()->database($name)
        unless $self->{is_there}++ || postgres()->sql('postgres',
            "SELECT 1 FROM pg_database WHERE datname = '$name'");
    return $name;
}

# Runs `$sql`; an SQLite file is that of httpd's user.
sub sql {
    my ($self, $sql) = @_;
    return postgres()->sql($self->pgsql_name, $sql) if is_pgsql();
    my (undef, undef, $uid, $gid) = Ubal::Server::httpd_user();
    my $pid = open my $out, '-|';
    croak "fork: $!" unless defined $pid;
    if (!$pid) {
        open STDERR, '>&', \*STDOUT;
        if (!$>) {
            $) = "$gid $gid";
            POSIX::setgid($gid);
            POSIX::setuid($uid);
        }
        # Its end must not remove what readers need of a WAL database.
        exec 'sqlite3', '-batch', '-bail', '-cmd', '.timeout 10000',
            '-cmd', '.filectrl persist_wal 1', $self->{path}, $sql
            or POSIX::_exit(126);
    }
    my $text = do { local $/; <$out> } // '';
    close $out;
    croak "sqlite3: $text" if $?;
    $text =~ s/\A\d\n//; # what .filectrl says
    chomp $text;
    return $text;
}

sub quote {
    my ($text) = @_;
    return "'" . $text =~ s/'/''/gr . "'";
}

# The tables as every migration leaves them, `scale` (2) stored.
sub create {
    my ($self, %with) = @_;
    my $for = is_pgsql() ? 'pgsql' : 'sqlite';
    $self->sql('PRAGMA journal_mode = WAL') unless is_pgsql();
    for my $path (sort glob "$migrations/*.$for.sql") {
        open my $in, '<', $path or croak "$path: $!";
        $self->sql('BEGIN;' . do { local $/; <$in> } . 'COMMIT;');
    }
    return $self->cover(scale => $with{scale} // 2, schema => $self->schema);
}

# Which schema this program has.
sub schema {
    my ($last) = (sort glob "$migrations/*.sql")[-1] =~ m{/(\d+)[^/]*\z};
    return $last + 0;
}

# The database that the tests of t/http share, as the first of them makes it:
# since 2026-01-01, as of 2026-03-01.
sub shared {
    my ($class, $folder) = @_;
    my $self = $class->new("$folder/data/ubal.db");
    $self->create->cover(since => 1767225600_000000,
                         as_of => 1772323200_000000)
        unless is_pgsql() ? $self->sql("SELECT to_regclass('coverage')")
                          : -e $self->path;
    return $self;
}

# Any of since, as_of (us), has_backfill, has_gaps, has_dead, has_conflicts.
sub cover {
    my ($self, %with) = @_;
    $self->sql('UPDATE coverage SET '
        . join(', ', map { "$_ = $with{$_}" } sort keys %with));
    return $self;
}

sub user {
    my ($self, $id, %sum) = @_;
    $_ //= 0 for @sum{qw(earned spent payout paid_out)};
    $self->sql('INSERT INTO balances (user_id, earned, spent, payout, '
        . 'paid_out, changed_at, n) VALUES (' . quote($id)
        . ", $sum{earned}, $sum{spent}, $sum{payout}, $sum{paid_out}, 1, 0) "
        . $over);
    return $self;
}

my %type = (earned => 0, spent => 1, payout => 2, paid_out => 3);

# Stores transactions, [user, id, us, type, minor, vendor (1)] each, with what
# they make of the balances, as one commit.
sub commit {
    my ($self, @rows) = @_;
    my %users = map { $_->[0] => 1 } @rows;
    $self->sql(join ';', is_pgsql() ? 'BEGIN' : 'BEGIN IMMEDIATE',
        'UPDATE coverage SET commit_seq = commit_seq + 1',
        map({
            my ($user, $id, $us, $kind, $minor, $vendor) = @$_;
            (is_pgsql() ? 'INSERT INTO ids (user_id, id, created_at, vendor) '
                    . 'VALUES (' . quote($user) . ', ' . quote($id)
                    . ", $us, " . ($vendor // 1) . ')' : ()),
            'INSERT INTO transactions (user_id, id, created_at, type, amount, '
                . 'vendor, commit_seq) SELECT ' . quote($user) . ', '
                . quote($id) . ", $us, $type{$kind}, $minor, "
                . ($vendor // 1) . ', commit_seq FROM coverage'
        } @rows), map({ $self->balance_sql($_) } sort keys %users), 'COMMIT');
    return $self;
}

# Makes a user's balance what the transactions say.
sub balance_sql {
    my ($self, $user) = @_;
    return 'INSERT INTO balances (user_id, earned, spent, payout, '
        . 'paid_out, changed_at, n) SELECT user_id, '
        . join('', map { "SUM(CASE WHEN type = $_ THEN amount ELSE 0 END), " }
               0 .. 3)
        . '1, COUNT(*) FROM transactions WHERE user_id = ' . quote($user)
        . " GROUP BY user_id $over";
}

1;
