# Transactions that a test makes up, stored by `ubal-ingest import` as they
# come, and what they add up to, worked out here alone. A server on that
# database.
#
#   my $ledger = Ubal::Ledger->new;
#   $ledger->store({ us => $us, userId => 'u', type => 'earned',
#                    minor => 100 }, ...);
#   $ledger->cover(since => $us, as_of => $us);
#   my $server = $ledger->serve($conf);
#   is $server->get("/user/u?at=$at"), $ledger->body('u', $us);
package Ubal::Ledger;
use strict;
use warnings;

use Carp qw(croak);
use Exporter qw(import);
use POSIX qw(strftime);
use Ubal::Data;
use Ubal::Export qw(write_csv);
use Ubal::Ingest;
use Ubal::Place qw(dbd_of);
use Ubal::Server;

our @EXPORT_OK = qw(instant amount figures);

my @types = qw(earned spent paid_out payout);

sub new {
    my ($class) = @_;
    my $ingest = Ubal::Ingest->new(url => 'http://127.0.0.1:1/');
    return bless { ingest => $ingest, rows => [], files => 0,
                   data => Ubal::Data->new($ingest->db) }, $class;
}

sub data { return $_[0]{data} }

# Microseconds as RFC 3339, with the fewest of 0, 3 or 6 decimals.
sub instant {
    my ($us) = @_;
    my $part = $us % 1_000_000;
    return strftime('%Y-%m-%dT%H:%M:%S', gmtime int($us / 1_000_000))
        . (!$part ? '' : $part % 1000 ? sprintf '.%06d', $part
            : sprintf '.%03d', $part / 1000) . 'Z';
}

# Minor units of scale 2 as the shortest exact number.
sub amount {
    my ($minor) = @_;
    my $text = sprintf '%03d', abs $minor;
    $text =~ s/(..)\z/.$1/;
    $text =~ s/\.?0+\z// if $text =~ /0\z/;
    return ($minor < 0 ? '-' : '') . $text;
}

# Stores rows in the order they are given.
sub store {
    my ($self, @rows) = @_;
    my $file = $self->{ingest}->root . '/' . ++$self->{files} . '.csv';
    my $number = @{ $self->{rows} };
    push @{ $self->{rows} }, @rows;
    write_csv($file, map {
        my $minor = $_->{minor};
        { userId => $_->{userId}, type => $_->{type},
          id => $_->{id} // sprintf('x%07d', $number++),
          createdAt => instant($_->{us}),
          amount => sprintf('%s%d.%02d', $minor < 0 ? '-' : '',
                            int(abs($minor) / 100), abs($minor) % 100) }
    } @rows);
    my ($exit, $text) = $self->{ingest}->command('import', $file);
    croak "import: $text" if $exit;
    $self->{data}->cover(%{ $self->{covered} }) if $self->{covered};
    return $self;
}

# As Ubal::Data's; kept over store().
sub cover {
    my ($self, %with) = @_;
    $self->{covered} = { %{ $self->{covered} // {} }, %with };
    $self->{data}->cover(%with);
    return $self;
}

# The sums of a user's transactions before an instant; without one of all.
sub sums {
    my ($self, $user, $before) = @_;
    my %sums = map { $_ => 0 } @types;
    for my $row (@{ $self->{rows} }) {
        $sums{ $row->{type} } += $row->{minor}
            if $row->{userId} eq $user
            && (!defined $before || $row->{us} < $before);
    }
    return \%sums;
}

sub figures {
    my ($sums) = @_;
    my $balance = $sums->{earned} - $sums->{spent} - $sums->{paid_out};
    return join ',', '"balance":' . amount($balance),
        map { "\"$_\":" . amount($sums->{$_}) } @types;
}

# What /user/{id} is to say, at an instant or now.
sub body {
    my ($self, $user, $before) = @_;
    return "{\"userId\":\"$user\"," . figures($self->sums($user, $before))
        . (defined $before ? ',"at":"' . instant($before) . '"' : '') . '}';
}

# A server, started, with `$conf` on the ledger's database.
sub serve {
    my ($self, $conf, %with) = @_;
    my $server = Ubal::Server->new(dbd => 0, %with);
    $server->start(dbd_of($self->{ingest}->db) . "DBDMax 64\n$conf");
    return $server;
}

1;
