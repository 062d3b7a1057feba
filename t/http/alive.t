# What happens to the database under a live httpd: no request fails because of
# what another process does to it (D6), and what is not there yet is waited
# for without a restart (D11).
use strict;
use warnings;
use IO::Socket qw(SOL_SOCKET SO_RCVBUF);
use POSIX ();
use Test::More;
use Ubal::Place qw(is_pgsql);
use Ubal::Data;
use Ubal::Server;

plan skip_all => 'of SQLite alone' if is_pgsql();

my $mount = <<'END';
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
END

# --- D11 ------------------------------------------------------------------------

my $server = Ubal::Server->new;
$server->start($mount);
my $data = Ubal::Data->new($server->db);

sub is_unavailable {
    my ($name) = @_;
    my $from = length $server->error_log;
    my ($status, $headers, $body) = $server->get('/user/12');
    is $status, 503, "D11: $name: 503";
    like $headers->{'retry-after'}, qr/^[1-9]\d*$/, "$name: Retry-After";
    is $headers->{'content-type'}, 'application/problem+json',
        "$name: a problem";
    unlike $body, qr{balance|sql|select|table|/tmp|\Q@{[ $server->root ]}\E}i,
        "$name: no zeros, no SQL, no paths";
    return substr $server->error_log, $from;
}

is_unavailable('no database');
ok !-e $server->db, 'nothing is made where there is no database';
$data->sql('PRAGMA journal_mode = WAL; CREATE TABLE other (x)');
my $log = is_unavailable('no table');
is scalar(() = $log =~ /\[ubal:error\]/g), 1, 'no table: logged once';
$data->create;
is scalar(() = is_unavailable('nothing fetched') =~ /\[ubal:error\]/g), 0,
    'nothing fetched: no error to log';
$data->user(12, earned => 100)->cover(since => 1, as_of => 1);
my ($status, undef, $body) = $server->get('/user/12');
is $status, 200, 'D11: it heals by itself';
like $body, qr/"balance":1,/, '... to figures';

# --- a database that does not fit --------------------------------------------------

$data->cover(scale => 3);
$log = is_unavailable('another scale');
like $log, qr/\[ubal:error\].*scale 3.*2/, 'another scale: both are logged';
my $schema = $data->sql('SELECT schema FROM coverage');
$data->cover(scale => 2, schema => 99);
$log = is_unavailable('a newer schema');
like $log, qr/\[ubal:error\].*99/, 'a newer schema: logged';
$data->cover(schema => $schema);
is +($server->get('/user/12'))[0], 200, 'it heals by itself';

# --- D6 -------------------------------------------------------------------------------

# Every connection of every child has its statements prepared by now or soon:
# what follows outdates them again and again, with requests in between.
my @outdating = (
    'ANALYZE', 'VACUUM', 'CREATE TABLE later (x INTEGER) STRICT',
    'ALTER TABLE balances ADD COLUMN note TEXT',
    'CREATE INDEX later_x ON later (x)', 'DROP TABLE later', 'REINDEX',
    'PRAGMA wal_checkpoint(TRUNCATE)', 'VACUUM', 'ANALYZE',
);
my %codes;
for my $sql (@outdating) {
    $data->sql($sql);
    for (1 .. 12) {
        my ($code, undef, $text) = $server->get('/user/12');
        $codes{ $code . ($text =~ /"balance":1,/ ? '' : " $text") }++;
    }
}
is_deeply \%codes, { 200 => 12 * @outdating },
    'D6: ANALYZE, VACUUM, new tables: no failed request';

# The same while requests come without a pause.
my $writer = fork // die "fork: $!";
if (!$writer) {
    $data->sql($_) for (map { ('ANALYZE', 'VACUUM') } 1 .. 10),
        map { "CREATE TABLE more$_ (x); DROP TABLE more$_" } 1 .. 10;
    POSIX::_exit(0);
}
%codes = ();
until (waitpid $writer, POSIX::WNOHANG()) {
    $codes{ ($server->get('/user/12'))[0] }++;
}
my $writer_status = $?;
is $writer_status, 0, 'the writer did its work meanwhile';
is_deeply [keys %codes], [200], 'D6: all the time: no failed request';

# --- a connection is not held while sending --------------------------------------------

# One child with one connection: a client that does not read its replies keeps
# nobody waiting.
my $narrow = Ubal::Server->new(dbd => 0, size => "ServerLimit 1\n"
    . "StartServers 1\nThreadsPerChild 4\nMaxRequestWorkers 4\n"
    . "MinSpareThreads 1\nMaxSpareThreads 4");
Ubal::Data->new($narrow->db)->create->cover(since => 1, as_of => 1);
$narrow->start(<<"END");
\@DBD\@DBDKeep 1
DBDMax 1
SendBufferSize 2048
MaxKeepAliveRequests 0
$mount
END
my $slow = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $narrow->port) or die;
$slow->setsockopt(SOL_SOCKET(), SO_RCVBUF(), 1024);
print $slow "GET /user/12 HTTP/1.1\r\nHost: x\r\n\r\n" x 2000;
$slow->flush;
# What it does not read fills the buffers between, until httpd has bytes that
# it cannot send: the second column of its side in /proc/net/tcp.
my $side = sprintf ': 0100007F:%04X 0100007F:%04X 01 ', $narrow->port,
    $slow->sockport;
ok Ubal::Server::wait_for(sub {
    my ($unsent) = Ubal::Server::slurp('/proc/net/tcp')
        =~ /\Q$side\E([0-9A-F]{8}):/;
    return defined $unsent && hex $unsent > 4000;
}), 'a client reads nothing';
is +($narrow->get('/user/12'))[0], 200,
    'C6: a slow client holds no connection';
close $slow;

done_testing;
