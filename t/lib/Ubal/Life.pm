# What the tests of the daemon's life ask of a server: which daemon is live,
# what became of it. Waits for events, never for a time.
package Ubal::Life;
use strict;
use warnings;

use Carp qw(croak);
use Exporter qw(import);

use Ubal::Server qw(wait_for);
use Ubal::Vendor ();

our @EXPORT_OK = qw(life_server section live_daemon daemons_at_once descriptors no_zombies
                    parent_of mpms);

# The MPMs to try: those that this httpd has as modules.
sub mpms {
    my $folder = Ubal::Server::modules_folder();
    return grep { -e "$folder/mod_mpm_$_.so" } qw(event worker prefork);
}

# A <UbalVendor> of `$vendor` with intervals for tests; @lines inside it.
sub section {
    my ($vendor, @lines) = @_;
    return join "\n", '<UbalVendor game>', 'UbalURL ' . $vendor->url,
        'UbalInterval 1s', 'UbalWindow settle=1s tick=1s', @lines,
        "</UbalVendor>\n";
}

# A server that is started and has a live daemon: (server, its pid).
sub life_server {
    my ($vendor, %with) = @_;
    my $lines = delete $with{lines} // [];
    my $server = Ubal::Server->new(%with);
    $server->start(section($vendor, @$lines));
    return ($server, live_daemon($server));
}

# Waits until exactly one daemon of the server runs, is none of @not and has
# taken the database over; its pid. Croaks with the log where that never
# comes.
sub live_daemon {
    my ($server, @not) = @_;
    my $live = wait_for(sub {
        my @pids = $server->daemons;
        return if @pids != 1 || grep { $_ == $pids[0] } @not;
        return $server->error_log =~ /\[pid $pids[0]\] fetching for/
            && $pids[0];
    }, 40);
    return $live || croak 'no live daemon (' . join(' ', $server->daemons)
        . "):\n" . $server->error_log;
}

# How many daemons of the server there are at one moment. A look at all
# processes takes a while: one may end before the next begins. Those that are
# there in a second look were there when the first one ended.
sub daemons_at_once {
    my ($server) = @_;
    my %before = map { $_ => 1 } $server->daemons;
    return scalar(keys %before) if keys %before < 2;
    # a daemon is no daemon's child: that is a sanitizer, looking for leaks
    return scalar(grep { $before{$_} && !$before{ parent_of($_) // 0 } }
                  $server->daemons);
}

sub parent_of { return (Ubal::Server::process($_[0]))[0] }

# What a process has open: number => link.
sub descriptors {
    my ($pid) = @_;
    opendir my $folder, "/proc/$pid/fd" or croak "/proc/$pid/fd: $!";
    return map { $_ => readlink("/proc/$pid/fd/$_") // '' }
        grep { /\A\d+\z/ } readdir $folder;
}

# Waits until no dead daemon is left that one of the processes of @parents
# has not waited for; 1 where that comes.
sub no_zombies {
    my (@parents) = @_;
    my %parent = map { $_ => 1 } @parents;
    return wait_for(sub {
        return !grep {
            my ($of, $state) = Ubal::Server::process($_);
            defined $of && $state eq 'Z' && $parent{$of}
                && Ubal::Server::slurp("/proc/$_/comm") eq "ubal-ingest\n";
        } Ubal::Server::all_processes();
    });
}

1;
