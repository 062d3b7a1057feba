# Promise: whatever happens on the way to the vendor, the limit is kept, no
# secret goes elsewhere, and it heals (faults V14 and V27 to V31).
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use IO::Socket::INET;
use List::Util qw(max);
use Ubal::Fault;
use Ubal::Server qw(wait_for);

# --- V14: bounds and times --------------------------------------------------------

sub rounded {
    my ($time) = @_;
    return $time =~ s/\.\d+Z\z/.000Z/r;
}

my %vendors = (
    'inclusive bounds' => sub {
        my ($plain, $number, $query) = @_;
        return Ubal::Vendor::list_handler(\&Ubal::Fault::steady,
                                          inclusive => 1)->('GET', '', $query);
    },
    'exclusive bounds' => sub {
        my ($plain, $number, $query) = @_;
        my @in = grep { Ubal::Vendor::padded($_->{createdAt})
                            gt Ubal::Vendor::padded($query->{startDate}) }
            Ubal::Fault::steady();
        return Ubal::Vendor::list_handler(sub { @in })->('GET', '', $query);
    },
    'times that are shown rounded' => sub {
        my ($plain, $number, $query) = @_;
        # Each happened at nine tenths of its second.
        my @in = map { { %$_, createdAt => $_->{createdAt} =~ s/000Z/900Z/r } }
            Ubal::Fault::steady();
        my @reply = Ubal::Vendor::list_handler(sub { @in })
            ->('GET', '', $query);
        $reply[2] =~ s/\.900Z/.000Z/g;
        return @reply;
    },
    'items that shift between pages' => sub {
        my ($plain, $number, $query) = @_;
        my @in = Ubal::Fault::steady();
        push @in, splice @in, 0, $number % 3 * 20;
        return Ubal::Vendor::list_handler(sub { @in })->('GET', '', $query);
    },
);
Ubal::Fault::run("V14 $_", $vendors{$_}) for sort keys %vendors;

# --- V27: certificates ------------------------------------------------------------

# Makes $name.crt and $name.key, for an address or a host, as of `days` ago and
# for two days. Signed by $by, or by itself.
sub make_certificate {
    my ($folder, $name, %with) = @_;
    open my $out, '>', "$folder/clock" or die $!;
    print $out -86400 * ($with{days} // 0), "\n";
    close $out;
    local $ENV{LD_PRELOAD} = Ubal::Server::preload_faults();
    local $ENV{UBAL_CLOCK_FILE} = "$folder/clock";
    my $for = $with{for} // 'IP:127.0.0.1';
    my $by = $with{by} ? "-CA $folder/$with{by}.crt -CAkey $folder/$with{by}.key"
        : '';
    system("openssl req -x509 $by -newkey rsa:2048 -nodes -days 2"
           . " -subj /CN=$name -addext subjectAltName=$for"
           . " -keyout $folder/$name.key -out $folder/$name.crt"
           . ' >/dev/null 2>&1') == 0 or die "openssl req: $name";
}

sub tls_server {
    my ($folder, $name) = @_;
    my $probe = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1,
                                      LocalPort => 0) or die $!;
    my $port = $probe->sockport;
    close $probe;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        open STDIN, '<', '/dev/null';
        open STDOUT, '>', "$folder/$name.log";
        open STDERR, '>&', \*STDOUT;
        exec 'openssl', 's_server', '-accept', "127.0.0.1:$port", '-www',
            '-cert', "$folder/$name.crt", '-key', "$folder/$name.key"
            or POSIX::_exit(1);
    }
    wait_for(sub { IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                         PeerPort => $port) }, 20)
        or die "no TLS server";
    return ($pid, $port);
}

# The log of a daemon that trusts `authority` alone, once it matches, and how
# many requests it sent.
sub try_certificate {
    my ($folder, $name, $pattern) = @_;
    my ($pid, $port) = tls_server($folder, $name);
    my $run = Ubal::Fault::make(sub { return },
                                url => sub { "https://127.0.0.1:$port/list" });
    {
        local $ENV{LD_PRELOAD} = Ubal::Server::preload_faults();
        local $ENV{UBAL_CA_FILE} = "$folder/authority.crt";
        $run->ingest->start;
    }
    ok eval { $run->ingest->wait_log($pattern, 20) }, "V27 $name: it is said"
        or diag $run->log;
    $run->ingest->stop;
    kill 'KILL', $pid;
    waitpid $pid, 0;
    return $run->sqlite('SELECT count(*) FROM requests');
}

my $folder = Ubal::Server::open_folder();
make_certificate($folder, 'authority');
make_certificate($folder, 'trusted', by => 'authority');
make_certificate($folder, 'expired', by => 'authority', days => 30);
make_certificate($folder, 'renamed', by => 'authority',
                 for => 'DNS:vendor.example');
make_certificate($folder, 'foreign');
# That page is no list: what counts is that it was asked for.
cmp_ok try_certificate($folder, 'trusted', qr/not tried again before/), '>', 0,
    'V27 trusted: a sound certificate is spoken to';
for my $case (['expired', qr/certificate has expired.*not tried again before/],
              ['foreign', qr/self.signed certificate.*not tried again before/],
              ['renamed', qr/subject name.*not tried again before/]) {
    my ($name, $pattern) = @$case;
    is try_certificate($folder, $name, $pattern), 0,
        "V27 $name: refused, nothing was sent";
}
File::Path::remove_tree($folder);

# --- V28: elsewhere ---------------------------------------------------------------

{
    my $other = Ubal::Vendor->new;
    local $ENV{UBAL_T_TOKEN} = 'hunter2';
    my $run = Ubal::Fault::run('V28 sent elsewhere', sub {
        my ($plain, $number) = @_;
        return (302, { Location => $other->url }, '') if $number == 2;
        return (307, { Location => $other->url }, '') if $number == 3;
        return (200, { Link => '<' . $other->url . '>; rel="next"' },
                $plain->[2] =~ s/\}\z/',"next":"' . $other->url . '"}'/er)
            if $number == 4;
        return;
    }, lines => "UbalAuth bearer env:UBAL_T_TOKEN\n");
    is scalar($other->arrivals), 0, 'V28: the other host hears nothing';
    is scalar(grep { $_->{headers}{authorization} ne 'Bearer hunter2' }
              $run->vendor->arrivals), 0, 'V28: the vendor itself does';
    unlike $run->log, qr/hunter2/, 'V28: and no log';
    like $run->log, qr/redirect refused/, 'V28: it is said';
}

# --- V29: no connection, or not HTTP ------------------------------------------------

for my $case (['DNS failure', 'http://vendor.invalid/list', qr/resolve/i],
              ['refused', 'http://127.0.0.1:9/list', qr/connect/i]) {
    my ($name, $url, $says) = @$case;
    my $run = Ubal::Fault::make(sub { return }, url => sub { $url });
    $run->ingest->start;
    $run->ingest->wait_log(qr/(?:not tried again.*){3}/s, 30);
    $run->ingest->stop;
    like $run->log, $says, "V29 $name: it is said";
    is $run->sqlite('SELECT count(*) FROM requests'), 0,
        "V29 $name: no slot is spent, for nothing was sent";
}

my %replies = (
    'reset'       => { reset => 1 },
    'garbage'     => { raw => "\x16\x03\x01 what?\r\n\r\n" },
    'empty reply' => { raw => '' },
);
for my $name (sort keys %replies) {
    my $run = Ubal::Fault::run("V29 $name", sub {
        my ($plain, $number) = @_;
        return { %{ $replies{$name} } } if $number == 2;
        return;
    });
    is $run->sqlite('SELECT count(*) FROM requests'),
        scalar($run->vendor->arrivals), "V29 $name: what was sent cost a slot";
}

# --- V31: read late -----------------------------------------------------------------

{
    local ($Ubal::Fault::limit, $Ubal::Fault::period) = (3, 2);
    my $run = Ubal::Fault::run('V31 given up', sub {
        my ($plain, $number) = @_;
        return { hang => 1 } if $number == 2 || $number == 4;
        return;
    }, lines => "UbalTimeout 1s\n");
    # The vendor reads what hung as late as may be: a period after we hung up.
    my @at = sort { $a <=> $b } map {
        $_->{how} eq 'gone' ? $_->{end} + 2 : $_->{start}
    } $run->vendor->arrivals;
    my $most = max(map {
        my $first = $_;
        scalar grep { $_ >= $at[$first] && $_ - $at[$first] < 2 } @at
    } 0 .. $#at);
    cmp_ok scalar(grep { $_->{how} eq 'gone' } $run->vendor->arrivals), '>=',
        2, 'V31: two were given up';
    cmp_ok $most, '<=', 3, 'V31: counted late, they stay within the limit';
}

done_testing;
