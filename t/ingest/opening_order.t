# Promise: a user has what the opening balance says at its instant, whatever
# was stored of before it, and whichever came first; nothing of before it
# counts twice, nor what comes in while the file is being looked at.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use IO::Socket::UNIX;
use Digest::SHA qw(sha1_hex);
use Ubal::Export qw(export_rows write_csv write_text stamp);
use Ubal::Ingest;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my @types = qw(earned spent payout paid_out);

sub fresh {
    my ($vendor, $lines) = @_;
    return Ubal::Ingest->new(url => $vendor->url,
                             lines => "UbalRate 1000 1s\n" . ($lines // ''));
}

sub opening {
    my ($ingest, $text, $when, @with) = @_;
    my $path = write_text($ingest->root . '/opening.csv', $text);
    return $ingest->command('import', '--opening', $path, '--at', $when,
                            @with);
}

sub verifies {
    my ($ingest, $what) = @_;
    my ($exit, $text) = $ingest->command('verify');
    is $exit, 0, "$what: verify" or diag $text;
}

# --- beginning with coverage, after it ------------------------------------

my $since = time - 3600;
my $part = substr stamp($since - 1), 0, -1;
my @items = map {
    { id => "t$_->[0]", userId => 'u1', type => 'earned', amount => '1.00',
      createdAt => $_->[1] }
} ['old', "$part.500Z"], ['first', stamp($since)], ['next', stamp($since + 1)];
my $lister = Ubal::Vendor->new(
    handler => Ubal::Vendor::list_handler(sub { @items }));

{
    my $ingest = fresh($lister, 'UbalSince ' . stamp($since) . "\n");
    $ingest->start;
    ok wait_for(sub { $ingest->covers($since, $since + 10) }, 30),
        'after coverage: fetched' or diag $ingest->log;
    is $ingest->money, 'u1|300|0|0|0', 'after coverage: with a tick of before';
    my ($exit, $text) = opening($ingest, "userId,balance\nu1,5\nu2,3\n",
                                stamp($since));
    is $exit, 0, 'after coverage: set where it begins' or diag $text;
    unlike $text, qr/warning/, 'after coverage: nothing is missing between';
    is $ingest->money, "u1|700|0|0|0\nu2|300|0|0|0",
        'after coverage: as if it had come before';
    ($exit, $text) = opening($ingest, "userId,balance\nu1,5\n", stamp($since));
    is $exit, 0, 'after coverage: the same again' or diag $text;
    like $text, qr/1 sums, 0 new, 1 there already/,
        'after coverage: changes nothing';
    ($exit, $text) = opening($ingest, "userId,balance\nu1,4\n",
                             stamp($since));
    like $text, qr/user u1 has an opening balance already/,
        'after coverage: not another one';
    verifies($ingest, 'after coverage');
    $ingest->stop;
}

# --- long before coverage --------------------------------------------------

{
    my $ingest = fresh($lister, "UbalReconcile off\n");
    my $now = time;
    $ingest->start;
    ok wait_for(sub { $ingest->covers(time, $now) }, 30), 'before: begins'
        or diag $ingest->log;
    my ($exit, $text) = opening($ingest, "userId,balance\nu1,5\n",
                                stamp($since));
    is $exit, 0, 'before: set' or diag $text;
    my $at = stamp($since);
    like $text, qr/warning: .* from $at to .* in any balance .* --from $at/,
        'before: says what is missing';
    ($exit, $text) = $ingest->command('backfill', '--from', $at);
    is $exit, 0, 'before: fetched' or diag $text;
    ok wait_for(sub { $ingest->covers($since, $since + 10) }, 30),
        'before: covered' or diag $ingest->log;
    is $ingest->money, 'u1|700|0|0|0', 'before: the money is right';
    verifies($ingest, 'before');
    $ingest->stop;
}

# --- while something comes in ----------------------------------------------

sub begin_session {
    my ($ingest, $at) = @_;
    my $socket = IO::Socket::UNIX->new(
        Peer => $ingest->lock . '.sock') or die "socket: $!";
    $socket->autoflush;
    print $socket "ubal/1 opening ${at}000000\n";
    like scalar <$socket>, qr/^ubal/, 'a session';
    like scalar <$socket>, qr/^line begin/, 'it begins';
    return $socket;
}

# A user who has earned so much, in minor units.
sub frame {
    my ($what, $user, $earned) = @_;
    my $bytes = $what . "\0" x (16 + 41);
    for my $type (0 .. 3) {
        $bytes .= pack 'CCqqZ*Z*Z*', 2, $type, 0, $type ? 0 : $earned,
            "iopening-$types[$type]-" . sha1_hex($user), 'opening balance',
            $user;
    }
    return pack('N', length $bytes) . $bytes;
}

{
    my $ingest = fresh($lister, "UbalReconcile off\n");
    my $now = time;
    $ingest->start;
    ok wait_for(sub { $ingest->covers(time, $now) }, 30), 'meanwhile: begins'
        or diag $ingest->log;

    my $socket = begin_session($ingest, $since + 10);
    print $socket frame('P', 'u1', 500);
    like scalar <$socket>, qr/^line checked/, 'meanwhile: nothing against it';
    my ($exit, $text) = $ingest->command('backfill', '--from', stamp($since));
    ok wait_for(sub { $ingest->covers($since, $since + 10) }, 30),
        'meanwhile: history comes in' or diag $text, $ingest->log;
    my $money = $ingest->money;
    print $socket frame('S', 'u1', 500);
    like scalar <$socket>, qr/^error input --at%20must%20not%20be%20later/,
        'meanwhile: what would count twice is refused';
    is $ingest->money, $money, 'meanwhile: nothing is stored';
    is $ingest->sqlite("SELECT count(*) FROM vendors WHERE name = 'opening'"),
        0, 'meanwhile: no instant either';

    $socket = begin_session($ingest, $since - 100);
    print $socket frame('P', 'u1', 500);
    like scalar <$socket>, qr/^line checked/, 'a row meanwhile: nothing against it';
    ($exit, $text) = $ingest->command('import', write_text(
        $ingest->root . '/old.csv', "id,userId,createdAt,type,amount\n"
        . 'early,u1,' . stamp($since - 200) . ",earned,2\n"));
    is $exit, 0, 'a row meanwhile: stored' or diag $text;
    print $socket frame('S', 'u1', 500), pack 'N', 0;
    like scalar <$socket>, qr/^line stored/, 'a row meanwhile: set';
    is $ingest->money, 'u1|800|0|0|0',
        'a row meanwhile: is a part of the opening balance';
    verifies($ingest, 'a row meanwhile');
    is $ingest->ended, undef, 'the daemon lives';
    $ingest->stop;
}

# --- history that is on its way -------------------------------------------

{
    my $begun = substr stamp(time - 60), 0, 19;
    my $failing = Ubal::Vendor->new(handler => sub {
        my ($method, $path, $query) = @_;
        return (500) if $query->{startDate} lt $begun;
        return Ubal::Vendor::list_handler(sub { @items })->(@_);
    });
    my $ingest = fresh($failing);
    my $now = time;
    $ingest->start;
    ok wait_for(sub { $ingest->covers(time, $now) }, 30), 'on its way: begins'
        or diag $ingest->log;
    $ingest->command('backfill', '--from', stamp($since - 500));
    my ($exit, $text) = opening($ingest, "userId,balance\nu1,5\n",
                                stamp($since));
    is $exit, 2, 'on its way: refused';
    like $text, qr/history of vendor t from before .* is being fetched/,
        'on its way: why';
    $ingest->stop;
}

done_testing;
