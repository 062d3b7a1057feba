# Promise: a daemon that cannot be started, or ends at once, is tried again
# ever more rarely and said in the log; httpd serves; a restart need not wait.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Life qw(life_server section live_daemon mpms);
use Ubal::Server qw(wait_for now);
use Ubal::Vendor;

my $vendor = Ubal::Vendor->new;

sub count { my ($text, $what) = @_; return scalar(() = $text =~ /$what/g) }

# Starts that 0.1 s, 0.2 s, 0.4 s ... between them allow in so many seconds,
# and two to be generous.
sub allowed {
    my ($seconds) = @_;
    my ($count, $sum, $pause) = (2, 0, 0.1);
    while (($sum += $pause) < $seconds) { $count++; $pause *= 2 }
    return $count + 1;
}

for my $mpm (mpms()) {
    my ($server, $daemon) = life_server($vendor, mpm => $mpm);
    my $program = $server->program;
    rename $program, "$program.away" or die "$program: $!";
    my $begin = now();
    kill 'KILL', $daemon;
    ok wait_for(sub { count($server->error_log, 'cannot start') >= 4 }),
        "$mpm: a missing program is tried again";
    cmp_ok count($server->error_log, 'cannot start'), '<=',
        allowed(now() - $begin), "$mpm: but ever more rarely";
    is +($server->get('/index.html'))[0], 200, "$mpm: httpd serves";
    rename "$program.away", $program or die "$program: $!";
    ok live_daemon($server, $daemon), "$mpm: and it starts once it is there";
    $server->stop;
}

{
    my $server = Ubal::Server->new;
    my $program = $server->program;
    rename $program, "$program.away" or die "$program: $!";
    my $starts = $server->data . '/starts';
    $server->write_file('bin/ubal-ingest',
                        "#!/bin/sh\necho x >>$starts\nexit 3\n");
    chmod 0755, $program;
    my $begin = now();
    $server->start(section($vendor));
    my $seen = sub { return count(Ubal::Server::slurp($starts), 'x') };
    ok wait_for(sub { $seen->() >= 5 }), 'a program that fails is tried again';
    cmp_ok $seen->(), '<=', allowed(now() - $begin), 'but ever more rarely';
    ok $server->wait_log(qr/ended with code 3/), 'its end is in the log';
    ok $server->wait_log(qr/in a row: the next start is in/), 'with what next';
    is +($server->get('/index.html'))[0], 200, 'httpd serves';

    # The pause is many seconds by now; the new configuration's is none.
    my $log = length $server->error_log;
    rename "$program.away", $program or die "$program: $!";
    $server->graceful(section($vendor));
    ok live_daemon($server), 'a restart after the repair starts one';
    unlike substr($server->error_log, $log), qr/in a row/,
        'without a pause';
    $server->stop;
}

done_testing;
