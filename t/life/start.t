# Promise: after a start there is one daemon, under each MPM: not root, with
# nothing of httpd's open, its secret nowhere to be seen. After a stop there
# is none.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Life qw(life_server section live_daemon descriptors no_zombies mpms
                  parent_of);
use Ubal::Server qw(wait_for httpd_user);
use Ubal::Vendor;

my $secret = 'correct-horse-battery-staple';
my $vendor = Ubal::Vendor->new;

sub contents { return Ubal::Server::slurp($_[0]) }

# The inodes of all sockets that listen.
sub listening {
    my %inodes;
    for my $line (map { split /\n/, contents("/proc/net/$_") } 'tcp', 'tcp6') {
        my (undef, undef, undef, $state, @rest) = split ' ', $line;
        $inodes{ $rest[5] } = 1 if ($state // '') eq '0A';
    }
    return %inodes;
}

# The daemon lets no one but root look into it.
sub check_open {
    my ($server, $pid, $mpm) = @_;
    my %open = descriptors($pid);
    my %listening = listening();
    ok %listening, "$mpm: something listens";
    is_deeply [grep { /\Asocket:\[(\d+)\]/ && $listening{$1} } values %open],
        [], "$mpm: the daemon has no listening socket";
    is scalar(grep { m{\Q@{[ $server->root ]}\E/(?!data/|logs/)} }
              values %open), 0, "$mpm: nor another file of httpd's";
    is scalar(grep { /memfd/ } values %open), 0,
        "$mpm: nor its settings and secrets once they are read";
    my $environment = contents("/proc/$pid/environ");
    is join(' ', sort map { /\A([^=]*)/ } split /\0/, $environment),
        'LANG PATH TZ', "$mpm: its environment is its own";
    unlike $environment, qr/\Q$secret/, "$mpm: without the secret";
}

sub check_daemon {
    my ($server, $pid, $mpm) = @_;
    if ($>) {
        ok !opendir(my $folder, "/proc/$pid/fd"),
            "$mpm: others of its user cannot look into it";
    }
    else {
        check_open($server, $pid, $mpm);
    }
    my $uid = (httpd_user())[2];
    like contents("/proc/$pid/status"), qr/^Uid:\s+$uid\s+$uid\s+$uid\s/m,
        "$mpm: it runs as httpd's user";
    for my $place (contents("/proc/$pid/cmdline"), $server->error_log,
                   $server->output) {
        unlike $place, qr/\Q$secret/, "$mpm: the secret is not there";
    }
}

for my $mpm (mpms()) {
    my $server = Ubal::Server->new(mpm => $mpm);
    my $file = $server->write_file('conf/token', "$secret\n");
    chmod 0600, $file;
    my $from = () = $vendor->arrivals;
    $server->start(section($vendor, "UbalAuth bearer file:$file"));
    my $pid = live_daemon($server);
    ok $pid, "$mpm: one daemon is live";
    ok $vendor->wait_arrivals($from + 1), "$mpm: it asks the vendor";
    is +($vendor->arrivals)[-1]{headers}{authorization}, "Bearer $secret",
        "$mpm: with the secret";
    check_daemon($server, $pid, $mpm);
    my @family = ($server->pid, $server->children);
    ok +(grep { $_ == parent_of($pid) } @family), "$mpm: a child's own";
    $server->stop;
    ok wait_for(sub { !$server->daemons }), "$mpm: none after the stop";
    unlike $server->error_log, qr/exit signal|seg fault/,
        "$mpm: no child crashed";
}

# A child that is the parent, too.
{
    my $server = Ubal::Server->new(mpm => 'event');
    $server->configure(section($vendor));
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        setpgrp;
        open STDERR, '>>', $server->root . '/logs/output';
        exec $server->command($server->root . '/conf/httpd.conf', '-X')
            or POSIX::_exit(127);
    }
    my $daemon = live_daemon($server);
    ok $daemon, 'httpd -X: one daemon is live';
    kill 'KILL', $daemon;
    ok live_daemon($server, $daemon), 'httpd -X: and another after a kill';
    ok no_zombies($pid), 'httpd -X: no zombie';
    kill 'TERM', $pid;
    waitpid $pid, 0;
    ok wait_for(sub { !$server->daemons }), 'httpd -X: none after the stop';
}

done_testing;
