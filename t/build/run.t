# Promise: conf/run serves live data of user 12 at once, goes on with it when
# it is run again, and leaves nothing running when it is stopped.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use HTTP::Tiny;
use IO::Socket::INET;
use Ubal::Server qw(wait_for open_folder free_port now);

plan skip_all => 'conf/run knows no sanitizers' if $ENV{TEST_HTTPD};

my $top = "$FindBin::Bin/../..";
my $folder = open_folder();
my $http = HTTP::Tiny->new(proxy => undef, http_proxy => undef);
my $running;

sub output { return Ubal::Server::slurp("$folder/output") }

# Processes of that folder, but ours.
sub left {
    return grep {
        my (undef, $state, @words) = Ubal::Server::process($_);
        defined $state && $state ne 'Z' && $_ != $$
            && grep { m{\Q$folder\E/state} } @words;
    } Ubal::Server::all_processes();
}

sub run {
    my (%with) = @_;
    my $pid = fork // die "fork: $!";
    if (!$pid) {
        local @ENV{qw(PORT RUN_DIR VENDOR_URL)} = ('', "$folder/state", '');
        $ENV{$_} = $with{$_} for keys %with;
        $SIG{$_} = 'DEFAULT' for qw(INT TERM HUP);
        open STDOUT, '>', "$folder/output";
        open STDERR, '>&', \*STDOUT;
        exec $^X, "$top/conf/run", Ubal::Server::build_folder()
            or POSIX::_exit(127);
    }
    return $pid;
}

sub stop {
    my ($pid, $signal) = @_;
    kill $signal, $pid;
    my $ended = wait_for(sub { waitpid $pid, POSIX::WNOHANG() }, 20);
    my $status = $?;
    undef $running;
    return $ended ? $status : 'none';
}

sub earned {
    my ($url) = @_;
    my $reply = $http->get($url);
    return $reply->{status} == 200
        && $reply->{content} =~ /"earned":([1-9][0-9.]*)/ ? $1 : 0;
}

my $port = free_port();
my $url = "http://127.0.0.1:$port/user/12";
$running = run(PORT => $port);
ok wait_for(sub { output() =~ /curl -i (\S+)/ && $1 eq $url }, 20),
    'it says what to open' or diag output();
my $first;
ok wait_for(sub { $first = earned($url) }, 30), 'user 12 has a balance'
    or diag output();
like output(), qr/5 requests a minute.*Ctrl-C stops/s,
    'it says the limit and how to stop';

my $second = run(PORT => free_port());
ok wait_for(sub { waitpid $second, POSIX::WNOHANG() }, 20),
    'a second one on the same folder ends';
isnt $?, 0, 'and fails';
is +$http->get($url)->{status}, 200, 'the first goes on';

is stop($running, 'INT'), 0, 'Ctrl-C is a good end';
is_deeply [left()], [], 'nothing is left running';

$running = run(PORT => $port);
ok wait_for(sub { earned($url) >= $first }, 20), 'run again, it goes on'
    or diag output();
is stop($running, 'TERM'), 0, 'SIGTERM is a good end, too';
is_deeply [left()], [], 'nothing is left again';

{
    my $taken = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 1);
    my $pid = run(PORT => $taken->sockport);
    wait_for(sub { waitpid $pid, POSIX::WNOHANG() }, 20);
    isnt $?, 0, 'a port that is taken is refused';
    like output(), qr/port \d+ is taken/, 'and it says so';
}

done_testing;

END {
    my $status = $?;
    stop($running, 'TERM') if $running;
    kill 'KILL', left();
    File::Path::remove_tree($folder);
    $? = $status;
}
