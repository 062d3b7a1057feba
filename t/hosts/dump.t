# Promise: what pg_dump wrote, put back under a live daemon, is noticed, though
# the owner's token in it be its own: no slot is believed, and what the dump
# lacks is fetched again, to the last unit.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Hosts;
use Ubal::Server qw(wait_for);

my $hosts = Ubal::Hosts->new(count => 1);
my ($first, $daemon) = $hosts->fetching;
ok $first, 'one fetches' or BAIL_OUT($hosts->logs);
$hosts->goes_on('before');

my $file = $hosts->pg->root . '/dump.sql';
$hosts->pg->as_user(Ubal::Postgres::program('pg_dump'), '-f', $file, '-d',
                    $hosts->pg->params($hosts->database));
$hosts->goes_on('after the dump');
my $lost = $hosts->sql('SELECT as_of FROM coverage');
my $from = length $first->error_log;
$hosts->pg->as_user(Ubal::Postgres::program('psql'), '-X', '-q', '-1',
                    '-v', 'ON_ERROR_STOP=1', '-c', 'DROP SCHEMA public CASCADE',
                    '-c', 'CREATE SCHEMA public', '-f', $file, '-d',
                    $hosts->pg->params($hosts->database));
cmp_ok $hosts->sql('SELECT as_of FROM coverage'), '<', $lost,
    'put back: as-of has gone back';

my ($next) = $hosts->fetching($daemon);
is $next, $first, 'another daemon fetches' or diag $hosts->logs;
like substr($first->error_log, $from), qr/slots count as used/,
    'for which all slots count as used';
$hosts->goes_on('put back');
$hosts->is_true('put back');
$hosts->is_within_budget('put back');

done_testing;
