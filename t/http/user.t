# /user/{id} and /user/{id}/payouts: exact figures, in their order, and what is
# true of them.
use strict;
use warnings;
use Apache::Test qw(-withtestmore);
use Apache::TestRequest qw(GET HEAD);
use Ubal::Data;

my $data = Ubal::Data->shared(Apache::Test::vars('top_dir'));
$data->user('12', earned => 120000, spent => 30025, paid_out => 15825,
            payout => 20000)
    ->user('tiny', earned => 1, spent => 6, payout => 5)
    ->user('large', earned => '3000000000000000000', spent => 1,
           payout => '3000000000000000000', paid_out => 1)
    ->user('negative', spent => 100, payout => 100, paid_out => 150);

my %balance = (
    12 => '"balance":741.5,"earned":1200,"spent":300.25,"paid_out":158.25,'
        . '"payout":200',
    tiny => '"balance":-0.05,"earned":0.01,"spent":0.06,"paid_out":0,'
        . '"payout":0.05',
    large => '"balance":29999999999999999.98,"earned":30000000000000000,'
        . '"spent":0.01,"paid_out":0.01,"payout":30000000000000000',
    negative => '"balance":-2.5,"earned":0,"spent":1,"paid_out":1.5,'
        . '"payout":1',
    unknown => '"balance":0,"earned":0,"spent":0,"paid_out":0,"payout":0',
);
my %payouts = (12 => 41.75, tiny => 0.05, large => '29999999999999999.99',
               negative => -0.5, unknown => 0);
plan tests => 2 * 2 * keys(%balance) + 22;

for my $id (sort keys %balance) {
    my $reply = GET "/user/$id";
    is $reply->code, 200, "$id: found";
    is $reply->content, qq({"userId":"$id",$balance{$id}}), "$id: exact";
    $reply = GET "/user/$id/payouts";
    is $reply->code, 200, "$id payouts: found";
    is $reply->content,
        qq({"userId":"$id","totalPayoutAmount":$payouts{$id}}),
        "$id payouts: exact";
}

for my $path ('/user/12', '/user/12/payouts') {
    my $reply = GET $path;
    is $reply->header('Content-Type'), 'application/json', "$path: type";
    is $reply->header('Content-Length'), length $reply->content,
        "$path: length";
    is $reply->header('Cache-Control'), 'private, no-cache', "$path: cache";
    is $reply->header('Ubal-As-Of'), '2026-03-01T00:00:00Z', "$path: as-of";
    is $reply->header('Ubal-Since'), '2026-01-01T00:00:00Z', "$path: since";
    ok !defined $reply->header($_), "$path: no $_"
        for 'Ubal-Incomplete', 'Last-Modified';

    my $head = HEAD $path;
    is $head->content, '', "$path: HEAD has no body";
    is join("\n", map { "$_: " . ($head->header($_) // '') }
            grep { !/^(?:Date|Client-|Connection|Keep-Alive)/ }
            sort $reply->header_field_names),
        join("\n", map { "$_: " . ($reply->header($_) // '') }
            grep { !/^(?:Date|Client-|Connection|Keep-Alive)/ }
            sort $reply->header_field_names), "$path: HEAD is GET's";
}

$data->cover(has_backfill => 1, has_conflicts => 1);
is +(GET '/user/12')->header('Ubal-Incomplete'), 'backfill,conflicts',
    'what is incomplete is said';
$data->cover(map { $_ => 1 }
    qw(has_backfill has_gaps has_dead has_conflicts));
is +(GET '/user/unknown')->header('Ubal-Incomplete'),
    'backfill,gaps,dead,conflicts', '... all of it';
$data->cover(map { $_ => 0 }
    qw(has_backfill has_gaps has_dead has_conflicts));
is +(GET '/user/12')->header('Ubal-Incomplete'), undef, '... while it is so';
$data->user('12', earned => 7);
like +(GET '/user/12')->content, qr/"balance":0\.07,/,
    'a change is seen at once';
