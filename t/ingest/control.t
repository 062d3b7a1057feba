# Promise: the daemon's socket is for its own user alone, and whoever connects
# to it, however slow, silent, talkative or dead, neither delays a round nor
# leaves anything half done.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use IO::Select;
use IO::Socket::UNIX;
use POSIX qw(strftime);
use Ubal::Ingest;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $begin = time - 3600;

sub stamp { return strftime('%Y-%m-%dT%H:%M:%S.000Z', gmtime shift) }

my ($letters, $dropped) = (400, 150);
my @items = map { { id => "t$_", userId => 'u', type => 'gift', amount => '1.00',
                    createdAt => stamp($begin + 5) } } 1 .. $letters;
my $list = Ubal::Vendor::list_handler(sub { @items });
my $vendor = Ubal::Vendor->new(handler => sub {
    my ($method, $path, $query, $number, $self) = @_;
    return { hang => 1 } if $self->flag('hang');
    return $list->(@_);
});
my $ingest = Ubal::Ingest->new(url => $vendor->url, lines =>
    "UbalRate 1000 1s\nUbalPageSize 500\nUbalSince " . stamp($begin) . "\n");
my $path = $ingest->lock . '.sock';

# Connects as whoever runs the test (root is let in, as the daemon's own user).
sub connected {
    my ($at) = @_;
    return IO::Socket::UNIX->new(Peer => $at // $path);
}

# All that the daemon says until it closes; undef where it does not.
sub heard {
    my ($socket, $timeout) = @_;
    my ($text, $select) = ('', IO::Select->new($socket));
    while ($select->can_read($timeout // 90)) {
        my $got = sysread $socket, $text, 4096, length $text;
        return $text unless $got;
    }
    return;
}

sub said {
    my ($line, $at) = @_;
    my $socket = connected($at) or return "not connected: $!";
    $socket->autoflush;
    print $socket $line;
    return heard($socket);
}

sub rounds { return scalar(() = $ingest->log =~ /: done$/mg) }

sub go_on {
    my ($what, $count) = @_;
    my $before = rounds();
    ok wait_for(sub { rounds() >= $before + ($count // 2) }, 20),
        "rounds go on: $what" or diag $ingest->log;
}

# A stale socket, and a file in its place.
open my $out, '>', $path or die "$path: $!";
close $out;
$ingest->start;
$ingest->wait_log(qr/done/);
is sprintf('%04o', (stat $path)[2] & 07777), '0600', 'the socket is private';
is said("ubal/1 retry\n"), "ubal/1\nok\n", 'it answers';
$ingest->stop('KILL');
ok -S $path, 'a daemon that was killed leaves it';
ok !connected(), 'where nobody listens';
is [$ingest->command('retry')]->[0], 0, 'a command does without it';
$ingest->start;
ok wait_for(sub { connected() }), 'the next daemon listens there';

# What is not a call.
is said("GET / HTTP/1.1\r\n"),
    "ubal/1\nerror input word%203%20of%20the%20line%20is%20none\n", 'HTTP';
like said("ubal/9 retry\n"), qr/\Aubal\/1\nerror system .*version/,
    'another version';
like said("ubal/1\n"), qr/^error input no%20verb$/m, 'no verb';
like said("ubal/1 dance\n"), qr/^error input .*dance$/m, 'no such verb';
like said("\n"), qr/^error input/m, 'nothing';
is said('x' x 65536), "ubal/1\n", 'a line without end is cut off';
like said('ubal/1 drop ' . ('1 ' x 30000) . "9999\n"),
    qr/\Aubal\/1\nerror input .*9999$/, 'a long one is read';
is $ingest->sqlite("SELECT count(*) FROM dead_letters WHERE state <> 'open'"), 0,
    'and nothing is dropped, where one of its letters is none';
go_on('after all that');

# Silent peers: more than there are places.
{
    my @silent = map { connected() } 1 .. 20;
    print { $silent[1] } 'ubal/1 ret';
    $silent[1]->flush;
    go_on('beside silent peers', 3);
    my ($exit, $text) = $ingest->command('retry');
    is $exit, 0, 'a command gets its turn when they are dropped' or diag $text;
    is heard($silent[0]), "ubal/1\n", 'as they are, without a word';
    like $ingest->log, qr/dropped a command that is silent/, 'which is logged';
}

# A verb that takes no part in the rounds is answered while a request hangs;
# one that does waits for its end.
{
    $vendor->set_flag('hang');
    my $before = () = $vendor->arrivals;
    ok wait_for(sub { $before < (() = $vendor->arrivals) }, 20),
        'a request hangs';
    my ($exit, $text) = $ingest->command('dead', 'drop', 1 .. $dropped);
    is $exit, 0, 'letters are dropped meanwhile' or diag $text;
    is scalar(() = $text =~ /\bdropped\b/g), $dropped, 'each is said';
    ok !defined(($vendor->arrivals)[-1]{end}), 'it hangs still';
    my $socket = connected();
    print $socket "ubal/1 retry\n";
    $socket->flush;
    is heard($socket, 1), undef, 'a verb about windows waits';
    is scalar(() = $vendor->arrivals), $before + 1, 'nothing is begun';
    $vendor->clear_flag('hang');
    $ingest->stop;
    is heard($socket), '', 'a daemon that ends hangs up';
    ok !-e $path, 'and removes the socket';
}

# Commands that are killed in the middle, beside a daemon and without one:
# each letter is open or stored, never half.
$ingest->sqlite(q(UPDATE dead_letters SET raw = replace(raw, '"gift"', '"spent"')));
for my $live (1, 0) {
    $ingest->start if $live;
    ok wait_for(sub { connected() }), 'a daemon' if $live;
    for (1 .. 5) {
        my $pid = fork // die "fork: $!";
        if (!$pid) {
            open STDOUT, '>', '/dev/null';
            open STDERR, '>', '/dev/null';
            if (!$>) { $) = "$ingest->{gid} $ingest->{gid}";
                       POSIX::setuid($ingest->{uid}) }
            exec $ingest->program, 'dead', 'replay', '--config',
                $ingest->config or POSIX::_exit(1);
        }
        select undef, undef, undef, 0.004 * $_;
        kill 'KILL', $pid;
        waitpid $pid, 0;
    }
    my ($exit, $text) = $ingest->command('verify');
    is $exit, 0, ($live ? 'beside' : 'without') . ' a daemon: verify'
        or diag $text;
    $ingest->stop if $live;
}
my ($exit, $text) = $ingest->command('dead', 'replay');
is $exit, 0, 'the rest is replayed' or diag $text;
is $ingest->sqlite('SELECT count(*), min(state), max(state) FROM dead_letters'),
    "$letters|dropped|replayed", 'all letters are decided';
is $ingest->money, 'u|0|' . 100 * ($letters - $dropped) . '|0|0', 'each stored once';

# A path that is too long for a socket's address.
{
    package Deep;
    our @ISA = ('Ubal::Ingest');
    sub db { return "$_[0]{root}/data/" . 'd' x 120 . '/ubal.db' }
}
{
    my $deep = Deep->new(url => $vendor->url);
    mkdir "$deep->{root}/data/" . 'd' x 120 or die "mkdir: $!";
    chown $deep->{uid}, $deep->{gid}, "$deep->{root}/data/" . 'd' x 120;
    $deep->start;
    ok wait_for(sub { -S $deep->lock . '.sock' }),
        'a socket in a deep folder';
    ($exit, $text) = $deep->command('retry');
    is $exit, 0, 'is found' or diag $text;
    like $deep->log, qr/fetching/, 'by a daemon that runs';
    is [$deep->command('migrate')]->[0], 75, 'and holds the lock';
    $deep->stop;
}

SKIP: {
    skip 'not root', 2 if $>;
    $ingest->start;
    ok wait_for(sub { connected() }), 'a daemon';
    chmod 0666, $path;
    my $other = (getpwnam 'nobody')[2];
    my $pid = open my $in, '-|';
    if (!$pid) {
        POSIX::setuid($other);
        my $socket = connected();
        print $socket ? heard($socket) // 'open' : "refused: $!";
        POSIX::_exit(0) if close STDOUT;
    }
    is do { local $/; <$in> } // '', '', 'another user is not even greeted';
    $ingest->stop;
}

done_testing;
