# What a Location says of its replies: UbalAmounts, UbalBalance, UbalMaxStale,
# UbalUnknownUser, each for itself and inherited by what is inside. With
# UbalCache they are what they are without, on both databases.
use strict;
use warnings;
use JSON::PP qw(decode_json);
use Test::More;
use Ubal::Data;
use Ubal::Ledger qw(instant);
use Ubal::Server;

my $server = Ubal::Server->new;
my $data = Ubal::Data->new($server->db)->create;
my $now = time;
$data->cover(since => 1767225600_000000, as_of => $now * 1_000_000);
$data->user('12', earned => 120000, spent => 30025, paid_out => 15825,
            payout => 20000)
    ->user('tiny', earned => 1, spent => 6, payout => 5)
    ->user('large', earned => '3000000000000000000', spent => 1,
           payout => '3000000000000000000', paid_out => 1)
    ->user('edge', earned => '9223372036854775807', payout => 100);

sub location {
    my ($path, @lines) = @_;
    return join "\n", "<Location \"$path\">", @lines, "</Location>\n";
}
my @mounted = ('SetHandler ubal', 'Require all granted');
my @formulas = ('earned -spent -paid_out', 'earned -spent -payout',
                '+earned', '-spent', 'paid_out', '-payout +paid_out',
                'earned spent payout paid_out');
my $conf = "DBDMax 64\n" . join('', map { location(@$_, @mounted) }
    ['/decimal', 'UbalAmounts decimal'], ['/string', 'UbalAmounts STRING'],
    ['/minor', 'UbalAmounts minor'], ['/missing', 'UbalUnknownUser 404'],
    ['/stale', 'UbalMaxStale 120'], ['/hour', 'UbalMaxStale 1h'],
    map { ["/sum$_", "UbalBalance $formulas[$_]"] } 0 .. $#formulas)
    . location('/inner', @mounted);
$server->start($conf);

sub figures {
    my ($path) = @_;
    my ($status, undef, $body) = $server->get($path);
    return $status == 200 ? $body =~ s/\A\{"userId":"[^"]*",(.*)\}\z/$1/r
        : $status;
}

# --- UbalAmounts --------------------------------------------------------------------

my %forms = (
    '/decimal/12' => '"balance":741.5,"earned":1200,"spent":300.25,'
        . '"paid_out":158.25,"payout":200',
    '/string/12' => '"balance":"741.50","earned":"1200.00",'
        . '"spent":"300.25","paid_out":"158.25","payout":"200.00"',
    '/minor/12' => '"balance":74150,"earned":120000,"spent":30025,'
        . '"paid_out":15825,"payout":20000',
    '/string/tiny' => '"balance":"-0.05","earned":"0.01","spent":"0.06",'
        . '"paid_out":"0.00","payout":"0.05"',
    '/minor/tiny' => '"balance":-5,"earned":1,"spent":6,"paid_out":0,'
        . '"payout":5',
    '/string/large' => '"balance":"29999999999999999.98",'
        . '"earned":"30000000000000000.00","spent":"0.01",'
        . '"paid_out":"0.01","payout":"30000000000000000.00"',
    '/minor/large' => '"balance":2999999999999999998,'
        . '"earned":3000000000000000000,"spent":1,"paid_out":1,'
        . '"payout":3000000000000000000',
    '/string/nobody' => '"balance":"0.00","earned":"0.00","spent":"0.00",'
        . '"paid_out":"0.00","payout":"0.00"',
    '/decimal/12/payouts' => '"totalPayoutAmount":41.75',
    '/string/tiny/payouts' => '"totalPayoutAmount":"0.05"',
    '/minor/12/payouts' => '"totalPayoutAmount":4175',
);
is figures($_), $forms{$_}, $_ for sort keys %forms;

# --- UbalBalance ----------------------------------------------------------------------

my @balances = (741.5, 699.75, 1200, -300.25, 158.25, -41.75, 1858.5);
for my $i (0 .. $#formulas) {
    is figures("/sum$i/12"), "\"balance\":$balances[$i],\"earned\":1200,"
        . '"spent":300.25,"paid_out":158.25,"payout":200',
        "UbalBalance $formulas[$i]";
}
is figures('/sum1/12/payouts'), '"totalPayoutAmount":41.75',
    'what is outstanding is another matter';
like figures('/sum2/edge'), qr/"balance":92233720368547758\.07,/,
    'the largest balance';
my $from = length $server->error_log;
my ($status, $headers, $body) = $server->get('/sum6/edge');
is $status, 500, 'one too large is none';
unlike $body, qr/balance|9223/, '... and no figure';
like substr($server->error_log, $from), qr/user 'edge' do not fit/,
    '... which is logged';

# --- UbalUnknownUser --------------------------------------------------------------------

for my $route ('', '/payouts') {
    ($status, $headers, $body) = $server->get("/missing/nobody$route");
    is $status, 404, "/missing/nobody$route: 404";
    is_deeply decode_json($body), { type => 'about:blank',
        title => 'Not Found', status => 404,
        detail => 'this user has no transactions' }, '... a problem';
    ok $headers->{'ubal-as-of'}, '... that says as of when';
    isnt figures("/decimal/nobody$route"), 404, 'elsewhere it is found';
    isnt figures("/missing/12$route"), 404, 'another is found';
}

# --- UbalMaxStale -----------------------------------------------------------------------

# No test waits for time to pass: as-of is set back.
sub aged {
    my ($seconds) = @_;
    $data->cover(as_of => (time - $seconds) * 1_000_000);
}
for my $path ('/stale/12', '/stale/12/payouts', '/stale?ids=12',
              '/stale/12/history?step=month',
              '/stale/12?at=2026-01-02T00:00:00Z') {
    aged(30);
    is +($server->get($path))[0], 200, "$path: fresh enough";
    aged(150);
    ($status, $headers, $body) = $server->get($path);
    is $status, 503, "$path: stale";
    like $headers->{'retry-after'}, qr/^[1-9]\d*$/, '... Retry-After';
    unlike $body, qr/balance|earned|items|totalPayout/, '... no figures';
    ok $headers->{'ubal-as-of'}, '... how old it is';
    is +($server->get($path =~ s/stale/decimal/r))[0], 200,
        '... elsewhere it is shown';
}
is +($server->get('/hour/12'))[0], 200, 'within the hour';
aged(-3600);
is +($server->get('/stale/12'))[0], 200, 'a clock that is behind is not stale';
aged(7200);
is +($server->get('/hour/12'))[0], 503, 'beyond the hour';

# --- inherited ----------------------------------------------------------------------------

$server->restart($conf . location('/deep', @mounted, 'UbalAmounts string',
        'UbalBalance earned -spent -payout', 'UbalUnknownUser 404',
        'UbalMaxStale 1h')
    . location('/deep/in', 'SetHandler ubal')
    . location('/deep/in/form', 'SetHandler ubal', 'UbalAmounts minor')
    . location('/deep/in/back', 'SetHandler ubal', 'UbalAmounts decimal',
               'UbalBalance earned -spent -paid_out', 'UbalUnknownUser 200',
               'UbalMaxStale off')
    . "UbalAmounts minor\n");
is +($server->get("/deep$_/12"))[0], 503, "stale: /deep$_"
    for '', '/in', '/in/form';
is +($server->get('/deep/in/back/12'))[0], 200, '... until that is off';
aged(0);
like figures('/deep/in/12'), qr/\A"balance":"699\.75",/,
    'what is inside inherits all';
is figures('/deep/in/nobody'), 404, '... of it';
like figures('/deep/in/form/12'), qr/\A"balance":69975,/,
    '... or says one itself';
like figures('/deep/in/back/12'), qr/\A"balance":741\.5,/,
    '... or says all, the defaults too';
like figures('/deep/in/back/nobody'), qr/\A"balance":0,/, '... of it';
like figures('/inner/12'), qr/\A"balance":74150,/,
    "the whole server's is for Locations that say nothing";
like figures('/decimal/12'), qr/\A"balance":741\.5,/, '... not for others';

# --- UbalCache --------------------------------------------------------------------------

sub said {
    my ($status, $headers, $body) = $server->get(@_);
    return join ' ', $status, $headers->{etag} // 'none', $body;
}
my @mounts = (qw(decimal string minor missing inner),
              map { "sum$_" } 0 .. $#formulas);
my @paths = map {
    my $user = $_;
    map { ("/$_/$user", "/$_/$user/payouts") } @mounts
} '12', 'tiny', 'nobody', 'u' x 55, 'v' x 56;
$server->graceful($conf);
my %asked = map { $_ => said($_) } @paths;
my %tags = map { $_ => ($server->get($_))[1]{etag} } @paths;
$server->graceful("$conf\nUbalCache 100\n");
srand 1;
my @wrong = grep { said($_) ne $asked{$_} }
    map { $_->[1] } sort { $a->[0] <=> $b->[0] }
    map { [rand, $_] } (@paths) x 8;
is_deeply \@wrong, [], 'UbalCache: ' . 8 * @paths . ' questions of '
    . @paths . ' kinds in any order have the answers they have without';
@wrong = grep {
    $tags{$_} && ($server->get($_, { "If-None-Match" => $tags{$_} }))[0] != 304
} (@paths) x 3;
is_deeply \@wrong, [], '... and 304 for who has them';
for my $earned (5, 6, 5) {
    $data->user('12', earned => 100 * $earned);
    is join(' ', map { figures('/inner/12') =~ /"earned":(\d+),/ } 1 .. 12),
        join(' ', ($earned) x 12), 'UbalCache: the last commit is shown';
}

done_testing;
