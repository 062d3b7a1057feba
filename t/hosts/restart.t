# Promise (D8): PostgreSQL that is stopped at once and comes back, in the middle
# of a slot's or a page's transaction or in its COMMIT, whether that has become
# of it or not, which the daemon is not told: nothing is lost or doubled, and
# the vendor's limit is kept.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Hosts;

my $hosts = Ubal::Hosts->new(count => 2);
my $pg = $hosts->pg;
ok +($hosts->fetching)[0], 'one fetches' or BAIL_OUT($hosts->logs);
$hosts->goes_on('at first');

# what, of which transaction, in its COMMIT, what becomes of it
my @scenes = (
    ['in mid-page',                'UPDATE', 0, 'aborted'],
    ['in a page\'s COMMIT, lost',  'UPDATE', 1, 'aborted'],
    ['in a page\'s COMMIT, kept',  'UPDATE', 1, 'committed'],
    ['in a slot\'s COMMIT, lost',  'INSERT', 1, 'aborted'],
    ['in a slot\'s COMMIT, kept',  'INSERT', 1, 'committed'],
);

# One that no standby confirms is committed, but does not say so.
sub confirmed_by {
    my ($names) = @_;
    $pg->configure("synchronous_standby_names = '$names'");
    $hosts->sql('SELECT pg_reload_conf()');
    Ubal::Server::wait_for(sub {
        $hosts->sql('SHOW synchronous_standby_names') eq $names });
}

for my $scene (@scenes) {
    my ($what, $when, $is_late, $fate) = @$scene;
    $hosts->make_hold($when, $is_late);
    $hosts->hold;
    my $transaction = $hosts->held('PgSleep', $is_late ? '^COMMIT' : '.');
    ok $transaction, "$what: there it is" or diag $hosts->logs;
    if ($fate eq 'committed') {
        confirmed_by('nobody');
        $hosts->release;
        is $hosts->held('SyncRep', '^COMMIT'), $transaction,
            "$what: it is committed, and does not know";
    }
    $hosts->crash;
    $pg->configure("synchronous_standby_names = ''");
    $pg->start;
    is $hosts->became($transaction), $fate, "$what: $fate";
    $hosts->release;
    $hosts->goes_on($what);
    $hosts->is_true($what);
}
$hosts->is_within_budget('in all');
unlike $_->error_log, qr/seg fault|exit signal/, 'no child crashed'
    for $hosts->servers;

done_testing;
