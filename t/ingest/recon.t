# Promise: what a vendor lists late is found, what it lists no more is kept and
# said once, and totals that nobody can explain are not chased for ever.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use POSIX qw(strftime);
use Ubal::Ingest;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my $begin = time - 3600;

sub stamp { return strftime('%Y-%m-%dT%H:%M:%S.500Z', gmtime shift) }

sub item {
    my ($id, $second) = @_;
    return { id => $id, userId => 'u' . $second % 3, type => 'earned',
             createdAt => stamp($begin + $second), amount => '1.25' };
}

my @steady = map { item("t$_", $_) } 0 .. 600;

# The flags of the vendor say what it lists late (`late`: seconds) and what no
# more (`gone`: ids), by how much a count is wrong (`off`) and that there are
# no totals (`plain`).
sub vendor {
    my ($method, $path, $query, $number, $self) = @_;
    my @late = map { item("late$_", $_) } split ' ', $self->flag('late') // '';
    my %gone = map { $_ => 1 } split ' ', $self->flag('gone') // '';
    my @items = grep { !$gone{ $_->{id} } } @steady, @late;
    my @reply = Ubal::Vendor::list_handler(sub { @items }, inclusive => 1)
        ->(@_);
    my $off = $self->flag('off');
    $reply[2] =~ s/("totalItems":)(\d+)/$1 . ($2 + $off)/e
        if defined $off && $query->{limit} == 1;
    $reply[2] =~ s/,"meta":\{.*?\}// if $self->flag('plain');
    return @reply;
}

# A payout of t50's that is paid under the same id.
sub payer {
    my ($method, $path, $query, $number, $self) = @_;
    my $paid = $self->flag('paid') ? 'paid_out' : 'payout';
    my @items = map { { %$_, $_->{id} eq 't50' ? (type => $paid) : () } }
        @steady;
    return Ubal::Vendor::list_handler(sub { @items })->(@_);
}

sub start {
    my (%with) = @_;
    my $vendor = Ubal::Vendor->new(handler => $with{handler} // \&vendor);
    $vendor->set_flag('plain') if $with{plain};
    my $ingest = Ubal::Ingest->new(
        url   => $vendor->url,
        short => !$with{window},
        lines => "UbalRate 50 1s\nUbalPageSize 100\n"
            . 'UbalSince ' . stamp($begin - 1) . "\n" . ($with{lines} // ''),
    );
    $ingest->start;
    ok wait_for(sub { $ingest->covers($begin, $begin + 3000) }, 60),
        'all is covered' or diag $ingest->log;
    $ingest->stop;
    # The first check would come after ten minutes: let one be long ago.
    $ingest->sqlite('UPDATE requests SET page = 0 WHERE id = 1');
    return ($vendor, $ingest);
}

# Starts the daemon with a check that is due, and waits until `$is_over`.
sub check {
    my ($ingest, $is_over) = @_;
    my $from = length $ingest->log;
    $ingest->sqlite('UPDATE requests SET at = 1 WHERE page = 0');
    $ingest->start;
    ok wait_for(sub { $is_over->(substr $ingest->log, $from) }, 30),
        'the check is over' or diag substr $ingest->log, $from;
    $ingest->stop;
    my ($exit, $out) = $ingest->command('verify');
    is $exit, 0, 'verify' or diag $out;
    return substr $ingest->log, $from;
}

sub says { my ($pattern) = @_; return sub { $_[0] =~ $pattern } }

# A check that finds nothing says nothing: its count, and a round after that.
sub quiet {
    my ($vendor) = @_;
    my $counts = () = grep { $_->{query}{limit} == 1 } $vendor->arrivals;
    return sub {
        my @seen = $vendor->arrivals;
        my @at = grep { $seen[$_]{query}{limit} == 1 } 0 .. $#seen;
        return @at > $counts && $at[-1] < $#seen;
    };
}

sub count { return $_[0]->sqlite('SELECT count(*) FROM transactions') }

subtest 'V15: listed late' => sub {
    my ($vendor, $ingest) = start();
    my $as_of = $ingest->sqlite('SELECT as_of FROM coverage');
    is count($ingest), 601, 'what was listed is stored';
    unlike check($ingest, quiet($vendor)), qr/is read again/, 'no difference';
    $vendor->set_flag('late', '17 333 334');
    my $log = check($ingest, says(qr/took .* found 3 transactions/));
    is count($ingest), 604, 'what came late is stored';
    is $ingest->sqlite('SELECT sum(earned) FROM balances'), 604 * 125,
        'the money is exact';
    cmp_ok $ingest->sqlite('SELECT as_of FROM coverage'), '>=', $as_of,
        'as-of did not go back';
    my ($took) = $log =~ /reconciliation took (\d+)/;
    cmp_ok $took, '<=', 40, "it took $took requests";
    cmp_ok $vendor->most_in(1), '<=', 50, 'within the budget';
};

subtest 'V16: listed no more' => sub {
    my ($vendor, $ingest) = start();
    $vendor->set_flag('gone', 't40 t41');
    my $log = check($ingest, says(qr/reconciliation took/));
    like $log, qr/2 of \d+ items are not listed any more/, 'it is said';
    is count($ingest), 601, 'what vanished is kept';
    is $ingest->sqlite('SELECT sum(vanished) FROM windows'), 2,
        'and reported';
    $log = check($ingest, quiet($vendor));
    unlike $log, qr/is read again|not listed/, 'once';
};

subtest 'V33: a total that no list explains' => sub {
    my ($vendor, $ingest) = start();
    $vendor->set_flag('off', 7);
    my $log = check($ingest, says(qr/reconciliation took/));
    like $log, qr/total is 7 above what it lists; confirmed twice/,
        'it is said';
    is $ingest->sqlite('SELECT sum(drift) FROM windows'), 7, 'and reported';
    is count($ingest), 601, 'the money stays';
    $log = check($ingest, quiet($vendor));
    unlike $log, qr/is read again|above/, 'once';
    $vendor->set_flag('off', 9);
    like check($ingest, says(qr/reconciliation took/)),
        qr/total is 9 above/, 'and again when it has changed';
};

subtest 'a vendor without totals' => sub {
    my ($vendor, $ingest) = start(plain => 1);
    $vendor->set_flag('late', '500');
    check($ingest, says(qr/took .* found 1 transaction /));
    is count($ingest), 602, 'what came late is found by looking back';
};

subtest 'V32: a payout that is paid under the same id' => sub {
    my ($vendor, $ingest) = start(
        handler => \&payer, lines => "UbalMap id id type\n"
            . "UbalInterval 1s\nUbalReconcile off\n"
            . "UbalWindow settle=1s tick=1s lookback=2h\n",
        window => 1);
    $vendor->set_flag('paid');
    check($ingest, says(qr/took .* found 1 transaction /));
    is $ingest->sqlite("SELECT payout, paid_out FROM balances
                        WHERE user_id = 'u2'"), '125|125',
        'with an id of both and a lookback both are stored';
    is $ingest->sqlite("SELECT count(*) FROM dead_letters"), 0,
        'and nothing is in conflict';
};

subtest 'V32: the same where the id is all that tells them apart' => sub {
    my ($vendor, $ingest) = start(
        handler => \&payer, lines => "UbalInterval 1s\nUbalReconcile off\n"
            . "UbalWindow settle=1s tick=1s lookback=2h\n",
        window => 1);
    my $before = $ingest->money;
    $vendor->set_flag('paid');
    check($ingest, sub { $ingest->sqlite(
        'SELECT has_conflicts FROM coverage') });
    is $ingest->money, $before, 'the first stands';
    is $ingest->sqlite("SELECT reason FROM dead_letters
                        WHERE kind = 'conflict' AND state = 'open'"),
        'its id is stored with another type', 'and the conflict is shown';
};

done_testing;
