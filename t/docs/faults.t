# Promise: each fault of a vendor that is foreseen has a test that makes it
# happen, named by its number.
use strict;
use warnings;
use FindBin;
use Test::More;

my %tests;
for my $path (glob "$FindBin::Bin/../{faults,ingest,life}/*.t") {
    open my $in, '<', $path or die "$path: $!";
    local $/;
    # In what is asserted, not in comments.
    my $text = <$in> =~ s/^\s*#.*$//gmr;
    $tests{$1}++ while $text =~ /\b(V\d+)\b/g;
}
ok $tests{"V$_"}, "V$_ has a test" for 1 .. 34;
is_deeply [grep { !/\AV(?:[1-9]|[12]\d|3[0-4])\z/ } sort keys %tests], [],
    'and no other is named';

done_testing;
