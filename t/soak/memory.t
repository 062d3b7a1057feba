# Promise: the daemon's memory stays what it was, within 24 MB, however many
# full pages it stores, and so does the log of its database. PAGES=10000 (make
# soak) takes longer than the 300 that run otherwise.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use List::Util qw(max min);
use POSIX qw(strftime);
use Ubal::Ingest;
use Ubal::Server;

$| = 1;
my $pages = $ENV{PAGES} || 300;
my $samples = 20;

# A page a second, from so long ago that there are as many as wanted; as fast
# as they can be had.
my $vendor = Ubal::Server->new(ubal => 0, dbd => 0);
$vendor->start('LoadModule ubal_demo_module @BUILD@/mod_ubal_demo.so' . <<'END');

<Location "/vendor">
    SetHandler ubal-demo
    Require local
    UbalDemoRate 1000 1s
    UbalDemoVolume 60000
    UbalDemoUsers 100000
</Location>
END

my $ingest = Ubal::Ingest->new(
    url   => $vendor->url('/vendor/transactions'),
    lines => "UbalRate 1000 1s\nUbalSince "
        . strftime('%Y-%m-%dT%H:%M:%SZ', gmtime time - $pages * 1.2) . "\n",
);

# The daemon's memory (KB), now and at its most, and of it what is not the
# programs' own text.
sub memory {
    my $status = Ubal::Server::slurp('/proc/' . $ingest->pid . '/status');
    return map { $status =~ /^$_:\s+(\d+) kB/m ? $1 : -1 }
        qw(VmRSS VmHWM RssAnon);
}

sub log_size { return (-s $ingest->db . '-wal') // 0 }

sub stored {
    return -s $ingest->db && eval { $ingest->sqlite(
        'SELECT count(*) FROM requests WHERE seen >= 900') } || 0;
}

my (@anon, @log);
$ingest->start;
for my $n (1 .. $samples) {
    my $wanted = int $pages * $n / $samples;
    Ubal::Server::wait_for(
        sub { defined $ingest->ended || stored() >= $wanted },
        60 + $pages) or last;
    last if defined $ingest->ended;
    my ($rss, $most, $anon) = memory();
    push @anon, $anon;
    push @log, log_size();
    note sprintf '%6d pages: %d KB resident, %d at most, %d of them its own;'
        . ' log %.1f MB', stored(), $rss, $most, $anon, $log[-1] / 1048576;
}

is scalar @anon, $samples, "$pages full pages are stored"
    or diag substr $ingest->log, -3000;
my (undef, $most) = memory();
cmp_ok $most, '>', 0, 'the daemon lives';
# A sanitizer keeps what was freed for a while.
my ($limit, $growth) = $ENV{TEST_HTTPD} ? (1024, 65_536) : (24, 512);
cmp_ok $most, '<=', $limit * 1024, "$most KB resident at most: within $limit MB";
my @first = splice @anon, 0, $samples / 2;
cmp_ok max(@anon) - max(@first), '<=', $growth, 'the second half of the pages needs no more memory than the first';
# Whoever counts here, reads: that may keep the log for a while, not for good.
cmp_ok min(@log[-5 .. -1]), '<', 80 * 1048576, 'the log has an end';
$ingest->stop;
my ($exit, $out) = $ingest->command('verify');
is $exit, 0, 'the money is exact' or diag $out;

done_testing;
