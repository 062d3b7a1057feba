# An export of a million transactions: all of them as of one commit, in little
# memory, without a database connection while the client is slow (C6). What
# breaks off in the middle does not look like an end.
use strict;
use warnings;
use IO::Socket::INET;
use Test::More;
use Ubal::Data;
use Ubal::Server qw(wait_for now);

my $rows = 1_000_000;
my $begin = 1772323200_000000;

# One child, whose memory can be looked at; one connection in it.
my $server = Ubal::Server->new(dbd => 0, modules => [qw(log_config filter deflate)],
    size => "StartServers 1\nServerLimit 1\nThreadsPerChild 4\n"
        . "MaxRequestWorkers 4\nMinSpareThreads 1\nMaxSpareThreads 4");
my $data = Ubal::Data->new($server->db)->create
    ->cover(since => $begin, as_of => $begin + 3600_000000);

sub fill {
    my ($user, $count) = @_;
    $data->sql('BEGIN; UPDATE coverage SET commit_seq = commit_seq + 1;'
        . "WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        . "WHERE i < $count) INSERT INTO transactions (user_id, id, "
        . 'created_at, type, amount, vendor, commit_seq) SELECT '
        . "'$user', printf('$user-%08d', i), $begin + i * 1000, i % 4, i, 1, "
        . 'c.commit_seq FROM n, coverage c; '
        . $data->balance_sql($user) . '; COMMIT');
}
fill('small', 5_000);
fill('middle', 50_000);
fill('big', $rows);

$server->start(<<'END');
DBDriver sqlite3
DBDParams "file:@DB@?mode=ro"
DBDMin 0
DBDKeep 1
DBDMax 1
LogFormat "%U %X %O" end
CustomLog logs/access end
<Location "/user">
    SetHandler ubal
    Require all granted
    AddOutputFilterByType DEFLATE text/csv
</Location>
END

# A request on a connection of its own, of which little is kept unread.
sub ask {
    my ($path, $accept, $version, @more) = @_;
    my $socket = IO::Socket::INET->new(Proto => 'tcp') or die $!;
    setsockopt $socket, Socket::SOL_SOCKET(), Socket::SO_RCVBUF(), 8192;
    connect $socket, Socket::pack_sockaddr_in($server->port,
        Socket::inet_aton('127.0.0.1')) or die "connect: $!";
    $version //= '1.1';
    my $text = "GET $path HTTP/$version\r\nHost: 127.0.0.1\r\n"
        . join "\r\n", "Accept: $accept", 'Connection: close', @more, '', '';
    syswrite $socket, $text or die $!;
    return $socket;
}

# Reads to the end: how many lines came, the last bytes, and the error.
sub drain {
    my ($socket) = @_;
    my ($buffer, $tail, $lines) = ('', '', 0);
    while (my $got = sysread $socket, $buffer, 1 << 18) {
        $lines += $buffer =~ tr/\n//;
        $tail = substr $tail . $buffer, -20;
    }
    return ($lines, $tail, "$!");
}

# The body of a reply that came whole.
sub whole {
    my ($path, $accept) = @_;
    my ($status, undef, $body) = $server->get($path, { Accept => $accept });
    return $status == 200 ? $body : "status $status";
}

sub high_water {
    my ($child) = $server->children;
    my ($kb) = Ubal::Server::slurp("/proc/$child/status")
        =~ /^VmHWM:\s+(\d+) kB/m;
    return $kb;
}

# --- all, as of one commit, in little memory ----------------------------------

is whole('/user/small/transactions', 'text/csv') =~ tr/\n//, 5_001,
    'a small one is whole';
is whole('/user/middle/transactions?order=asc', 'application/x-ndjson')
    =~ tr/\n//, 50_000, 'and one that fills SQLite\'s cache of pages'
    for 1 .. 2;
my $before = high_water();
my $socket = ask('/user/big/transactions?order=asc', 'application/x-ndjson');
sysread $socket, my $byte, 1;
$data->commit(['big', 'late-a', $begin, 'earned', 1],
    ['big', 'late-m', $begin + 500_000_000, 'earned', 1],
    ['big', 'late-z', $begin + 2_000_000_000, 'earned', 1]);
my $body = $byte;
{
    local $/;
    my $chunk;
    $body .= $chunk while sysread $socket, $chunk, 1 << 20;
}
my ($count, $wrong, $expected) = (0, 0, 1);
my ($headers, $chunks) = split /\r\n\r\n/, $body, 2;
my $sent = int(length($body) / 1024);
undef $body;
like $headers, qr/^Transfer-Encoding: chunked/m, 'in chunks';
my ($at, $text, $is_ended) = (0, '', 0);
while (substr($chunks, $at, 20) =~ /\A([0-9a-f]+)\r\n/) {
    my $size = hex $1;
    $at += length($1) + 2;
    $is_ended = !$size;
    $text .= substr $chunks, $at, $size;
    $at += $size + 2;
    while ($text =~ /\G\{"id":"big-0*(\d+)",[^\n]*\}\n/gc) {
        $wrong++ if $1 != $expected++;
        $count++;
    }
    $text = substr $text, pos($text) // 0;
}
undef $chunks;
is $count, $rows, 'a million rows, and none that came meanwhile';
is $wrong, 0, '... each once, in order';
ok $is_ended && $text eq '', '... to the last chunk';
my $grown = high_water() - $before;
# Sanitizers keep what was freed.
cmp_ok $grown, '<', $ENV{TEST_HTTPD} ? 65_536 : 4096,
    "... in memory that is flat: $grown kB more for $sent kB sent";

# --- a slow client (C6) --------------------------------------------------------

# The export is stuck once the child does nothing more.
sub ticks {
    my ($child) = $server->children;
    return join ' ', (split ' ', Ubal::Server::slurp("/proc/$child/stat"))
        [13, 14];
}
sub wait_stuck {
    my ($seen, $since) = ('', now());
    return wait_for(sub {
        my $ticks = ticks();
        ($seen, $since) = ($ticks, now()) if $ticks ne $seen;
        return now() - $since > 0.3;
    }, 20);
}

my @slow = map { ask('/user/big/transactions', 'text/csv') } 1, 2;
sysread $_, $byte, 1 or die $! for @slow;
ok wait_stuck(), 'two clients read a byte and wait';
is +($server->get('/user/small'))[0], 200,
    'C6: with DBDMax 1 another request is answered meanwhile';
is +($server->get('/user/small/transactions?limit=3'))[0], 200, '... a list';
is whole('/user/small/transactions', 'text/csv') =~ tr/\n//, 5_001,
    '... another export';

# --- hang-up --------------------------------------------------------------------

my $access = $server->root . '/logs/access';
my $logged = () = Ubal::Server::slurp($access) =~ m{^/user/big}mg;
close $_ for @slow;
ok wait_for(sub {
    my @lines = Ubal::Server::slurp($access) =~ m{^(/user/big.*)$}mg;
    return @lines >= $logged + 2;
}, 20), 'their work ends when they hang up';
my @ends = (Ubal::Server::slurp($access) =~ m{^/user/big\S* (\S) (\d+)$}mg);
is "@ends[-4, -2]", 'X X', '... as aborted';
cmp_ok $ends[-1], '<', 10_000_000, '... and not after all was read';

# --- an error in the middle -------------------------------------------------------

my $log = length $server->error_log;
my @cut = (ask('/user/big/transactions', 'text/csv'),
           ask('/user/big/transactions', 'application/x-ndjson', '1.0'),
           ask('/user/big/transactions', 'text/csv', '1.1',
               'Accept-Encoding: gzip'));
sysread $_, $byte, 1 or die $! for @cut;
ok wait_stuck(), 'three clients wait in the middle';
$data->sql('ALTER TABLE transactions RENAME TO gone');
my ($lines, $tail, $error) = drain($cut[0]);
cmp_ok $lines, '<', $rows / 2, 'the database vanishes: HTTP/1.1 is cut';
unlike $tail, qr/\r\n0\r\n\r\n\z/, '... without the last chunk';
$! = 0;
(undef, undef, $error) = drain($cut[1]);
like $error, qr/reset/i, '... HTTP/1.0 by a reset';
(undef, $tail) = drain($cut[2]);
unlike $tail, qr/\r\n0\r\n\r\n\z/, '... and so is a compressed one';
ok $server->wait_log(qr/export was broken off: .*no such table/, 5, $log),
    '... and it is logged';
is +($server->get('/user/big/transactions', { Accept => 'text/csv' }))[0], 503,
    'one that has not begun is 503';

$data->sql('ALTER TABLE gone RENAME TO transactions');
is whole('/user/small/transactions', 'text/csv') =~ tr/\n//, 5_001,
    'it heals by itself';

# The same numbers, another history: as a restore under way.
$log = length $server->error_log;
$socket = ask('/user/big/transactions', 'text/csv');
sysread $socket, $byte, 1 or die $!;
ok wait_stuck(), 'a client waits in the middle';
$data->sql("INSERT INTO owners VALUES (1, 'another')");
($lines, $tail) = drain($socket);
cmp_ok $lines, '<', $rows / 2, 'another state of the database: cut';
unlike $tail, qr/\r\n0\r\n\r\n\z/, '... without the last chunk';
ok $server->wait_log(qr/broken off: .*replaced/, 5, $log), '... and logged';

done_testing;
