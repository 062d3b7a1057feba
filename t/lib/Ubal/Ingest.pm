# An ubal-ingest of a test's own, run by hand on a database of its own, without
# httpd: `ubal-ingest run --config FILE` as httpd's user. Ended by pid when the
# test ends.
#
#   my $ingest = Ubal::Ingest->new(url => $vendor->url, lines => <<'END');
#   UbalRate 5 3s
#   END
#   $ingest->start; $ingest->wait_log(qr/done/); $ingest->stop;
package Ubal::Ingest;
use strict;
use warnings;

use Carp qw(croak);
use File::Copy qw(copy);
use File::Path qw(make_path remove_tree);
use POSIX ();

use Ubal::Place qw(is_pgsql name_of params_of postgres);
use Ubal::Server qw(now wait_for open_folder httpd_user);

my @all;

# url: the vendor's. lines: more lines of its <UbalVendor> section. top: lines
# before it. name: the vendor's. driver, params: another database than SQLite's. short => 0: not the short settle and intervals of tests.
sub new {
    my ($class, %with) = @_;
    my $self = bless { top => '', lines => '', name => 't', %with, root => open_folder(),
                       owner => $$ }, $class;
    (undef, undef, @$self{qw(uid gid)}) = httpd_user();
    make_path("$self->{root}/data", "$self->{root}/bin");
    if (!$>) {
        chown $self->{uid}, $self->{gid}, "$self->{root}/data"
            or croak "chown: $!";
    }
    copy(Ubal::Server::build_folder() . '/ubal-ingest', $self->program)
        or croak "copy: $!";
    chmod 0755, $self->program;
    push @all, $self;
    if (is_pgsql() && !$self->{driver}) {
        $self->{is_server} = 1;
        postgres()->database(name_of($self->db));
    }
    $self->configure;
    return $self;
}

sub root    { return $_[0]{root} }
sub program { return "$_[0]{root}/bin/ubal-ingest" }
sub db      { return "$_[0]{root}/data/ubal.db" }
sub config  { return "$_[0]{root}/ubal.conf" }

sub lock {
    my ($self) = @_;
    return $self->{is_server} ? "$self->{root}/data/pgsql.lock"
                              : $self->db . '.ingest.lock';
}

sub configure {
    my ($self, %with) = @_;
    %$self = (%$self, %with);
    my $short = ($self->{short} // 1)
        ? "UbalInterval 1s\nUbalWindow settle=1s tick=1s\n" : '';
    # Where another host may have fetched, all wait for its requests' end.
    $short .= "UbalTimeout 5s\n"
        if $short && $self->{is_server} && $self->{lines} !~ /^UbalTimeout/m;
    open my $out, '>', $self->config or croak $self->config . ": $!";
    my ($driver, $params) =
        ($self->{driver} // (is_pgsql() ? 'pgsql' : 'sqlite3'),
         $self->{params} // (is_pgsql() ? params_of($self->db) : $self->db));
    my $lock = $driver eq 'sqlite3' ? ''
        : "UbalIngestLock $self->{root}/data/$driver.lock\n";
    print $out qq(UbalIngestDB $driver "$params"\n$lock$self->{top})
        . "<UbalVendor $self->{name}>\nUbalURL $self->{url}\n$short$self->{lines}"
        . "</UbalVendor>\n";
    close $out or croak $self->config . ": $!";
}

# Starts the daemon, @with as the words before its own (a tracer); its log is
# kept over starts. %ENV of the caller is its environment.
sub start {
    my ($self, @with) = @_;
    croak 'already started' if $self->{pid};
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        open STDIN,  '<', '/dev/null';
        open STDOUT, '>>', "$self->{root}/log";
        open STDERR, '>&', \*STDOUT;
        if (!$>) {
            $) = "$self->{gid} $self->{gid}";
            POSIX::setgid($self->{gid});
            POSIX::setuid($self->{uid});
        }
        exec @with, $self->program, 'run', '--config', $self->config
            or POSIX::_exit(127);
    }
    $self->{pid} = $pid;
    return $self;
}

sub pid { return $_[0]{pid} }

# The wait status once it has ended, undef before.
sub ended {
    my ($self) = @_;
    return $self->{status} unless $self->{pid};
    return unless waitpid $self->{pid}, POSIX::WNOHANG();
    $self->{status} = $?;
    delete $self->{pid};
    return $self->{status};
}

# Ends it with SIGTERM (or `$signal`) and returns its wait status.
sub stop {
    my ($self, $signal) = @_;
    return $self->{status} unless $self->{pid};
    kill $signal // 'TERM', $self->{pid};
    wait_for(sub { defined $self->ended }, 20)
        or croak "$self->{pid} did not end:\n" . $self->log;
    return $self->{status};
}

sub log { return Ubal::Server::slurp("$_[0]{root}/log") }

# Waits until the log matches `$pattern` after `$from` bytes (0); croaks with
# the log where it does not.
sub wait_log {
    my ($self, $pattern, $timeout, $from) = @_;
    return wait_for(sub { substr($self->log, $from // 0) =~ $pattern },
                    $timeout // 20)
        || croak "no $pattern in the log:\n" . $self->log;
}

# What the sqlite3 program prints for `$sql`, or psql.
sub sqlite { return Ubal::Server::sqlite(@_) }

# Whether the database has tables by now.
sub has_tables {
    my ($self) = @_;
    return $self->{is_server}
        ? $self->sqlite("SELECT to_regclass('coverage')") ne ''
        : -s $self->db;
}

sub as_user { return Ubal::Server::as_user(@_) }

# Runs a command; (exit status, output).
sub command {
    my ($self, @words) = @_;
    return $self->as_user(
        sub { exec $self->program, @words, '--config', $self->config });
}

# Whether all that happened from `$from` to `$to` (seconds since 1970) is
# covered, the history of it too. To be asked again and again: while the daemon
# logs nothing the last answer stands for a moment, as to ask starts a program.
sub covers {
    my ($self, $from, $to) = @_;
    my $seen = join ' ', $from, $to, -s "$self->{root}/log" // 0;
    return 0 if $seen eq ($self->{not_covered}{seen} // '')
        && now() < $self->{not_covered}{until};
    my $answer = $self->has_tables && eval { $self->sqlite(
        "SELECT CASE WHEN since <= ${from}000000 AND as_of > ${to}000000 "
            . "THEN 1 ELSE 0 END FROM coverage")
    };
    $self->{not_covered} = $answer ? undef
        : { seen => $seen, until => now() + 0.25 };
    return $answer || 0;
}

# The money as stored: a line "user earned spent payout paid_out" each.
sub money {
    my ($self) = @_;
    return $self->sqlite('SELECT user_id, earned, spent, payout, paid_out'
                         . ' FROM balances ORDER BY user_id');
}

END {
    my $status = $?;
    for my $one (grep { $_->{owner} == $$ } @all) {
        if ($one->{pid}) {
            kill 'KILL', $one->{pid};
            waitpid $one->{pid}, 0;
        }
        remove_tree($one->{root}) unless $ENV{UBAL_KEEP};
    }
    $? = $status;
}

1;
