# Promise: README.md documents each directive that the module has and no
# other, in httpd's manner.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Server;

my $readme = do {
    open my $in, '<', "$FindBin::Bin/../../README.md" or die "README.md: $!";
    local $/;
    <$in>;
};

# name => its section
my %documented = $readme =~ /^### `(<?Ubal\w+>?)`\n(.*?)(?=^##)/gms;

my $server = Ubal::Server->new(ubal => 1, ingest_program => 0);
my ($exit, $list) = $server->configtest('', '-L');
is $exit, 0, 'httpd lists its directives' or diag $list;
my @known = $list =~ /^(<?Ubal\w+)>? \((?:[^)]*\/)?mod_ubal\w*\.c\)/gm;
cmp_ok scalar @known, '>', 10, 'the module has directives';

is_deeply [sort keys %documented],
    [sort map { /^</ ? "$_>" : $_ } @known],
    'the documented ones are those that there are';

for my $name (sort keys %documented) {
    my $section = $documented{$name};
    my $bare = $name =~ s/[<>]//gr;
    my @missing = grep { $section !~ /^\*\*$_:\*\* \S/m }
        qw(Description Syntax Context), $name =~ /^</ ? () : 'Default';
    is "@missing", '', "$name: complete";
    like $section, qr/^\*\*Syntax:\*\* `<?\Q$bare\E /m, "$name: its syntax";
}

done_testing;
