# Promise: a vendor that refuses, fails or says something else loses and
# doubles nothing, and is not hammered (faults V1 to V5 and V9).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Fault;
use Ubal::Server qw(wait_for);

# Seconds between the end of request `$number` and the start of the next.
sub pause_after {
    my ($run, $number) = @_;
    my @seen = $run->vendor->arrivals;
    return $seen[$number]{start} - $seen[$number - 1]{end};
}

{
    my $run = Ubal::Fault::run('V1 Retry-After', sub {
        my ($plain, $number) = @_;
        return (429, { 'Retry-After' => 3 }, '') if $number == 2;
        return (429, { 'Retry-After' => Ubal::Vendor::http_date(time + 4) }, '')
            if $number == 3;
        return;
    });
    cmp_ok pause_after($run, 2), '>=', 3, 'V1: seconds are waited';
    cmp_ok pause_after($run, 3), '>=', 3, 'V1: until the date is waited';
    is $run->sqlite('SELECT count(*) FROM requests WHERE status = 429'), 2,
        'V1: it cost a slot';
}

{
    my $run = Ubal::Fault::make(sub {
        return (429, { 'Retry-After' => '99999999999' }, '');
    });
    $run->ingest->start;
    $run->ingest->wait_log(qr/not tried again before/);
    $run->ingest->stop;
    my ($year, $month, $day) = $run->log =~
        /not tried again before (\d{4})-(\d\d)-(\d\d)T/;
    my $wait = (POSIX::mktime(0, 0, 0, $day, $month - 1, $year - 1900)
                - time) / 86400;
    cmp_ok $wait, '<', 2.5, 'V1: an absurd Retry-After is capped at a day';
}

{
    my $run = Ubal::Fault::make(sub {
        my ($plain, $number) = @_;
        return (429, { 'Retry-After' => 8 }, '') if $number == 2;
        return;
    });
    $run->ingest->start;
    $run->ingest->wait_log(qr/answered 429/);
    $run->ingest->stop('KILL');
    my ($exit, $out) = $run->ingest->command('status');
    like $out, qr/asked for a pause: the next request waits until \d{4}-/,
        'V1: status says so';
    my $from = length $run->log;
    $run->ingest->start;
    $run->ingest->wait_log(qr/fetching for/, 20, $from);
    $run->finish('V1 in spite of a restart')
        ->is_exact('V1 in spite of a restart');
    cmp_ok pause_after($run, 2), '>=', 8, 'V1: a restart forgets no wait';
}

{
    my $run = Ubal::Fault::run('V2 without Retry-After', sub {
        my ($plain, $number) = @_;
        return (429, {}, '') if $number == 2;
        return;
    });
    cmp_ok pause_after($run, 2), '>=', $Ubal::Fault::period,
        'V2: a period at least is waited';
}

{
    my @codes = (500, 502, 503, 504);
    my $run = Ubal::Fault::run('V3 fails', sub {
        my ($plain, $number) = @_;
        my $code = $codes[$number - 2];
        return ($code, {}, 'out of order') if $number >= 2 && defined $code;
        return;
    });
    is $run->sqlite('SELECT status FROM requests WHERE status > 200
                     ORDER BY id'), "500\n502\n503\n504",
        'V3: each is written down';
}

{
    my $run = Ubal::Fault::make(sub {
        my ($plain, $number, $query, $vendor) = @_;
        return (503, {}, '') if $vendor->flag('down');
        return;
    });
    my $ingest = $run->ingest;
    $ingest->start;
    ok wait_for(sub { $ingest->covers($Ubal::Fault::begin,
                                      $Ubal::Fault::begin) }, 30), 'covered';
    $run->vendor->set_flag('down');
    my $from = length $run->log;
    $ingest->wait_log(qr/(?:answered 503.*){3}/s, 30, $from);
    my $as_of = $run->sqlite('SELECT as_of FROM coverage');
    my $parked = $run->sqlite('SELECT count(*) FROM windows WHERE state = 2');
    $ingest->wait_log(qr/(?:answered 503.*){5}/s, 60, $from);
    is $run->sqlite('SELECT as_of FROM coverage'), $as_of,
        'V3: as-of stands still';
    is $parked, 0, 'V3: an outage parks nothing';
    $run->vendor->clear_flag('down');
    $run->finish('V3 healed', sub {
        $run->sqlite('SELECT as_of FROM coverage') > $as_of })
        ->is_exact('V3 healed');
}

for my $code (401, 403) {
    my $run = Ubal::Fault::make(sub {
        my ($plain, $number) = @_;
        return ($code, {}, 'no') if $number == 2;
        return;
    });
    $run->ingest->start;
    $run->ingest->wait_log(qr/answered $code/);
    my ($exit, $out) = $run->ingest->command('status');
    like $out, qr/last fault\s+.*credentials/, "V4 $code: status says so";
    $run->finish("V4 $code")->is_exact("V4 $code");
    cmp_ok pause_after($run, 2), '>=', 5 * $Ubal::Fault::period,
        "V4 $code: no hammering";
}

for my $code (404, 410) {
    my $run = Ubal::Fault::run("V5 $code", sub {
        my ($plain, $number) = @_;
        return ($code, {}, 'no') if $number == 2 || $number == 3;
        return;
    });
    like $run->log, qr/$code.*UbalURL/, "V5 $code: the configuration is named";
}

{
    my $run = Ubal::Fault::run('V9 HTML', sub {
        my ($plain, $number) = @_;
        return (200, { 'Content-Type' => 'text/html' },
                "<html>\e[31m<b>login</b>") if $number == 2;
        return;
    });
    like $run->log, qr/it begins '<html>\\x1b\[31m/, 'V9: shown escaped';
    is $run->sqlite("SELECT count(*) FROM requests WHERE fault LIKE '%html%'
                     AND seen = 0"), 1, 'V9: nothing of it is stored';
}

done_testing;
