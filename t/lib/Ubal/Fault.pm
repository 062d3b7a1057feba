# One fault of a vendor, and the whole companion: a list of transactions, a
# vendor that gives it save where the test says otherwise, a daemon until all
# is covered, and then the promises that hold whatever the fault: each
# transaction once, the money exact, verify, the budget.
#
#   my $run = Ubal::Fault::run('V9', sub {
#       my ($plain, $number, $query, $vendor) = @_;
#       return (200, {}, '<html>') if $number == 2;   # or one hash
#       return;                                       # the plain reply
#   });
#   like $run->log, qr/.../;
package Ubal::Fault;
use strict;
use warnings;

use POSIX qw(strftime);
use Test::More;
use Ubal::Ingest;
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

# What happened lies in these seconds.
our $begin = time - 600;
our $seconds = 150;

# The budget of a run, if its lines say nothing else.
our ($limit, $period) = (20, 1);

sub stamp {
    my ($second, $form) = @_;
    return strftime($form // '%Y-%m-%dT%H:%M:%S.000Z',
                    gmtime($begin + $second));
}

sub item {
    my ($id, $second, %with) = @_;
    return { id => $id, userId => 'u' . $second % 3, type => 'earned',
             createdAt => stamp($second), amount => '1.25', %with };
}

# One a second.
sub steady {
    my @types = qw(earned spent payout paid_out);
    return map { item("t$_", $_, type => $types[$_ % 4],
                      amount => sprintf '%d.%02d', $_, $_ % 100)
    } 0 .. $seconds - 1;
}

# The sums that items make, as Ubal::Ingest::money prints them.
sub sums {
    my %sum;
    for (@_) {
        (my $minor = $_->{amount}) =~ tr/.//d;
        $sum{ $_->{userId} }{ $_->{type} } += $minor;
    }
    return join "\n", map {
        my $s = $sum{$_};
        join '|', $_, map { $s->{$_} // 0 } qw(earned spent payout paid_out)
    } sort keys %sum;
}

# Makes a vendor with `handler` and a daemon that is not started. items: what
# the vendor has; stored: what of it is to be stored (all of it).
sub make {
    my ($handler, %with) = @_;
    my @items = @{ $with{items} // [steady()] };
    my $list = Ubal::Vendor::list_handler(sub { @items }, %with);
    my $vendor = Ubal::Vendor->new(handler => sub {
        my ($method, $path, $query, $number, $self) = @_;
        my @plain = $list->(@_);
        my @reply = $handler->(\@plain, $number, $query, $self);
        return @reply ? @reply : @plain;
    });
    my $ingest = Ubal::Ingest->new(
        url   => ($with{url} // sub { $_[0]->url })->($vendor),
        lines => "UbalRate $limit ${period}s\nUbalPageSize 100\nUbalSince "
            . stamp(0) . "\n" . ($with{lines} // ''),
    );
    return bless { vendor => $vendor, ingest => $ingest,
                   stored => $with{stored} // \@items }, __PACKAGE__;
}

# A handler that has `$reply` spoil one page, the first that has items in
# plenty: one of live data may have none. `spoiled` is then its number.
sub spoil {
    my ($reply) = @_;
    my $is_done;
    return sub {
        my ($plain, $number, undef, $vendor) = @_;
        return if $is_done || length $plain->[2] < 2000;
        $is_done = 1;
        $vendor->set_flag(spoiled => $number);
        return $reply->(@_);
    };
}

sub spoiled { return $_[0]{vendor}->flag('spoiled') }
sub vendor { return $_[0]{vendor} }
sub ingest { return $_[0]{ingest} }
sub log { return $_[0]{ingest}->log }
sub sqlite { my $self = shift; return $self->{ingest}->sqlite(@_) }

# Waits until all is covered, or `$until` says so, and stops the daemon.
sub finish {
    my ($self, $name, $until) = @_;
    my $ingest = $self->{ingest};
    $until //= sub { $ingest->covers($begin, $begin + $seconds) };
    ok wait_for($until, 60), "$name: it goes on" or diag $self->log;
    $ingest->stop;
    return $self;
}

# The promises that no fault may break.
sub is_exact {
    my ($self, $name) = @_;
    my $ingest = $self->{ingest};
    is $ingest->money, sums(@{ $self->{stored} }), "$name: the money is exact"
        or diag $self->log;
    is $ingest->sqlite('SELECT count(*) FROM transactions'),
        scalar @{ $self->{stored} }, "$name: each is stored once";
    my ($exit, $out) = $ingest->command('verify');
    is $exit, 0, "$name: verify" or diag $out;
    cmp_ok $self->{vendor}->most_in($period), '<=', $limit,
        "$name: the budget is kept";
    return $self;
}

sub run {
    my ($name, $handler, %with) = @_;
    my $self = make($handler, %with);
    $self->{ingest}->start;
    return $self->finish($name, $with{until})->is_exact($name);
}

1;
