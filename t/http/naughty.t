# Ids that have broken programs: each that may be one is stored, answered under
# by every endpoint, and its user is never taken for another; the others are
# refused (C1, C2). Read with an independent parser of JSON.
use strict;
use warnings;
use FindBin;
use Encode qw(encode_utf8);
use JSON::PP ();
use Test::More;
use Ubal::Data;
use Ubal::Export qw(write_text);
use Ubal::Ingest;
use Ubal::Place qw(dbd_of);
use Ubal::Server;

my $json = JSON::PP->new->utf8->allow_bignum;
my $one = JSON::PP->new->utf8->allow_nonref;

my @ids = map { $one->decode($_) }
    grep { /^"/ } split /\n/,
    Ubal::Server::slurp("$FindBin::Bin/../lib/naughty.txt");
# The ends of all planes, and of what UTF-8 writes in so many bytes.
push @ids, map { chr $_ } 0xa0, 0x7ff, 0x800, 0xd7ff,
    map { ($_ << 16 | 0x100, $_ << 16 | 0xfffd) } 1 .. 16;
my %seen;
@ids = grep { !$seen{$_}++ } @ids;

# The rule, as README.md has it, written anew.
sub may_be_id {
    my ($id) = @_;
    my $length = length encode_utf8($id);
    return $length >= 1 && $length <= 128
        && $id !~ /[\x00-\x1f\x7f-\x9f\x{61c}\x{200e}\x{200f}]/
        && $id !~ /[\x{2028}-\x{202e}\x{2066}-\x{2069}]/;
}

sub show {
    my ($id) = @_;
    return length $id < 40 ? $one->ascii->encode($id)
        : $one->ascii->encode(substr $id, 0, 20) . '...';
}

sub escape {
    my ($id) = @_;
    return join '', map { sprintf '%%%02X', ord } split //, encode_utf8($id);
}

my @good = grep { may_be_id($_) } @ids;
my @bad = grep { !may_be_id($_) } @ids;
cmp_ok scalar @good, '>', 250, 'a list that is long';

# --- stored as a file of the vendor's --------------------------------------------

# Each has its own money, and a transaction with the user's id as its own.
my %money = map { $good[$_] => $_ + 1 } 0 .. $#good;
my $ingest = Ubal::Ingest->new(url => 'http://127.0.0.1:1/');
my $file = write_text($ingest->root . '/naughty.ndjson', join '', map {
    my $id = $_;
    my %item = (payout => $id, earned => length encode_utf8($id) < 128
                ? "$id-" : "long $money{$id}");
    map { $one->utf8->encode({ id => $item{$_},
        userId => $id, type => $_, createdAt => '2026-01-02T03:04:05Z',
        amount => $money{$id} }) . "\n" } sort keys %item
} @good);
my ($exit, $text) = $ingest->command('import', '--format', 'ndjson', $file);
is $exit, 0, 'stored' or diag $text;
is $ingest->sqlite('SELECT COUNT(*) FROM dead_letters'), 0, '... each of them';
is $ingest->sqlite('SELECT COUNT(*) FROM balances'), scalar @good,
    '... as a user of its own';
Ubal::Data->new($ingest->db)->cover(since => 1767225600_000000,
                                    as_of => 1772323200_000000);

my $server = Ubal::Server->new(dbd => 0);
$server->start(dbd_of($ingest->db) . <<"END");
LimitRequestLine 32768
<Location "/user">
    SetHandler ubal
    UbalUnknownUser 404
    Require all granted
</Location>
<Location "/payouts">
    SetHandler ubal-payouts
    Require all granted
</Location>
END

# The reply as data; dies where it is not strict JSON in UTF-8.
sub answer {
    my ($path) = @_;
    my ($status, $headers, $body) = $server->get($path);
    my $data = eval { $json->decode($body) };
    diag "$path: $status $@ $body" unless $data;
    return ($status, $data);
}

# --- in a path ------------------------------------------------------------------

# What httpd itself reads otherwise, before the handler: a slash, and dots.
my @in_path = grep { !m{/|\A\.\.?\z} } @good;
my ($wrong, @routes) = ('', '', '/payouts', '/history?step=month',
                        '?at=2026-02-01T00:00:00Z');
for my $route (@routes) {
    $wrong = '';
    for my $id (@in_path) {
        my ($status, $data) = answer('/user/' . escape($id) . $route);
        my $amount = $data->{earned} // $data->{totalPayoutAmount}
            // ($data->{items} // [])->[-1]{earned} // '-';
        $wrong .= show($id) . ' ' if $status != 200
            || $data->{userId} ne $id || $amount != $money{$id};
    }
    is $wrong, '', "C2: /user/{id}$route: each its own";
}
$wrong = '';
for my $id (@in_path) {
    my ($status, $data) = answer('/user/' . escape($id) . '/transactions');
    my @items = @{ $data->{items} // [] };
    $wrong .= show($id) . ' ' unless $status == 200 && $data->{userId} eq $id
        && @items == 2 && 2 == grep({ $_->{amount} == $money{$id} } @items)
        && grep { $_->{id} eq $id } @items;
}
is $wrong, '', 'C2: /user/{id}/transactions: each its own, ids exact';

# With as little encoded as HTTP allows, an id is the same.
$wrong = '';
for my $id (@in_path) {
    my $path = encode_utf8($id) =~ s/([\x00-\x20"%#?<>\\^`{|}\x7f-\xff])/
        sprintf '%%%02x', ord $1/gexr;
    my ($status, $data) = answer("/user/$path");
    $wrong .= show($id) . ' '
        if $status != 200 || $data->{userId} ne $id;
}
is $wrong, '', 'C2: written in another way: each its own';

for my $id (grep { m{/|\A\.\.?\z} } @good) {
    my ($status, undef, $body) = $server->get('/user/' . escape($id));
    cmp_ok $status, '>=', 400, 'C9: ' . show($id) . ' in a path: refused';
    unlike $body, qr/"earned"/, '... and nobody shown';
}

# --- in lists -------------------------------------------------------------------

for my $size (1, 7, 200) {
    my @left = @good;
    $wrong = '';
    while (my @some = splice @left, 0, $size) {
        my ($status, $data) =
            answer('/user?ids=' . join ',', map { escape($_) } @some);
        my @items = @{ $data->{items} // [] };
        $wrong .= join(' ', map { show($_) } @some) . ' '
            if $status != 200 || @items != @some
            || grep { $items[$_]{userId} ne $some[$_]
                      || $items[$_]{earned} != $money{ $some[$_] } }
               0 .. $#some;
    }
    is $wrong, '', "C2: /user?ids=, $size at once: each its own";
}

my ($next, %paid) = ('');
do {
    my ($status, $data) = answer("/payouts?limit=7$next");
    is $status, 200, 'a page of /payouts' if $status != 200;
    $paid{ $_->{userId} } = "$_->{amount}" for @{ $data->{items} };
    $next = $data->{next} && "&after=$data->{next}";
} while ($next);
is_deeply \%paid, { map { $_ => "$money{$_}" } @good },
    'C2: /payouts: each its own, page by page';

# --- in exports -----------------------------------------------------------------

# RFC 4180; an apostrophe stands before what a spreadsheet would calculate.
sub first_field {
    my ($line) = @_;
    my $field = $line =~ /\A"((?:[^"]|"")*)",/ ? $1 =~ s/""/"/gr
        : $line =~ /\A([^",]*),/ ? $1 : return;
    return $field =~ s/\A'(?=[=+\-\@'])//r;
}
my ($csv, $lines) = ('', '');
for my $id (@in_path) {
    my $path = '/user/' . escape($id) . '/transactions?type=payout';
    my ($status, undef, $body) = $server->get($path, { Accept => 'text/csv' });
    my $field = first_field((split /\r\n/, $body)[1]) // '-';
    $csv .= show($id) . ' ' if $field ne encode_utf8($id);
    (undef, undef, $body) =
        $server->get($path, { Accept => 'application/x-ndjson' });
    my $row = eval { $json->decode($body) };
    $lines .= show($id) . ' ' if !$row || $row->{id} ne $id;
}
is $csv, '', 'C2: CSV: each id as it is';
is $lines, '', 'C2: NDJSON: each id as it is';

# --- what is no id --------------------------------------------------------------

for my $id (@bad) {
    my $name = show($id);
    for my $route (@routes, '/transactions') {
        next if $id eq '' && $route =~ m{^/};
        my ($status, undef, $body) = $server->get('/user/' . escape($id)
                                                  . $route);
        # httpd itself does not find what has a NUL.
        is $status, $id =~ /\0/ ? 404 : 400, "C1: $name$route: refused";
        unlike $body, qr/"earned"|"items"|"totalPayoutAmount"/,
            '... nobody shown';
    }
    my ($status, $data) = answer('/user?ids=' . escape($good[0]) . ','
                                 . escape($id));
    is $status, 400, "C1: ids=, $name: refused";
    like $data->{detail}, qr/^parameter 'ids'.*2 /, '... named';
}
# Not UTF-8: overlong, surrogates, beyond, cut, alone.
for my $bytes ('%ff', '%fe', '%c0%af', '%c0%80', '%e0%80%af', '%f0%80%80%af',
               '%ed%a0%80', '%ed%b0%80', '%ed%a0%80%ed%b0%80', '%f4%90%80%80',
               '%f8%88%80%80%80', '%c3', '%e2%82', '%f0%9f%91', '%80', '1%80',
               '%c3%28', '%bf1') {
    is +($server->get("/user/$bytes"))[0], 400, "C1: $bytes: refused";
    is +(answer("/user?ids=$bytes"))[0], 400, '... in ids= too';
}
unlike $server->error_log, qr/exit signal|\[ubal:error\]/,
    'nothing of this was an error of the server';

done_testing;
