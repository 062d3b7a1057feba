# Where a test's database is: an SQLite file, or with UBAL_TEST_DB=pgsql in the
# environment a database on the tests' PostgreSQL server, for which such a
# file's path stands. Knows where, not what is in it.
package Ubal::Place;
use strict;
use warnings;

use Digest::MD5 qw(md5_hex);
use Exporter qw(import);

our @EXPORT_OK = qw(is_pgsql postgres name_of params_of dbd_of);

sub is_pgsql { return ($ENV{UBAL_TEST_DB} // '') eq 'pgsql' }

sub postgres {
    require Ubal::Postgres;
    return Ubal::Postgres->shared;
}

# The name of the database that stands for the file.
sub name_of {
    my ($path) = @_;
    return 'at_' . md5_hex($path);
}

sub params_of {
    my ($path) = @_;
    return is_pgsql() ? postgres()->params(name_of($path))
                      : "file:$path?mode=ro";
}

# The lines that have mod_dbd read it.
sub dbd_of {
    my ($path) = @_;
    return 'DBDriver ' . (is_pgsql() ? 'pgsql' : 'sqlite3')
        . "\nDBDParams \"" . params_of($path) . "\"\n";
}

1;
