# Promise: kill -9 between any two steps of taking over and storing pages (file
# writes, syncs, sends, receives) loses nothing, doubles nothing, and the next
# daemon goes on by itself.
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

plan skip_all => "what is killed is at SQLite's system calls" if is_pgsql();

my $begin = time - 3600;
my @items = map {
    { id => "t$_", userId => 'u' . $_ % 5, amount => "$_.25",
      type => (qw(earned spent payout paid_out))[$_ % 4],
      createdAt => strftime('%Y-%m-%dT%H:%M:%S.000Z',
                            gmtime($begin + $_ % 60)) }
} 1 .. 60;
my $vendor = Ubal::Vendor->new(
    handler => Ubal::Vendor::list_handler(sub { @items }));
my $lines = "UbalRate 200 100ms\nUbalPageSize 25\nUbalSince "
    . strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $begin) . "\n";

sub caught_up {
    my ($ingest) = @_;
    return $ingest->covers($begin, $begin + 100);
}

# Runs a daemon that is killed at step $at; 1 where it came through.
sub run_until {
    my ($ingest, $at) = @_;
    local $ENV{LD_PRELOAD} = Ubal::Server::preload_faults();
    local $ENV{UBAL_KILL_AT} = $at;
    $ingest->start;
    my $through;
    wait_for(sub { defined $ingest->ended || ($through = caught_up($ingest)) },
             30) or BAIL_OUT 'neither killed nor caught up: ' . $ingest->log;
    $ingest->stop if $through;
    return $through;
}

sub fresh { return Ubal::Ingest->new(url => $vendor->url, lines => $lines) }

my $all = fresh();
ok run_until($all, 0), 'without a kill it catches up';
my $money = $all->money;
is $all->sqlite('SELECT count(*) FROM transactions'), 60, 'and has all';

# What became of a kill at step $at: 'through' where none came, 'exact' or 'wrong'.
sub killed_at {
    my ($at) = @_;
    my $ingest = fresh();
    return 'through' if run_until($ingest, $at);
    $ingest->start;
    my $good = wait_for(sub { caught_up($ingest) }, 30);
    $ingest->stop;
    my ($exit, $out) = $ingest->command('verify');
    return 'exact' if $good && $exit == 0 && $ingest->money eq $money
        && $ingest->sqlite('SELECT count(*) FROM transactions') == 60;
    diag "killed at step $at: $out\n" . $ingest->log;
    return 'wrong';
}

# Most of it is waiting: some processes take turns, each until its first step
# that is not reached.
my $workers = 3;
my @workers = map {
    my $first = $_;
    my $pid = open my $out, '-|';
    die "fork: $!" unless defined $pid;
    if (!$pid) {
        $| = 1;
        for (my ($at, $fate) = $first; ; $at += $workers) {
            $fate = killed_at($at);
            print "$at $fate\n";
            exit 0 if $fate eq 'through';
        }
    }
    $out;
} 1 .. $workers;
my %became;
my $ended = 0;
for my $out (@workers) {
    while (<$out>) { my ($at, $fate) = split; push @{ $became{$fate} }, $at }
    $ended++ if close $out;
}
is $ended, $workers, 'each process came to its end';
my $killed = map { @{ $became{$_} // [] } } qw(exact wrong);
my $wrong = @{ $became{wrong} // [] };
cmp_ok $killed, '>', 50, "killed at each of $killed steps";
is $wrong, 0, 'and always exact afterwards';

done_testing;
