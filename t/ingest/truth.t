# Promise: what GET /user/{id} answers is the vendor's own truth, for every
# user, to the last unit, while the vendor pages badly, fails, doubles and
# shifts, and while httpd is restarted under load; and the vendor never sees
# more requests than it allows.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX qw(strftime);
use Ubal::Server qw(wait_for);

sub stamp { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime shift) }

my $vendor = Ubal::Server->new(ubal => 0, dbd => 0);
$vendor->start('LoadModule ubal_demo_module @BUILD@/mod_ubal_demo.so' . <<'END');

<Location "/vendor">
    SetHandler ubal-demo
    Require local
    UbalDemoRate 5 3s
    UbalDemoVolume 600
    UbalDemoUsers 30
    UbalDemoFaults on
</Location>
END

my $since = time - 600;
my $server = Ubal::Server->new;
my $extra = sprintf <<'END', $vendor->url('/vendor/transactions'), stamp($since);
<UbalVendor demo>
    UbalURL %s
    UbalRate 5 3s
    UbalInterval 1s
    UbalWindow settle=1s tick=1s
    UbalSince %s
</UbalVendor>
<Location "/user">
    SetHandler ubal
    Require local
</Location>
END

sub fault {
    my ($words) = @_;
    my ($status, undef, $body) = $vendor->get("/vendor/fault?$words");
    is $status, 200, "the vendor has the fault $words" or diag $body;
}

sub figures {
    my ($body) = @_;
    my %of = $body =~ /"(balance|earned|spent|paid_out|payout)":(-?[0-9.]+)/g;
    return join ' ', map { "$_=" . ($of{$_} // '?') }
        qw(balance earned spent paid_out payout);
}

sub as_of {
    my (undef, $headers) = $server->get('/user/12');
    return $headers->{'ubal-as-of'} // '';
}

# Both are asked for what is covered. Balances also hold what lies beyond (a
# window is asked for from a tick before, and endDate may be inclusive), so the
# stored transactions are summed, and the balances checked by verify.
sub is_true {
    my ($what) = @_;
    my ($micros) = $server->sqlite('SELECT as_of FROM coverage');
    my $to = stamp(int($micros / 1e6));
    my (undef, undef, $body) = $vendor->get(
        '/vendor/truth?from=' . stamp($since) . "&to=$to");
    my %truth = map { /"userId":"([^"]*)"/ ? ($1 => figures($_)) : () }
        $body =~ /\{"userId"[^}]*\}/g;
    my %ours = map { my ($user, @sums) = split /\|/; ($user => \@sums) }
        split /\n/, $server->sqlite("SELECT user_id,
            sum(CASE WHEN type = 0 THEN amount ELSE 0 END), sum(CASE WHEN type = 1 THEN amount ELSE 0 END),
            sum(CASE WHEN type = 2 THEN amount ELSE 0 END), sum(CASE WHEN type = 3 THEN amount ELSE 0 END)
            FROM transactions WHERE created_at >= ${since}000000
            AND created_at < $micros GROUP BY user_id");
    my @wrong;
    for my $user (sort keys %truth) {
        my ($earned, $spent, $payout, $paid) = @{ $ours{$user} // [0, 0, 0, 0] };
        my $got = figures(sprintf '"balance":%s,"earned":%s,"spent":%s,'
            . '"paid_out":%s,"payout":%s', map { $_ / 100 }
            $earned - $spent - $paid, $earned, $spent, $paid, $payout);
        push @wrong, "$user: $got, not $truth{$user}" if $got ne $truth{$user};
    }
    cmp_ok scalar(keys %truth), '>', 20, "$what: the vendor knows users";
    is_deeply \@wrong, [], "$what: exact for every user";
    my ($exit, $out) = $server->ingest('verify', '--config', dump_config());
    is $exit, 0, "$what: verify" or diag $out;
}

# The settings as httpd gives them to the daemon.
sub dump_config {
    my ($exit, $out) = $server->configtest($extra, '-t', '-D', 'DUMP_UBAL');
    my ($text) = $out =~ /^(UbalIngestDB.*?)^# ubal-settings end/ms
        or die "no settings:\n$out";
    return $server->write_file('conf/ubal.conf', $text);
}

sub goes_on {
    my ($what) = @_;
    my $target = stamp(time + 1);
    ok wait_for(sub { as_of() ge $target && $server->sqlite(
            "SELECT 1 FROM coverage WHERE since <= ${since}000000") }, 90),
        "$what: as-of goes on, the history is there"
        or diag as_of() . "\n" . substr $server->error_log, -3000;
}

$server->start($extra);
goes_on('at first');
is_true('at first');

for my $words ('duplicate=3&next=4', 'shift=2&next=3', 'nometa&next=3',
               'badmeta=7&next=2', 'cap=40&next=3', 'status=503&next=2',
               'cut=length&next=2', 'html&next=1', 'drop=reset&next=2') {
    fault($words);
}
goes_on('after faults');
fault('endinclusive');
goes_on('endDate inclusive');
is_true('after faults');

# Under load: readers that never see an error or a balance that goes back to
# zero, while httpd is reloaded and its daemon killed.
my $reader = fork // die "fork: $!";
if (!$reader) {
    my $bad = 0;
    my $asked = 0;
    my $end = 0;
    local $SIG{TERM} = sub { $end = 1 };
    while (!$end) {
        my ($status, undef, $body) = $server->get('/user/12');
        $asked++;
        next if $end || ($status == 200 && $body =~ /"earned":[1-9]/);
        $bad++;
        print STDERR "# a reader saw: $status $body\n";
    }
    POSIX::_exit($asked == 0 ? 99 : $bad > 90 ? 90 : $bad);
}
for (1 .. 3) {
    $server->graceful;
    kill 'KILL', $server->daemons;
}
goes_on('reloaded and killed');
kill 'TERM', $reader;
waitpid $reader, 0;
is $? >> 8, 0, 'no reader saw an error or a zero'
    or diag join "\n", $server->error_log =~ /^.*ubal:(?:error|warn).*$/mg;
is_true('reloaded and killed');

my (undef, undef, $seen) = $vendor->get('/vendor/arrivals');
my ($most) = $seen =~ /"max_in_period":(\d+)/;
cmp_ok $most, '<=', 5, 'the vendor never saw more than 5 in 3 s';
unlike $seen, qr/"status":429/, 'and never had to refuse one';

$server->stop;
ok wait_for(sub { !$server->daemons }), 'a stop leaves no daemon';

done_testing;
