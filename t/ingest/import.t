# Promise: import stores what a file has, once, exactly, and says what it could
# not; what is malformed is named by its line, what would count money twice is
# refused, and coverage grows only where that is asked for.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Export qw(export_rows write_csv write_ndjson write_text money_of);
use Ubal::Ingest;

my $begin = 1735689600; # 2025-01-01
my @rows = export_rows(9000, begin => $begin, step => 30);
my $header = "id,userId,createdAt,type,amount\n";
my $nobody = 'http://127.0.0.1:1/';

sub fresh { return Ubal::Ingest->new(url => $nobody, @_) }

sub passes {
    my ($ingest, $what, @words) = @_;
    my ($exit, $text) = $ingest->command('import', @words);
    is $exit, 0, "$what: done" or diag $text;
    return $text;
}

sub is_refused {
    my ($ingest, $what, $pattern, @words) = @_;
    my ($exit, $text) = $ingest->command('import', @words);
    is $exit, 2, "$what: refused";
    like $text, $pattern, "$what: why";
}

sub verifies {
    my ($ingest, $what) = @_;
    my ($exit, $text) = $ingest->command('verify');
    is $exit, 0, "$what: verify" or diag $text;
}

sub count { return $_[0]->sqlite("SELECT count(*) FROM $_[1]") }

# A file as it should be, twice, in both formats
{
    my $ingest = fresh();
    my $csv = write_csv($ingest->root . '/x.csv', @rows);
    like passes($ingest, 'CSV', $csv), qr/9000 rows, 9000 new/,
        'CSV: says how many';
    is $ingest->money, money_of(@rows), 'CSV: the money is right';
    verifies($ingest, 'CSV');
    is count($ingest, 'windows'), 0, 'CSV: nothing is taken for covered';
    like passes($ingest, 'again', $csv), qr/ 0 new, 9000 duplicates/,
        'again: all is there already';
    my $json = write_ndjson($ingest->root . '/x.ndjson', @rows);
    like passes($ingest, 'NDJSON', '--json', $json),
        qr/"rows":9000,"new":0,"duplicates":9000/, 'NDJSON: the same rows';
    is $ingest->money, money_of(@rows), 'and the same money';
    is count($ingest, 'dead_letters'), 0, 'without a dead letter';
    verifies($ingest, 'all');
    my ($exit, $status) = $ingest->command('status', '--json');
    like $status, qr/"requests":0,/, 'an import is no request';
}

# RFC 4180
{
    my $ingest = fresh();
    my $path = write_text($ingest->root . '/q.csv', "\xef\xbb\xbf"
        . "note,amount,type,createdAt,userId,id\r\n"
        . "\"a \"\"note\"\", long\r\n and two lines\",1.50,earned,"
        . "2025-01-01,\"O\"\"Brien, 7\",q1\r\n\r\n"
        . ",-0.5,spent,2025-01-01 10:00:00,\"O\"\"Brien, 7\",q2\n"
        . ",\"2\",paidOut,1735732800,\xc3\xa9,q3");
    is_refused($ingest, 'no line end', qr/line 6: it has no line end/, $path);
    is count($ingest, 'transactions'), 2,
        'no line end: what comes before is stored';
    write_text($path, Ubal::Server::slurp($path) . "\n");
    passes($ingest, 'quotes', $path);
    is $ingest->money, "O\"Brien, 7|150|-50|0|0\n\xc3\xa9|0|0|0|200",
        'quotes, line ends, a byte order mark, other columns and order';
}

# What cannot be stored
{
    my $ingest = fresh();
    my $path = write_text($ingest->root . '/d.csv', $header
        . "a1,u,2025-01-01,earned,1.00\n"
        . "a2,u,2025-02-30,earned,1.00\n"
        . "a3,u,2025-01-01,refund,1.00\n"
        . "a4,u,2025-01-01,earned,1.005\n"
        . "a5,u,2025-01-01,earned,\"12,34\"\n"
        . ",u,2025-01-01,earned,1.00\n"
        . ",u,2025-01-01,earned,1.00\n"
        . "a6,u,2025-01-01,earned\n"
        . "a7,u\xff,2025-01-01,earned,1.00\n"
        . "a1,u,2025-01-01,earned,2.00\n"
        . "a1,u,2025-01-01,earned,1.00\n");
    like passes($ingest, 'dead', $path),
        qr/11 rows, 1 new, 1 duplicates, 8 dead, 1 conflicts/,
        'each is told apart';
    is $ingest->money, 'u|100|0|0|0', 'dead: only what is sound counts';
    is $ingest->sqlite("SELECT raw, reason FROM dead_letters"
                       . " WHERE item_id = 'a3'"),
        "a3,u,2025-01-01,refund,1.00|type: 'refund' is unknown",
        'dead: its bytes and the reason';
    is $ingest->sqlite('SELECT count(*) FROM dead_letters'
                       . ' WHERE item_id IS NULL'),
        3, 'dead: equal ones without an id are two';
    is $ingest->sqlite("SELECT reason FROM dead_letters"
                       . " WHERE kind = 'conflict'"),
        'its id is stored with another amount', 'dead: a conflict';
    passes($ingest, 'dead again', $path);
    is count($ingest, 'dead_letters'), 9, 'dead again: none is written twice';
    verifies($ingest, 'dead');
    my ($exit, $status) = $ingest->command('status');
    like $status, qr/dead        8, conflicts 1/, 'dead: status says so';
}

# NDJSON as it should not be
{
    my $ingest = fresh();
    my $line = '{"id":"n1","userId":7,"createdAt":"2025-01-01",'
        . '"type":"earned","amount":90071992547.93}';
    my $path = write_text($ingest->root . '/n.ndjson', "$line\r\n\n"
        . '{"id":"n2","userId":"7","type":"earned","amount":1}' . "\n"
        . '{"id":"n3","id":"n4"}' . "\n"
        . '{"id":"n5","userId":"7","createdAt":"2025-01-01",'
        . '"type":"spent","amount":"0.07"}');
    like passes($ingest, 'NDJSON', $path), qr/4 rows, 2 new.* 2 dead/,
        'NDJSON: sound and dead';
    is $ingest->money, '7|9007199254793|7|0|0', 'NDJSON: from the digits';
    write_text($path, "$line\n{\"id\":\"n6\",\n");
    is_refused($ingest, 'cut NDJSON', qr/line 2: the JSON object does not end/,
               $path);
    write_text($path, "$line\nbase64:e30=\n");
    is_refused($ingest, 'no JSON', qr/line 2: no JSON object/, $path);
    verifies($ingest, 'NDJSON');
}

# Malformed: the line, and nothing lost
{
    my $ingest = fresh();
    my $path = $ingest->root . '/m.csv';
    my $good = "m1,u,2025-01-01,earned,1.00\n";
    my @bad = (
        ['no header', '', qr/line 1: it has no header/],
        ['no column', "id,userId,createdAt,amount\n$good",
         qr/line 1: the header has no column type; it has id, userId/],
        ['twice', "id,id,userId,createdAt,type,amount\n",
         qr/line 1: the header has the column id twice/],
        ['open quote', "$header${good}m2,\"u,2025-01-01,earned,1.00\n$good",
         qr/line 3: a quote is never closed/],
        ['stray quote', "$header$good${good}m2,u\"x,2025-01-01,earned,1.0\n",
         qr/line 4: a quote stands in a field/],
        ['bare CR', "$header${good}m3,u\r,2025-01-01,earned,1.0\n",
         qr/line 3: a carriage return/],
        ['long line', $header . $good . 'x' x 70000 . "\n$good",
         qr/line 3: it is longer than 65536 bytes/],
    );
    for my $bad (@bad) {
        my ($what, $text, $pattern) = @$bad;
        write_text($path, $text);
        is_refused($ingest, $what, $pattern, $path);
    }
    is $ingest->money, 'u|100|0|0|0', 'what comes before is stored, once';
    is_refused($ingest, 'no file', qr/cannot read/, $ingest->root . '/none');
    is_refused($ingest, 'a folder', qr/is no file/, $ingest->root);
    is_refused($ingest, 'no vendor', qr/no such vendor; there are: t/,
               '--vendor', 'other', $path);
    is_refused($ingest, 'format', qr/it is csv or ndjson/, '--format', 'xml',
               $path);
    is_refused($ingest, 'no name', qr/which file/);
}

# Standard input
{
    my $ingest = fresh();
    my $csv = write_csv($ingest->root . '/x.csv', @rows);
    for my $what ("cat $csv |", "<$csv") {
        my $command = join ' ', $ingest->program, 'import', '-', '--config',
            $ingest->config;
        my ($exit, $text) = $ingest->as_user(sub {
            exec '/bin/sh', '-c',
                $what =~ /\|/ ? "$what $command" : "$command $what";
        });
        is $exit, 0, "$what: done" or diag $text;
        is $ingest->money, money_of(@rows), "$what: the money is right";
    }
    is_deeply [grep { /import/ } glob($ingest->root . '/data/.*')], [],
        'what was kept of it is gone';
}

# Coverage, and the wrong file
{
    my $ingest = fresh();
    my $csv = write_csv($ingest->root . '/x.csv', @rows);
    my ($from, $to) = ('2025-01-01T00:10:00Z', '2025-01-03T12:30:00Z');
    is_refused($ingest, '--from alone', qr/go together/, '--from', $from, $csv);
    is_refused($ingest, 'turned', qr/must be earlier/, '--from', $to, '--to',
               $from, $csv);
    is_refused($ingest, 'the future', qr/in the future/, '--from', $from,
               '--to', '2999-01-01', $csv);
    is_refused($ingest, 'another time', qr/no row of .* lies in/, '--from',
               '2024-01-01', '--to', '2024-02-01', $csv);
    passes($ingest, 'a range', '--from', $from, '--to', $to, $csv);
    is $ingest->sqlite('SELECT since, as_of FROM coverage'),
        '1735690200000000|1735907400000000', 'a range: is covered';
    my $in = grep { $_->{createdAt} ge $from && $_->{createdAt} lt $to } @rows;
    is $ingest->sqlite('SELECT sum(own), min(state), max(state),'
                       . ' CASE WHEN max(ends_at - begins_at) <= 86400000000 THEN 1 END'
                       . ' FROM windows'), "$in|1|1|1",
        'a range: its windows are done and counted, of a day at most';
    verifies($ingest, 'a range');

    my @other = export_rows(200, begin => $begin + 3600, id => 'other');
    my $wrong = write_csv($ingest->root . '/wrong.csv', @other);
    is_refused($ingest, 'the wrong file',
               qr/nothing is stored: 200 rows .* count money twice/s,
               $wrong);
    is $ingest->money, money_of(@rows), 'the wrong file: nothing is stored';
    passes($ingest, 'some are known',
           write_csv($ingest->root . '/y.csv', @rows[9, 2 .. 700], @other));
    is $ingest->money, money_of(@rows, @other), 'some are known: stored';
    passes($ingest, 'beside', write_csv(
        $ingest->root . '/z.csv',
        export_rows(300, begin => $begin - 86400, id => 'z')));
    verifies($ingest, 'after all');

    passes($ingest, 'around', '--from', '2024-12-31', '--to',
           '2025-01-01T12:00:00Z', $ingest->root . '/z.csv', );
    is $ingest->sqlite('SELECT min(begins_at) FROM windows'),
        ($begin - 86400) . '000000', 'around: what was free is covered';
    verifies($ingest, 'around');
    is_refused($ingest, 'beyond the end', qr/--to must not be later than/,
               '--from', '2025-01-02', '--to', '2025-01-09', $csv);
}

done_testing;
