# A vendor that a test scripts: an HTTP/1.1 server on a free port, one process
# with one loop, so that a reply that hangs holds up no other. It writes down
# every arrival; the test reads that and checks the budget. Core Perl alone.
#
#   my $vendor = Ubal::Vendor->new(handler => sub {
#       my ($method, $path, $query, $number, $self) = @_;
#       return (200, {}, '{"items":[]}');
#   });
#   $vendor->url('/transactions'); $vendor->arrivals; $vendor->most_in(60);
#
# The handler runs in the vendor's process: what it remembers stays there
# (flag() and set_flag() cross over). It returns (status, headers, body) or
# one hash of these:
#   status, headers, body   the reply; Date, Content-Length, Content-Type and
#                           Connection are added unless given (undef: left out)
#   delay => seconds        before the first byte
#   hang => 1               no reply; the connection stays open
#   reset => 1              TCP reset instead of a reply
#   raw => bytes            these bytes, whatever they are, then close
#   cut => bytes            only so many bytes of the body, then close
#   dribble => seconds      one byte of the body each time
#   chunked => 1            without Content-Length, in chunks
#   close_delimited => 1    without Content-Length, ended by closing
package Ubal::Vendor;
use strict;
use warnings;

use Carp qw(croak);
use Errno qw(EAGAIN EINTR EWOULDBLOCK);
use IO::Socket::INET;
use List::Util qw(max min);
use POSIX ();
use Socket qw(SOL_SOCKET SO_LINGER);
use Time::HiRes qw(clock_gettime CLOCK_MONOTONIC);

use Ubal::Server ();

my @vendors;

sub new {
    my ($class, %with) = @_;
    my $self = bless { owner => $$, %with }, $class;
    $self->{handler} //= sub { return (200, {}, page([])) };
    $self->{folder} = Ubal::Server::open_folder();
    $self->{socket} = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1',
        LocalPort => $self->{port} // 0,
        Listen    => 64,
        ReuseAddr => 1,
    ) or croak "listen: $!";
    $self->{port} = $self->{socket}->sockport;
    my $pid = fork // croak "fork: $!";
    if (!$pid) {
        eval { $self->serve; 1 } or print STDERR "# vendor: $@";
        POSIX::_exit(1);
    }
    close delete $self->{socket};
    $self->{pid} = $pid;
    push @vendors, $self;
    return $self;
}

sub port { return $_[0]{port} }
sub url { return "http://127.0.0.1:$_[0]{port}" . ($_[1] // '/transactions') }
sub log_path { return "$_[0]{folder}/arrivals" }

# --- flags: what the test tells a running vendor -------------------------------

sub set_flag {
    my ($self, $name, $value) = @_;
    my $path = "$self->{folder}/flag.$name";
    open my $out, '>', "$path.new" or croak "$path: $!";
    print $out $value // 1;
    close $out or croak "$path: $!";
    rename "$path.new", $path or croak "$path: $!";
}

sub clear_flag {
    my ($self, $name) = @_;
    unlink "$self->{folder}/flag.$name";
}

# The value, undef where it is not set.
sub flag {
    my ($self, $name) = @_;
    open my $in, '<', "$self->{folder}/flag.$name" or return;
    local $/;
    return <$in>;
}

# --- what it saw ---------------------------------------------------------------

# One hash for each request whose head was read whole, in order: number,
# start and end (seconds on the monotonic clock; end undef while it lasts),
# method, target, path, query (a hash), headers (lower-case names), status,
# how (done: all was written, gone: the client closed first, cut, reset).
sub arrivals {
    my ($self) = @_;
    my @seen;
    open my $in, '<', $self->log_path or return @seen;
    while (my $line = <$in>) {
        last unless chomp $line;
        my ($what, $number, @rest) = split /\t/, $line, -1;
        if ($what eq 'start') {
            my ($start, $method, $target) = @rest;
            my ($path, $query) = parse_target($target);
            $seen[$number - 1] = {
                number => $number, start => $start, method => $method,
                target => $target, path => $path, query => $query,
                headers => {},
            };
        }
        elsif ($what eq 'header') {
            $seen[$number - 1]{headers}{ $rest[0] } = $rest[1];
        }
        elsif ($what eq 'end') {
            @{ $seen[$number - 1] }{qw(end status how)} = @rest;
        }
    }
    return @seen;
}

# How often someone has connected, whatever was sent then.
sub connections {
    my ($self) = @_;
    open my $in, '<', $self->log_path or return 0;
    return scalar grep { /^connected/ } <$in>;
}

# Waits until there are `$count` arrivals (that ended); returns whether.
sub wait_arrivals {
    my ($self, $count, $timeout) = @_;
    return Ubal::Server::wait_for(
        sub { (grep { defined $_->{end} } $self->arrivals) >= $count },
        $timeout);
}

# The most arrivals that any half-open stretch of `$period` seconds holds.
sub most_in {
    my ($self, $period) = @_;
    my @at = sort { $a <=> $b } map { $_->{start} } $self->arrivals;
    my ($most, $first) = (0, 0);
    for my $last (0 .. $#at) {
        $first++ while $at[$last] - $at[$first] >= $period;
        $most = max($most, $last - $first + 1);
    }
    return $most;
}

# The shortest time from the end of a request to the start of the one `$count`
# later: the rule of the budget is that it is never under the period. undef
# where there are not so many.
sub least_gap {
    my ($self, $count) = @_;
    my @seen = $self->arrivals;
    return min(map {
        $seen[$_]{start} - ($seen[$_ - $count]{end} // $seen[$_]{start})
    } $count .. $#seen);
}

# --- pages of the default dialect ----------------------------------------------

sub quoted {
    my ($text) = @_;
    $text =~ s/([\\"])/\\$1/g;
    $text =~ s/([\x00-\x1f])/sprintf '\\u%04x', ord $1/ge;
    return qq("$text");
}

# One item, a hash with id, userId, createdAt, type and amount; the amount is
# put in as the digits that are given. `raw` instead is put in as it is.
sub item_text {
    my ($item) = @_;
    return $item->{raw} if defined $item->{raw};
    return '{' . join(',',
        (map { "\"$_\":" . quoted($item->{$_}) }
            grep { defined $item->{$_} } qw(id userId createdAt type)),
        defined $item->{amount} ? "\"amount\":$item->{amount}" : ()) . '}';
}

# The JSON of a page that shows `$items` (an array of items), with meta where
# total is given.
sub page {
    my ($items, %meta) = @_;
    my $text = '{"items":[' . join(',', map { item_text($_) } @$items) . ']';
    if (defined $meta{total}) {
        my $limit = $meta{limit} // 1000;
        $text .= sprintf ',"meta":{"totalItems":%d,"itemCount":%d,'
            . '"itemsPerPage":%d,"totalPages":%d,"currentPage":%d}',
            $meta{total}, scalar @$items, $limit,
            POSIX::ceil($meta{total} / $limit), $meta{page} // 1;
    }
    return "$text}";
}

# A handler that serves the items that `$source->()` gives as a vendor of the
# default dialect would. inclusive => 1: endDate belongs to the range.
sub list_handler {
    my ($source, %with) = @_;
    return sub {
        my ($method, $path, $query) = @_;
        my ($from, $to) = @$query{qw(startDate endDate)};
        my @in = grep {
            my $at = padded($_->{createdAt});
            $at ge padded($from)
                && ($with{inclusive} ? $at le padded($to) : $at lt padded($to))
        } $source->();
        my ($page, $limit) = ($query->{page} // 1, $query->{limit} // 1000);
        my $first = ($page - 1) * $limit;
        my $last = min($first + $limit, scalar @in) - 1;
        return (200, {}, page([@in[$first .. $last]], total => scalar @in,
                              page => $page, limit => $limit));
    };
}

# RFC 3339 in UTC made comparable as text, to the microsecond.
sub padded {
    my ($time) = @_;
    my ($whole, $part) = ($time // '') =~ /\A([^.Z]*)(?:\.(\d+))?Z?\z/
        or croak "not in UTC: $time";
    return $whole . '.' . substr(($part // '') . '000000', 0, 6);
}

# --- the loop, in the vendor's process -------------------------------------------

sub now { return clock_gettime(CLOCK_MONOTONIC) }

sub note {
    my ($self, @fields) = @_;
    my $line = join("\t", map { my $f = $_ // ''; $f =~ s/[\t\n\r]/ /g; $f }
                    @fields) . "\n";
    syswrite $self->{log}, $line;
}

sub serve {
    my ($self) = @_;
    my $parent = getppid;
    $SIG{PIPE} = 'IGNORE';
    $SIG{$_} = 'DEFAULT' for qw(TERM INT HUP __DIE__ __WARN__);
    open $self->{log}, '>>', $self->log_path or croak "log: $!";
    $self->{count} = 0;
    $self->{open} = {};
    $self->{socket}->blocking(0);
    while (getppid == $parent) {
        my ($read, $write, $sleep) = $self->interests;
        next if select($read, $write, undef, $sleep) < 0;
        while (my $socket = $self->{socket}->accept) {
            $socket->blocking(0);
            $self->note('connected');
            $self->{open}{ fileno $socket } = { socket => $socket, in => '' };
        }
        for my $fd (keys %{ $self->{open} }) {
            my $one = $self->{open}{$fd};
            $self->take_in($one) if vec $read, $fd, 1;
            $self->put_out($one) if $one->{socket};
            delete $self->{open}{$fd} unless $one->{socket};
        }
    }
}

sub interests {
    my ($self) = @_;
    my ($read, $write, $sleep, $now) = ('', '', 1, now());
    vec($read, fileno $self->{socket}, 1) = 1;
    for my $fd (keys %{ $self->{open} }) {
        my $one = $self->{open}{$fd};
        vec($read, $fd, 1) = 1;
        next unless defined $one->{out};
        my $wait = $one->{next} - $now;
        if ($wait > 0) { $sleep = min($sleep, $wait) }
        else           { vec($write, $fd, 1) = 1 }
    }
    return ($read, $write, $sleep);
}

sub take_in {
    my ($self, $one) = @_;
    my $got = sysread $one->{socket}, my $bytes, 65536;
    return if !defined $got && ($! == EAGAIN || $! == EINTR);
    return $self->finish($one, 'gone') unless $got;
    return if $one->{number};
    $one->{in} .= $bytes;
    $one->{in} =~ /\A(.*?)\r?\n\r?\n/s or return;
    $self->arrive($one, split /\r?\n/, $1);
}

sub arrive {
    my ($self, $one, $first, @lines) = @_;
    my ($method, $target) = $first =~ /\A(\S+) (\S+) HTTP/
        or return $self->finish($one, 'garbage');
    $one->{number} = ++$self->{count};
    $one->{method} = $method;
    $self->note('start', $one->{number}, sprintf('%.6f', now()), $method,
                $target);
    for (@lines) {
        $self->note('header', $one->{number}, lc $1, $2) if /\A([^:]+): *(.*)/;
    }
    my @reply = eval {
        $self->{handler}->($method, parse_target($target), $one->{number},
                           $self);
    };
    print STDERR "# vendor's handler: $@" if $@;
    @reply = (500, {}, 'handler died') unless @reply;
    my %reply = ref $reply[0] eq 'HASH' ? %{ $reply[0] }
        : (status => $reply[0], headers => $reply[1], body => $reply[2]);
    $self->prepare($one, \%reply);
}

sub prepare {
    my ($self, $one, $reply) = @_;
    return if $reply->{hang};
    $one->{status} = $reply->{status} //= 200;
    $one->{next} = now() + ($reply->{delay} // 0);
    @$one{qw(head out how)} = ('', '', 'done');
    if ($reply->{reset}) {
        $one->{how} = 'reset';
    }
    elsif (defined $reply->{raw}) {
        $one->{out} = $reply->{raw};
    }
    else {
        my $body = $reply->{body} // '';
        $one->{head} = head($reply, $body);
        $body = chunks($body) if $reply->{chunked};
        if (defined $reply->{cut}) {
            $body = substr $body, 0, $reply->{cut};
            $one->{how} = 'cut';
        }
        $one->{out} = $one->{method} eq 'HEAD' ? '' : $body;
        $one->{dribble} = $reply->{dribble};
    }
}

sub head {
    my ($reply, $body) = @_;
    my $unsized = $reply->{chunked} || $reply->{close_delimited};
    my %head = (
        'Date'         => http_date(time),
        'Content-Type' => 'application/json',
        'Connection'   => 'close',
        $unsized          ? () : ('Content-Length' => length $body),
        $reply->{chunked} ? ('Transfer-Encoding' => 'chunked') : (),
        %{ $reply->{headers} // {} },
    );
    return "HTTP/1.1 $reply->{status} Scripted\r\n"
        . join('', map { "$_: $head{$_}\r\n" }
               grep { defined $head{$_} } sort keys %head) . "\r\n";
}

sub chunks {
    my ($body) = @_;
    my $text = '';
    $text .= sprintf "%x\r\n%s\r\n", length $1, $1
        while $body =~ /\G(.{1,4096})/gs;
    return "${text}0\r\n\r\n";
}

sub put_out {
    my ($self, $one) = @_;
    return if !defined $one->{out} || now() < $one->{next};
    if ($one->{how} eq 'reset') {
        setsockopt $one->{socket}, SOL_SOCKET, SO_LINGER, pack 'ii', 1, 0;
        return $self->finish($one, 'reset');
    }
    for my $part (qw(head out)) {
        next if $one->{$part} eq '';
        my $slow = $part eq 'out' && $one->{dribble};
        my $sent = syswrite $one->{socket}, $one->{$part},
            $slow ? 1 : length $one->{$part};
        if (!defined $sent) {
            return if $! == EAGAIN || $! == EWOULDBLOCK || $! == EINTR;
            return $self->finish($one, 'gone');
        }
        substr $one->{$part}, 0, $sent, '';
        $one->{next} = now() + $slow if $slow;
        return if $one->{$part} ne '';
    }
    $self->finish($one, $one->{how});
}

sub finish {
    my ($self, $one, $how) = @_;
    my $socket = delete $one->{socket};
    # Noted first: who sees the end can rely on reading of it.
    $self->note('end', $one->{number}, sprintf('%.6f', now()),
                $one->{status} // '', $how) if $one->{number};
    shutdown $socket, 1 unless $how eq 'reset' || $how eq 'gone';
    close $socket;
}

sub http_date {
    my @at = gmtime shift;
    my @days = qw(Sun Mon Tue Wed Thu Fri Sat);
    my @months = qw(Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec);
    return sprintf '%s, %02d %s %04d %02d:%02d:%02d GMT', $days[$at[6]],
        $at[3], $months[$at[4]], $at[5] + 1900, @at[2, 1, 0];
}

sub parse_target {
    my ($target) = @_;
    my ($path, $query) = split /\?/, $target, 2;
    my %query;
    for (split /&/, $query // '') {
        my ($name, $value) = map { decoded($_) } split /=/, $_, 2;
        $query{$name} = $value // '';
    }
    return ($path, \%query);
}

sub decoded {
    my ($text) = @_;
    $text =~ tr/+/ /;
    $text =~ s/%([0-9A-Fa-f]{2})/chr hex $1/ge;
    return $text;
}

# --- the end -------------------------------------------------------------------

sub stop {
    my ($self) = @_;
    return if $self->{owner} != $$;
    my $pid = delete $self->{pid} // return;
    kill 'KILL', $pid;
    waitpid $pid, 0;
}

END {
    my $status = $?;
    for my $vendor (@vendors) {
        next if $vendor->{owner} != $$;
        $vendor->stop;
        File::Path::remove_tree($vendor->{folder}) unless $ENV{UBAL_KEEP};
    }
    $? = $status;
}

1;
