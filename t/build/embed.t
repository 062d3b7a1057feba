# Promise: the SQL that is compiled in is the SQL of the files, without
# comments and with nothing in quotes touched.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Server qw(open_folder);

my $folder = open_folder();
mkdir "$folder/migrations" or die;

sub put {
    my ($name, $text) = @_;
    open my $out, '>', "$folder/$name" or die "$name: $!";
    print $out $text;
    close $out;
}

sub embed {
    my $text = qx("$FindBin::Bin/../../mod_ubal/store/sql/embed" \\
                  "$folder" "$folder/out" 2>&1);
    return ($? >> 8, $text);
}

sub made {
    my ($name) = @_;
    my $text = Ubal::Server::slurp("$folder/out.$name");
    $text =~ s/"\n\s*"//g;
    return $text;
}

put('one.sql', <<'END');
-- What it is for; don't keep.
SELECT a,  'it''s -- "not"  a comment', "odd  name" -- nor this
  FROM t WHERE a - 1 = ? ;
END
put('two.sql', "SELECT 2\n");
put('two.pgsql.sql', "-- Kept: it is dear.\nSELECT 'pg'\n");
put('migrations/0001.sqlite.sql',
    "CREATE TABLE t (a);\n\n-- and\nCREATE TABLE u (b);\n");
is +(embed())[0], 0, 'it works';
like made('h'), qr/UBAL_SQL_ONE,\s+UBAL_SQL_TWO,\s+UBAL_SQL_COUNT/,
    'each file has its name';
my $one = q(SELECT a, 'it''s -- \"not\"  a comment', \"odd  name\" )
    . q(FROM t WHERE a - 1 = ?);
like made('c'), qr/\{"one",\s+"\Q$one\E",\s+"\Q$one\E",\s+0\}/,
    'comments and line ends go, quotes stay, the last semicolon goes';
like made('c'), qr/\{"two",\s+"SELECT 2",\s+"SELECT 'pg'",\s+1\}/,
    'one database can have a text of its own, and is to keep it';
like made('c'), qr/\{1,\s+"CREATE TABLE t \(a\); CREATE TABLE u \(b\);",\s+NULL/,
    'a migration is a script';
like made('c'), qr/ubal_migration_count = 1;/, 'and counted';

put('migrations/0003.sqlite.sql', "SELECT 1;\n");
my ($exit, $text) = embed();
isnt $exit, 0, 'a hole in the numbers is refused';
like $text, qr/number is missing/, 'and said';
unlink "$folder/migrations/0003.sqlite.sql";
put('Odd-Name.sql', "SELECT 1\n");
isnt +(embed())[0], 0, 'an odd name is refused';

done_testing;

END { File::Path::remove_tree($folder) if defined $folder }
