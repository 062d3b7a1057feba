# Promise: conf/deps does nothing where nothing is missing, installs what is
# as root, and else says what to ask for; never the package apache2.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Server qw(open_folder);

plan skip_all => 'no Debian here' unless -x '/usr/bin/dpkg-query';

my $deps = "$FindBin::Bin/../../conf/deps";
my $folder = open_folder();

sub tool {
    my ($name, $text) = @_;
    open my $out, '>', "$folder/$name" or die "$name: $!";
    print $out "#!/bin/sh\n$text\n";
    close $out;
    chmod 0755, "$folder/$name";
}

# Runs conf/deps where `$missing` are not installed, as user number `$uid`.
sub deps {
    my ($uid, $what, @missing) = @_;
    my $missing = join '|', @missing, 'none-such';
    tool('dpkg-query', "/usr/bin/dpkg-query \"\$@\" | grep -Ev '($missing)\$'");
    tool('apt-get', "echo \"apt-get \$*\" >&2");
    tool('id', "echo $uid");
    tool('sudo', 'exit 1');
    local $ENV{PATH} = "$folder:$ENV{PATH}";
    my $text = qx("$deps" $what 2>&1 </dev/null);
    return ($? >> 8, $text);
}

my ($exit, $text) = deps(1000, 'run');
is "$exit$text", '0', 'nothing missing: nothing done and nothing said';

($exit, $text) = deps(0, 'run', 'libjansson-dev', 'apache2-dev');
is $exit, 0, 'root installs';
like $text, qr/^apt-get.* install .*apache2-dev libjansson-dev$/m,
    'what is missing';
unlike $text, qr/ apache2( |$)/m, 'never apache2';
unlike $text, qr/ sqlite3( |$)/m, 'nor what is there';

($exit, $text) = deps(1000, 'run', 'libjansson-dev');
is $exit, 1, 'without root it fails';
like $text, qr/^ *apt-get install \S+ libjansson-dev$/m,
    'and says what to ask for';

is +(deps(0, 'nonsense'))[0], 2, 'a word that it does not know';

done_testing;

END { File::Path::remove_tree($folder) if defined $folder }
