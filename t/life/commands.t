# Promise: the commands say what they are for and end with 0 done, 1 failed,
# 2 usage, 75 busy; they find httpd's configuration; root does not run the
# daemon, and leaves no file of its own.
use strict;
use warnings;
use FindBin;
use lib "$FindBin::Bin/../lib";
use Test::More;

use Ubal::Ingest;
use Ubal::Life qw(life_server section live_daemon);
use Ubal::Server qw(wait_for);
use Ubal::Vendor;

my @items = map { { id => "t$_", userId => "u$_", type => 'earned',
                    amount => '7.25', createdAt => '2026-01-01T00:00:00.000Z' } }
    1 .. 7;
push @items, { id => 'bad', userId => 'u', type => 'gift', amount => 1,
               createdAt => '2026-01-01T00:00:00.000Z' };
my $vendor = Ubal::Vendor->new(handler => sub {
    return (200, {}, Ubal::Vendor::page(\@items, total => scalar @items));
});

# Usage.
{
    my $ingest = Ubal::Ingest->new(url => $vendor->url);
    for ([], ['dance'], ['status', 'more'], ['status', '--nonsense'],
         ['run', '--lock-fd', 'x'], ['run', '--log-level', 'loud']) {
        my ($exit, $text) = $ingest->as_user(
            sub { exec $ingest->program, @$_ });
        is $exit, 2, "usage: ubal-ingest @$_";
        like $text, qr/--help/, 'which points at the help';
    }
    my ($exit, $text) = $ingest->as_user(
        sub { exec $ingest->program, '--help' });
    is $exit, 0, '--help is no error';
    like $text, qr/^  \Q$_\E /m, "and names $_"
        for qw(run status check windows retry backfill reconcile dead verify
               migrate);
}

# Before there is a database, and then.
{
    my $ingest = Ubal::Ingest->new(url => $vendor->url,
                                   lines => "UbalRate 5 1s\n");
    my ($exit, $text) = $ingest->command('status');
    is $exit, 1, 'status fails where there is no database';
    ok !-e $ingest->db, 'and makes none';
    ($exit, $text) = $ingest->command('migrate');
    is $exit, 0, 'migrate makes one';
    like $text, qr/\Aschema \d+, was 0$/m, 'and says so';
    ($exit, $text) = $ingest->command('migrate', '--json');
    like $text, qr/\A\{"before":(\d+),"after":\1\}\n\z/,
        'a second time it does nothing';
    ($exit, $text) = $ingest->command('status', '--json');
    is $exit, 0, 'status is there';
    like $text, qr/\A\{"running":false,/, 'and says that no daemon runs';
}

# check.
{
    my $ingest = Ubal::Ingest->new(url => $vendor->url,
                                   lines => "UbalRate 2 1s\n");
    my $before = () = $vendor->arrivals;
    my ($exit, $text) = $ingest->command('check');
    is $exit, 0, 'check ends well' or diag $text;
    is scalar($vendor->arrivals) - $before, 1, 'it is one request';
    like $text, qr/vendor t: 8 items \(1 dead letters\)/, 'counts the items';
    like $text, qr/^  t1  user u1  2026-01-01T00:00:00Z  earned 7.25$/m,
        'shows the first as mapped';
    is $ingest->sqlite('SELECT count(*) FROM transactions'), 0,
        'stores nothing';
    is $ingest->sqlite('SELECT count(*) FROM requests'), 1,
        'but the slot that it cost';
    $ingest->command('check', '--json') for 1 .. 3;
    cmp_ok $vendor->least_gap(2), '>=', 1, 'further ones wait for a slot';
    ($exit, $text) = $ingest->command('check', '--json');
    like $text, qr/^\{"vendor":"t","fault":null,"status":200,.*"items":\[\{/m,
        'as JSON, too';
    ($exit, $text) = $ingest->command('verify');
    is $exit, 0, 'verify holds after it' or diag $text;
    like $text, qr/^ok 1: /m, 'check by check';
    ($exit, $text) = $ingest->command('verify', '--json');
    like $text, qr/\A\{"checks":\[\{"number":\d,.*\],"ok":true\}$/,
        'as JSON, too';
}

# Beside a daemon.
{
    my ($server, $daemon) = life_server($vendor);
    for my $command ('check', 'migrate') {
        my ($exit, $text) = $server->ingest($command);
        is $exit, 75, "$command is busy beside a daemon" or diag $text;
        like $text, qr/process $daemon on /, 'and says who holds the lock';
    }
    my ($exit, $text) = $server->ingest('run');
    is $exit, 75, 'a second daemon by hand is busy, too';
    ($exit, $text) = $server->ingest('status');
    is $exit, 0, 'status needs no lock' or diag $text;
    unlike $text, qr/Syntax OK/, 'and is its own words alone, not httpd\'s';
    like $text, qr/^daemon +running \(owner: process $daemon on /m,
        'and says who runs';
    ($exit, $text) = $server->ingest('verify');
    is $exit, 0, 'nor does verify' or diag $text;

    for (1 .. 3) {
        $server->graceful;
        ($exit, $text) = $server->ingest('retry');
        is $exit, 0, 'a command in the middle of a reload is carried out'
            or diag $text;
    }

    SKIP: {
        skip 'not root', 7 if $>;
        my $root = sub {
            local $ENV{UBAL_HTTPD} = $server->root . '/bin/httpd';
            my $output = qx(@{[$server->program]} @_ 2>&1);
            return ($? >> 8, $output);
        };
        live_daemon($server);
        ($exit, $text) = $root->('dead');
        is $exit, 0, 'root is shown the dead letters' or diag $text;
        ($exit, $text) = $root->('dead replay');
        is $exit, 0, 'and is let into the socket' or diag $text;
        $server->stop;
        ok wait_for(sub { !$server->daemons }), 'httpd is stopped';
        ($exit, $text) = $root->('run');
        is $exit, 1, 'root does not run the daemon';
        like $text, qr/does not run as root/, 'and is told so';
        unlink glob $server->db . '*';
        ($exit, $text) = $root->('migrate');
        is $exit, 0, 'root migrates' or diag $text;
        is_deeply [grep { (stat)[4] != $server->{uid} }
                   glob $server->data . '/*'], [],
            'as the owner of the folder';
    }
}

# An httpd that is not there.
{
    local $ENV{UBAL_HTTPD} = 'no-such-httpd -f /srv/httpd.conf';
    my $output = qx(@{[Ubal::Server::build_folder()]}/ubal-ingest status 2>&1);
    is $? >> 8, 1, 'UBAL_HTTPD names no program';
    like $output, qr/cannot run no-such-httpd: there is no such program/,
        'which is said';
}

# Several databases.
{
    my $server = Ubal::Server->new;
    my $port = Ubal::Server::free_port();
    $server->configure(section($vendor) . <<"END" . section($vendor) . <<'END');
Listen 127.0.0.1:$port
<VirtualHost 127.0.0.1:$port>
DBDriver sqlite3
DBDParams "file:\@DATA\@/other.db?mode=ro"
END
</VirtualHost>
END
    my ($exit, $text) = $server->ingest('migrate');
    is $exit, 1, 'of several databases one must be chosen';
    my $other = $server->data . '/other.db';
    like $text, qr/--database one of: .*\Q$other/, 'which are listed';
    ($exit, $text) = $server->ingest('migrate', '--database', $other);
    is $exit, 0, 'by path' or diag $text;
    ok -e $other && !-e $server->db, 'that one it is';
    ($exit, $text) = $server->ingest('status', '--database', 3);
    is $exit, 1, 'not by a number that there is not';
}

# A configuration that was cut off is not taken for a whole one.
{
    my $ingest = Ubal::Ingest->new(url => $vendor->url);
    my $lock = $ingest->db . '.ingest.lock';
    for ("UbalIngestDB sqlite3 \"@{[$ingest->db]}\"\n", '') {
        my $config = $_;
        my ($exit, $text) = $ingest->as_user(sub {
            open STDIN, '<', \'' or 1;
            pipe my $out, my $in;
            print $in $config;
            close $in;
            POSIX::dup2(fileno $out, 0);
            open my $file, '+>', $lock;
            POSIX::dup2(fileno $file, 3);
            POSIX::dup2(fileno $out, 4);
            exec $ingest->program, 'run', '--lock-fd=3', '--secrets-fd=4';
        });
        is $exit, 1, 'settings without their last line are refused';
        like $text, qr/cut off/, 'and called so';
    }
}

done_testing;
