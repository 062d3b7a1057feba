# Several httpd servers, each with a run directory of its own, that share one
# PostgreSQL database and one vendor: who fetches, and whether the vendor's
# truth is what is stored.
#
#   my $hosts = Ubal::Hosts->new(postgres => $pg, count => 3, items => $items);
#   my $first = $hosts->fetching;        # the host that does, waited for
#   $hosts->kill_host($first);           # as if its power were cut
#   $hosts->is_exact('after that');
package Ubal::Hosts;
use strict;
use warnings;

use Carp qw(croak);
use POSIX qw(strftime);
use Test::More ();
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

# The vendor's rate: so many requests in so many seconds.
our ($COUNT, $PERIOD) = (5, 2);

my @types = qw(earned spent payout paid_out);

sub instant { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime $_[0]) }

# One item a second, of a few users.
sub item {
    my ($at) = @_;
    return { id => "t$at", userId => 'u' . $at % 7, type => $types[$at % 4],
             amount => 1 + $at % 50, createdAt => instant($at) };
}

# postgres: the server. params: what connects to it, the server's own where it
# is left out. count: of hosts. delay: seconds of each reply while the vendor's
# flag `delay` is set.
sub new {
    my ($class, %with) = @_;
    my $self = bless { count => 2, %with, begin => time - 60 }, $class;
    $self->{database} //= $self->{postgres}->database;
    $self->{params} //= $self->{postgres}->params($self->{database});
    my $begin = $self->{begin};
    $self->{vendor} = Ubal::Vendor->new(handler => sub {
        my $vendor = $_[4];
        my ($status, $headers, $body) = Ubal::Vendor::list_handler(
            sub { map { item($_) } $begin .. time })->(@_);
        return { status => $status, headers => $headers, body => $body,
                 delay => $vendor->flag('delay') // 0 };
    });
    $self->{servers} = [map { Ubal::Server->new(dbd => 0) } 1 .. $self->{count}];
    return $self;
}

sub vendor  { return $_[0]{vendor} }
sub servers { return @{ $_[0]{servers} } }
sub sql     { return $_[0]{postgres}->sql($_[0]{database}, $_[1]) }

sub configuration {
    my ($self) = @_;
    my ($url, $since) = ($self->{vendor}->url, instant($self->{begin}));
    return <<"END";
DBDriver pgsql
DBDParams "$self->{params}"
<UbalVendor game>
    UbalURL $url
    UbalRate $COUNT ${PERIOD}s
    UbalInterval 1s
    UbalWindow settle=1s tick=1s
    UbalSince $since
</UbalVendor>
<Location "/user">
    SetHandler ubal
    Require local
</Location>
END
}

sub start {
    my ($self) = @_;
    $_->start($self->configuration) for $self->servers;
    return $self;
}

# The hosts whose daemon has said that it fetches, and lives.
sub all_fetching {
    my ($self) = @_;
    return grep {
        my $server = $_;
        my $log = $server->error_log;
        grep { $log =~ /\[pid $_\] fetching for/ } $server->daemons;
    } $self->servers;
}

# The one that fetches, none of @not; undef where none does within `$seconds`.
sub fetching {
    my ($self, $seconds, @not) = @_;
    my $found;
    wait_for(sub {
        my @now = $self->all_fetching;
        my $is_new = @now == 1 && !grep { $_ == $now[0] } @not;
        $found = $now[0] if $is_new;
        return $is_new;
    }, $seconds // 20);
    return $found;
}

# Ends all of a host at once, as a power cut would.
sub kill_host {
    my ($self, $server) = @_;
    kill 'KILL', $server->pid, $server->children, $server->daemons;
    wait_for(sub { !$server->remnants }) or croak 'it outlives kill -9';
    waitpid $server->pid, 0;
    delete $server->{pid};
}

# as-of, in whole seconds since 1970.
sub as_of {
    my ($self) = @_;
    my $as_of = eval { $self->sql('SELECT as_of / 1000000 FROM coverage') };
    return $as_of || 0;
}

# Whether as-of passes what is now, and the history is there.
sub goes_on {
    my ($self, $what) = @_;
    my $now = time;
    my $since = $self->{begin} * 1_000_000;
    return Test::More::ok(wait_for(sub {
        $self->as_of > $now
            && $self->sql("SELECT 1 FROM coverage WHERE since <= $since");
    }, 60), "$what: as-of goes on, the history is there")
        || Test::More::diag(map { substr $_->error_log, -1500 } $self->servers);
}

# What is stored up to as-of is the vendor's truth, each id once, and each
# balance is the sum of the user's transactions; the vendor saw no more requests
# than it allows.
sub is_exact {
    my ($self, $what) = @_;
    my $until = $self->as_of;
    my (%truth, %sum);
    for my $item (map { item($_) } $self->{begin} .. $until - 1) {
        $truth{ $item->{id} } = join '|', @$item{qw(id userId amount)};
    }
    my $stored = $self->sql('SELECT id, user_id, amount / 100 '
        . "FROM transactions WHERE created_at < ${until}000000 ORDER BY id");
    Test::More::is($stored, join("\n", map { $truth{$_} } sort keys %truth),
                   "$what: each transaction of the vendor's, once");
    my @sums = map { "SUM(CASE WHEN type = $_ THEN amount ELSE 0 END)" } 0 .. 3;
    Test::More::is($self->sql('SELECT user_id, earned, spent, payout, paid_out '
            . 'FROM balances ORDER BY 1'),
        $self->sql('SELECT user_id, ' . join(', ', @sums)
            . ' FROM transactions GROUP BY user_id ORDER BY 1'),
        "$what: balances are their sums");
    my $gap = $self->{vendor}->least_gap($COUNT);
    Test::More::ok(!defined $gap || $gap >= $PERIOD,
                   "$what: never more than $COUNT requests in $PERIOD s")
        or Test::More::diag("the least gap was $gap s");
}

1;
