# Promise (P6): a host that is cut off from the database, between two pages, in
# mid-page or while the vendor answers it, is followed by another; when it
# returns it commits nothing of what it had begun, and waits. Hosts are network
# namespaces. The vendor's limit holds, and each transaction is stored once.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Hosts;
use Ubal::Net;
use Ubal::Server qw(now wait_for);

Ubal::Net::enter()
    or plan skip_all => 'network namespaces need root and iproute2';

my ($database, $vendor) = ($Ubal::Net::database, $Ubal::Net::vendor);
my $port = Ubal::Server::free_port();
my $hosts = Ubal::Hosts->new(timeout => 15,
    count        => 0,
    settings     => ["listen_addresses = '$database'"],
    vendor_lines => "Listen $vendor:$port",
    vendor_url   => "http://$vendor:$port/vendor/transactions");
my $pg = $hosts->pg;
open my $out, '>>', $pg->data . '/pg_hba.conf' or die "pg_hba.conf: $!";
print $out "host all all 10.91.0.0/16 trust\n";
close $out;
$hosts->sql('SELECT pg_reload_conf()');
$hosts->{params} = "host=$database port=" . $pg->port
    . ' user=ubal dbname=' . $hosts->database;

my %net; # of a server
my $program = Ubal::Server::httpd_program();
for (1 .. 2) {
    my $net = Ubal::Net->new;
    my $server = $hosts->add_server($net->wrapper($program, $pg->root));
    $net{$server} = $net;
}
my ($first, $daemon) = $hosts->fetching;
ok $first, 'one fetches' or BAIL_OUT($hosts->logs);
$hosts->goes_on('at first');

# Another follows the one that is cut off; then that returns.
sub follows {
    my ($what, $server, $daemon, $meanwhile) = @_;
    my $began = now();
    $net{$server}->cut_off;
    $meanwhile->() if $meanwhile;
    my ($next, $pid) = $hosts->fetching($daemon);
    my $took = now() - $began;
    ok $next, "$what: another has taken over" or diag $hosts->logs;
    isnt $next, $server, "$what: of another host";
    $hosts->is_prompt($took, "$what: taken over");
    my $from = length $server->error_log;
    $net{$server}->let_return;
    ok $server->wait_log(qr/another session.* fetches/, 60, $from),
        "$what: it returns, and waits" or diag $server->error_log;
    ok !(grep { $_ == $daemon } $server->daemons),
        "$what: the daemon that was cut off has ended";
    is $hosts->owner, $pid, "$what: the owner is who it was";
    is $hosts->sql('SELECT COUNT(*) FROM requests WHERE ended IS NULL
        AND id < (SELECT MAX(id) FROM requests)'), 0, "$what: no slot is open";
    $hosts->goes_on($what);
    $hosts->is_true($what);
    return ($next, $pid);
}

($first, $daemon) = follows('between pages', $first, $daemon);

# Within the page's transaction, whose locks go with the session.
$hosts->make_hold('UPDATE', 0);
$hosts->hold;
my $transaction = $hosts->held('PgSleep', '.');
ok $transaction, 'in mid-page: there it is';
($first, $daemon) = follows('in mid-page', $first, $daemon, sub {
    ok wait_for(sub { $hosts->sql("SELECT COUNT(*) FROM pg_stat_activity
        WHERE backend_xid = '$transaction'") eq '0' }, 30),
        'in mid-page: the server ends its session';
    $hosts->release;
    is $hosts->became($transaction), 'aborted', 'in mid-page: nothing of it';
});

# While the vendor answers: it has a page in hand when it returns.
my $seen = $hosts->sql('SELECT MAX(id) FROM requests');
$hosts->fault('delay=12000&next=1');
ok wait_for(sub {
    my $long_ago = int(1e6 * (Ubal::Server::slurp('/proc/uptime')
        =~ /\A([\d.]+)/)[0]) - 500_000;
    $hosts->sql("SELECT CASE WHEN EXISTS (SELECT 1 FROM requests WHERE
        id > $seen AND ended IS NULL AND started < $long_ago)
        THEN 1 ELSE 0 END") }, 20), 'a request is under way';
follows('with a page in hand', $first, $daemon);
$hosts->is_within_budget('in all');

done_testing;
