# Prism as a proxy between a test and a server: it compares each request and
# each reply with an OpenAPI description. Knows nothing of what is described.
#
#   my $prism = Ubal::Prism->new(description => $path, upstream => $url);
#   my ($status, $headers, $body, @faults) = $prism->get('/user/12');
#
# Prism writes query strings anew, so that what reaches the server is not what
# was asked for: a relay behind it puts that back.
#
# A fault is a hash: of => 'request' or 'response', message.
package Ubal::Prism;
use strict;
use warnings;

use Carp qw(croak);
use Exporter qw(import);
use IO::Socket::INET;
use JSON::PP qw(decode_json);
use POSIX ();

use Ubal::Server qw(free_port now wait_for);

our @EXPORT_OK = qw(node_folder yaml);

my @running;

# The header that carries what was asked for to the relay.
my $target = 'X-Target';

# The folder with package.json, tools installed. Croaks where they cannot be.
sub node_folder {
    my $folder = $ENV{UBAL_NODE} // croak 'UBAL_NODE is not set: use t/run';
    system("$folder/install") == 0 or croak "$folder/install failed";
    return $folder;
}

# What a YAML file holds.
sub yaml {
    my ($path) = @_;
    my $script = <<'END';
const yaml = require(process.argv[1] + '/node_modules/js-yaml');
const text = require('fs').readFileSync(process.argv[2], 'utf8');
process.stdout.write(JSON.stringify(yaml.load(text)));
END
    open my $out, '-|', 'node', '-e', $script, node_folder(), $path
        or croak "node: $!";
    my $text = do { local $/; <$out> };
    close $out or croak "$path cannot be read as YAML";
    return decode_json($text);
}

sub new {
    my ($class, %with) = @_;
    my $self = bless { port => free_port(), owner => $$, log => '' }, $class;
    $self->start_relay($with{upstream});
    my $program = node_folder() . '/node_modules/.bin/prism';
    $self->{pid} = open $self->{out}, '-|';
    croak "fork: $!" unless defined $self->{pid};
    if (!$self->{pid}) {
        open STDERR, '>&', \*STDOUT;
        open STDIN, '<', '/dev/null';
        exec $program, 'proxy', $with{description}, "http://127.0.0.1:$self->{relay_port}",
            '--host', '127.0.0.1', '--port', $self->{port}
            or POSIX::_exit(127);
    }
    push @running, $self;
    $self->{out}->blocking(0);
    wait_for(sub {
        sysread $self->{out}, $self->{log}, 65536, length $self->{log};
        return $self->{log} =~ /is listening/
            || waitpid($self->{pid}, POSIX::WNOHANG()) != 0;
    }, 120);
    croak "prism did not start:\n$self->{log}"
        unless $self->{log} =~ /is listening/;
    return $self;
}

sub start_relay {
    my ($self, $upstream) = @_;
    my $listen = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 16)
        or croak "relay: $!";
    $self->{relay_port} = $listen->sockport;
    $self->{relay} = fork // croak "fork: $!";
    return if $self->{relay};
    $SIG{TERM} = sub { POSIX::_exit(0) };
    my ($peer) = $upstream =~ m{\Ahttp://([^/]+)};
    while (my $client = $listen->accept) {
        relay($client, $peer);
        close $client;
    }
    POSIX::_exit(0);
}

# One request without a body, and its reply until the server's end.
sub relay {
    my ($client, $peer) = @_;
    my $head = '';
    until ($head =~ /\r\n\r\n\z/) {
        sysread $client, $head, 65536, length $head or return;
    }
    $head =~ s/\r\n\Q$target\E: ([^\r\n]*)//i or return;
    my $asked = $1;
    $head =~ s/\A(\S+) \S+/$1 $asked/;
    $head =~ s/\r\nConnection:[^\r\n]*//i;
    $head =~ s/\r\n\r\n\z/\r\nConnection: close\r\n\r\n/;
    my $server = IO::Socket::INET->new(PeerAddr => $peer) or return;
    print $server $head;
    $server->flush;
    while (sysread $server, my $bytes, 65536) {
        print $client $bytes;
    }
    $client->flush;
}

sub port { return $_[0]{port} }

# (status, headers, body, faults) of one request.
sub get {
    my ($self, $path, $headers) = @_;
    # It must not wait for someone to read what it logs.
    1 while sysread $self->{out}, my $log, 65536;
    my ($status, $fields, $body) =
        Ubal::Server::request($self, 'GET', $path,
                              { %{ $headers // {} }, $target => $path });
    my $list = delete $fields->{'sl-violations'};
    return ($status, $fields, $body, map {
        +{ of => $_->{location}[0] // '', message => join ' ',
           @{ $_->{location} // [] }, $_->{message} // '' }
    } $list ? @{ decode_json($list) } : ());
}

sub raw { return Ubal::Server::raw(@_) }

sub stop {
    my ($self) = @_;
    return if $self->{owner} != $$ || $self->{stopped}++;
    for my $pid (@$self{qw(pid relay)}) {
        kill 'TERM', $pid;
        waitpid $pid, 0;
    }
    close $self->{out};
}

END {
    my $status = $?;
    $_->stop for @running;
    $? = $status;
}

1;
