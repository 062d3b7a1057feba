# Promise: an import beside a live daemon is stored by the daemon, whose rounds
# keep their pace meanwhile; whoever is killed in the middle of it, the next
# run goes on from what was committed, and the money is exact.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX ();
use Ubal::Export qw(export_rows write_csv write_text money_of);
use Ubal::Ingest;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $begin = 1735689600; # 2025-01-01
my $count = 100_000;
my @rows = export_rows($count, begin => $begin, users => 900);
my $money = money_of(@rows);

sub fresh {
    my ($vendor) = @_;
    return Ubal::Ingest->new(url => $vendor->url,
                             lines => "UbalRate 1000 1s\n");
}

# Starts an import that is left to itself; its pid.
sub start_import {
    my ($ingest, @words) = @_;
    my $pid = fork // die "fork: $!";
    return $pid if $pid;
    open STDOUT, '>', $ingest->root . '/out' or POSIX::_exit(127);
    open STDERR, '>&', \*STDOUT;
    if (!$>) {
        $) = "$ingest->{gid} $ingest->{gid}";
        POSIX::setgid($ingest->{gid});
        POSIX::setuid($ingest->{uid});
    }
    exec $ingest->program, 'import', @words, '--config', $ingest->config
        or POSIX::_exit(127);
}

sub stored {
    my ($ingest) = @_;
    my $count = $ingest->has_tables && eval {
        $ingest->sqlite('SELECT coalesce(max(new), 0) FROM imports') };
    return $count || 0;
}

sub comes_true {
    my ($ingest, $what) = @_;
    is $ingest->money, $money, "$what: the money is exact";
    is $ingest->sqlite('SELECT count(*) FROM transactions'), scalar @rows,
        "$what: each row once";
    my ($exit, $text) = $ingest->command('verify');
    is $exit, 0, "$what: verify" or diag $text;
}

# Where the import that was cut off had come to, and that the next goes on
# from there.
sub goes_on {
    my ($ingest, $what, $csv) = @_;
    my $before = stored($ingest);
    cmp_ok $before, '>', 0, "$what: some is stored";
    cmp_ok $before, '<', @rows, "$what: not all";
    my ($exit, $text) = $ingest->command('import', $csv);
    is $exit, 0, "$what: goes on" or diag $text;
    like $text, qr/$count rows, $count new, 0 duplicates/,
        "$what: no row is stored anew";
    is $ingest->sqlite('SELECT count(*) FROM imports'), 1,
        "$what: as the same import";
    comes_true($ingest, $what);
}

my $vendor = Ubal::Vendor->new;

# Beside a daemon
{
    my $ingest = fresh($vendor);
    my $csv = write_csv($ingest->root . '/x.csv', @rows);
    $ingest->start;
    $ingest->wait_log(qr/fetching for/);
    $vendor->wait_arrivals(2);
    my $pid = start_import($ingest, $csv);
    ok wait_for(sub { stored($ingest) > 0 }, 20), 'beside: it begins';
    my $from = Ubal::Server::now();
    waitpid $pid, 0;
    my $to = Ubal::Server::now();
    is $?, 0, 'beside: it is done' or diag Ubal::Server::slurp(
        $ingest->root . '/out');
    my $rounds = grep { $_->{start} > $from && $_->{start} < $to }
        $vendor->arrivals;
    cmp_ok $rounds, '>=', int(($to - $from) / 2),
        'beside: of rounds of a second, one in two at least';
    comes_true($ingest, 'beside');
    is $ingest->ended, undef, 'beside: the daemon lives';
    like $ingest->log, qr/by command: imported .* $count rows, $count new/,
        'beside: and says what it stored';
    my $now = () = $vendor->arrivals;
    ok wait_for(sub { my $n = () = $vendor->arrivals; $n > $now }, 10),
        'beside: rounds go on';
    my ($exit, $status) = $ingest->command('status', '--json');
    my $requests = $ingest->sqlite("SELECT count(*) FROM requests"
                                   . " WHERE account <> ''");
    like $status, qr/"requests":$requests,/, 'beside: no request is made up'
        or diag $status;
    $ingest->stop;
}

# The command is killed
{
    my $ingest = fresh($vendor);
    my $csv = write_csv($ingest->root . '/x.csv', @rows);
    $ingest->start;
    $ingest->wait_log(qr/fetching for/);
    my $pid = start_import($ingest, $csv);
    wait_for(sub { stored($ingest) > $count / 8 }, 20);
    kill 'KILL', $pid;
    waitpid $pid, 0;
    goes_on($ingest, 'command killed', $csv);
    $ingest->stop;
}

# The daemon is killed
{
    my $ingest = fresh($vendor);
    my $csv = write_csv($ingest->root . '/x.csv', @rows);
    $ingest->start;
    $ingest->wait_log(qr/fetching for/);
    my $pid = start_import($ingest, $csv);
    wait_for(sub { stored($ingest) > $count / 8 }, 20);
    $ingest->stop('KILL');
    waitpid $pid, 0;
    is $? >> 8, 75, 'daemon killed: the command says busy, to be run again';
    goes_on($ingest, 'daemon killed', $csv);
}

# The command is its own owner and is killed
{
    my $ingest = fresh($vendor);
    my $csv = write_csv($ingest->root . '/x.csv', @rows);
    my $pid = start_import($ingest, $csv);
    wait_for(sub { stored($ingest) > 0 }, 20);
    kill 'KILL', $pid;
    waitpid $pid, 0;
    goes_on($ingest, 'alone', $csv);
}

# Another file of the same beginning and size is not gone on with
{
    my $ingest = fresh($vendor);
    my $csv = write_csv($ingest->root . '/x.csv', @rows);
    my $pid = start_import($ingest, $csv);
    wait_for(sub { stored($ingest) > 0 }, 20);
    kill 'KILL', $pid;
    waitpid $pid, 0;
    my @changed = map { { %$_ } } @rows;
    $changed[5000]{amount} = '123.45';
    $changed[5000]{amount} .= '0' while length $changed[5000]{amount}
        < length $rows[5000]{amount};
    $changed[5000]{amount} = substr '999.99', -length $rows[5000]{amount};
    write_csv($csv, @changed);
    my ($exit, $text) = $ingest->command('import', $csv);
    is $exit, 0, 'another file: done' or diag $text;
    like $text, qr/$count rows, .* 1 conflicts/,
        'another file: from its beginning, and the change is seen';
    is $ingest->sqlite('SELECT count(*) FROM imports'), 2,
        'another file: another import';
}

done_testing;
