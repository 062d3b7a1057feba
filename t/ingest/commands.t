# Promise: windows, retry and dead do what they say, with a daemon and without
# one: a parked window is shown, accepted on record or fetched after all; a
# dead letter is shown, stored once when it can be, or put away for good.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Fcntl qw(:flock);
use POSIX qw(strftime);
use Ubal::Ingest;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $begin = time - 3600;

sub stamp { return strftime('%Y-%m-%dT%H:%M:%S.000Z', gmtime shift) }

sub item {
    my ($id, %with) = @_;
    return { id => $id, userId => 'u', type => 'earned', amount => '1.00',
             createdAt => stamp($begin + 5), %with };
}

# A vendor that lists `$items`, and an item 'a' of the instant that its flag
# `at` says; it fails while its flag `bad` says an instant and that is asked for.
sub list_vendor {
    my ($items) = @_;
    return Ubal::Vendor->new(handler => sub {
        my ($method, $path, $query, $number, $self) = @_;
        my $bad = $self->flag('bad');
        return (500, {}, 'no') if $bad && $query->{startDate} le $bad
            && $query->{endDate} gt $bad;
        my $at = $self->flag('at');
        my @all = (@$items, $at ? item('a', createdAt => $at) : ());
        return Ubal::Vendor::list_handler(sub { @all })->(@_);
    });
}

sub ingest_of {
    my ($vendor, %with) = @_;
    return Ubal::Ingest->new(url => $vendor->url, lines =>
        "UbalRate 1000 1s\nUbalRetries 1\n" . ($with{lines} // ''));
}

sub run_ok {
    my ($ingest, $what, @words) = @_;
    my ($exit, $text) = $ingest->command(@words);
    is $exit, 0, "$what: @words" or diag $text;
    return $text;
}

sub as_of { return $_[0]->sqlite('SELECT as_of FROM coverage') / 1e6 }

sub passes {
    my ($ingest, $instant) = @_;
    return wait_for(sub { as_of($ingest) > $instant }, 30);
}

# Whether there is what GET says as gaps.
sub gaps { return $_[0]->sqlite('SELECT has_gaps FROM coverage') }

# A daemon with parked windows, which hold the item 'a' of `$bad`: their ids,
# too. One second is asked for by two windows, as each begins a tick early.
sub parked {
    my $vendor = list_vendor([]);
    my $ingest = ingest_of($vendor)->start;
    # What is covered begins when it has started, however long that takes.
    $ingest->wait_log(qr/: done/, 60);
    my $bad = time + 3;
    $vendor->set_flag($_, stamp($bad)) for qw(at bad);
    my $count = "SELECT count(*) FROM windows WHERE state = 2";
    ok wait_for(sub { $ingest->has_tables && (eval { $ingest->sqlite($count) } // 0) == 2 },
                30), 'two windows are parked' or diag $ingest->log;
    return ($vendor, $ingest, $bad,
            split /\n/, $ingest->sqlite('SELECT id FROM windows WHERE state = 2'
                . ' ORDER BY begins_at'));
}

# A gap, accepted and then closed, by commands beside a daemon.
{
    my ($vendor, $ingest, $bad, $id, $next) = parked();
    my $text = run_ok($ingest, 'a parked window', 'windows');
    like $text, qr/^window $id of vendor t, .*: parked after 1 fail/m,
        'is shown';
    like $text, qr/last fault: .*500/, 'with its fault';
    like $text, qr/windows accept $id$/m, 'and with what to do';
    like run_ok($ingest, 'as JSON', 'windows', '--json'),
        qr/\A\{"windows":\[\{"id":$id,"vendor":"t",.*"state":"parked",.*\]\}$/,
        'the same';
    cmp_ok as_of($ingest), '<=', $bad, 'as-of does not pass it';

    $text = run_ok($ingest, 'an operator', 'windows', 'accept', $id, $next);
    like $text, qr/^window $id, .* is accepted/, 'is told so';
    ok passes($ingest, $bad + 1), 'as-of passes it' or diag $ingest->log;
    is gaps($ingest), 1, 'replies still say gaps';
    like $ingest->log, qr/by command: window $id .* is accepted/,
        'it is on record';
    run_ok($ingest, 'a second time', 'windows', 'accept', $id);
    like run_ok($ingest, 'it is listed still', 'windows'),
        qr/^window $id .*: accepted/m, 'as accepted';
    run_ok($ingest, 'with a gap', 'verify');

    $vendor->clear_flag('bad');
    like run_ok($ingest, 'without IDs', 'retry'), qr/no window needs it/,
        'what was accepted stays';
    like run_ok($ingest, 'all', 'retry', '--all'), qr/^window $id, /,
        'is fetched after all';
    ok wait_for(sub { !gaps($ingest) && $ingest->money }, 30),
        'and there is no gap' or diag $ingest->log;
    is $ingest->money, 'u|100|0|0|0', 'what was in it is stored';
    ok passes($ingest, $bad + 1), 'as-of goes on';
    like run_ok($ingest, 'then', 'windows'), qr/no window needs/, 'is empty';
    $ingest->stop;
    run_ok($ingest, 'closed', 'verify');
}

# The same without a daemon.
{
    my ($vendor, $ingest, $bad, $id, $next) = parked();
    $ingest->stop;
    # On PostgreSQL a ledger vouches for itself for two periods: no short ones.
    $ingest->configure(lines => $ingest->{lines} =~ s/1000 1s/1000 60s/r);
    run_ok($ingest, 'no daemon', 'windows', 'accept', $id, $next, '--json');
    cmp_ok as_of($ingest), '>', $bad, 'as-of passes it';
    is gaps($ingest), 1, 'and gaps are said';
    run_ok($ingest, 'accepted by hand', 'verify');
    run_ok($ingest, 'no daemon', 'retry', $id, $next);
    cmp_ok as_of($ingest), '<=', $bad, 'a retried one is passed no more';
    run_ok($ingest, 'retried by hand', 'verify');
    $vendor->clear_flag('bad');
    my $before = length $ingest->log;
    $ingest->start;
    ok passes($ingest, $bad + 1), 'a daemon goes on from there';
    is $ingest->money, 'u|100|0|0|0', 'and fetches it';
    unlike substr($ingest->log, $before), qr/count as used/,
        'with the ledger as it was: a command is no stranger to it';
    $ingest->stop;
}

# Dead letters beside a daemon.
my @items = (item('good'), item('gift', type => 'gift'),
             item('other', type => 'gift', userId => 'v'),
             item('same', amount => '2.00'),
             { raw => qq({"id":"\xff","userId":"u"}), createdAt => stamp($begin + 5) });
my @changed = (item('same', amount => '3.00'));

sub letters {
    my ($ingest) = @_;
    return $ingest->sqlite('SELECT id, kind, state FROM dead_letters ORDER BY id');
}

sub flags {
    my ($ingest) = @_;
    return $ingest->sqlite('SELECT has_dead, has_conflicts FROM coverage');
}

# As a corrected configuration would have it: the item's type is known.
sub correct {
    my ($ingest, $item) = @_;
    $ingest->sqlite(q(UPDATE dead_letters SET raw = replace(replace(raw, '"gift","amount"',
        '"spent","amount"'), '"type":"gift"', '"type":"spent"'))
        . " WHERE item_id = '$item'");
}

sub dead_letters {
    my ($name, $is_live) = @_;
    my $vendor = list_vendor([@items, @changed]);
    my $ingest = ingest_of($vendor, lines => 'UbalSince ' . stamp($begin)
        . "\n")->start;
    $ingest->wait_log(qr/dead 3 conflict 1/);
    $ingest->stop unless $is_live;

    is letters($ingest), "1|dead|open\n2|dead|open\n3|dead|open\n4|conflict|open",
        "$name: the letters";
    my $text = run_ok($ingest, $name, 'dead');
    like $text, qr/^1 dead of vendor t, item "gift": type: 'gift' is unknown$/m,
        'lists them with the reason';
    like run_ok($ingest, $name, 'dead', 'list', '--json'),
        qr/\A\{"letters":\[\{"id":1,.*\{"id":4,.*\}\],"ok":true\}$/, 'as JSON';
    $text = run_ok($ingest, $name, 'dead', 'show', 4);
    like $text, qr/came as \{.*"same".*3\.00/, 'a conflict shows what came';
    like $text, qr/^  stored: user u  .*earned 2$/m, 'and what is stored';
    like run_ok($ingest, $name, 'dead', 'show', 4, '--json'),
        qr/"raw":".*","stored":\{"userId":"u",.*"amount":2\}\}$/, 'as JSON';
    like run_ok($ingest, $name, 'dead', 'show', 3), qr/came as base64:/,
        'bytes that are no text are shown encoded';

    like run_ok($ingest, $name, 'dead', 'replay', '--all'),
        qr/\A1 dead: .*\n2 dead: .*\n3 dead: .*\n4 conflict: .*\n\z/,
        'nothing has changed';
    is flags($ingest), '1|1', 'they are open';
    correct($ingest, 'gift');
    correct($ingest, 'other');
    like run_ok($ingest, $name, 'dead', 'replay', 1), qr/\A1 stored: gift\n\z/,
        'one that can be stored now';
    is $ingest->money, 'u|300|100|0|0', 'is';
    like run_ok($ingest, $name, 'dead', 'replay', 1), qr/\A1 replayed: /,
        'and not a second time';
    like run_ok($ingest, $name, 'dead', 'replay', '--json'),
        qr/\A\{"id":2,"outcome":"stored","text":"other"\}\n\{"id":3,/,
        'without IDs all but conflicts';
    is $ingest->money, "u|300|100|0|0\nv|0|100|0|0", 'once each';
    is letters($ingest),
        "1|dead|replayed\n2|dead|replayed\n3|dead|open\n4|conflict|open",
        'their letters are closed';
    run_ok($ingest, "$name: replayed", 'verify');

    run_ok($ingest, $name, 'dead', 'drop', 3);
    is flags($ingest), '0|1', 'a dropped letter is said no more';
    run_ok($ingest, $name, 'dead', 'drop', 3, 4);
    is flags($ingest), '0|0', 'nor is a decided conflict';
    is run_ok($ingest, $name, 'dead'), "no dead letters\n", 'none is left';
    is run_ok($ingest, $name, 'dead', 'replay'), "no dead letters\n",
        'none to be replayed either';
    run_ok($ingest, "$name: dropped", 'verify');

    # The page that they came with is read once more.
    $ingest->stop;
    $ingest->sqlite("UPDATE windows SET state = 0, next_page = 1
        WHERE begins_at <= ${begin}000000 + 5000000
        AND ends_at > ${begin}000000 + 5000000");
    my $before = length $ingest->log;
    $ingest->start;
    $ingest->wait_log(qr/seen 6 new 0 .*dead \d conflict \d/, 20, $before);
    is flags($ingest), '0|0', 'the same bytes are not reported again';
    unlike letters($ingest), qr/open/, 'no letter is open';
    is $ingest->money, "u|300|100|0|0\nv|0|100|0|0", 'the money is the same';
    $ingest->stop;
    run_ok($ingest, "$name: read again", 'verify');
}

dead_letters('beside a daemon', 1);
dead_letters('no daemon', 0);

# What a corrected configuration can store is stored, by a daemon that has it
# and by a command that does without one; but never under other ids.
for my $live (1, 0) {
    my @odd = (item('gift', type => 'gift'), item('loan', type => 'loan'),
               item('good', type => 'payout'));
    my $vendor = list_vendor(\@odd);
    my $since = 'UbalSince ' . stamp($begin) . "\n";
    my $ingest = ingest_of($vendor, lines => $since)->start;
    $ingest->wait_log(qr/new 1 .*dead 2/);
    run_ok($ingest, 'not corrected', 'dead', 'replay', '--all');
    is $ingest->money, 'u|0|0|100|0', 'nothing can be stored';
    $ingest->stop;
    my $lines = $ingest->{lines};
    $ingest->configure(lines => "${lines}UbalMap id id type\n");
    my ($exit, $text) = $ingest->command('dead', 'replay');
    is $exit, 1, 'other ids for what is stored are refused' or diag $text;
    $ingest->configure(lines => "${lines}UbalType earned gift\n");
    my $before = length $ingest->log;
    if ($live) {
        $ingest->start;
        $ingest->wait_log(qr/fetching for/, 20, $before);
    }
    $text = run_ok($ingest, 'corrected', 'dead', 'replay', '--all');
    like $text, qr/^\d stored: gift$/m, 'a type that has a name now';
    like $text, qr/^\d dead: type: 'loan' is unknown/m, 'not another';
    is $ingest->money, 'u|100|0|100|0', 'is stored, once';
    run_ok($ingest, 'again', 'dead', 'replay', '--all');
    is $ingest->money, 'u|100|0|100|0', 'and not twice';
    is flags($ingest), '1|0', 'one letter is left';
    $ingest->stop;
    run_ok($ingest, 'corrected', 'verify');
}

# What cannot be meant.
{
    my $vendor = list_vendor([item('a')]);
    my $ingest = ingest_of($vendor)->start;
    $ingest->wait_log(qr/done/);
    for my $live (1, 0) {
        $ingest->stop unless $live;
        for (['windows', 'open'], ['windows', 'accept'],
             ['windows', 'accept', 'x'], ['windows', 'accept', 999],
             ['windows', 'accept', 1], ['windows', '--all'], ['retry', 0],
             ['retry', '1x'], ['retry', 999], ['retry', 1, '--all'],
             ['dead', 'bury'], ['dead', 'show'], ['dead', 'show', 1],
             ['dead', 'show', 1, 2], ['dead', 'drop'], ['dead', 'drop', 7],
             ['dead', 'drop', '--all'], ['dead', 'replay', 7],
             ['dead', 'replay', 1, '--all'], ['dead', 'list', 1],
             ['retry', '99999999999999999999']) {
            my ($exit, $text) = $ingest->command(@$_);
            is $exit, 2, ($live ? 'beside' : 'without') . " a daemon: @$_"
                or diag $text;
            like $text, qr/\Aubal-ingest: ./, 'which says why';
        }
    }
    run_ok($ingest, 'after all that', 'verify');

    # A ledger that may lack requests is not made good by a command.
    unlink $ingest->lock or die "unlink: $!";
    run_ok($ingest, 'without a lock file', 'retry');
    my $before = length $ingest->log;
    $ingest->start;
    $ingest->wait_log(qr/fetching for/, 20, $before);
    like substr($ingest->log, $before), qr/all 1000 slots count as used/,
        'the next daemon counts all slots as used';
    $ingest->stop;

    # Someone holds the lock and does not answer: no daemon, or a stopped one.
    open my $lock, '+<', $ingest->lock or die "lock: $!";
    flock $lock, LOCK_EX | LOCK_NB or die "flock: $!";
    my ($exit, $text) = $ingest->command('retry');
    is $exit, 75, 'the lock is held by something else';
    my $path = $ingest->lock;
    like $text, qr/busy: .* holds \Q$path\E /, 'which is said';
    close $lock;
    run_ok($ingest, 'once it is free', 'retry');
    $ingest->start;
    ok wait_for(sub { -S $ingest->lock . '.sock' }), 'a daemon';
    kill 'STOP', $ingest->pid;
    ($exit, $text) = $ingest->command('retry');
    is $exit, 75, 'a daemon that was stopped' or diag $text;
    kill 'CONT', $ingest->pid;
    run_ok($ingest, 'once it goes on', 'retry');
    $ingest->stop;
}

done_testing;
