# Promise: httpd is moved from SQLite to PostgreSQL by a copy and a graceful
# restart, under readers who see no error and no zero; what it then answers is
# the vendor's own truth, for every user, and the vendor never sees more
# requests than it allows, though the old companion went on after the copy.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use JSON::PP ();
use POSIX qw(strftime);
use Ubal::Postgres;
use Ubal::Server qw(wait_for);

sub stamp { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime shift) }

my $pg = Ubal::Postgres->shared;
my $database = $pg->database;

my $vendor = Ubal::Server->new(ubal => 0, dbd => 0);
$vendor->start('LoadModule ubal_demo_module @BUILD@/mod_ubal_demo.so' . <<'END');

<Location "/vendor">
    SetHandler ubal-demo
    Require local
    UbalDemoRate 5 3s
    UbalDemoVolume 600
    UbalDemoUsers 30
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
my $params = $pg->params($database);
my $moved = $extra . <<"END";
DBDriver pgsql
DBDParams "$params"
END

sub asked {
    my (undef, $headers) = $server->get('/user/12');
    return @$headers{qw(ubal-as-of ubal-since)};
}

sub goes_on {
    my ($what) = @_;
    my $target = stamp(time + 1);
    ok wait_for(sub {
        my ($as_of, $begin) = asked();
        return ($as_of // '') ge $target && $begin le stamp($since);
    }, 90), "$what: as-of goes on, the history is there"
        or diag join(' ', map { $_ // '' } asked()) . "\n"
            . substr $server->error_log, -3000;
}

sub arrived {
    my (undef, undef, $seen) = $vendor->get('/vendor/arrivals');
    return $seen;
}

$server->start($extra);
goes_on('on SQLite');

my $reader = fork // die "fork: $!";
if (!$reader) {
    my ($bad, $asked, $end) = (0, 0, 0);
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

my ($exit, $out) = $server->ingest('copy', $params);
is $exit, 0, 'the copy' or diag $out;
my $copied = $pg->sql($database, 'SELECT as_of / 1000000 FROM coverage');
ok wait_for(sub { ((asked())[0] // '') gt stamp($copied + 2) }, 30),
    'the old companion goes on';
$server->graceful($moved);
ok wait_for(sub { $server->error_log =~ /all 5 slots count as used/ }, 30),
    'the new one believes no slot';
goes_on('on PostgreSQL');
kill 'TERM', $reader;
waitpid $reader, 0;
is $? >> 8, 0, 'no reader saw an error or a zero'
    or diag join "\n", $server->error_log =~ /^.*ubal:(?:error|warn).*$/mg;

# What is stored up to as-of is what the vendor itself adds up.
my $micros = $pg->sql($database, 'SELECT as_of FROM coverage');
my (undef, undef, $truth) = $vendor->get('/vendor/truth?from=' . stamp($since)
    . '&to=' . stamp(int $micros / 1e6));
my @theirs = map {
    my %of = /"(userId|earned|spent|payout|paid_out)":"?([^",}]*)/g;
    join '|', $of{userId}, map { sprintf '%.0f', 100 * $of{$_} }
        qw(earned spent payout paid_out)
} $truth =~ /\{"userId"[^}]*\}/g;
my @sums = map { "SUM(CASE WHEN type = $_ THEN amount ELSE 0 END)" } 0 .. 3;
my @ours = split /\n/, $pg->sql($database, 'SELECT user_id, '
    . join(', ', @sums) . " FROM transactions WHERE created_at >= ${since}000000
    AND created_at < $micros GROUP BY user_id");
cmp_ok scalar @theirs, '>', 20, 'the vendor knows users';
is_deeply [sort @ours], [sort @theirs], 'exact for every user';
($exit, $out) = $server->ingest('verify');
is $exit, 0, 'and the balances are their sums: verify' or diag $out;
# An item that the vendor lists late may come between two questions.
sub of_12 {
    return $pg->sql($database, 'SELECT user_id, ' . join(', ', @sums)
        . " FROM transactions WHERE user_id = '12' AND created_at < $micros
        GROUP BY user_id");
}
ok wait_for(sub {
    my $before = of_12();
    my (undef, undef, $body) = $server->get('/user/12?at='
        . POSIX::strftime('%Y-%m-%dT%H:%M:%S', gmtime $micros / 1e6)
        . sprintf '.%06dZ', $micros % 1_000_000);
    my %shown = $body =~ /"(\w+)":(-?[0-9.]+)/g;
    my $shown = join '|', 12, map { sprintf '%.0f', 100 * ($shown{$_} // 0) }
        qw(earned spent payout paid_out);
    return $before eq of_12() && $shown eq $before;
}), 'and what is answered';

my ($most) = arrived() =~ /"max_in_period":(\d+)/;
cmp_ok $most, '<=', 5, 'the vendor never saw more than 5 in 3 s';
unlike arrived(), qr/"status":429/, 'and never had to refuse one';

$server->stop;
ok wait_for(sub { !$server->daemons }), 'a stop leaves no daemon';

done_testing;
