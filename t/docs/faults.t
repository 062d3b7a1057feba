# Promise: each fault that is foreseen of a vendor, of a client, and of the
# database under reads has a test that makes it happen, named by its number.
use strict;
use warnings;
use FindBin;
use Test::More;

# Of the others some are tested without the number, or not possible yet.
my %last = (V => 34, C => 9);
my @named = (map({ "V$_" } 1 .. 34), map({ "C$_" } 1 .. 6, 8, 9),
             qw(D1 D6 D7 D11 P4));

my %tests;
for my $path (glob "$FindBin::Bin/../{faults,http,ingest,life}/*.t") {
    open my $in, '<', $path or die "$path: $!";
    local $/;
    # In what is asserted, not in comments.
    my $text = <$in> =~ s/^\s*#.*$//gmr;
    $tests{$1}++ while $text =~ /\b(V\d+)\b/g;
    # "D1: locked ...": C3 alone can be a byte.
    $tests{$1}++ while $text =~ /['"]([CDP]\d+): /g;
}
ok $tests{$_}, "$_ has a test" for @named;
is_deeply [grep { /\A([CV])(\d+)/ && ($2 < 1 || $2 > $last{$1}) }
           sort keys %tests], [], 'and no other is named';

done_testing;
