# Clients that ask a server one thing after the other until they are told to
# end, and judge each reply: right, or 503 as the contract has it, or wrong.
# Knows HTTP, nothing of the database.
#
#   my $load = Ubal::Load->new($server, \%right);   # path => body
#   $load->wait_right(100);     # so many more right replies came
#   my %sum = $load->end;       # right, refused, wrong; first: the first wrong
package Ubal::Load;
use strict;
use warnings;

use Carp qw(croak);
use IO::Handle;
use POSIX ();

use Ubal::Server qw(wait_for);

sub new {
    my ($class, $server, $right, $clients) = @_;
    my $self = bless { pids => [], counts => { map { $_ => 0 } qw(right refused wrong) },
                       buffer => '' }, $class;
    pipe $self->{from}, my $to or croak "pipe: $!";
    for (1 .. $clients // 4) {
        my $pid = fork // croak "fork: $!";
        if (!$pid) {
            $SIG{TERM} = 'DEFAULT';
            close $self->{from};
            ask_on($server, $right, $to);
        }
        push @{ $self->{pids} }, $pid;
    }
    close $to;
    $self->{from}->blocking(0);
    return $self;
}

# In a client: lines below PIPE_BUF, which no other's is mixed into.
sub ask_on {
    my ($server, $right, $to) = @_;
    my @paths = sort keys %$right;
    for (my $i = 0;; $i++) {
        my $path = $paths[$i % @paths];
        my $verdict = judge($right->{$path}, $server->get($path));
        syswrite $to, substr("$verdict $path", 0, 1000) =~ s/\n/ /gr . "\n"
            or POSIX::_exit(0);
    }
}

# right, refused, or wrong and what it is.
sub judge {
    my ($right, $status, $headers, $body) = @_;
    return 'right' if $status == 200 && $body eq $right;
    return 'refused'
        if $status == 503 && ($headers->{'retry-after'} // '') =~ /\A[1-9]\d*\z/
        && !$headers->{etag} && $body !~ /balance|items|totalPayout/;
    return "wrong $status " . substr $body, 0, 300;
}

sub read_lines {
    my ($self) = @_;
    while (sysread $self->{from}, $self->{buffer}, 65536,
        length $self->{buffer}) { }
    while ($self->{buffer} =~ s/\A([a-z]+)(.*)\n//) {
        $self->{counts}{$1}++;
        $self->{first} //= $2 if $1 eq 'wrong';
    }
}

sub wait_more {
    my ($self, $what, $more) = @_;
    $self->read_lines;
    my $least = $self->{counts}{$what} + $more;
    return wait_for(
        sub { $self->read_lines; $self->{counts}{$what} >= $least }, 30);
}

sub wait_right   { return $_[0]->wait_more('right',   $_[1]) }
sub wait_refused { return $_[0]->wait_more('refused', $_[1]) }

sub end {
    my ($self) = @_;
    kill 'TERM', @{ $self->{pids} };
    waitpid $_, 0 for splice @{ $self->{pids} };
    $self->read_lines;
    return (%{ $self->{counts} }, first => $self->{first} // '');
}

1;
