# AllowEncodedSlashes and MergeSlashes: whatever httpd makes of a slash in an
# id, no two users are taken for one (C9).
use strict;
use warnings;
use Test::More;
use Ubal::Data;
use Ubal::Server;

my $server = Ubal::Server->new;
my $data = Ubal::Data->new($server->db)->create
    ->cover(since => 1, as_of => 1);
$data->user($_, earned => 100) for '12', 'a%2Fb', 'a/b', 'a', 'b';

$server->start(join '', map { <<"END" } qw(Off On NoDecode));
<VirtualHost *:\@PORT\@>
    ServerName $_.test
    AllowEncodedSlashes $_
    MergeSlashes @{[ $_ eq 'NoDecode' ? 'Off' : 'On' ]}
    <Location "/user">
        SetHandler ubal
        Require all granted
    </Location>
</VirtualHost>
END

sub status {
    my ($host, $path) = @_;
    my ($status, undef, $body) =
        $server->get($path, { Host => "$host.test" });
    unlike $body, qr/"earned":1\b/, "$host $path: nobody's"
        unless $status == 200;
    return $status;
}

for my $host (qw(Off On NoDecode)) {
    is status($host, '/user/12'), 200, "C9: $host: an id without a slash";
    is status($host, $_), 404, "C9: $host $_: not found"
        for qw(/user/a%2Fb /user/a%2fb /user/12%2F /user/%2F12
               /user/12%2Fpayouts /user/a/b /user%2F12 /user/a%2F..%2Fb);
}
is status('Off', '/user/a%252Fb'), 200, 'C9: Off: a per cent sign in an id';
is status('On', '/user/a%252Fb'), 200, 'C9: On: too';
is status('NoDecode', '/user/a%252Fb'), 404,
    'C9: NoDecode: not to be told from a%2Fb';
is status('NoDecode', '/user/a%252fb'), 404, '... in small letters';
is status('NoDecode', '/user//12'), 400, 'slashes not merged: an empty id';
is status('NoDecode', '/user/12//'), 404, 'slashes not merged: at the end';

done_testing;
