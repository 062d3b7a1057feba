# Promise: totals that are capped or left out, pages of another size than
# before and a page that was larger once do not end a range too early.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Fault;
use Ubal::Server qw(wait_for);

my @many = map { Ubal::Fault::item("t$_", int($_ / 10)) } 0 .. 1149;

for my $case (['capped at ten pages', sub { $_[0] > 1000 ? 1000 : $_[0] }],
              ['of the page alone', sub { $_[1] }]) {
    my ($name, $total) = @$case;
    Ubal::Fault::run("a total $name", sub {
        my ($plain) = @_;
        my ($here) = $plain->[2] =~ /"itemCount":(\d+)/;
        return (200, {}, $plain->[2] =~
            s/("totalItems":)(\d+)/$1 . $total->($2, $here)/er);
    }, items => \@many);
}

# Without totals, a daemon that is configured anew.
sub without {
    my ($plain) = @_;
    return (200, {}, $plain->[2] =~ s/,"meta":\{[^}]*\}//r);
}

{
    my $run = Ubal::Fault::make(\&without, items => \@many);
    my $ingest = $run->ingest;
    my $since = 'UbalSince ' . Ubal::Fault::stamp(100) . "\n";
    my $lines = $ingest->{lines} =~ s/^UbalSince.*\n//mr;
    $ingest->configure(lines => $lines . $since);
    $ingest->start;
    ok wait_for(sub { $ingest->covers($Ubal::Fault::begin + 100,
                                      $Ubal::Fault::begin + 120) }, 30),
        'pages of a hundred' or diag $run->log;
    $ingest->stop;
    $ingest->configure(lines => ($lines =~ s/PageSize 100/PageSize 50/r)
        . 'UbalSince ' . Ubal::Fault::stamp(0) . "\n");
    $ingest->start;
    $run->finish('then of fifty')->is_exact('then of fifty');
}

{
    my $large = 0;
    my $run = Ubal::Fault::run('a page that was larger once', sub {
        my ($plain, $number, $query, $vendor) = @_;
        my @reply = without($plain);
        if ($number == 1) {
            my @all = @many[0 .. 150];
            @reply = (200, {}, Ubal::Vendor::page(\@all));
        }
        return @reply;
    }, items => \@many);
}

{
    my $run = Ubal::Fault::run('empty lists without a total', sub {
        my ($plain) = @_;
        return if $plain->[2] !~ /"items":\[\]/;
        return without($plain);
    });
    my $as_of = $run->sqlite('SELECT as_of FROM coverage');
    $run->ingest->start;
    $run->finish('and more of them', sub {
        $run->sqlite('SELECT as_of FROM coverage') > $as_of + 5_000_000 });
    is $run->sqlite('SELECT count(*) FROM windows WHERE state = 2'), 0,
        'nothing is parked';
}

{
    my $run = Ubal::Fault::make(sub {
        my ($plain, $number, $query, $vendor) = @_;
        my $old = $vendor->flag('old') or return;
        $vendor->clear_flag('old');
        return (200, { Date => Ubal::Vendor::http_date(time - 86400) },
                $plain->[2]);
    });
    $run->ingest->start;
    ok wait_for(sub { $run->ingest->covers($Ubal::Fault::begin,
                                           $Ubal::Fault::begin) }, 30),
        'covered';
    $run->vendor->set_flag('old');
    $run->ingest->wait_log(qr/lacks a Date that goes on/);
    my $as_of = $run->sqlite('SELECT as_of FROM coverage');
    $run->finish('one old Date', sub {
        $run->sqlite('SELECT as_of FROM coverage') > $as_of + 2_000_000 })
        ->is_exact('one old Date');
}

done_testing;
