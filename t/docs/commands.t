# Promise: README.md and --help name the same commands and options.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Ingest;

my $readme = do {
    open my $in, '<', "$FindBin::Bin/../../README.md" or die "README.md: $!";
    local $/;
    <$in>;
};
my $ingest = Ubal::Ingest->new(url => 'http://127.0.0.1:9/');
my ($exit, $help) = $ingest->as_user(
    sub { exec $ingest->program, '--help' });
is $exit, 0, '--help';

my ($commands) = $help =~ /^Commands:\n(.*?)\n\n/ms;
my %known = map { $_ => 1 } $commands =~ /^  (\w+)/mg;
cmp_ok scalar keys %known, '>', 8, 'there are commands';
my ($table) = $readme =~ /^\| command \| what it does \|\n(.*?)\n\n/ms;
my %documented = map { $_ => 1 } $table =~ /`ubal-ingest (\w+)/g;
is_deeply [sort keys %documented], [sort keys %known],
    'each command is documented, and no other';

my %options = map { $_ => 1 } $help =~ /(--[a-z][a-z-]+)/g;
delete @options{qw(--help --version)};
for my $option (sort keys %options) {
    like $readme, qr/\Q$option\E\b/, "$option is documented";
}

done_testing;
