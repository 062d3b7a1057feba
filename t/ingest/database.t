# Promise: a database that is locked, full, newer or replaced is never written
# wrongly: the daemon waits, or ends with a clear word, and goes on later.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX qw(strftime);
use Ubal::Ingest;
use Ubal::Place qw(is_pgsql);
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

plan skip_all => "of SQLite's file" if is_pgsql();

my $begin = time - 3600;
my $count = 10;
my $vendor = Ubal::Vendor->new(handler => sub {
    my $count = $_[4]->flag('count') // 10;
    my @items = map {
        { id => "t$_", userId => '12', type => 'earned', amount => "1.5",
          createdAt => strftime('%Y-%m-%dT%H:%M:%S.000Z',
                                gmtime($begin + 2 * $_)) }
    } 1 .. $count;
    return Ubal::Vendor::list_handler(sub { @items })->(@_);
});
my $lines = "UbalRate 50 500ms\nUbalSince "
    . strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $begin) . "\n";

sub goes_on {
    my ($ingest, $what) = @_;
    my $from = time;
    ok wait_for(sub { $ingest->covers($begin, $from) }, 30),
        "$what: as-of goes on"
        or diag $ingest->log;
    is $ingest->sqlite("SELECT earned FROM balances WHERE user_id = '12'"),
        1500, "$what: exact";
    my ($exit, $out) = $ingest->command('verify');
    is $exit, 0, "$what: verify" or diag $out;
}

# D1: locked for seconds
{
    my $ingest = Ubal::Ingest->new(url => $vendor->url, lines => $lines);
    $ingest->start;
    goes_on($ingest, 'before');
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        $ingest->as_user(sub {
            exec 'sqlite3', $ingest->db, '.timeout 5000', 'BEGIN IMMEDIATE',
                '.shell sleep 4', 'ROLLBACK';
        });
        POSIX::_exit(0);
    }
    my $from = length $ingest->log;
    $ingest->wait_log(qr/waiting for the database|not sent/, 20, $from);
    waitpid $pid, 0;
    goes_on($ingest, 'D1: locked for four seconds');
    is $ingest->ended, undef, 'D1: the same daemon';
}

# D2: no room
{
    my $ingest = Ubal::Ingest->new(url => $vendor->url, lines => $lines);
    my $full = $ingest->root . '/full';
    {
        local $ENV{LD_PRELOAD} = Ubal::Server::preload_faults();
        local $ENV{UBAL_FULL_FILE} = $full;
        $ingest->start;
    }
    goes_on($ingest, 'D2: before');
    open my $out, '>', $full or die "$full: $!";
    close $out;
    $ingest->wait_log(qr/waiting for the database: .*full/, 20);
    is $ingest->ended, undef, 'D2: the daemon waits, and says for what';
    is $ingest->sqlite("SELECT earned FROM balances WHERE user_id = '12'"),
        1500, 'D2: what is stored can be read';
    unlink $full;
    goes_on($ingest, 'D2: with room again');
}

# D2: no room for a slot: the vendor is not connected to again and again
{
    my $vendor = Ubal::Vendor->new;
    my $ingest = Ubal::Ingest->new(url => $vendor->url,
                                   lines => "UbalRate 5 60s\n");
    my $full = $ingest->root . '/full';
    {
        local $ENV{LD_PRELOAD} = Ubal::Server::preload_faults();
        local $ENV{UBAL_FULL_FILE} = $full;
        $ingest->start;
    }
    ok $vendor->wait_arrivals(2, 30), 'D2: two requests';
    open my $out, '>', $full or die "$full: $!";
    close $out;
    $ingest->wait_log(qr/waiting for the database: .*full/, 20);
    my $before = $vendor->connections;
    ok !wait_for(sub { $vendor->connections > $before + 10 }, 8),
        'D2: few connections while there is no room';
    unlink $full;
    ok $vendor->wait_arrivals(3, 30), 'D2: it heals by itself';
}

# D5: a schema of a newer version
{
    my $ingest = Ubal::Ingest->new(url => $vendor->url, lines => $lines);
    $ingest->start;
    goes_on($ingest, 'D5: before');
    $ingest->stop;
    $ingest->sqlite("UPDATE ubal_meta SET value = '999' WHERE key = 'schema'");
    my $from = length $ingest->log;
    $ingest->start;
    ok wait_for(sub { defined $ingest->ended }, 20), 'D5: refused';
    like substr($ingest->log, $from), qr/999/, 'D5: naming the version';
}

# D7: replaced while the daemon runs
{
    my $ingest = Ubal::Ingest->new(url => $vendor->url, lines => $lines);
    $ingest->start;
    goes_on($ingest, 'D7: before');
    my $copy = $ingest->db . '.copy';
    $ingest->sqlite("VACUUM INTO '$copy'");
    goes_on($ingest, 'D7: after the copy was made');
    my $from = length $ingest->log;
    unlink map { $ingest->db . $_ } '-wal', '-shm';
    rename $copy, $ingest->db or die "rename: $!";
    ok wait_for(sub { defined $ingest->ended }, 20), 'D7: noticed';
    like substr($ingest->log, $from), qr/replaced/, 'D7: and said';
    $ingest->start;
    $ingest->wait_log(qr/slots count as used/, 20, $from);
    goes_on($ingest, 'D7: the next daemon');
}

# A scale other than the stored one
{
    my $ingest = Ubal::Ingest->new(url => $vendor->url, lines => $lines);
    $ingest->start;
    goes_on($ingest, 'scale: before');
    $ingest->stop;
    $ingest->configure(top => "UbalScale 3\n");
    my $from = length $ingest->log;
    $ingest->start;
    ok wait_for(sub { defined $ingest->ended }, 20), 'another scale: refused';
    like substr($ingest->log, $from), qr/scale/i, 'and said';
}

# A vendor that was only renamed
{
    my $ingest = Ubal::Ingest->new(url => $vendor->url, lines => $lines);
    $ingest->start;
    goes_on($ingest, 'name: before');
    $ingest->stop;
    $ingest->configure(name => 'other');
    my $from = length $ingest->log;
    $ingest->start;
    ok wait_for(sub { defined $ingest->ended }, 20), 'another name: refused';
    like substr($ingest->log, $from), qr/stored twice; call it t again/,
        'naming the old one';
    $ingest->configure(name => 't');
    $ingest->start;
    goes_on($ingest, 'name: called t again');
}

# The same, where all that it has came from a file
{
    my $vendor = Ubal::Vendor->new(handler => sub { return (503, {}, '') });
    my $ingest = Ubal::Ingest->new(url => $vendor->url, lines => $lines);
    my $file = $ingest->root . '/data/history.csv';
    open my $out, '>', $file or die "$file: $!";
    print $out "id,userId,createdAt,type,amount\n",
        "t1,12,2026-01-01T00:00:00Z,earned,15\n";
    close $out;
    chmod 0644, $file;
    $ingest->start;
    ok $vendor->wait_arrivals(1, 20), 'name: asked, and nothing came';
    $ingest->stop;
    my ($exit, $text) = $ingest->command('import', $file);
    is $exit, 0, 'name: imported' or diag $text;
    $ingest->configure(name => 'other');
    my $from = length $ingest->log;
    $ingest->start;
    ok wait_for(sub { defined $ingest->ended }, 20),
        'another name, for what was imported: refused';
    like substr($ingest->log, $from), qr/stored twice; call it t again/,
        'naming the old one';
}

# Ids that are made of other fields
{
    my $ingest = Ubal::Ingest->new(url => $vendor->url, lines => $lines);
    $ingest->start;
    goes_on($ingest, 'ids: before');
    $ingest->stop;
    $ingest->configure(lines => $lines . "UbalMap id id type\n");
    my $from = length $ingest->log;
    $ingest->start;
    ok wait_for(sub { defined $ingest->ended }, 20), 'ids: refused';
    like substr($ingest->log, $from),
        qr/of UbalMap id id: under UbalMap id id type they would be stored/,
        'naming both';
    $ingest->configure(lines => $lines);
    $ingest->start;
    goes_on($ingest, 'ids: set back');
}
{
    my $ingest = Ubal::Ingest->new(url => $vendor->url,
        lines => $lines . "UbalMap id type id\nUbalType spent earned\n");
    $ingest->start;
    ok wait_for(sub { $ingest->covers($begin, $begin + 100) }, 30),
        'ids: of two fields';
    is $ingest->sqlite("SELECT id FROM transactions ORDER BY id LIMIT 1"),
        'earned/t1', 'are joined';
    is $ingest->sqlite("SELECT earned, spent FROM balances"), '0|1500',
        'and a type is what UbalType says';
}

# Commands that read alone, of a file that is no database: which it is, and
# what to do.
{
    my $ingest = Ubal::Ingest->new(url => $vendor->url, lines => $lines);
    open my $out, '>', $ingest->db or die $ingest->db . ": $!";
    print $out 'This is no database. ' x 200;
    close $out;
    my $path = $ingest->db;
    for my $words (['status'], ['windows'], ['dead'], ['backfill'],
                   ['backfill', '--from', '2026-01-01', '--dry-run']) {
        my ($exit, $text) = $ingest->command(@$words);
        is $exit, 1, "no database: @$words fails";
        like $text, qr/the database \Q$path\E cannot be read: .*: restore a backup$/m,
            "no database: @$words says what to do";
    }
}

done_testing;
