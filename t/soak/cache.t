# Promise: with UbalCache or without, an answer is never older than the last
# commit of any process, and is one snapshot: while a writer commits without
# pause, and where one is killed between any two of its steps. KILLS=500 (make
# soak) takes longer than the 12 that are done otherwise.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use IO::Socket::INET;
use POSIX ();
use Ubal::Data;
use Ubal::Server;

my $kills = $ENV{KILLS} || 12;
my $since = 1767225600;
my @users = map { "u$_" } 1 .. 5;

# --- what is written, and what may be read of it --------------------------------

# State K: as-of is K seconds after the begin, and every user has earned K.
sub transaction {
    my ($k) = @_;
    return 'BEGIN IMMEDIATE; UPDATE coverage SET as_of = '
        . ($since + $k) * 1_000_000 . '; UPDATE balances SET earned = '
        . $k * 100 . '; COMMIT;';
}

sub state_of {
    my ($status, $headers, $body) = @_;
    return "status $status: $body" if $status != 200;
    my ($earned) = $body =~ /"earned":(\d+)/;
    my $as_of = POSIX::strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $since + $earned);
    return $headers->{'ubal-as-of'} eq $as_of
        ? $earned : "$earned as of $headers->{'ubal-as-of'}";
}

sub server {
    my ($entries) = @_;
    my $server = Ubal::Server->new(
        size => "ServerLimit 2\nStartServers 2\nThreadsPerChild 8\n"
            . "MaxRequestWorkers 16\nMinSpareThreads 1\nMaxSpareThreads 16");
    my $data = Ubal::Data->new($server->db)->create;
    $data->cover(since => $since * 1_000_000, as_of => $since * 1_000_000);
    $data->user($_) for @users;
    $server->start(<<"END");
LogLevel error
KeepAlive On
MaxKeepAliveRequests 0
UbalCache $entries
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
END
    return ($server, $data);
}

# --- killed between any two steps ------------------------------------------------

my @steps = qw(pwrite64 fsync fdatasync ftruncate fcntl munmap close);

# One transaction, killed before its nth step of a kind; 0 where it came to its
# end.
sub commit_killed {
    my ($server, $k, $step, $n) = @_;
    my ($exit) = $server->as_user(sub {
        exec 'strace', '-qq', '-o', '/dev/null', '-e', "trace=$step",
            '-e', "inject=$step:signal=SIGKILL:when=$n",
            'sqlite3', '-batch', '-cmd', '.filectrl persist_wal 1',
            '-cmd', 'PRAGMA synchronous=FULL', $server->db, transaction($k)
            or POSIX::_exit(126);
    });
    # strace ends as its child did
    return $? & 127 || $exit == 137;
}

sub sweep {
    my ($server, $data) = @_;
    my ($k, $old, $new, @wrong) = (1, 0, 0);
    $data->sql(transaction($k));
    for my $step (@steps) {
        my $is_killed = 1;
        for (my $n = 1; $is_killed; $n++) {
            $is_killed = commit_killed($server, $k + 1, $step, $n);
            my %seen = map { state_of($server->get("/user/$_")) => 1 }
                (@users) x 2;
            my $stored =
                $data->sql('SELECT earned / 100 FROM balances LIMIT 1');
            $seen{ state_of($server->get("/user/$_")) } = 1 for @users;
            push @wrong, "$step $n: read " . join(', ', sort keys %seen)
                . ", stored $stored" if join(' ', keys %seen) ne $stored;
            ($stored == $k ? $old : $new)++ if $is_killed;
            $k = $stored;
        }
    }
    is_deeply \@wrong, [], 'a writer was killed before each of its '
        . ($old + $new) . ' steps';
    cmp_ok $old, '>', 5, "$old times nothing had been committed";
    cmp_ok $new, '>', 5, "$new times it had";
}

# --- beside a writer that is killed again and again --------------------------------

# What was begun and what is known to be committed, for all to read.
sub write_bounds {
    my ($file, @bounds) = @_;
    syswrite $file, pack('Q2', @bounds) if sysseek $file, 0, 0;
}

sub read_bounds {
    my ($path) = @_;
    open my $file, '<', $path or return;
    sysread $file, my $text, 16;
    return unpack 'Q2', $text;
}

# Asks users in turn until it is told to end; writes how many answers it saw,
# and the first wrong ones.
sub run_reader {
    my ($server, $bounds, $out) = @_;
    my ($is_ended, $count, @wrong) = (0, 0);
    local $SIG{TERM} = sub { $is_ended = 1 };
    while (!$is_ended && @wrong < 5) {
        my (undef, $least) = read_bounds($bounds);
        my $state = state_of($server->get("/user/$users[$count++ % @users]"));
        last if $is_ended; # perhaps in the middle of it
        my ($most) = read_bounds($bounds);
        push @wrong, "$state, not $least to $most"
            if $state =~ /\D/ || $state < $least || $state > $most;
    }
    syswrite $out, join "\n", $count, @wrong;
    POSIX::_exit(0);
}

sub start_writer {
    my ($server) = @_;
    my ($from, $to, $answers, $questions);
    pipe $from, $questions and pipe $answers, $to or die "pipe: $!\n";
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open STDIN, '<&', $from;
        open STDOUT, '>&', $to;
        if (!$>) {
            $) = "$server->{gid} $server->{gid}";
            POSIX::setgid($server->{gid});
            POSIX::setuid($server->{uid});
        }
        exec 'sqlite3', '-batch', '-cmd', '.timeout 10000',
            '-cmd', '.filectrl persist_wal 1', $server->db
            or POSIX::_exit(126);
    }
    close $from;
    close $to;
    $questions->autoflush(1);
    <$answers>; # what .filectrl says
    print $questions "SELECT earned / 100 FROM balances LIMIT 1;\n";
    chomp(my $k = <$answers> // die "the writer does not answer\n");
    return ($pid, $questions, $answers, $k);
}

sub race {
    my ($server) = @_;
    my $bounds = $server->root . '/bounds';
    my ($pid, $questions, $answers, $k) = start_writer($server);
    open my $file, '>', $bounds or die "$bounds: $!\n";
    write_bounds($file, $k, $k);
    my @readers = map {
        pipe my $in, my $out or die "pipe: $!\n";
        my $reader = fork // die "fork: $!\n";
        run_reader($server, $bounds, $out) unless $reader;
        close $out;
        [$reader, $in];
    } 1 .. 3;
    srand 1;
    my $known = $k;
    for (1 .. $kills) {
        for (1 .. 10 + int rand 40) {
            $k++;
            write_bounds($file, $k, $known);
            print $questions transaction($k), "SELECT 1;\n";
            $known = $k if <$answers>;
            write_bounds($file, $k, $known);
        }
        # killed somewhere in a commit, or before or after it
        $k++;
        write_bounds($file, $k, $known);
        print $questions transaction($k);
        select undef, undef, undef, rand 0.003;
        kill 'KILL', $pid;
        waitpid $pid, 0;
        ($pid, $questions, $answers, $k) = start_writer($server);
        $known = $k;
    }
    my ($count, @wrong) = 0;
    for my $reader (@readers) {
        kill 'TERM', $reader->[0];
        my @lines = split /\n/, do { local $/; readline $reader->[1] } // '';
        waitpid $reader->[0], 0;
        $count += shift @lines // 0;
        push @wrong, @lines;
    }
    kill 'KILL', $pid;
    waitpid $pid, 0;
    is_deeply \@wrong, [], "$count answers beside $k commits and $kills kills";
    cmp_ok $count, '>', 3 * $kills, 'readers had their turn';
}

for my $entries (0, 1000) {
    subtest "UbalCache $entries" => sub {
        my ($server, $data) = server($entries);
        sweep($server, $data);
        race($server);
        $server->stop;
        is scalar(() = $server->error_log =~ /:error\]/g), 0, 'no errors'
            or diag $server->error_log;
    };
}
done_testing;
