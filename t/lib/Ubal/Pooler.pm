# A pgbouncer of a test's own before a PostgreSQL server, on a unix socket in
# the folder of that server and nowhere else, run as its user; ended by pid when
# the test ends. Knows pgbouncer, nothing of ours.
#
#   my $pooler = Ubal::Pooler->new($pg, mode => 'transaction', size => 2);
#   DBDParams: $pooler->params($database);
package Ubal::Pooler;
use strict;
use warnings;

use Carp qw(croak);
use POSIX ();

use Ubal::Server qw(wait_for);

my @all;

sub program {
    my @found = grep { -x } '/usr/sbin/pgbouncer', '/usr/bin/pgbouncer';
    return $found[0] // croak 'pgbouncer is not there';
}

# mode: transaction or session. size: its connections to a database, at most.
sub new {
    my ($class, $pg, %with) = @_;
    my $self = bless { mode => 'transaction', size => 2, port => 6432, %with,
                       pg => $pg, owner => $$ }, $class;
    push @all, $self;
    $self->configure;
    return $self->start;
}

sub folder { return $_[0]{pg}->root }
sub log    { return Ubal::Server::slurp($_[0]->file('log')) }
sub file   { return $_[0]->folder . "/pooler_$_[0]{port}.$_[1]" }
sub socket { return $_[0]->folder . "/.s.PGSQL.$_[0]{port}" }

sub write_file {
    my ($self, $kind, $text) = @_;
    my $path = $self->file($kind);
    open my $out, '>', $path or croak "$path: $!";
    print $out $text;
    close $out or croak "$path: $!";
    chmod 0644, $path;
    return $path;
}

sub configure {
    my ($self) = @_;
    my $users = $self->write_file('users', qq("ubal" ""\n));
    my ($host, $port) = ($self->{pg}->host, $self->{pg}->port);
    $self->{config} = $self->write_file('ini', <<"END");
[databases]
* = host=$host port=$port user=ubal
[pgbouncer]
listen_addr =
listen_port = $self->{port}
unix_socket_dir = $host
auth_type = trust
auth_file = $users
pool_mode = $self->{mode}
default_pool_size = $self->{size}
max_client_conn = 200
server_login_retry = 1
END
}

# What libpq takes, and so DBDParams.
sub params {
    my ($self, $database) = @_;
    return 'host=' . $self->folder . " port=$self->{port} user=ubal"
        . " dbname=$database";
}

sub start {
    my ($self) = @_;
    croak 'already started' if $self->{pid};
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        $self->{pg}->become;
        open STDIN,  '<', '/dev/null';
        open STDOUT, '>', $self->file('log');
        open STDERR, '>&', \*STDOUT;
        exec qw(setpriv --pdeathsig TERM), program(), $self->{config}
            or POSIX::_exit(127);
    }
    $self->{pid} = $pid;
    my $ended;
    wait_for(sub { $self->log =~ /LOG process up/
                       || ($ended = waitpid $pid, POSIX::WNOHANG()) }, 20);
    croak 'pgbouncer does not start: ' . $self->log
        if $ended || !-S $self->socket;
    return $self;
}

sub stop {
    my ($self) = @_;
    my $pid = delete $self->{pid} // return;
    kill 'TERM', $pid;
    waitpid $pid, 0;
    unlink $self->file('log'), $self->socket;
    return $self;
}

END {
    my $status = $?;
    $_->stop for grep { $_->{owner} == $$ } @all;
    $? = $status;
}

1;
