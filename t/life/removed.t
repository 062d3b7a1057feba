# Promise: where the database's file alone was removed, the companion makes a
# new one, also while httpd's children have the old one and its log open.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX qw(strftime);
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

sub item {
    my ($at) = @_;
    return { id => "t$at", userId => '12', type => 'earned', amount => 1,
             createdAt => strftime('%Y-%m-%dT%H:%M:%S.000Z', gmtime $at) };
}

my $vendor = Ubal::Vendor->new(handler => Ubal::Vendor::list_handler(sub {
    my $now = time;
    return map { item($_) } $now - 200 .. $now;
}));
my $server = Ubal::Server->new;
$server->start(sprintf <<'END', $vendor->url);
<UbalVendor demo>
    UbalURL %s
    UbalRate 100 1s
    UbalInterval 1s
</UbalVendor>
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
END

ok wait_for(sub { ($server->get('/user/12'))[0] == 200 }, 20), 'it answers';
$server->get('/user/12') for 1 .. 40; # in each child
my $asked = () = $vendor->arrivals;
ok wait_for(sub { $vendor->arrivals > $asked + 2 }, 20), 'and fetches';
my $from = length $server->error_log;
unlink $server->db or die "unlink: $!";
$server->get('/user/12'); # one child is asked
ok $server->wait_log(qr/schema brought from 0/, 20, $from), 'a new one is made'
    or diag substr $server->error_log, $from;
ok wait_for(sub { ($server->get('/user/12'))[0] == 200 }, 20), 'and answered from';
unlike substr($server->error_log, $from), qr/I\/O error/,
    'no disk is blamed for it';
$server->stop;

done_testing;
