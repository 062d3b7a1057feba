# What a vendor hands over as a file: rows that are a function of their number,
# as CSV or NDJSON, and the money that they come to, summed up by the test.
#
#   my @rows = export_rows(1000, begin => $seconds, step => 60);
#   write_csv("$folder/x.csv", @rows);
#   is $ingest->money, money_of(@rows);
package Ubal::Export;
use strict;
use warnings;

use Carp qw(croak);
use Exporter qw(import);
use POSIX qw(strftime);

our @EXPORT_OK =
    qw(export_rows write_csv write_ndjson write_text money_of stamp);

my @types = qw(earned spent payout paid_out);

sub stamp { return strftime('%Y-%m-%dT%H:%M:%SZ', gmtime shift) }

# begin, step: seconds. id: what ids begin with. users: how many (7).
sub export_rows {
    my ($count, %with) = @_;
    my ($begin, $step) = @with{qw(begin step)};
    my $users = $with{users} // 7;
    return map {
        { id => ($with{id} // 'x') . sprintf('%06x', $_ * 7919 % 1048573),
          userId => 'u' . $_ * 31 % $users, type => $types[$_ * 13 % 4],
          createdAt => stamp($begin + $_ * ($step // 1)),
          amount => sprintf('%d.%02d', $_ * 37 % 500, $_ % 100) }
    } 0 .. $count - 1;
}

sub write_text {
    my ($path, $text) = @_;
    open my $out, '>:raw', $path or croak "$path: $!";
    print $out $text;
    close $out or croak "$path: $!";
    return $path;
}

my @fields = qw(id userId createdAt type amount);

sub write_csv {
    my ($path, @rows) = @_;
    return write_text($path, join '', map { "$_\n" } join(',', @fields),
                      map { join ',', @$_{@fields} } @rows);
}

sub write_ndjson {
    my ($path, @rows) = @_;
    return write_text($path, join '', map {
        my $row = $_;
        '{' . join(',', map {
            "\"$_\":" . ($_ eq 'amount' ? $row->{$_} + 0 : "\"$row->{$_}\"")
        } @fields) . "}\n"
    } @rows);
}

# As Ubal::Ingest::money gives it.
sub money_of {
    my %sums;
    for my $row (@_) {
        my ($whole, $part) = split /\./, $row->{amount};
        $sums{ $row->{userId} }{ $row->{type} } += $whole * 100 + $part;
    }
    return join "\n", map {
        my $user = $_;
        join '|', $user, map { $sums{$user}{$_} // 0 } @types
    } sort keys %sums;
}

1;
