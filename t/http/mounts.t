# The handler answers where it is mounted, whatever else the server does with
# URLs, and nowhere else.
use strict;
use warnings;
use Test::More;
use Ubal::Data;
use Ubal::Place qw(params_of);
use Ubal::Server;

my $server = Ubal::Server->new(
    modules => [qw(mime dir alias negotiation speling rewrite include
                   proxy proxy_http)],
);
my $root = $server->root;
$server->write_file('conf/mime.types', "text/html html\n");
mkdir "$root/htdocs/user" or die;
$server->write_file('htdocs/user/12', "a file\n");
$server->write_file('htdocs/user/.htaccess', "Require all denied\n");
$server->write_file('htdocs/users', "the file users\n");
$server->write_file('htdocs/usr.html', "the file usr.html\n");
$server->write_file('htdocs/page.shtml',
    'A<!--#include virtual="/user/12" -->B');
$server->write_file('htdocs/bad.shtml',
    'A<!--#include virtual="/user/12/none" -->B');

my $day = 1772323200_000000; # 2026-03-01T00:00:00Z
for my $name (qw(ubal two)) {
    Ubal::Data->new($server->data . "/$name.db")->create
        ->cover(since => $day, as_of => $day)
        ->user(12, earned => $name eq 'two' ? 200 : 100);
}

my $mount = <<'END';
<Location "/user">
    SetHandler ubal
    Require all granted
</Location>
END

sub vhost {
    my ($name, @lines) = @_;
    return join "\n", '<VirtualHost *:@PORT@>', "ServerName $name.test",
        @lines, "</VirtualHost>\n";
}

$server->start(<<'END' . join '',
TypesConfig conf/mime.types
<Directory "@ROOT@/htdocs">
    AllowOverride All
    Options FollowSymLinks
    Require all granted
</Directory>
<Location "/everywhere">
    SetHandler ubal
    Require all granted
</Location>
END
    vhost('plain', $mount),
    vhost('two', 'DBDParams "' . params_of($server->data . '/two.db') . '"',
          $mount),
    vhost('nothing'),
    vhost('nested', $mount, <<'END'),
<Location "/user/more">
    SetHandler ubal
    Require all granted
</Location>
<Location "/user/more/off">
    SetHandler none
</Location>
<Location "/user/closed">
    Require all denied
</Location>
END
    vhost('root', <<'END'),
<Location "/">
    SetHandler ubal
    Require all granted
</Location>
END
    vhost('closed', <<'END'),
<Location "/user">
    SetHandler ubal
    Require all denied
</Location>
END
    vhost('inherits', <<'END'),
<Location "/">
    Require all denied
</Location>
<Location "/user">
    SetHandler ubal
</Location>
END
    vhost('views', $mount, <<'END'),
<Location "/">
    Options +MultiViews
</Location>
<Directory "@ROOT@/htdocs">
    Options +MultiViews
</Directory>
END
    vhost('spelling', $mount, 'CheckSpelling On', <<'END'),
<Location "/">
    CheckSpelling On
</Location>
END
    vhost('fallback', $mount, <<'END'),
<Directory "@ROOT@/htdocs">
    FallbackResource /user/12
</Directory>
END
    vhost('rewrite', $mount, <<'END'),
RewriteEngine On
RewriteRule ^/balance/(\w+)$ /user/$1 [PT]
RewriteRule ^/odd - [H=ubal]
Alias /aliased "@ROOT@/htdocs"
END
    vhost('directory', $mount, <<'END'),
<Directory "@ROOT@/htdocs">
    RewriteEngine On
    RewriteRule ^balance/(\w+)$ /user/$1 [PT]
</Directory>
END
    vhost('include', $mount, <<'END'),
AddType text/html .shtml
AddOutputFilter INCLUDES .shtml
AddEncoding x-gzip .gz
AddLanguage fr .fr
AddHandler default-handler .htm
<Location "/">
    Options +Includes
</Location>
<Directory "@ROOT@/htdocs">
    Options +Includes
</Directory>
END
    vhost('proxy', $mount, <<'END'),
ProxyPass /away http://127.0.0.1:@PORT@/everywhere
ProxyPass /users http://127.0.0.1:@PORT@/everywhere
END
);

sub answer {
    my ($host, $path) = @_;
    return $server->get($path, { Host => "$host.test" });
}

# `$path` gives user 12, with what it earned.
sub serves {
    my ($host, $path, $name, $earned) = @_;
    my ($status, $headers, $body) = answer($host, $path);
    $earned //= 1;
    is $status, 200, "$host $path: $name";
    like $body, qr/^\{"userId":"12","balance":$earned,/, "$host $path: user";
}

sub refuses {
    my ($host, $path, $wanted, $name) = @_;
    my ($status, undef, $body) = answer($host, $path);
    is $status, $wanted, "$host $path: $name";
    unlike $body, qr/"balance"/, "$host $path: no balance";
}

serves 'plain', '/user/12', 'a folder user in the document root changes nothing';
serves 'plain', '/everywhere/12', 'a mount of the main server';
refuses 'plain', '/everywhere', 400, 'a mount alone';
is +(answer('plain', '/users'))[2], "the file users\n",
    'a segment that only begins alike is not mounted';
refuses 'plain', '/userx/12', 404, 'nor one that does not exist';
refuses 'plain', '/User/12', 404, 'nor in other letters';
refuses 'plain', '/x/user/12', 404, 'nor deeper';
serves 'plain', '//user/12', 'slashes are merged by httpd';
serves 'plain', '/x/../user/12', 'dots are resolved by httpd';
refuses 'plain', '/user/../12', 404, 'dots do not lead back in';

serves 'two', '/user/12', 'a vhost answers from its own database', 2;
serves 'two', '/everywhere/12', 'also below the main server\'s mount', 2;
refuses 'nothing', '/user/12', 403, 'a vhost without the mount: the docroot';
serves 'nothing', '/everywhere/12', 'a vhost without directives of ours';

serves 'nested', '/user/12', 'the outer Location';
serves 'nested', '/user/more/12', 'the inner Location';
refuses 'nested', '/user/mores/12', 404, 'segments count';
refuses 'nested', '/user/more/off/12', 404, 'a Location that sets no handler';
refuses 'nested', '/user/closed', 403, 'a Location that denies';
serves 'root', '/12', 'mounted at the root';
refuses 'root', '/', 400, 'the root alone has no id';
like +(answer('root', '/?ids=12'))[2],
    qr/^\{"items":\[\{"userId":"12","balance":1,/, '... but takes some';

refuses 'closed', '/user/12', 403, 'Require all denied';
refuses 'inherits', '/user/12', 403, 'an enclosing Location denies';

serves 'views', '/user/12', 'beside MultiViews';
is +(answer('views', '/usr'))[2], "the file usr.html\n",
    'MultiViews work on';
serves 'spelling', '/user/12', 'beside CheckSpelling';
is +(answer('spelling', '/usr.htm'))[0], 301, 'CheckSpelling works on';
serves 'fallback', '/user/12', 'beside FallbackResource';
serves 'fallback', '/missing', 'by FallbackResource';
serves 'rewrite', '/balance/12', 'by [PT]';
serves 'directory', '/balance/12', 'by [PT] of a directory';

my ($status, $headers, $body) = answer('rewrite', '/odd/12');
is $status, 404, 'the handler without a mount is not found';
is $headers->{'content-type'}, 'application/problem+json', '... as a problem';
like $server->error_log, qr{handler ubal was reached at /odd/12},
    '... and logged';

is +(answer('include', '/page.shtml'))[2] =~ s/"balance.*\}/.../r,
    'A{"userId":"12",...B', 'by SSI';
is +($server->get('/page.shtml', { Host => 'include.test',
        'If-None-Match' => '*' }))[2] =~ s/"balance.*\}/.../r,
    'A{"userId":"12",...B', 'by SSI: whatever tag a client has of the page';
like +(answer('include', '/bad.shtml'))[2], qr/^A\[an error occurred/,
    'by SSI: a problem is an error there, no text';
for my $id ('a.gz', 'a.fr', 'a.htm', 'a<!--%23echo%20var=x-->.shtml') {
    my ($code, $fields, $text) = answer('include', "/user/$id");
    my $shown = $id =~ s/%23/#/r =~ s/%20/ /r;
    like $text, qr/^\{"userId":"\Q$shown\E","balance":0,/,
        "$id is an id, no file with an extension";
    ok !grep({ /encoding|language/ } keys %$fields), '... not encoded';
}
serves 'proxy', '/away/12', 'through a proxy of its own';
serves 'proxy', '/user/12', 'beside ProxyPass';
serves 'proxy', '/users/12', 'beside ProxyPass of /users';

unlike $server->error_log, qr/AH00686|cannot read directory/,
    'no module looked for files behind a mount';

done_testing;
