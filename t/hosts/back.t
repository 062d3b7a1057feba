# Promise: a database that is put back to what it was while another host fetched
# is no ledger of what that host has sent since, though the last slot in it be
# this host's own: all slots count as used.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Hosts;
use Ubal::Server qw(wait_for);

my $hosts = Ubal::Hosts->new(count => 1, standby => 1);
my ($first, $daemon) = $hosts->fetching;
ok $first, 'one fetches' or BAIL_OUT($hosts->logs);
$hosts->goes_on('before');
$first->stop;
my $slot = $hosts->sql('SELECT MAX(id) FROM requests');
ok wait_for(sub {
    $hosts->{standby}->sql($hosts->database, 'SELECT MAX(id) FROM requests')
        == $slot }, 20), 'the standby has all that it stored';
ok $hosts->cut_off_standby, 'and is told nothing more';

my $second = $hosts->add_server;
my ($other, $pid) = $hosts->fetching($daemon);
is $other, $second, 'another host fetches' or diag $hosts->logs;
ok wait_for(sub {
    $hosts->sql("SELECT COUNT(*) FROM requests WHERE id > $slot
        AND fault IS NULL") >= 10 }, 60), 'and spends the limit';
$second->stop;
$hosts->fail_over;
is $hosts->sql('SELECT MAX(id) FROM requests'), $slot,
    'of which the promoted standby knows nothing';

my $from = length $first->error_log;
$first->start;
my ($next) = $hosts->fetching($daemon, $pid);
is $next, $first, 'the first host fetches again' or diag $hosts->logs;
like substr($first->error_log, $from), qr/slots count as used/,
    'and all slots count as used';
$hosts->goes_on('back');
$hosts->is_true('back');
$hosts->is_within_budget('back');

done_testing;
