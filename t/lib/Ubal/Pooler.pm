# A pgbouncer of a test's own in front of a PostgreSQL server of Ubal::Postgres,
# in transaction mode, on a unix socket in a folder of its own; ended by pid.
#
#   my $pooler = Ubal::Pooler->new($pg, size => 2);
#   DBDParams: $pooler->params($database);
package Ubal::Pooler;
use strict;
use warnings;

use Carp qw(croak);
use File::Path qw(remove_tree);
use POSIX ();

use Ubal::Server qw(wait_for open_folder);

my @all;

# size: how many connections of the server's all clients share.
sub new {
    my ($class, $pg, %with) = @_;
    my $self = bless { size => 2, %with, pg => $pg, root => open_folder(),
                       owner => $$ }, $class;
    my ($uid, $gid) = Ubal::Postgres::user();
    $self->write_file('users', qq("ubal" ""\n));
    $self->write_file('pgbouncer.ini', <<"END");
[databases]
* = host=@{[ $pg->host ]} port=@{[ $pg->port ]} user=ubal
[pgbouncer]
listen_addr =
listen_port = 6432
unix_socket_dir = $self->{root}
auth_type = trust
auth_file = $self->{root}/users
pool_mode = transaction
default_pool_size = $self->{size}
max_client_conn = 200
server_login_retry = 1
logfile = $self->{root}/log
pidfile = $self->{root}/pid
END
    chown $uid, $gid, $self->{root} or croak "chown: $!" unless $>;
    push @all, $self;
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        $pg->become;
        open STDIN,  '<', '/dev/null';
        open STDOUT, '>', "$self->{root}/output";
        open STDERR, '>&', \*STDOUT;
        exec qw(setpriv --pdeathsig INT), program(), "$self->{root}/pgbouncer.ini"
            or POSIX::_exit(127);
    }
    $self->{pid} = $pid;
    wait_for(sub { -S "$self->{root}/.s.PGSQL.6432" }, 20)
        or croak 'pgbouncer does not start: '
            . Ubal::Server::slurp("$self->{root}/output");
    return $self;
}

sub program {
    my @found = grep { -x } map { "$_/pgbouncer" } '/usr/sbin', split /:/, $ENV{PATH};
    return $found[0] // croak 'pgbouncer is not there';
}

sub write_file {
    my ($self, $name, $text) = @_;
    open my $out, '>', "$self->{root}/$name" or croak "$name: $!";
    print $out $text;
    close $out or croak "$name: $!";
    chmod 0644, "$self->{root}/$name";
}

sub params {
    my ($self, $database) = @_;
    return "host=$self->{root} port=6432 user=ubal dbname=$database";
}

sub dispose {
    my ($self) = @_;
    return if $self->{owner} != $$ || !-d $self->{root};
    kill 'INT', $self->{pid} if $self->{pid};
    waitpid $self->{pid}, 0 if $self->{pid};
    remove_tree($self->{root});
}

END {
    my $status = $?;
    $_->dispose for @all;
    $? = $status;
}

1;
