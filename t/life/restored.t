# Promise: a database that is replaced under a running httpd (D7) is noticed:
# replies are of the new one at once, no old tag is confirmed, and the daemon's
# successor counts all slots of the limit as used.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use POSIX qw(strftime);
use Test::More;

use Ubal::Data;
use Ubal::Life qw(live_daemon mpms section);
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $begin = time - 3600;
my $vendor = Ubal::Vendor->new(handler => sub {
    my @items = map {
        { id => "t$_", userId => '12', type => 'earned', amount => '1.5',
          createdAt => strftime('%Y-%m-%dT%H:%M:%S.000Z',
                                gmtime($begin + 2 * $_)) }
    } 1 .. 10;
    return Ubal::Vendor::list_handler(sub { @items })->(@_);
});
my @paths = ('/user/12', '/user?ids=12', '/user/12/payouts',
             '/user/12/transactions');

for my $mpm (mpms()) {
    my $server = Ubal::Server->new(mpm => $mpm);
    $server->start(section($vendor, 'UbalRate 50 500ms', 'UbalSince '
        . strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $begin)) . <<'END');
UbalCache 100
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
END
    my $daemon = live_daemon($server);
    ok wait_for(sub {
        ($server->get('/user/12'))[2] =~ /"earned":15,/;
    }, 30), "$mpm: fetched";

    # A copy in which the user had less; every child has the file open.
    my $copy = $server->db . '.copy';
    is +($server->ingest('backup', $copy))[0], 0, "$mpm: a backup";
    my $asked = () = $vendor->arrivals;
    my $restored = Ubal::Data->new($copy);
    $restored->sql("UPDATE balances SET earned = 700 WHERE user_id = '12';"
        . "DELETE FROM transactions WHERE id IN ('t1', 't2', 't3');"
        . 'PRAGMA wal_checkpoint(TRUNCATE)');
    unlink map { $copy . $_ } '-wal', '-shm';
    my %tag;
    for (1 .. 20) {
        for my $path (@paths) {
            my ($status, $headers, $body) = $server->get($path);
            $tag{$path} = $headers->{etag} if $status == 200;
        }
    }
    is scalar(keys %tag), @paths, "$mpm: each reply has a tag";

    ok wait_for(sub { $vendor->arrivals > $asked + 1 }, 20),
        "$mpm: requests are made that the copy does not have";

    my $from = length $server->error_log;
    unlink map { $server->db . $_ } '-wal', '-shm';
    rename $copy, $server->db or die "rename: $!";

    # From the first reply on, in whichever child.
    my %came;
    for my $n (1 .. 40) {
        for my $path (@paths) {
            my ($status, $headers, $body) =
                $server->get($path, { 'If-None-Match' => $tag{$path} });
            my $is_new = $path =~ /transactions/ ? $body !~ /"t1"/
                : $path =~ /payouts/ ? 1 : $body =~ /"earned":7,/;
            # What is shown of payouts is the same in both.
            $status = 200 if $path =~ /payouts/ && $status == 304;
            $came{ $status == 200 && $is_new ? 'new' : "$path $status $body" }++;
        }
    }
    is_deeply \%came, { new => 40 * @paths },
        "D7: $mpm: each reply is of the new file, none 304 on an old tag"
        or diag explain \%came;
    my $next = live_daemon($server, $daemon);
    ok $next, "D7: $mpm: the daemon noticed and has a successor";
    ok $server->wait_log(qr/\[pid $next\].*slots count as used/, 20, $from),
        "D7: $mpm: for whom all slots count as used";

    # The old file's -wal and -shm are left: what is read by them is of no one
    # database, money of nobody's or zeros.
    is +($server->ingest('backup', $copy))[0], 0, "$mpm: another backup";
    $from = length $server->error_log;
    rename $copy, $server->db or die "rename: $!";
    my %status;
    $status{ ($server->get($_))[0] }++ for (@paths) x 20;
    is_deeply \%status, { 503 => 20 * @paths },
        "D7: $mpm: a copy beside the old one's log: no balance at all"
        or diag explain \%status;
    ok $server->wait_log(qr/-wal and -shm are still those.*remove both/, 20,
                         $from), "D7: $mpm: the log says what to do";
    unlink map { $server->db . $_ } '-wal', '-shm';
    ok wait_for(sub { ($server->get('/user/12'))[0] == 200 }, 20),
        "D7: $mpm: it heals by itself then";

    # Only the file itself is removed: beside a new one the log means nothing.
    ok live_daemon($server), "$mpm: a daemon";
    unlink $server->db or die "unlink: $!";
    ok wait_for(sub {
        ($server->get('/user/12'))[2] =~ /"earned":15,/;
    }, 30), "$mpm: removed: a new database is made and fetched into";
    unlike $server->error_log, qr/exit signal|seg fault/,
        "$mpm: no child crashed";
    $server->stop;
}

done_testing;
