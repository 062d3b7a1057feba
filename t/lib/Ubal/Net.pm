# Hosts that are network namespaces of Linux, each on a cable of its own to this
# one, which is a namespace itself: nothing leaves it. Needs root and ip. Knows
# addresses, nothing of what is sent.
#
#   Ubal::Net::enter() or plan skip_all => '...';
#   my $host = Ubal::Net->new;              # a host
#   $host->wrapper($program, $folder);      # a program that runs there
#   $host->cut_off; $host->let_return;      # from the database's address alone
package Ubal::Net;
use strict;
use warnings;

use Carp qw(croak);
use POSIX ();

use Ubal::Server qw(wait_for);

# What listens here, for the hosts: the database, the vendor.
our ($database, $vendor) = qw(10.91.0.1 10.91.0.2);

my $count = 0;
my @all;

sub run { system(@_) == 0 or croak "@_: failed" }

# Goes on in a namespace of its own: the program is begun again in it. 0 where
# that cannot be.
sub enter {
    return 0 if $> || system('ip -V >/dev/null 2>&1')
        || system('unshare -n true 2>/dev/null');
    if (($ENV{UBAL_TEST_NET} // '') ne $$) {
        $ENV{UBAL_TEST_NET} = $$;
        exec 'unshare', '-n', $^X, (map { "-I$_" } @INC), $0, @ARGV
            or croak "unshare: $!";
    }
    run(qw(ip link set lo up));
    run(qw(ip address add), "$_/32", qw(dev lo)) for $database, $vendor;
    return 1;
}

# Two addresses of this end of its cable lead to the two that listen, so that
# one can be cut off alone.
sub new {
    my ($class) = @_;
    my $self = bless { number => ++$count, owner => $$ }, $class;
    $self->{pid} = fork // croak "fork: $!";
    if (!$self->{pid}) {
        exec qw(setpriv --pdeathsig KILL unshare -n sleep infinity)
            or POSIX::_exit(127);
    }
    push @all, $self;
    my $own = readlink '/proc/self/ns/net';
    wait_for(sub {
        (readlink("/proc/$self->{pid}/ns/net") // $own) ne $own
    }) or croak 'no namespace';
    my ($here, $net) = ("host$count", "10.91.$count");
    run(qw(ip link add), $here, qw(type veth peer name eth0 netns),
        $self->{pid});
    run(qw(ip address add), "$net.$_/24", 'dev', $here) for 1, 2;
    run(qw(ip link set), $here, 'up');
    $self->inside(qw(ip link set lo up));
    $self->inside(qw(ip address add), "$net.3/24", qw(dev eth0));
    $self->inside(qw(ip link set eth0 up));
    $self->inside(qw(ip route add), $database, 'via', "$net.1");
    $self->inside(qw(ip route add), $vendor, 'via', "$net.2");
    return $self;
}

sub inside {
    my ($self, @command) = @_;
    run('nsenter', '-n', '-t', $self->{pid}, @command);
}

# A program that runs `$program` on this host; the process stays the same.
sub wrapper {
    my ($self, $program, $folder) = @_;
    my $path = "$folder/on$self->{number}";
    open my $out, '>', $path or croak "$path: $!";
    print $out "#!/bin/sh\nexec nsenter -n -t $self->{pid} $program \"\$@\"\n";
    close $out or croak "$path: $!";
    chmod 0755, $path;
    return $path;
}

# What it sends to the database reaches nobody, and it is told nothing of it.
sub cut_off {
    my ($self) = @_;
    $self->inside(qw(ip neighbour replace), "10.91.$self->{number}.1",
                  qw(lladdr 02:00:00:00:00:99 nud permanent dev eth0));
}

sub let_return {
    my ($self) = @_;
    $self->inside(qw(ip neighbour delete), "10.91.$self->{number}.1",
                  qw(dev eth0));
}

END {
    my $status = $?;
    for my $one (grep { $_->{owner} == $$ } @all) {
        kill 'KILL', $one->{pid};
        waitpid $one->{pid}, 0;
    }
    $? = $status;
}

1;
