# Promise: the daemon notices that another database was put in the place of its
# own while it waits, however long that is; while there is none, it makes none
# itself, and says so. Until its successor has taken over, status says that.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Fcntl qw(:flock);
use POSIX qw(strftime);
use Test::More;

use Ubal::Ingest;
use Ubal::Place qw(is_pgsql);
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

plan skip_all => "of SQLite's file" if is_pgsql();

my $vendor = Ubal::Vendor->new;
my $since = time - 3600;
# Once the last hour is fetched, its own wait would outlast the test.
my $ingest = Ubal::Ingest->new(url => $vendor->url, short => 0,
    lines => "UbalInterval 1h\nUbalReconcile off\nUbalRate 50 60s\n"
        . 'UbalSince ' . strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $since)
        . "\n");

# Starts it and waits until it has nothing to do for a while.
sub settle {
    $ingest->start;
    my $pid = $ingest->pid;
    $ingest->wait_log(qr/\[pid $pid\] fetching for/);
    ok wait_for(sub {
        ($ingest->sqlite('SELECT since, (SELECT COUNT(*) FROM requests'
            . ' WHERE ended IS NULL) FROM coverage') // '')
            eq "${since}000000|0";
    }, 20), 'it has begun and waits' or diag $ingest->log;
}

sub copy_to {
    my ($file) = @_;
    my ($exit, $text) = $ingest->command('backup', $file);
    is $exit, 0, 'a copy' or diag $text;
    return $file;
}

sub says {
    my ($pattern, $what) = @_;
    my ($exit, $text) = $ingest->command('status');
    like $text, $pattern, "status: $what";
}

settle();
my $first = $ingest->pid;
says(qr/^daemon +running \(owner: process $first on /m, 'who the owner is');
says(qr/^  limit +50 in any 60 s, a request may be made now$/m,
     'that nothing has to wait');
my $copy = copy_to($ingest->root . '/data/copy.db');
unlink map { $ingest->db . $_ } '-wal', '-shm';
rename $copy, $ingest->db or die "rename: $!";
ok wait_for(sub { defined $ingest->ended }, 20), 'replaced: noticed';
like $ingest->log, qr/the database file was replaced/, 'replaced: said';
says(qr/^daemon +not running \(last owner: process $first on /m,
     'that there is none');
{
    open my $lock, '+<', $ingest->db . '.ingest.lock' or die "lock: $!";
    flock $lock, LOCK_EX or die "flock: $!";
    says(qr/^daemon +running, has not taken this database over yet \(last /m,
         'that the copy names an owner who is gone');
}

# Nothing vouches for the ledger now.
unlink $ingest->db . '.ingest.lock' or die "unlink: $!";
settle();
says(qr/^daemon +running \(owner: process @{[ $ingest->pid ]} on /m,
     'who has taken over');
says(qr/^  limit .*, all used as far as is known \(a restore, a reboot or a lost lock file\): the next request waits until \d{4}-\S+Z \(1?\d\d s\)$/m,
     'until when the first request waits, and why');
like +($ingest->command('status', '--json'))[1],
    qr/"waitsUntil":"\d{4}-[^"]+Z"/, 'status: as JSON, too';
$copy = copy_to($ingest->root . '/data/copy.db');
my $from = length $ingest->log;
unlink map { $ingest->db . $_ } '', '-wal', '-shm';
ok $ingest->wait_log(qr/was removed: put a copy in its place/, 20, $from),
    'removed: noticed, and said';
ok !-e $ingest->db, 'removed: none was made';
ok !defined $ingest->ended, 'removed: it waits for one';
rename $copy, $ingest->db or die "rename: $!";
ok wait_for(sub { defined $ingest->ended }, 20),
    'removed: what is put in its place is noticed';
my $said = () = $ingest->log =~ /was removed: put/g;
is $said, 1, 'removed: said once';

# The old file's log was left there: SQLite would read and write the copy by it.
unlink $ingest->db . '.ingest.lock' or die "unlink: $!";
settle();
$copy = copy_to($ingest->root . '/data/copy.db');
rename $copy, $ingest->db or die "rename: $!";
ok wait_for(sub { defined $ingest->ended }, 20), 'the log is left: noticed';
$from = length $ingest->log;
$ingest->start;
ok wait_for(sub { defined $ingest->ended }, 20), 'the log is left: refused';
like substr($ingest->log, $from), qr/-wal and -shm are still those.*remove both/,
    'the log is left: said what to do';
is +($ingest->command('verify'))[0], 1, 'the log is left: not read either';
unlink map { $ingest->db . $_ } '-wal', '-shm';
settle();
is +($ingest->command('verify'))[0], 0, 'the log is removed: the copy is whole';

done_testing;
