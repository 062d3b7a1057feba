# Promise: verify --repair makes balances and sums over time again from the
# transactions, with a daemon and without one, and when it is killed half way;
# what it cannot make right it names.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use JSON::PP ();
use POSIX qw(strftime);
use Ubal::Ingest;
use Ubal::Place qw(is_pgsql);
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $begin = time - 7200;
# More than the buffers between the command and who reads nothing hold.
my $users = 2000;
my $last = "u$users"; # who has many transactions
my $vendor = Ubal::Vendor->new(handler => Ubal::Vendor::list_handler(sub {
    return map {
        { id => "t$_", userId => $_ < $users ? "u$_" : $last, type => $_ % 2 ? 'earned' : 'spent',
          amount => "$_.25",
          createdAt => strftime('%Y-%m-%dT%H:%M:%S.000Z',
                                gmtime($begin + $_ % 3600)) }
    } 1 .. $users + 200;
}));
my $ingest = Ubal::Ingest->new(url => $vendor->url, lines =>
    "UbalRate 50 500ms\nUbalPageSize 1000\nUbalSince "
    . strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $begin) . "\n");

$ingest->start;
ok wait_for(sub { $ingest->covers($begin, $begin + 3600) }, 60),
    'all is fetched' or diag $ingest->log;
my $money = $ingest->money;
my $sums = $ingest->sqlite('SELECT * FROM sums ORDER BY 1, 2, 3');
is scalar(split /\n/, $money), $users, 'for each user';
my $stretches = split /\n/, $sums;
cmp_ok $stretches, '>', 3, 'and over time for one who has many';

# What is done to the sums by hand.
my $damage = "UPDATE balances SET earned = earned + 1;"
    . " UPDATE sums SET spent = spent - 7 WHERE level > 0;"
    . " DELETE FROM balances WHERE user_id = 'u1';"
    . " DELETE FROM sums WHERE level = 0;"
    . " INSERT INTO balances VALUES ('nobody', 1, 2, 3, 4, 5, 6)";

sub damage {
    $ingest->sqlite((is_pgsql() ? 'BEGIN' : 'BEGIN IMMEDIATE')
        . "; $damage; COMMIT");
    isnt +($ingest->command('verify'))[0], 0, 'broken, as verify says';
}

sub is_right {
    my ($what) = @_;
    my ($exit, $out) = $ingest->command('verify');
    is $exit, 0, "$what: verify finds nothing" or diag $out;
    ok $ingest->money eq $money, "$what: each balance";
    ok $ingest->sqlite('SELECT * FROM sums ORDER BY 1, 2, 3') eq $sums,
        "$what: each sum over time";
}

# All balances, one of nobody, and the sums over time of one user.
my $changes = $users + 1 + 1;

sub repairs {
    my ($what) = @_;
    damage();
    my ($exit, $out) = $ingest->command('verify', '--repair');
    is $exit, 0, "$what: repaired";
    is scalar(() = $out =~ /^repaired /mg), $changes, "$what: each is told";
    for my $line (
        'repaired user u1, balance: was none;'
            . ' is 1.25 earned, 0 spent, 0 payout, 0 paid_out',
        "repaired user $last, sums over time: $stretches were wrong",
        'repaired user nobody, balance: was 0.01 earned, 0.02 spent,'
            . ' 0.03 payout, 0.04 paid_out; is none',
    ) {
        like $out, qr/^\Q$line\E$/m, $line;
    }
    is_right($what);
    ($exit, $out) = $ingest->command('verify', '--repair', '--json');
    my $json = JSON::PP::decode_json($out);
    is_deeply [$exit, $json->{changes}, !!$json->{ok}], [0, [], !!1],
        "$what: nothing is left to do";
}

repairs('beside a daemon');
is $ingest->ended, undef, 'the same daemon';

# Its output is read no further than its first line, so that it cannot be done.
sub kill_half_way {
    my ($what, $kill) = @_;
    damage();
    pipe my $in, my $out or die "pipe: $!";
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDOUT, '>&', $out;
        open STDERR, '>', '/dev/null';
        close $_ for $in, $out;
        if (!$>) {
            $) = "$ingest->{gid} $ingest->{gid}";
            POSIX::setgid($ingest->{gid});
            POSIX::setuid($ingest->{uid});
        }
        exec $ingest->program, 'verify', '--repair', '--config',
            $ingest->config or POSIX::_exit(127);
    }
    close $out;
    like scalar <$in>, qr/^repaired /, "$what: it has begun";
    $kill->($pid);
    kill 'KILL', $pid;
    waitpid $pid, 0;
    close $in;
    isnt +($ingest->command('verify'))[0], 0, "$what: killed half way";
    my ($exit, $text) = $ingest->command('verify', '--repair');
    is $exit, 0, "$what: repaired in the end" or diag $text;
    is_right($what);
}

kill_half_way('the command alone', sub { });
is $ingest->ended, undef, 'its daemon goes on';
kill_half_way('daemon and command', sub { $ingest->stop('KILL') });

repairs('without a daemon');
kill_half_way('without a daemon', sub { });

# What is not of sums is named, all of it; more than an int64 is not stored.
$ingest->sqlite("UPDATE coverage SET has_dead = 1;"
    . " UPDATE requests SET seen = seen + 1 WHERE id = 1;"
    . " UPDATE balances SET spent = 5 WHERE user_id = 'u5'");
{
    my ($exit, $out) = $ingest->command('verify', '--repair');
    is $exit, 1, 'other faults stay';
    like $out, qr/^repaired user u5, balance/m, 'sums are made again';
    is scalar(() = $out =~ /^FAILED /mg), 2, 'both others are named';
    like $out, qr/^FAILED 3: every request's counts add up\n  request 1 /m,
        'with what they are';
    ($exit, $out) = $ingest->command('verify', '--repair', '--json');
    my $json = JSON::PP::decode_json($out);
    is $exit, 1, 'in JSON';
    is_deeply [map { $_->{number} } grep { $_->{finding} }
               @{ $json->{checks} }], [3, 4], 'named too';
    ok !$json->{ok}, 'and not ok';
}
$ingest->sqlite("UPDATE coverage SET has_dead = 0;"
    . " UPDATE requests SET seen = seen - 1 WHERE id = 1");
$ingest->sqlite('WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1'
    . ' FROM n WHERE i < 10000) INSERT INTO transactions SELECT 1,'
    . " 'rich' || i, 'rich', 1000000, 0, 1000000000000000, 0 FROM n;"
    . " UPDATE balances SET spent = 5 WHERE user_id = 'u6'");
{
    my ($exit, $out) = $ingest->command('verify', '--repair', '--json');
    my $json = JSON::PP::decode_json($out);
    is $exit, 1, 'an overflow is no success';
    is_deeply [grep { !$_->{isRepaired} } @{ $json->{changes} }],
        [{ userId => 'rich', sumsWrong => 9,
           isRepaired => JSON::PP::false() }],
        'it is told';
    is scalar(grep { $_->{isRepaired} } @{ $json->{changes} }), 1,
        'and the next user repaired';
    is $ingest->sqlite("SELECT count(*) FROM balances WHERE user_id = 'rich'"),
        0, 'nothing wrapped is stored';
}
is +($ingest->command('check', '--repair'))[0], 2,
    'no other command takes --repair';

done_testing;
