# Promise (P6): of several httpd servers on one PostgreSQL database one fetches
# and the others wait; where its daemon or the whole server is killed, another
# goes on within 5 s. The vendor's limit holds over all of them, and each
# transaction is stored once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Hosts;
use Ubal::Server qw(wait_for now);

my $hosts = Ubal::Hosts->new(count => 3);
my ($first, $daemon) = $hosts->fetching;
ok $first, 'one fetches' or BAIL_OUT($hosts->logs);
for my $other ($hosts->others($first)) {
    ok $other->wait_log(qr/another session.* fetches into this database/, 20),
        'another waits, and says so';
    unlike $other->error_log, qr/fetching for/, 'it does not fetch';
}
$hosts->goes_on('at first');
$hosts->is_true('at first');
is $hosts->sql("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory'"
    . ' AND granted'), 1, 'one session has the lock';

# The daemon alone: its own server starts another, which races with those that
# wait; one of them has it.
my $began = now();
kill 'KILL', $daemon;
my ($second, $next) = $hosts->fetching($daemon);
my $took = now() - $began;
ok $second, 'the daemon killed: another has taken over'
    or diag $hosts->logs;
$hosts->is_prompt($took, 'taken over');
$hosts->goes_on('daemon killed');
$hosts->is_true('daemon killed');

# The whole server at once, as where its host dies.
$began = now();
kill 'KILL', $second->pid, $second->daemons, $second->children;
my ($third, $last) = $hosts->fetching($daemon, $next);
$took = now() - $began;
ok $third, 'the server killed: another has taken over' or diag $hosts->logs;
isnt $third, $second, 'of another host';
$hosts->is_prompt($took, 'taken over');
like $third->error_log, qr/slots count as used/,
    'which does not know what was sent: all slots count as used';
ok wait_for(sub { $second->has_ended }), 'the killed one is gone';
$hosts->goes_on('server killed');
$hosts->is_true('server killed');

# It comes back, and waits its turn.
my $from = length $second->error_log;
$second->start;
ok $second->wait_log(qr/another session.* fetches/, 20, $from),
    'the killed one comes back and waits';
is $hosts->owner, $last, 'the owner is who it was';
my ($status, undef, $body) = $second->get('/user/12');
is $status, 200, 'it answers all the same' or diag $body;

# A stop hands over, too.
$began = now();
$third->stop;
my ($fourth) = $hosts->fetching($daemon, $next, $last);
$took = now() - $began;
ok $fourth, 'stopped: another has taken over' or diag $hosts->logs;
$hosts->is_prompt($took, 'taken over');
$hosts->goes_on('stopped');
$hosts->is_true('stopped');
$hosts->is_within_budget('in all');

done_testing;
