# Promise: conf/openapi.yaml is a sound OpenAPI description of all paths and
# parameters that the handlers know, and of no other.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Prism qw(node_folder yaml);
use Ubal::Server;

my $top = "$FindBin::Bin/../..";
my $description = "$top/conf/openapi.yaml";

my $node = node_folder();
my $text = qx("$node/node_modules/.bin/spectral" lint --quiet \\
    -r "$node/.spectral.yaml" --fail-severity hint "$description" 2>&1);
is $?, 0, 'Spectral finds nothing' or diag $text;

# --- what the sources have ---------------------------------------------------

# Tables of the handler: a route and its parameters. Where they are written
# otherwise than this reads, nothing is found, which fails below.
my (%tables, %routes);
for my $path (glob "$top/mod_ubal/mod_ubal*.c") {
    my $source = Ubal::Server::slurp($path);
    while ($source =~ /ubal_query_parameter_t (\w+)\[\] = \{(.*?)\};/gs) {
        my ($name, $rows) = ($1, $2);
        $tables{$name} = [$rows =~ /\.name = "(\w+)"/g];
    }
}
my %mount = (of_mount => '/user', of_user => '/user/{id}',
             of_payouts => '/payouts');
my $source = Ubal::Server::slurp("$top/mod_ubal/mod_ubal_handler.c");
while ($source =~ /endpoint_t (\w+)(?:\[\])? = (\{.*?\});/gs) {
    my ($table, $rows) = ($1, $2);
    ok $mount{$table}, "$table is a table known here";
    while ($rows =~ /\{\s*"(\w*)",\s*\w+,\s*(\w+)\}/g) {
        my ($route, $parameters) = ($1, $2);
        my $path = $mount{$table} . ($route eq '' ? '' : "/$route");
        ok $parameters eq 'NULL' || $tables{$parameters},
            "$path: the table of its parameters is found";
        $routes{$path} = [sort @{ $tables{$parameters} // [] }];
    }
}

# --- what is described -------------------------------------------------------

my $api = yaml($description);

sub resolve {
    my ($node) = @_;
    my $ref = ref $node eq 'HASH' && $node->{'$ref'} or return $node;
    my $at = $api;
    $at = $at->{$_} for split m{/}, $ref =~ s{\A#/}{}r;
    return resolve($at);
}

my %described;
for my $path (keys %{ $api->{paths} }) {
    my $item = $api->{paths}{$path};
    is_deeply [sort keys %$item],
        [sort 'get', $item->{parameters} ? 'parameters' : ()],
        "$path: GET alone is described";
    $described{$path} = [sort map { $_->{name} }
        grep { $_->{in} eq 'query' }
        map { resolve($_) } @{ $item->{parameters} // [] },
        @{ $item->{get}{parameters} // [] }];
}
is_deeply \%described, \%routes,
    'described are the paths and parameters that there are, and no other';

done_testing;
