# A private httpd with mod_ubal for one test: its root, configuration, start,
# signals and end. Everything it starts is ended by pid when the test ends.
# Knows nothing of what is tested.
#
#   my $server = Ubal::Server->new(mpm => 'event', modules => ['rewrite']);
#   $server->start(<<'END');
#   <UbalVendor demo>
#       UbalURL http://127.0.0.1:8000/transactions
#   </UbalVendor>
#   <Location "/user">
#       SetHandler ubal
#       Require all granted
#   </Location>
#   END
#   my ($status, $headers, $body) = $server->get('/user/12');
#
# In configuration text these stand for the server's own: @ROOT@ (an open
# folder), @DATA@ (owned by httpd's user), @DB@ (the database in it), @PORT@,
# @BUILD@ (the built modules), @USER@.
package Ubal::Server;
use strict;
use warnings;

use Carp qw(croak);
use Cwd qw(abs_path);
use Exporter qw(import);
use Fcntl qw(S_IXOTH);
use File::Basename qw(dirname);
use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use File::Temp ();
use IO::Socket::INET;
use List::Util qw(max min);
use POSIX ();
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);
use Ubal::Place qw(dbd_of is_pgsql name_of postgres);

our @EXPORT_OK = qw(wait_for free_port open_folder now httpd_user);

# END is to run then, too.
$SIG{$_} = sub { exit 130 } for qw(INT TERM HUP PIPE);

my $top = abs_path(dirname(__FILE__) . '/../../..');
my @servers;

# --- functions ---------------------------------------------------------------

# Seconds on a clock that nobody sets.
sub now { return clock_gettime(CLOCK_MONOTONIC) }

# Polls `$claim` until it is true or `$timeout` seconds passed; returns its
# value, false where it never became true. Also called as a method. One that
# takes long is asked more rarely: many of them start a program, and what waits
# is to leave the processors to what it waits for.
sub wait_for {
    shift if ref $_[0] && ref $_[0] ne 'CODE';
    my ($claim, $timeout) = @_;
    my $end = now() + ($timeout // 10);
    while (1) {
        my $begin = now();
        my $value = $claim->();
        return $value if $value || now() >= $end;
        select undef, undef, undef,
            max(0.01, min(0.2, 3 * (now() - $begin)));
    }
}

# A port of 127.0.0.1 that nobody listens on, below those that the kernel
# gives to outgoing connections.
my %given;
sub free_port {
    for (1 .. 500) {
        my $port = 15000 + int rand 17000;
        next if $given{$port};
        my $socket = IO::Socket::INET->new(
            LocalAddr => '127.0.0.1',
            LocalPort => $port,
            Listen    => 1,
        ) or next;
        $given{$port} = 1;
        return $port;
    }
    croak 'no free port';
}

# A new folder that every user can enter, whatever TMPDIR is.
sub open_folder {
    for my $base ($ENV{TMPDIR} // (), '/tmp', '/var/tmp') {
        next unless -d $base && -w _;
        my $closed = 0;
        for (my $at = abs_path($base);; $at = dirname($at)) {
            $closed ||= !((stat $at)[2] & S_IXOTH);
            last if $at eq '/';
        }
        next if $closed;
        my $folder = File::Temp::tempdir('ubal-XXXXXXXX', DIR => $base);
        chmod 0755, $folder or croak "chmod $folder: $!";
        return $folder;
    }
    croak 'no temporary folder that other users can enter';
}

# (user, group, uid, gid) that httpd's children run as: who calls, or where
# that is root www-data or nobody.
sub httpd_user {
    my @user = $> ? getpwuid $> : getpwnam 'www-data';
    @user = getpwnam 'nobody' unless @user;
    return ($user[0], scalar getgrgid($user[3]), @user[2, 3]);
}

sub apxs {
    my ($what) = @_;
    chomp(my $value = qx(@{[$ENV{APXS} // 'apxs']} -q $what));
    croak "apxs -q $what says nothing" if $? || $value eq '';
    return $value;
}

my %known;
sub httpd_program {
    return $ENV{TEST_HTTPD}
        // ($known{httpd} //= apxs('SBINDIR') . '/' . apxs('PROGNAME'));
}

sub modules_folder {
    return $known{modules} //= apxs('LIBEXECDIR');
}

# What LD_PRELOAD must be for a built program to meet the faults of
# t/lib/faulty.c. A sanitizer's library has to come before all others.
sub preload_faults {
    my $build = build_folder();
    croak "$build/faulty.so: make units builds it" if !-e "$build/faulty.so";
    my ($asan) = qx(ldd $build/ubal-ingest) =~ m{=> (/\S*libasan\S*)};
    return join ' ', grep { defined && length } $asan, $ENV{LD_PRELOAD},
        "$build/faulty.so";
}

sub build_folder {
    return $ENV{UBAL_BUILD} // "$top/build";
}

# --- a server ----------------------------------------------------------------

# mpm: event, worker or prefork. modules: names to load besides the few that
# are always there. dbd => 0: no DBDriver and DBDParams of the server. ubal =>
# 0: mod_ubal is not loaded. base: configuration before that of start().
sub new {
    my ($class, %with) = @_;
    my $self = bless {
        mpm     => 'event',
        dbd     => 1,
        ubal    => 1,
        modules => [],
        base    => '',
        %with,
        root  => open_folder(),
        owner => $$,
    }, $class;
    @$self{qw(user group uid gid)} = httpd_user();
    my $root = $self->{root};
    make_path(map { "$root/$_" } qw(bin conf htdocs logs run data));
    $self->{port} //= free_port();
    if (!$>) {
        chown $self->{uid}, $self->{gid}, "$root/data" or croak "chown: $!";
    }
    # A copy of its own, so that its processes are known by their program.
    if (-e build_folder() . '/ubal-ingest') {
        copy(build_folder() . '/ubal-ingest', $self->program)
            or croak "copy: $!";
        chmod 0755, $self->program;
    }
    $self->write_file('htdocs/index.html', "hello\n");
    # For ubal-ingest, which asks httpd for its configuration.
    chmod 0755, $self->write_file('bin/httpd', "#!/bin/sh\nexec "
        . join(' ', $self->command("$root/conf/httpd.conf")) . " \"\$@\"\n");
    postgres()->database(name_of($self->db)) if is_pgsql() && $self->{dbd};
    push @servers, $self;
    return $self;
}

sub root    { return $_[0]{root} }
sub data    { return "$_[0]{root}/data" }
sub db      { return "$_[0]{root}/data/ubal.db" }
sub port    { return $_[0]{port} }
sub program { return "$_[0]{root}/bin/ubal-ingest" }
sub url     { return "http://127.0.0.1:$_[0]{port}" . ($_[1] // '') }

sub write_file {
    my ($self, $name, $text) = @_;
    my $path = "$self->{root}/$name";
    open my $out, '>', $path or croak "$path: $!";
    print $out $text;
    close $out or croak "$path: $!";
    return $path;
}

sub load_lines {
    my ($self) = @_;
    my $folder = modules_folder();
    my @names = ("mpm_$self->{mpm}", qw(unixd authn_core authz_core authz_host),
                 'dbd', @{ $self->{modules} });
    # What is not there as a file is linked into httpd.
    my @lines = map { "LoadModule ${_}_module $folder/mod_$_.so" }
        grep { -e "$folder/mod_$_.so" } @names;
    if ($self->{ubal}) {
        push @lines, 'LoadModule ubal_module ' . build_folder()
            . '/mod_ubal.so', 'LogLevel ubal:debug';
        push @lines, 'UbalIngestProgram ' . $self->program
            unless ($self->{ingest_program} // 1) eq '0';
    }
    return join "\n", @lines;
}

my %size = (
    event => "ServerLimit 4\nThreadsPerChild 8\nMaxRequestWorkers 32\n"
        . "MinSpareThreads 8\nMaxSpareThreads 32",
    prefork => "ServerLimit 8\nMaxRequestWorkers 8\n"
        . "MinSpareServers 2\nMaxSpareServers 8",
);

# The whole configuration with `$extra` at its end.
sub configuration {
    my ($self, $extra) = @_;
    my $size = $self->{size} // $size{ $self->{mpm} } // $size{event};
    my $text = <<'END' . ($> ? '' : 'User @USER@' . "\n" . 'Group @GROUP@' . "\n");
ServerRoot "@ROOT@"
ServerName 127.0.0.1
Listen 127.0.0.1:@PORT@
DefaultRuntimeDir "@ROOT@/run"
PidFile "@ROOT@/run/httpd.pid"
ErrorLog "@ROOT@/logs/error_log"
LogLevel notice
DocumentRoot "@ROOT@/htdocs"
StartServers 2
END
    $text .= $self->load_lines . "\n$size\n";
    $text .= dbd_of($self->db) . "DBDMin 1\nDBDKeep 8\nDBDMax 8\n"
        if $self->{dbd};
    return $self->fill($text . "$self->{base}\n" . ($extra // ''));
}

sub fill {
    my ($self, $text) = @_;
    my %value = (ROOT => $self->root, DATA => $self->data, DB => $self->db,
                 DBD => dbd_of($self->db), PORT => $self->port, BUILD => build_folder(),
                 USER => $self->{user}, GROUP => $self->{group});
    $text =~ s/\@(ROOT|DATA|DBD|DB|PORT|BUILD|USER|GROUP)\@/$value{$1}/g;
    return $text;
}

# Replaces the configuration; takes effect at the next start or restart.
sub configure {
    my ($self, $extra) = @_;
    $self->write_file('conf/httpd.conf', $self->configuration($extra));
    return $self;
}

sub command {
    my ($self, $conf, @more) = @_;
    return (httpd_program(), '-d', $self->root, '-f', $conf, @more);
}

# Runs `httpd -t` (or @more) on the base configuration and `$extra`; returns
# (exit status, all that it printed).
sub configtest {
    my ($self, $extra, @more) = @_;
    my $conf = $self->write_file('conf/test.conf',
                                 $self->configuration($extra));
    my $pid = open my $out, '-|';
    croak "fork: $!" unless defined $pid;
    if (!$pid) {
        open STDERR, '>&', \*STDOUT;
        exec $self->command($conf, @more ? @more : '-t')
            or POSIX::_exit(127);
    }
    my $text = do { local $/; <$out> } // '';
    close $out;
    return ($? >> 8, $text);
}

# Starts it and waits until it listens. Croaks with httpd's words otherwise.
sub start {
    my ($self, $extra) = @_;
    croak 'already started' if $self->{pid};
    $self->configure($extra)
        if defined $extra || !-e "$self->{root}/conf/httpd.conf";
    my $ready = () = $self->error_log =~ /resuming normal operations/g;
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        setpgrp;
        open STDIN,  '<', '/dev/null';
        open STDOUT, '>>', "$self->{root}/logs/output";
        open STDERR, '>&', \*STDOUT;
        exec $self->command("$self->{root}/conf/httpd.conf", '-DFOREGROUND')
            or POSIX::_exit(127);
    }
    $self->{pid} = $pid;
    wait_for(sub { $self->has_ended || $self->resumed > $ready }, 20);
    if (!$self->{pid} || $self->resumed <= $ready) {
        croak "httpd did not start:\n" . $self->output . $self->error_log;
    }
    return $self;
}

sub resumed {
    my ($self) = @_;
    my $count = () = $self->error_log =~ /resuming normal operations/g;
    return $count;
}

sub has_ended {
    my ($self) = @_;
    return 1 unless $self->{pid};
    return 0 unless waitpid $self->{pid}, POSIX::WNOHANG();
    $self->{exit} = $?;
    delete $self->{pid};
    return 1;
}

# The pid of httpd's parent process; undef where it does not run.
sub pid { return $_[0]{pid} }

# Ends it with SIGTERM (or `$signal`); returns the seconds that took.
sub stop {
    my ($self, $signal) = @_;
    my $pid = $self->{pid} // return 0;
    my $begin = now();
    kill $signal // 'TERM', $pid;
    wait_for(sub { $self->has_ended }, 30)
        or croak "httpd $pid did not stop:\n" . $self->error_log;
    return now() - $begin;
}

sub again {
    my ($self, $signal, $extra) = @_;
    croak 'httpd does not run' if $self->has_ended;
    $self->configure($extra) if defined $extra;
    my $before = $self->resumed;
    kill $signal, $self->{pid};
    wait_for(sub { $self->has_ended || $self->resumed > $before }, 20);
    croak "no restart:\n" . $self->error_log
        if !$self->{pid} || $self->resumed <= $before;
    return $self;
}

# Restart with requests finished (SIGUSR1), or cut (SIGHUP), with `$extra` as
# new configuration where it is given. Back when the new generation is up.
sub graceful { return $_[0]->again('USR1', $_[1]) }
sub restart  { return $_[0]->again('HUP',  $_[1]) }

# --- what it did -------------------------------------------------------------

sub slurp {
    my ($path) = @_;
    open my $in, '<', $path or return '';
    local $/;
    return <$in> // '';
}

sub error_log { return slurp("$_[0]{root}/logs/error_log") }
sub output    { return slurp("$_[0]{root}/logs/output") }

# Waits for `$pattern` in the error log after `$from` bytes (0).
sub wait_log {
    my ($self, $pattern, $timeout, $from) = @_;
    return wait_for(
        sub {
            my $log = $self->error_log;
            return substr($log, $from // 0) =~ $pattern;
        }, $timeout);
}

# (status, headers by lower-case name, body) of one request on a connection of
# its own. Never sent twice: a reply that is lost or cut has status 0, and the
# body says how (HTTP::Tiny would try again and hide it). Repeated headers are
# joined with ", ".
sub request {
    my ($self, $method, $path, $headers, $body) = @_;
    my %send = (Host => "127.0.0.1:$self->{port}", Connection => 'close',
                defined $body ? ('Content-Length' => length $body) : (),
                %{ $headers // {} });
    my $reply = eval {
        $self->raw("$method $path HTTP/1.1\r\n"
            . join('', map { "$_: $send{$_}\r\n" } sort keys %send)
            . "\r\n" . ($body // ''));
    };
    return (0, {}, "no reply: $@") unless defined $reply;
    return parse_reply($reply, $method);
}

sub parse_reply {
    my ($reply, $method) = @_;
    my ($head, $body) = split /\r\n\r\n/, $reply, 2;
    my ($first, @lines) = split /\r\n/, $head // '';
    my ($status) = ($first // '') =~ m{\AHTTP/1\.[01] (\d{3})};
    return (0, {}, "no reply: $reply") unless $status && defined $body;
    my %headers;
    for (@lines) {
        my ($name, $value) = /\A([^:]+): *(.*?) *\z/ or next;
        $headers{ lc $name } = join ', ', $headers{ lc $name } // (), $value;
    }
    return ($status, \%headers, $body)
        if $method eq 'HEAD' || $status == 204 || $status == 304;
    if (lc($headers{'transfer-encoding'} // '') eq 'chunked') {
        my ($left, $text) = ($body, '');
        while ($left =~ s/\A([0-9a-f]+)[^\n]*\r\n//i) {
            return ($status, \%headers, $text) unless hex $1;
            $text .= substr $left, 0, hex($1) + 2, '';
            substr $text, -2, 2, '';
        }
        return (0, \%headers, "cut: $reply");
    }
    return (0, \%headers, "cut: $reply")
        if length $body != ($headers{'content-length'} // length $body);
    return ($status, \%headers, $body);
}

sub get {
    my ($self, $path, $headers) = @_;
    return $self->request('GET', $path, $headers);
}

# Sends bytes as they are and returns all that comes back until the end.
sub raw {
    my ($self, $bytes, $timeout) = @_;
    my $socket = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                       PeerPort => $self->port)
        or croak "connect: $!";
    local $SIG{PIPE} = 'IGNORE';
    my $end = now() + ($timeout // 20);
    print $socket $bytes;
    $socket->flush;
    my $all = '';
    while (1) {
        vec(my $bits = '', fileno $socket, 1) = 1;
        my $left = $end - now();
        croak 'no end of the reply in time'
            if $left <= 0 || !select $bits, undef, undef, $left;
        last unless sysread $socket, $all, 65536, length $all;
    }
    return $all;
}

# --- processes ---------------------------------------------------------------

# (parent, state, program, arguments) of a process; nothing where it is gone.
sub process {
    my ($pid) = @_;
    my $stat = slurp("/proc/$pid/stat");
    my ($state, $parent) = $stat =~ /\) (\S) (\d+)/ or return;
    my @arguments = split /\0/, slurp("/proc/$pid/cmdline");
    my $program = readlink("/proc/$pid/exe") // $arguments[0] // '';
    return ($parent, $state, $program, @arguments);
}

sub all_processes {
    opendir my $proc, '/proc' or croak "/proc: $!";
    return grep { /\A\d+\z/ } readdir $proc;
}

# The pids of httpd's children, of whatever generation.
sub children {
    my ($self) = @_;
    my $parent = $self->{pid} // return;
    my $conf = "$self->{root}/conf/httpd.conf";
    my @pids = sort { $a <=> $b } grep {
        my ($of, $state, undef, @arguments) = process($_);
        defined $of && $of == $parent && $state ne 'Z'
            && grep { $_ eq $conf } @arguments;
    } all_processes();
    return @pids;
}

# The pids of this server's companions that live (zombies do not).
sub daemons {
    my ($self) = @_;
    my $path = $self->program;
    my @pids = sort { $a <=> $b } grep {
        my ($of, $state, $program) = process($_);
        defined $of && $state ne 'Z' && $program =~ /\A\Q$path\E/;
    } all_processes();
    return @pids;
}

# Everything that was started from this server's root.
sub remnants {
    my ($self) = @_;
    my $root = $self->{root};
    return grep {
        my ($of, $state, @words) = process($_);
        $_ != $$ && defined $of && $state ne 'Z'
            && grep { m{\A\Q$root\E/} } @words;
    } all_processes();
}

# --- its database ------------------------------------------------------------

# Runs `$code` in a process of httpd's user; returns (exit status, output).
sub as_user {
    my ($self, $code) = @_;
    my $pid = open my $out, '-|';
    croak "fork: $!" unless defined $pid;
    if (!$pid) {
        open STDERR, '>&', \*STDOUT;
        if (!$>) {
            $) = "$self->{gid} $self->{gid}";
            POSIX::setgid($self->{gid});
            POSIX::setuid($self->{uid});
        }
        $code->();
        POSIX::_exit(126);
    }
    my $text = do { local $/; <$out> } // '';
    close $out;
    return ($? >> 8, $text);
}

# What the sqlite3 program prints for `$sql`, run as httpd's user so that it
# leaves no files that httpd cannot open, or psql where the database is that.
# Croaks on an error.
sub sqlite {
    my ($self, $sql, $db) = @_;
    return postgres()->sql(name_of($db // $self->db), $sql) if is_pgsql();
    my ($exit, $text) = $self->as_user(sub {
        exec 'sqlite3', '-batch', '-bail', '-cmd', '.timeout 10000',
            $db // $self->db, $sql;
    });
    croak "sqlite3: $text" if $exit;
    chomp $text;
    return $text;
}

# Runs the server's ubal-ingest as httpd's user, on what the server's own
# configuration says; (exit status, output).
sub ingest {
    my ($self, @arguments) = @_;
    local $ENV{UBAL_HTTPD} = "$self->{root}/bin/httpd";
    return $self->as_user(sub { exec $self->program, @arguments });
}

# --- the end -----------------------------------------------------------------

# Ends what still runs and removes the root (UBAL_KEEP=1 leaves it).
sub dispose {
    my ($self) = @_;
    return if $self->{disposed}++ || $self->{owner} != $$;
    if (!$self->has_ended) {
        kill 'TERM', $self->{pid};
        wait_for(sub { $self->has_ended }, 10);
    }
    kill 'KILL', $_ for $self->remnants;
    wait_for(sub { $self->has_ended && !$self->remnants }, 5);
    if ($ENV{UBAL_KEEP}) {
        print STDERR "# kept: $self->{root}\n";
        return;
    }
    remove_tree($self->{root});
}

END {
    my $status = $?;
    $_->dispose for @servers;
    $? = $status;
}

1;
