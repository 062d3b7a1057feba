# A PostgreSQL server of a test's own, on a unix socket in a folder of its own
# and nowhere else, run as a user that is not root; ended by pid when the test
# ends. Knows PostgreSQL's programs, nothing of ours.
#
#   my $pg = Ubal::Postgres->new;             # a server of this test alone
#   my $pg = Ubal::Postgres->shared;          # what t/run started, or the same
#   my $db = $pg->database;                   # the name of a new, empty database
#   DBDParams: $pg->params($db);
#   $pg->sql($db, 'SELECT 1');                # as psql prints it, '|' and lines
#   $pg->stop('immediate'); $pg->start;       # a crash
#   my $standby = $pg->standby; $standby->promote;
#
# Text is ordered as in English, not byte by byte: what relies on the latter has
# to say so.
package Ubal::Postgres;
use strict;
use warnings;

use Carp qw(croak);
use File::Path qw(make_path remove_tree);
use IO::Handle;
use POSIX ();

use Ubal::Server qw(wait_for open_folder);

# fsync is for power cuts alone: what a killed server wrote is there.
my @SETTINGS = (
    "listen_addresses = ''",
    'fsync = off',
    'full_page_writes = off',
    'autovacuum = off',
    'max_connections = 100',
    'max_wal_size = 4GB',
    'shared_buffers = 128MB',
    'wal_level = replica',
    'hot_standby = on',
    'log_line_prefix = \'%m [%p] %a \'',
    'log_min_messages = log',
);

my @all;
my $databases = 0;
my $shared;

sub program {
    my ($name) = @_;
    my @found = grep { -x } "/usr/lib/postgresql/15/bin/$name",
        map { "$_/$name" } split /:/, $ENV{PATH};
    return $found[0] // croak "PostgreSQL's $name is not there";
}

# (uid, gid) that the server runs as: who calls, or where that is root
# PostgreSQL's own user or nobody.
sub user {
    return ($>, $) + 0) if $>;
    my @user = getpwnam 'postgres';
    @user = getpwnam 'nobody' unless @user;
    return @user[2, 3];
}

# settings: lines of postgresql.conf beside those above. start => 0: not yet.
# outlives => 1: it goes on when the test ends, however that does.
sub new {
    my ($class, %with) = @_;
    my $self = bless { port => 5432, start => 1, %with, root => open_folder(),
                       owner => $$ }, $class;
    push @all, $self;
    (@$self{qw(uid gid)}) = user();
    chown $self->{uid}, $self->{gid}, $self->{root} or croak "chown: $!"
        unless $>;
    if ($self->{is_copy}) { $self->copy_of($self->{is_copy}) }
    else {
        $self->as_user(program('initdb'), '-D', $self->data, qw(-N -A trust -U ubal
                       -E UTF8 --locale=C.UTF-8 --locale-provider=icu
                       --icu-locale=en-US));
    }
    $self->configure;
    $self->start if $self->{start};
    return $self;
}

# The server that t/run has started for all tests, in UBAL_TEST_PG; else one of
# this test's own.
sub shared {
    my ($class) = @_;
    return $shared //= $class->new unless $ENV{UBAL_TEST_PG};
    my %is = $ENV{UBAL_TEST_PG} =~ /(\w+)=(\S+)/g;
    return bless { root => $is{host}, port => $is{port}, owner => -1 }, $class;
}

# One that another process has started, to be ended by this one.
sub of_folder {
    my ($class, $root) = @_;
    my ($pid) = Ubal::Server::slurp("$root/data/postmaster.pid") =~ /\A(\d+)/;
    return bless { root => $root, pid => $pid, owner => $$ }, $class;
}

sub root { return $_[0]{root} }
sub host { return $_[0]{root} }
sub port { return $_[0]{port} }
sub data { return "$_[0]{root}/data" }
sub pid  { return $_[0]{pid} }
sub log  { return Ubal::Server::slurp("$_[0]{root}/log") }

# What libpq takes, and so DBDParams.
sub params {
    my ($self, $database, $user) = @_;
    return "host=$self->{root} port=$self->{port} user=" . ($user // 'ubal')
        . (defined $database ? " dbname=$database" : '');
}

sub configure {
    my ($self, @more) = @_;
    push @{ $self->{settings} }, @more;
    my $path = $self->data . '/postgresql.auto.conf';
    open my $out, '>', $path or croak "$path: $!";
    print $out map { "$_\n" } @SETTINGS, "port = $self->{port}",
        "unix_socket_directories = '$self->{root}'", @{ $self->{settings} // [] },
        @{ $self->{follows} // [] };
    close $out or croak "$path: $!";
    chown $self->{uid}, $self->{gid}, $path unless $>;
}

# Becomes the server's user, for good, and a group of processes of its own:
# what interrupts a test is not to reach the server.
sub become {
    my ($self) = @_;
    POSIX::setsid();
    chdir $self->{root};
    return if $>;
    $) = "$self->{gid} $self->{gid}";
    POSIX::setgid($self->{gid});
    POSIX::setuid($self->{uid});
}

# Runs a program as the server's user to its end.
sub as_user {
    my ($self, @command) = @_;
    my $output = "$self->{root}/output";
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        $self->become;
        open STDIN,  '<', '/dev/null';
        open STDOUT, '>', $output;
        open STDERR, '>&', \*STDOUT;
        exec @command or POSIX::_exit(127);
    }
    waitpid $pid, 0;
    croak "@command: " . Ubal::Server::slurp($output) if $?;
}

# The state in the server's own file of it: starting, ready, standby, stopping.
sub state {
    my ($self) = @_;
    my @lines = split /\n/, Ubal::Server::slurp($self->data . '/postmaster.pid');
    return ($lines[0] // 0) == ($self->{pid} // -1) ? ($lines[7] // '') =~ s/\s+//gr
                                                    : '';
}

sub start {
    my ($self) = @_;
    croak 'already started' if $self->{pid};
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        $self->become;
        open STDIN,  '<', '/dev/null';
        open STDOUT, '>>', "$self->{root}/log";
        open STDERR, '>&', \*STDOUT;
        my @ends = $self->{outlives} ? () : qw(setpriv --pdeathsig INT);
        exec @ends, program('postgres'), '-D', $self->data or POSIX::_exit(127);
    }
    $self->{pid} = $pid;
    wait_for(sub { $self->state =~ /\A(?:ready|standby)\z/
                       || waitpid($pid, POSIX::WNOHANG()) }, 60);
    croak 'PostgreSQL does not start: ' . $self->log
        unless $self->state =~ /\A(?:ready|standby)\z/;
    return $self;
}

# smart, fast or immediate, as pg_ctl's -m.
sub stop {
    my ($self, $mode) = @_;
    my $pid = delete $self->{pid} // return;
    end_session();
    my %signal = (smart => 'TERM', fast => 'INT', immediate => 'QUIT');
    kill $signal{ $mode // 'fast' }, $pid;
    waitpid($pid, 0) > 0 or wait_for(sub { !kill 0, $pid }, 60);
    return $self;
}

sub restart {
    my ($self, $mode) = @_;
    return $self->stop($mode)->start;
}

# The name of a new and empty database.
sub database {
    my ($self, $name) = @_;
    $name //= 'ubal_' . $$ . '_' . ++$databases;
    $self->sql('postgres', "CREATE DATABASE $name");
    return $name;
}

sub drop {
    my ($self, $database) = @_;
    $self->sql('postgres', "DROP DATABASE IF EXISTS $database WITH (FORCE)");
}

# What psql says to statements, columns parted by |, NULL empty; croaks where
# one fails.
sub sql {
    my ($self, $database, $text, $user) = @_;
    my $params = $self->params($database, $user);
    return said_once($params, $text) unless $text =~ /\A\s*SELECT\b[^;\\]*\z/;
    if (is_kept($params)) {
        my $output = ask($params, $text);
        return $output if defined $output;
        end_session(); # which the server may have ended
    }
    return ask($params, $text) // croak "psql: $text: failed";
}

sub begin_psql { return (program('psql'), qw(-X -q -A -t -d), $_[0]) }

sub said_once {
    my ($params, $text) = @_;
    # A database that is copied or renamed must have no session.
    end_session() if $text =~ /\bDATABASE\b/i;
    local $ENV{PGOPTIONS} = '-c client_min_messages=warning';
    open my $psql, '-|', begin_psql($params), '-v', 'ON_ERROR_STOP=1', '-c',
        $text or croak "psql: $!";
    my $output = do { local $/; <$psql> } // '';
    close $psql or croak "psql: $text: failed";
    chomp $output;
    return $output;
}

# A psql that is kept for one SELECT after another, as tests ask the same until
# it is true: to begin it and a session of the server's takes a hundred times
# as long. One a process, so that none is left in a database of before.
my %session;

sub is_kept {
    my ($params) = @_;
    return %session && $session{owner} == $$ && $session{params} eq $params;
}

sub begin_session {
    my ($params) = @_;
    end_session();
    local $ENV{PGOPTIONS} = '-c client_min_messages=warning';
    pipe my $from, my $questions and pipe my $answers, my $to
        or croak "pipe: $!";
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        open STDIN,  '<&', $from;
        open STDOUT, '>&', $to;
        exec qw(setpriv --pdeathsig KILL), begin_psql($params)
            or POSIX::_exit(127);
    }
    $questions->autoflush(1);
    %session = (owner => $$, params => $params, pid => $pid,
                questions => $questions, answers => $answers);
}

sub end_session {
    my %ended = %session;
    %session = ();
    return unless %ended && $ended{owner} == $$;
    kill 'KILL', $ended{pid};
    waitpid $ended{pid}, 0;
}

# What is said to a SELECT; undef where it fails.
sub ask {
    my ($params, $text) = @_;
    begin_session($params) unless is_kept($params);
    my $end = "end of $session{pid}:";
    local $SIG{PIPE} = 'IGNORE';
    my ($output, $questions) = ('', $session{questions});
    print $questions "$text\n;\n\\echo '$end' :ERROR\n";
    while (defined(my $line = readline $session{answers})) {
        next unless ($output .= $line) =~ s/\n?\Q$end\E (true|false)\n\z//;
        return $1 eq 'false' ? $output : undef;
    }
    end_session();
    return undef;
}

# A hot standby that follows this server, started. settings: as for new.
sub standby {
    my ($self, %with) = @_;
    my $copy = (ref $self)->new(%with, is_copy => $self, start => 0,
                                port => $self->{port});
    return $copy->start;
}

# A copy of `of` as it is now.
sub copy_of {
    my ($self, $of) = @_;
    $self->as_user(program('pg_basebackup'), '-D', $self->data, '-X', 'stream',
                   '-c', 'fast', '-N', '-d', $of->params);
    open my $signal, '>', $self->data . '/standby.signal' or croak "standby: $!";
    close $signal;
    $self->{follows} =
        ["primary_conninfo = '" . $of->params . " application_name=standby'"];
}

# Makes a standby the primary.
sub promote {
    my ($self) = @_;
    $self->sql('postgres', 'SELECT pg_promote(true, 60)');
    return $self;
}

sub dispose {
    my ($self) = @_;
    return if $self->{owner} != $$ || !-d $self->{root};
    $self->stop('immediate');
    if ($ENV{UBAL_KEEP}) { print "# kept: $self->{root}\n" }
    else                 { remove_tree($self->{root}) }
}

END {
    my $status = $?;
    end_session();
    $_->dispose for @all;
    $? = $status;
}

1;
