# Promise: README.md's example replies are what the module answers.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Ledger;

my $readme = do {
    open my $in, '<', "$FindBin::Bin/../../README.md" or die "README.md: $!";
    local $/;
    <$in>;
};
my ($section) = $readme =~ /^## What is answered\n(.*?)^## /ms;
my %examples = $section =~ /^    GET (\S+)\n    (\{.*\})$/gm;
cmp_ok scalar keys %examples, '>=', 5, 'README.md has examples';

my $us = 1_000_000;
my ($before, $after) = (1769817600 * $us, 1770026400 * $us);
my $ledger = Ubal::Ledger->new;
$ledger->store(map { +{ userId => '12', type => $_->[0], minor => $_->[1],
                        us => $_->[2] } }
    [earned => 10_000, $before], [spent => 50, $before],
    [earned => 110_000, $after], [spent => 29_975, $after],
    [payout => 20_000, $after], [paid_out => 15_825, $after]);
$ledger->cover(since => 1767225600 * $us, as_of => 1772323200 * $us);
my $server = $ledger->serve(<<'END');
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
END
for my $path (sort keys %examples) {
    my ($status, undef, $body) = $server->get($path);
    is $status, 200, "$path: found";
    is $body, $examples{$path}, "$path: as README.md has it";
}

done_testing;
