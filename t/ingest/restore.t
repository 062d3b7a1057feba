# Promise: backup copies a database that is in use; put back, with the daemon
# stopped or under a live one, it is noticed: no slot is believed, what the copy
# lacks is fetched again, nothing is doubled.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use JSON::PP ();
use POSIX qw(strftime);
use Ubal::Ingest;
use Ubal::Place qw(is_pgsql);
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

plan skip_all => "of SQLite's file" if is_pgsql();

my $begin = time - 300;
my $period = 2;

sub instant { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_[0]) }

# One item a second, as long as the test wants some; and what they sum up to.
sub amount { return 100 + $_[0] % 7 }

sub source {
    my ($self) = @_;
    my $until = $self->flag('until') // time;
    return map {
        { id => "t$_", userId => 'u' . $_ % 3, type => 'earned',
          amount => amount($_), createdAt => instant($_) }
    } $begin .. $until;
}

sub money_until {
    my ($until) = @_;
    my %sum;
    $sum{ 'u' . $_ % 3 } += 100 * amount($_) for $begin .. $until;
    return join "\n", map { "$_|$sum{$_}|0|0|0" } sort keys %sum;
}

sub vendor {
    return Ubal::Vendor->new(handler => sub {
        my $self = $_[4];
        return Ubal::Vendor::list_handler(sub { source($self) })->(@_);
    });
}

sub ingest_of {
    my ($vendor) = @_;
    return Ubal::Ingest->new(url => $vendor->url, lines => "UbalRate 5 "
        . "${period}s\nUbalPageSize 100\nUbalSince " . instant($begin) . "\n");
}

sub as_of {
    my ($ingest) = @_;
    return eval { $ingest->sqlite('SELECT as_of FROM coverage') / 1e6 } || 0;
}

sub goes_past {
    my ($ingest, $instant, $what) = @_;
    ok wait_for(sub { $ingest->covers($begin, $instant) }, 60), $what
        or diag $ingest->log;
}

# Makes the copy of the live database; its path and its as-of.
sub back_up {
    my ($ingest) = @_;
    my $file = $ingest->root . '/data/copy.db';
    my ($exit, $out) = $ingest->command('backup', $file, '--json');
    is $exit, 0, 'a copy of the live database' or diag $out;
    my $json = JSON::PP::decode_json($out);
    is $json->{file}, $file, 'says where';
    is $json->{bytes}, -s $file, 'how large';
    my (undef, $at) = $ingest->as_user(sub {
        exec 'sqlite3', "file:$file?immutable=1",
            'SELECT as_of / 1000000 FROM coverage' });
    is $json->{asOf}, instant($at), 'and as of when';
    ($exit, $out) = $ingest->command('backup', $file);
    is $exit, 1, 'a second one does not take its place';
    like $out, qr/is there already/, 'and says so';
    is $json->{bytes}, -s $file, 'it is as it was';
    is_deeply [glob "$file.*"], [], 'nothing is beside it';
    return ($file, $at + 0);
}

# After the next owner has begun: what it did.
sub recovers {
    my ($ingest, $vendor, $at, $seen, $from, $what) = @_;
    $ingest->wait_log(qr/all 5 slots count as used/, 30, $from);
    my $until = time;
    $vendor->set_flag('until', $until);
    goes_past($ingest, $until + 1, "$what: all is fetched again");
    is $ingest->money, money_until($until), "$what: exact balances";
    my ($exit, $out) = $ingest->command('verify');
    is $exit, 0, "$what: verify" or diag $out;
    is $ingest->sqlite(
        "SELECT (SELECT MIN(started) FROM requests WHERE id > a.last)"
            . " >= a.ended + ${period}000000, a.count"
            . ' FROM (SELECT MAX(id) AS last, MAX(ended) AS ended,'
            . " COUNT(*) AS count FROM requests WHERE fault LIKE 'assumed%')"
            . ' AS a'), '1|5', "$what: the first request after two periods";
    cmp_ok $vendor->most_in($period), '<=', 5, "$what: the limit was kept";
    my @asked = grep { $_->{query}{startDate} le instant($at)
                       && $_->{query}{endDate} gt instant($at) }
        ($vendor->arrivals)[$seen .. ($vendor->arrivals) - 1];
    ok scalar @asked, "$what: fetched on from the copy's as-of";
}

# --- with the daemon stopped -----------------------------------------------------

{
    my $vendor = vendor();
    my $ingest = ingest_of($vendor);
    $ingest->start;
    goes_past($ingest, $begin + 290, 'before');
    my ($file, $at) = back_up($ingest);
    goes_past($ingest, $at + 5, 'more pages arrive');
    $ingest->stop;
    my ($seen, $from) = (scalar $vendor->arrivals, length $ingest->log);
    unlink map { $ingest->db . $_ } '-wal', '-shm';
    $ingest->as_user(sub { exec 'cp', $file, $ingest->db });
    is as_of($ingest), $at, 'the copy is in its place';
    $ingest->start;
    recovers($ingest, $vendor, $at, $seen, $from, 'stopped');
}

# --- the whole folder, the lock file too ------------------------------------------

for my $how ('written over', 'put in its place') {
    my $vendor = vendor();
    my $ingest = ingest_of($vendor);
    my ($data, $copy) = map { $ingest->root . "/$_" } qw(data folder);
    $ingest->start;
    goes_past($ingest, $begin + 290, 'before');
    $ingest->stop;
    system('cp', '-a', $data, $copy) and die 'cp';
    my $at = as_of($ingest);
    $ingest->start;
    goes_past($ingest, $at + 5, 'more pages arrive');
    $ingest->stop;
    my ($seen, $from) = (scalar $vendor->arrivals, length $ingest->log);
    unlink glob "$data/*" if $how ne 'written over';
    system('cp', $how eq 'written over' ? () : '-a', glob("$copy/*"), $data)
        and die 'cp';
    is as_of($ingest), $at, "$how: the copy is in its place";
    $ingest->start;
    recovers($ingest, $vendor, $at, $seen, $from, $how);
}

# --- under a live daemon ---------------------------------------------------------

{
    my $vendor = vendor();
    my $ingest = ingest_of($vendor);
    $ingest->start;
    goes_past($ingest, $begin + 290, 'before');
    my ($file, $at) = back_up($ingest);
    goes_past($ingest, $at + 5, 'more pages arrive');
    my ($seen, $from) = (scalar $vendor->arrivals, length $ingest->log);
    unlink map { $ingest->db . $_ } '-wal', '-shm';
    rename $file, $ingest->db or die "rename: $!";
    ok wait_for(sub { defined $ingest->ended }, 20), 'live: noticed';
    like substr($ingest->log, $from), qr/replaced/, 'live: and said';
    $ingest->start;
    recovers($ingest, $vendor, $at, $seen, $from, 'live');

    # Only -wal and -shm were removed: what is written there is lost.
    my $money = $ingest->money;
    $from = length $ingest->log;
    unlink map { $ingest->db . $_ } '-wal', '-shm';
    ok wait_for(sub { defined $ingest->ended }, 20), 'no log: noticed';
    like substr($ingest->log, $from), qr/-shm, was replaced/, 'no log: said';
    $ingest->start;
    goes_past($ingest, time + 1, 'no log: fetched on');
    is $ingest->money, $money, 'no log: all is there again';

    # Of the copies that are killed half way none looks whole.
    my ($wrong, $killed) = (0, 0);
    my $copy = $ingest->root . '/data/killed.db';
    while (1) {
        my (undef, $said) = do {
            local $ENV{LD_PRELOAD} = Ubal::Server::preload_faults();
            local $ENV{UBAL_KILL_AT} = $killed + 1;
            $ingest->command('backup', $copy);
        };
        my $is_there = -e $copy;
        my (undef, $sound) = $ingest->as_user(sub {
            exec 'sqlite3', "file:$copy?immutable=1", 'PRAGMA integrity_check',
                'SELECT as_of > 0 FROM coverage' }) if $is_there;
        $wrong++ if $is_there && $sound !~ /\Aok\n1\s*\z/;
        unlink $copy, glob "$copy.*";
        last if $said =~ / bytes, as of /;
        $killed++;
    }
    cmp_ok $killed, '>', 3, "killed at each of $killed steps";
    is $wrong, 0, 'a copy is whole or not there';

    my $full = $ingest->root . '/full';
    open my $out, '>', $full or die "$full: $!";
    close $out;
    {
        local $ENV{LD_PRELOAD} = Ubal::Server::preload_faults();
        local $ENV{UBAL_FULL_FILE} = $full;
        my ($exit, $text) = $ingest->command('backup', $copy);
        is $exit, 1, 'no room for it';
        like $text, qr/cannot (?:write|sync)/, 'is said';
        is_deeply [glob "$copy*"], [], 'and nothing is left';
    }
    is +($ingest->command('backup'))[0], 2, 'it must be told where';
}

done_testing;
