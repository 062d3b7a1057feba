# A walk through a user's transactions shows what was stored when it began,
# each once and in order, whatever filters it has and whatever is stored
# meanwhile; over a restart too. After a restore it shows that, or refuses.
use strict;
use warnings;
use File::Copy qw(copy);
use JSON::PP qw(decode_json);
use Test::More;
use Ubal::Data;
use Ubal::Place qw(is_pgsql name_of postgres);
use Ubal::Ledger qw(instant);
use Ubal::Server;

my $second = 1_000_000;
my $begin = 1772323200 * $second;
my @types = qw(earned spent payout paid_out);
my $seed = 12345;
my $ids = 0;

# Numbers that are the same in each run.
sub any {
    my ($below) = @_;
    $seed = ($seed * 1103515245 + 12345) % 2**31;
    return int($seed / 65536) % $below;
}

# Few instants, so that many rows share one; ids in no order.
sub row {
    my ($user) = @_;
    return [$user, sprintf('%x', ++$ids * 40503 % 65536),
            $begin + any(12) * $second + any(2), $types[any(4)],
            any(100_000) - 1000, 1 + any(2)];
}

my $server = Ubal::Server->new;
my $data = Ubal::Data->new($server->db)->create
    ->cover(since => $begin, as_of => $begin + 3600 * $second);
$data->commit(map { row($_ % 3 ? 'u' : 'v') } 1 .. 300);
$server->start(<<'END');
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
END

# The rows that a filter lets through, as the sqlite3 program finds them.
sub expected {
    my ($user, %filter) = @_;
    my $desc = ($filter{order} // 'desc') eq 'desc' ? ' DESC' : '';
    my @where = ("user_id = '$user'",
        defined $filter{from} ? "created_at >= $filter{from}" : (),
        defined $filter{to} ? "created_at < $filter{to}" : (),
        defined $filter{type} ? "type = $filter{type}" : ());
    return join "\n", map { my @part = split /\|/;
        join '|', $part[0], instant($part[1]), $types[$part[2]], $part[3] }
        split /\n/, $data->sql('SELECT id, created_at, type, amount FROM '
            . 'transactions WHERE ' . join(' AND ', @where) . ' ORDER BY '
            . join(', ', map { "$_$desc" } qw(created_at vendor id)));
}

sub path_of {
    my ($user, $limit, %filter) = @_;
    return "/user/$user/transactions?" . join '&',
        defined $limit ? "limit=$limit" : (),
        map { defined $filter{$_} ? "$_="
              . ($_ eq 'type' ? $types[$filter{$_}]
                 : $_ eq 'order' ? $filter{$_} : instant($filter{$_})) : () }
        sort keys %filter;
}

# `minor` of a decimal of scale 2.
sub minor { return sprintf '%.0f', 100 * $_[0] }

# Walks on from `$path`, calling `$between` before each page but the first.
sub walk {
    my ($path, $between) = @_;
    my @seen;
    while (1) {
        my ($status, $headers, $body) = $server->get($path);
        return "$path: $status $body" unless $status == 200;
        push @seen, map { join '|', @$_{qw(id createdAt type)},
                          minor($_->{amount}) }
            @{ decode_json($body)->{items} };
        return join "\n", @seen unless $headers->{link};
        ($path) = $headers->{link} =~ /<(.*)>/;
        $between->();
    }
}

for my $n (1 .. 40) {
    my %filter;
    my ($from, $to) = sort { $a <=> $b }
        map { $begin + any(13) * $second + any(2) } 1, 2;
    $filter{from} = $from if any(2);
    $filter{to} = $to if any(2);
    $filter{type} = any(4) if any(2);
    $filter{order} = any(2) ? 'asc' : 'desc' if any(3);
    my $user = any(3) ? 'u' : 'v';
    my $limit = 1 + any(any(2) ? 4 : 40);
    my $expected = expected($user, %filter);
    my $late = $limit < 5 ? 1 : 5;
    my $got = walk(path_of($user, $limit, %filter), sub {
        $data->commit(map { row($_ % 4 ? $user : 'w') } 1 .. $late)
            unless any($limit < 5 ? 8 : 2);
    });
    is $got, $expected, path_of($user, $limit, %filter) . ': as it began';

    my ($status, undef, $csv) = $server->get(path_of($user, undef, %filter),
                                             { Accept => 'text/csv' });
    is join("\n", map { my @field = split /,/;
                join '|', @field[0 .. 2], minor($field[3]) }
            split /\r\n/, $csv =~ s/\A.*?\r\n//r),
        expected($user, %filter), '... and all that there is, as a file';
}
cmp_ok $data->sql("SELECT COUNT(*) FROM transactions"), '>', 400,
    'rows came late, many of them';
cmp_ok $data->sql('SELECT MAX(c) FROM (SELECT COUNT(*) AS c FROM transactions '
    . "WHERE user_id = 'u' GROUP BY created_at) AS a"), '>', 10,
    'pages end within an instant';

# A restart of httpd, and a new owner of the database, which goes on with it.
sub first_page {
    my ($limit) = @_;
    my ($status, $headers) = $server->get(path_of('u', $limit));
    return $headers->{link} =~ /<(.*)>/ ? $1 : die 'no link';
}
$data->sql("INSERT INTO owners SELECT commit_seq + 1, 'first' FROM coverage");
$data->commit(row('u'));
my $expected = expected('u');
my $next = first_page(50);
$server->restart;
$data->sql("INSERT INTO owners SELECT commit_seq + 1, 'second' FROM coverage");
is walk($next, sub { $data->commit(row('u')) }),
    join("\n", (split /\n/, $expected)[50 .. ($expected =~ tr/\n//)]),
    'a cursor outlives a restart and an owner';

# A copy of the database, and that in its place; httpd is away.
sub keep_copy {
    my $name = name_of($server->db);
    return postgres()->sql('postgres', "CREATE DATABASE copy_of_$name "
        . "TEMPLATE $name") if is_pgsql();
    $data->sql('PRAGMA wal_checkpoint(TRUNCATE)');
    copy($server->db, $server->root . '/copy.db') or die $!;
}

sub take_copy {
    my $name = name_of($server->db);
    if (is_pgsql()) {
        postgres()->drop($name);
        postgres()->sql('postgres',
                        "ALTER DATABASE copy_of_$name RENAME TO $name");
        return;
    }
    unlink map { $server->db . $_ } '-wal', '-shm';
    open my $in, '<:raw', $server->root . '/copy.db' or die $!;
    open my $out, '>:raw', $server->db or die $!;
    print $out do { local $/; <$in> };
    close $out or die $!;
}

# A restore: what was not stored in it yet is not walked.
$server->stop;
keep_copy();
$server->start;
my $known = first_page(50);
my $before = expected('u');
$data->commit(row('u'), row('v')) for 1 .. 3;
my $unknown = first_page(50);
$server->stop;
take_copy();
$server->start;

sub refused {
    my ($name) = @_;
    my ($status, $headers, $body) = $server->get($unknown);
    is $status, 400, "$name: 400";
    like $body, qr/parameter 'after'/, '... that names it';
}
refused('a cursor of what a restore has undone');
$data->sql("INSERT INTO owners SELECT commit_seq + 1, 'third' FROM coverage");
$data->commit(row('u'), row('v')) for 1 .. 5;
refused('... also when others have its commit numbers');
is walk($known, sub { $data->commit(row('u')) }),
    join("\n", (split /\n/, $before)[50 .. ($before =~ tr/\n//)]),
    'a cursor of what the copy has goes on';

done_testing;
