# Promise: what README.md says an operator sees when something is wrong is
# what the program says.
use strict;
use warnings;
use FindBin;
use Test::More;

my $top = "$FindBin::Bin/../..";

sub text {
    my ($path) = @_;
    open my $in, '<', $path or die "$path: $!";
    local $/;
    return scalar <$in>;
}

# The sources, each sentence in one piece. What SQLite and curl say is in none.
my $says = join "\n", map { text($_) }
    glob "$top/ingest/*.c $top/mod_ubal/*.c $top/mod_ubal/*/*.[ch]";
$says =~ s/"\s*\n\s*"//g;
$says .= "\ndatabase or disk is full\ndatabase is locked"
    . "\ndatabase disk image is malformed\nSSL certificate problem: \n";

my ($table) = text("$top/README.md")
    =~ /^\| what is seen \| .*?\n(.*?)\n\n/ms;
my @seen = map { /\A\| (.*?) \|/ ? $1 =~ /`([^`]+)`/g : () }
    split /\n/, $table // '';
cmp_ok scalar @seen, '>', 10, 'there is a table';
for my $seen (@seen) {
    # Numbers are the vendor's own; headers are put together.
    for my $piece (split /\s*…\s*|\d+|: /, $seen) {
        $piece =~ s/\A\s+|\s+\z//g;
        next if $piece eq '';
        ok index($says, $piece) >= 0, "'$piece' is said";
    }
}

done_testing;
