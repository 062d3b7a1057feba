# Promise: whatever the bytes of a reply are, a page is stored whole or not at
# all, and the companion stays small (faults V6 to V8, V10 to V13, V30 and
# V34).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use IO::Compress::Gzip qw(gzip);
use Ubal::Fault;

{
    my $run = Ubal::Fault::run('V6 dribbles', Ubal::Fault::spoil(sub {
        return { body => $_[0][2], dribble => 0.2 };
    }), lines => "UbalTimeout 1s\n");
    like $run->log, qr/page 1: .*dribbles.*not tried again/i,
        'V6: given up in time';
}

my %cuts = (
    'Content-Length'  => { cut => 300 },
    'chunked'         => { cut => 300, chunked => 1 },
    'close-delimited' => { cut => 300, close_delimited => 1 },
);
for my $how (sort keys %cuts) {
    my $run = Ubal::Fault::run("V7 cut, $how", Ubal::Fault::spoil(sub {
        return { body => $_[0][2], %{ $cuts{$how} } };
    }));
    is $run->sqlite('SELECT count(*) FROM requests WHERE fault IS NOT NULL
                     AND seen = 0'), 1, "V7 $how: the page is refused whole";
}

{
    my $run = Ubal::Fault::run('V8 counts that contradict', Ubal::Fault::spoil(sub {
        return (200, {}, $_[0][2] =~ s/("itemCount":)\d+/${1}7/r);
    }));
    like $run->log, qr/split into \d+: the page contradicts its meta/,
        'V8: the window is split';
    cmp_ok $run->sqlite('SELECT new FROM requests WHERE id = ' . $run->spoiled),
        '==', 100,
        'V8: what it had is stored';
}

{
    gzip(\(' ' x 50_000_000), \my $bomb);
    my $run = Ubal::Fault::make(sub {
        my ($plain, $number) = @_;
        return (200, { 'Content-Encoding' => 'gzip' }, $bomb) if $number == 2;
        return (200, {}, '{"items":[' . ' ' x 50_000_000) if $number == 3;
        return;
    });
    $run->ingest->start;
    ok Ubal::Server::wait_for(sub { $run->ingest->covers(
        $Ubal::Fault::begin, $Ubal::Fault::begin) }, 60), 'V10: it goes on';
    my ($most) = Ubal::Server::slurp('/proc/' . $run->ingest->pid . '/status')
        =~ /VmHWM:\s+(\d+) kB/;
    $run->ingest->stop;
    $run->is_exact('V10 bombs');
    is $run->sqlite("SELECT count(*) FROM requests WHERE fault LIKE '%bytes%'"),
        2, 'V10: both are stopped at UbalMaxBody';
    # 16 MiB of body at most, held in a buffer that doubles, and the rest
    cmp_ok $most, '<', 80 * 1024, "V10: memory is bounded ($most kB at most)"
        if !$ENV{TEST_HTTPD};
}

{
    my @many = map { Ubal::Fault::item("m$_", $_ % 140) } 1 .. 2500;
    my $run = Ubal::Fault::run('V11 more than asked for', sub {
        my ($plain, $number, $query) = @_;
        return if $query->{startDate} gt Ubal::Fault::stamp(400);
        return (200, {}, Ubal::Vendor::page(\@many, total => 2500,
                                            limit => 2500));
    }, items => \@many);
    cmp_ok $run->sqlite('SELECT max(seen) FROM requests'), '==', 2500,
        'V11: accepted as one page';
}

{
    my $run = Ubal::Fault::run('V12 the same id on two pages', sub {
        my ($plain, $number, $query) = @_;
        return if $query->{page} != 2;
        my ($first) = $plain->[2] =~ /"items":\[(\{.*?\})[,\]]/ or return;
        my $twin = Ubal::Vendor::item_text((Ubal::Fault::steady())[0]);
        return (200, {}, $plain->[2] =~ s/"items":\[/"items":[$twin,/r
                =~ s/("itemCount":)(\d+)/$1 . ($2 + 1)/er);
    });
    cmp_ok $run->sqlite('SELECT sum(duplicate) FROM requests'), '>', 0,
        'V12: seen as a duplicate';
}

{
    my @first = Ubal::Fault::steady();
    my @changed = map { { %$_ } } @first[3 .. 6];
    $changed[0]{amount} = '99999.01';
    $changed[1]{type} = 'spent';
    $changed[2]{userId} = 'u99';
    $changed[3]{createdAt} = Ubal::Fault::stamp(7);
    my $run = Ubal::Fault::run('V13 another content', sub { return },
        items => [@first, @changed], stored => \@first);
    is $run->sqlite("SELECT reason FROM dead_letters
                     WHERE kind = 'conflict' AND state = 'open'
                     ORDER BY item_id"),
        join("\n", map { "its id is stored with another $_" }
             qw(amount type userId createdAt)),
        'V13: the first stands, each other is a conflict';
    is $run->sqlite('SELECT has_conflicts FROM coverage'), 1, 'V13: shown';
    my ($exit, $out) = $run->ingest->command('dead', 'drop', 1 .. 4);
    is $exit, 0, 'V13: decided' or diag $out;
    is $run->sqlite('SELECT has_conflicts FROM coverage'), 0,
        'V13: and not shown any more';
}

{
    # On the day after, when the first is long stored.
    local $Ubal::Fault::begin = time - 36 * 3600;
    my $run = Ubal::Fault::make(sub {
        my ($plain, $number, $query, $vendor) = @_;
        my $at = $vendor->flag('again') // return;
        my @again = (Ubal::Fault::item('t3', 0, createdAt => $at));
        return Ubal::Vendor::list_handler(sub { @again })
            ->('GET', '', $query);
    });
    my $again = POSIX::strftime('%Y-%m-%dT%H:%M:%S.000Z', gmtime(time + 3));
    $run->ingest->start;
    ok Ubal::Server::wait_for(sub { $run->ingest->covers(
        $Ubal::Fault::begin, $Ubal::Fault::begin + $Ubal::Fault::seconds) },
        60), 'V13 on a later day: the first is stored';
    $run->vendor->set_flag('again', $again);
    $run->finish('V13 on a later day', sub {
        $run->sqlite('SELECT has_conflicts FROM coverage') });
    $run->is_exact('V13 on a later day');
    is $run->sqlite("SELECT kind || ' ' || state FROM dead_letters"),
        'conflict open', 'V13 on a later day: one conflict';
}

for my $way (['the same page for ever', sub {
        my ($plain, $query, $list) = @_;
        return (200, {}, $list->(1));
    }], ['pages without end', sub {
        my ($plain, $query, $list) = @_;
        return (200, {}, $list->($query->{page})) if $query->{page} < 3;
        my @more = map { Ubal::Fault::item("t$_", $_ % 140) } 0 .. 99;
        return (200, {}, Ubal::Vendor::page(\@more));
    }], ['totalPages too low', sub {
        my ($plain) = @_;
        return (200, {}, $plain->[2] =~ s/("totalPages":)\d+/${1}1/r);
    }], ['totalPages too high', sub {
        my ($plain) = @_;
        return (200, {}, $plain->[2] =~ s/("totalPages":)\d+/${1}999/r);
    }]) {
    my ($name, $reply) = @$way;
    my $run = Ubal::Fault::run("V30 $name", sub {
        my ($plain, $number, $query) = @_;
        return if $number < 2 || $number > 9;
        return $reply->($plain, $query, sub {
            my ($page) = @_;
            my @in = (Ubal::Fault::steady())[($page - 1) * 100
                .. ($page == 1 ? 99 : 149)];
            return Ubal::Vendor::page(\@in, total => 150, page => $page,
                                      limit => 100);
        });
    });
    my $most = $run->sqlite('SELECT max(page) FROM requests');
    cmp_ok $most, '<', 100, "V30 $name: bounded";
}

{
    my $run = Ubal::Fault::run('V34 capped below the page size', sub {
        my ($plain, $number, $query) = @_;
        my @items = grep {
            my $at = Ubal::Vendor::padded($_->{createdAt});
            $at ge Ubal::Vendor::padded($query->{startDate})
                && $at lt Ubal::Vendor::padded($query->{endDate})
        } Ubal::Fault::steady();
        my $first = ($query->{page} - 1) * 30;
        my $last = List::Util::min($first + 29, $#items);
        return (200, {}, Ubal::Vendor::page(
            [$first > $#items ? () : @items[$first .. $last]],
            total => scalar @items, page => $query->{page}, limit => 30));
    });
    cmp_ok $run->sqlite('SELECT max(page) FROM requests'), '>=', 5,
        'V34: read on';
}

done_testing;
