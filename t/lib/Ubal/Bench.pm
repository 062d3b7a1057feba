# What the benches of reads share: a server that is bound to one processor, wrk
# on the other, rounds in which all that is compared takes turns, and the table
# of it. Knows nothing of what is asked.
#
#   my $server = Ubal::Bench::server($database);
#   Ubal::Bench::start($server, $conf);
#   my $samples = Ubal::Bench::take_turns(\@kinds, 7, 1, $tsv);
#   Ubal::Bench::print_table(\@kinds, $samples, [qw(handler)]);
#
# A kind: name, url (of the server), path (a pattern of reads.lua), users, tags
# (a file), pids (whose processor's time counts), begin and end (called around
# a sample; end is told how many requests there were), measure (what is called
# in wrk's place, with the seconds, and returns the same).
package Ubal::Bench;
use strict;
use warnings;

use Cwd qw(abs_path);
use File::Basename qw(dirname);
use IPC::Open2;
use POSIX ();

use Ubal::Server qw(wait_for);

my $folder = abs_path(dirname(__FILE__) . '/../../bench');
my $clock = POSIX::sysconf(POSIX::_SC_CLK_TCK());
my $connections = 16;

sub run_ok { system(@_) == 0 or die "@_: failed\n" }

# What binds a command to one of two processors, where there are two.
sub on {
    my ($processor) = @_;
    chomp(my $count = qx(nproc));
    return $count > 1 ? ('taskset', '-c', $processor) : ();
}

# The path of a database that t/bench/fill made of `%with`, made once.
sub database {
    my ($build, %with) = @_;
    my $schema = () = glob "$folder/../../mod_ubal/store/sql/migrations/*.sqlite.sql";
    my @with = map { "$_=$with{$_}" } sort keys %with;
    my $path = "$build/bench/" . join('-', "schema=$schema", @with) . '.db';
    return $path if -e $path;
    print "making a database: @with ...\n";
    unlink glob "$path.part*";
    run_ok("$build/bench/fill", "$path.part", @with);
    run_ok('sqlite3', "$path.part", '.output /dev/null',
           'PRAGMA wal_checkpoint(TRUNCATE)');
    rename "$path.part", $path or die "rename: $!\n";
    unlink "$path.part-wal", "$path.part-shm";
    return $path;
}

# Puts a copy of `$database` at `$path`, held by who has committed a page and
# waits, as a daemon does: its log and the log's index are in use. It ends with
# us.
sub place {
    my ($server, $build, $database, $path) = @_;
    run_ok('cp', $database, $path);
    open2(my $out, my $in, "$build/bench/fill", $path, 'users=100', 'pages=1',
          'hold=1');
    defined <$out> or die "fill: failed\n";
    $server->{holds}{$path} = $in;
    chown @$server{qw(uid gid)}, glob "$path*" unless $>;
}

# An httpd as Debian enables it, with one child and more threads than wrk has
# connections.
sub server {
    my (@modules) = @_;
    return Ubal::Server->new(
        ubal    => 0,
        dbd     => 0,
        modules => [qw(alias auth_basic authn_file authz_user autoindex deflate
                       dir env filter mime negotiation reqtimeout setenvif
                       status), @modules],
        size    => "ServerLimit 1\nStartServers 1\nThreadsPerChild 48\n"
            . "MaxRequestWorkers 48\nMinSpareThreads 1\nMaxSpareThreads 48",
    );
}

# What its configurations have in common.
sub common {
    return <<'END';
LoadModule ubal_module "@BUILD@/mod_ubal.so"
LogLevel notice
KeepAlive On
MaxKeepAliveRequests 0
TypesConfig /etc/mime.types
<Directory "/">
    AllowOverride None
    Options FollowSymLinks
    Require all granted
</Directory>
DBDriver sqlite3
DBDParams "file:@DB@?mode=ro"
DBDMin 1
DBDKeep 48
DBDMax 48
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
END
}

sub start {
    my ($server, $conf) = @_;
    $server->configure($conf);
    my $before = $server->resumed;
    my $pid = fork // die "fork: $!\n";
    if (!$pid) {
        open STDERR, '>>', "$server->{root}/logs/output";
        exec on(0), $server->command("$server->{root}/conf/httpd.conf",
                                     '-DFOREGROUND') or POSIX::_exit(127);
    }
    $server->{pid} = $pid;
    wait_for(sub { $server->resumed > $before || $server->has_ended }, 20);
    die $server->output . $server->error_log if $server->has_ended;
    wait_for(sub { $server->children }, 10) or die "httpd has no child\n";
    return ($server->children)[0];
}

# Seconds of processor that processes have used.
sub processor_of {
    my $sum = 0;
    for my $pid (@_) {
        my ($used) = Ubal::Server::slurp("/proc/$pid/stat") =~ /\) (.*)/;
        my @field = split ' ', $used // '';
        $sum += ($field[11] + $field[12]) / $clock if @field;
    }
    return $sum;
}

# requests, us, p50 us, p99 us
sub wrk {
    my ($kind, $seconds) = @_;
    return $kind->{measure}->($seconds) if $kind->{measure};
    open my $out, '-|', on(1), 'wrk', '-t1', "-c$connections",
        "-d${seconds}s", '--timeout', '60s', '-s', "$folder/reads.lua",
        $kind->{url}, '--', $kind->{path}, $kind->{users} // 1,
        $kind->{tags} // '-' or die "wrk: $!\n";
    my $text = do { local $/; <$out> };
    close $out or die "wrk: $text";
    my @number = $text =~ /^measured (\d+) (\d+) (\d+) (\d+) (\d+) (\d+)/m
        or die "wrk: $text";
    die "$kind->{name}: $number[4] replies were errors\n"
        if $number[4] && !$kind->{is_refused};
    die "$kind->{name}: $number[5] errors\n" if $number[5];
    return @number[0 .. 3];
}

# requests/s, p50 and p99 in us, us of the processor a request
sub sample {
    my ($kind, $seconds) = @_;
    $kind->{begin}->() if $kind->{begin};
    my ($before, $used, $requests, $us, $p50, $p99);
    # What is slow may answer nothing in so short a time.
    until ($requests) {
        $before = processor_of(@{ $kind->{pids} // [] });
        ($requests, $us, $p50, $p99) = wrk($kind, $seconds);
        $used = processor_of(@{ $kind->{pids} // [] }) - $before;
        $seconds *= 2;
    }
    $kind->{end}->($requests) if $kind->{end};
    return [$requests / $us * 1e6, $p50, $p99, $used / $requests * 1e6];
}

# Samples by the kind's name, one a round; each goes to the file `$raw`, too.
sub take_turns {
    my ($kinds, $rounds, $seconds, $raw) = @_;
    my %samples;
    open my $tsv, '>', $raw or die "$raw: $!\n";
    print $tsv "what\tround\trequests/s\tp50 us\tp99 us\tCPU us\n";
    wrk($_, 1) for @$kinds;
    for my $round (1 .. $rounds) {
        for my $kind (@$kinds) {
            my $sample = sample($kind, $seconds);
            push @{ $samples{ $kind->{name} } }, $sample;
            print $tsv join("\t", $kind->{name}, $round,
                            map { sprintf '%.1f', $_ } @$sample), "\n";
        }
    }
    close $tsv or die "$raw: $!\n";
    return \%samples;
}

sub quantile {
    my ($part, @values) = @_;
    @values = sort { $a <=> $b } @values;
    my $at = $part * $#values;
    my $low = $values[int $at];
    return $low + ($at - int $at) * (($values[$at + 1] // $low) - $low);
}

sub column {
    my ($samples, $i) = @_;
    return map { $_->[$i] } @$samples;
}

# The median over the rounds, each by itself: what else runs on this machine
# weighs on the whole of a round.
sub ratio {
    my ($samples, $name, $of) = @_;
    return unless $samples->{$of};
    return quantile(0.5, map {
        $samples->{$name}[$_][0] / $samples->{$of}[$_][0]
    } 0 .. $#{ $samples->{$of} });
}

# `$against`: names whose ratios are shown; `$more`: a column's title and its
# values by name.
sub print_table {
    my ($kinds, $samples, $against, $more, $of) = @_;
    printf "%-14s %10s %17s %8s %9s %8s" . ' %8s' x ($more ? 1 : 0)
        . ' %9s' x @$against . "\n", '', 'requests/s', 'quartiles', 'p50 us',
        'p99 us', 'CPU us', $more // (), map { "/$_" } @$against;
    for my $kind (@$kinds) {
        my $name = $kind->{name};
        my @rate = column($samples->{$name}, 0);
        printf "%-14s %10.0f %8.0f %8.0f %8.0f %9.0f %8.1f"
            . ' %8s' x ($more ? 1 : 0) . ' %9s' x @$against . "\n", $name,
            map({ quantile($_, @rate) } 0.5, 0.25, 0.75),
            map({ quantile(0.5, column($samples->{$name}, $_)) } 1 .. 3),
            $more ? $of->{$name} ? sprintf('%.0f', $of->{$name}) : '-' : (),
            map { my $ratio = ratio($samples, $name, $_);
                  defined $ratio ? sprintf '%.2f', $ratio : '-' } @$against;
    }
}

1;
