# Promise: a child of httpd's takes no more memory for a million requests than
# for some thousands, whatever is asked, and holds no more files. REQUESTS=10000000
# (make soak) takes longer than the 60,000 that are asked otherwise.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use IO::Socket::INET;
use POSIX ();
use Ubal::Data;
use Ubal::Server;

my $requests = $ENV{REQUESTS} || 60_000;
my $clients = 4;
my $batch = 50;

my $server = Ubal::Server->new(
    size => "ServerLimit 1\nThreadsPerChild 8\nMaxRequestWorkers 8\n"
        . "MinSpareThreads 1\nMaxSpareThreads 8");
my $data = Ubal::Data->new($server->db)->create;
$data->cover(since => 1767225600_000000, as_of => 1772323200_000000);
$data->user("u$_", earned => 1000 * $_, spent => 7 * $_) for 1 .. 20;
$server->start(<<'END');
LogLevel emerg
StartServers 1
KeepAlive On
MaxKeepAliveRequests 0
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
END

# What is asked by turns: what is there, what is not, and what is wrong.
my (undef, $headers) = $server->get('/user/u1');
my $tag = $headers->{etag} // '"none"';
my @asked = map { "GET $_->[0] HTTP/1.1\r\nHost: a\r\n$_->[1]\r\n" } (
    map({ ["/user/u$_", ''] } 1 .. 20),
    ['/user/u1', "If-None-Match: $tag\r\n"],
    ['/user/u1', "If-None-Match: W/\"a\", \"b\"\r\n"],
    ['/user/nobody', ''], ['/user/u3/payouts', ''],
    ['/user/u4?at=2026-02-03T04:05:06Z', ''], ['/user/u5/transactions', ''],
    ['/user?ids=u1,u2,u3', ''], ['/user/u6/history', ''],
    ['/user/u1/nothing', ''],
);
# httpd closes the connection after these.
my @wrong = map { "GET $_ HTTP/1.1\r\nHost: a\r\n\r\n" } '/user/u1?what=1',
    '/user/%ff';

sub child { return ($server->children)[0] }

# KB that are not the programs' own text, and descriptors.
sub held {
    my $child = child();
    my ($anon) = Ubal::Server::slurp("/proc/$child/status")
        =~ /^RssAnon:\s+(\d+) kB/m;
    return ($anon, scalar(() = glob "/proc/$child/fd/*"));
}

# Counts the replies that `$socket` still owes; they are dropped.
sub take_replies {
    my ($socket, $count) = @_;
    my $text = '';
    while ($count) {
        sysread $socket, $text, 65536, length $text or return 0;
        while ($text =~ s/\A(HTTP.*?)\r\n\r\n//s) {
            my $head = $1;
            my ($length) = $head =~ /^content-length: (\d+)/mi;
            $length = 0 if !$length || $head =~ m{\A\S+ 304};
            while (length $text < $length) {
                sysread $socket, $text, 65536, length $text or return 0;
            }
            substr $text, 0, $length, '';
            $count--;
        }
    }
    return 1;
}

# One client, of several connections; exits 0 where all replies came.
sub run_client {
    my ($count) = @_;
    my $socket;
    for (my $sent = 0; $sent < $count; $sent += $batch) {
        my $is_last = ($sent / $batch) % 20 == 19;
        $socket //= IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                          PeerPort => $server->port)
            or return 1;
        $socket->autoflush(1);
        print $socket join '', map({ $asked[($sent + $_) % @asked] }
                                   1 .. $batch - $is_last),
            $is_last ? $wrong[$sent / $batch / 20 % 2] : ();
        take_replies($socket, $batch) or return 1;
        undef $socket if $is_last;
    }
    return 0;
}

sub ask {
    my ($count) = @_;
    my @pids = map {
        my $pid = fork // die "fork: $!";
        POSIX::_exit(run_client($count / $clients)) unless $pid;
        $pid;
    } 1 .. $clients;
    my $failed = 0;
    for my $pid (@pids) {
        waitpid $pid, 0;
        $failed++ if $?;
    }
    return !$failed;
}

my $first = child();
ok ask($requests / 3), 'the first third';
my ($before, $files) = held();
ok ask($requests * 2 / 3), 'the rest';
my ($after, $files_after) = held();
is child(), $first, 'all by one child';
# A sanitizer keeps what was freed for a while.
cmp_ok $after, '<', $before + ($ENV{TEST_HTTPD} ? 65_536 : 1024),
    "memory: $before KB, then $after KB";
cmp_ok $files_after, '<=', $files + 8, "descriptors: $files, then $files_after";
done_testing;
