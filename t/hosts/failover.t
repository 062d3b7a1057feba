# Promise (D9): a standby that lacks the last commits is promoted. As-of goes
# back with them and they are fetched again; what they said of requests is lost,
# so that all slots count as used: the money is exact, the vendor's limit holds.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Hosts;
use Ubal::Postgres;
use Ubal::Server qw(wait_for);

my $primary = Ubal::Postgres->new;
my $database = $primary->database;
my $standby = $primary->standby;
my $both = join ',', map { $_->host } $primary, $standby;
my $hosts = Ubal::Hosts->new(
    postgres => $primary, database => $database, count => 2,
    params => "host=$both user=ubal dbname=$database "
        . 'target_session_attrs=read-write')->start;
my ($server) = $hosts->servers;

ok $hosts->fetching, 'D9: one fetches';
$hosts->goes_on('D9: before');
$hosts->is_exact('D9: before');

# What is committed from here on is lost.
$standby->stop;
my $slot = $hosts->sql('SELECT max(id) FROM requests');
my $kept = $hosts->as_of;
ok wait_for(sub { $hosts->as_of > $kept + 3 }), 'D9: commits go on';
my $lost = $hosts->as_of;
cmp_ok $hosts->sql('SELECT max(id) FROM requests'), '>', $slot,
    'D9: and requests';
my @before = map { length $_->error_log } $hosts->servers;
$primary->stop('immediate');

$standby->start;
$standby->promote;
$hosts->{postgres} = $standby;
cmp_ok $hosts->as_of, '<', $lost, 'D9: as-of went back';
$hosts->goes_on('D9: after');
cmp_ok $hosts->as_of, '>', $lost, 'D9: and is beyond what was lost';
my $log = join '', map { substr $_->error_log, shift @before } $hosts->servers;
like $log, qr/all 5 slots count as used/, 'D9: the ledger is not believed';
is scalar($hosts->all_fetching), 1, 'D9: one fetches';
$hosts->is_exact('D9: after');
for my $host ($hosts->servers) {
    my ($status, $headers) = $host->get('/user/u1');
    is $status, 200, 'D9: each host answers';
    cmp_ok $headers->{'ubal-as-of'}, 'gt', Ubal::Hosts::instant($lost),
        'D9: from the new primary';
}

$_->stop for $hosts->servers;
done_testing;
