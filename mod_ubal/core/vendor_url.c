/* URLs of vendors; see vendor_url.h. Takes them apart with apr_uri_parse(),
 * which takes anything for a host and cuts ports to 16 bits. */
#include "core/vendor_url.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <apr_uri.h>
#include <string.h>
#include <strings.h>

static int is_plain(const char *url)
{
    for (; *url; url++) {
        if (apr_iscntrl(*url) || *url == ' ') {
            return 0;
        }
    }
    return 1;
}

static int is_host(const char *host)
{
    const char *at = host;

    while (apr_isalnum(*at) || (*at && strchr("-._:", *at))) {
        at++;
    }
    return at > host && !*at;
}

/* Nothing after the colon is the scheme's own port (RFC 3986, 6.2.3). */
static int is_port(const char *port)
{
    return !*port || (!port[strspn(port, "0123456789")] &&
                      apr_atoi64(port) >= 1 && apr_atoi64(port) <= 65535);
}

const char *ubal_vendor_url_fault(const char *url, apr_pool_t *pool)
{
    apr_uri_t uri;

    if (!is_plain(url) || apr_uri_parse(pool, url, &uri) != APR_SUCCESS ||
        !uri.scheme || !uri.hostname) {
        return "is no http or https URL with a host";
    }
    if (uri.user || uri.password) {
        return "must not hold a user or a password; say them with UbalAuth";
    }
    if ((strcasecmp(uri.scheme, "http") && strcasecmp(uri.scheme, "https")) ||
        !is_host(uri.hostname)) {
        return "is no http or https URL with a host";
    }
    if (uri.port_str && !is_port(uri.port_str)) {
        return "has no port from 1 to 65535";
    }
    return uri.fragment ? "must not have a fragment" : NULL;
}

const char *ubal_vendor_url_origin(const char *url, apr_pool_t *pool)
{
    apr_uri_t uri;
    char *origin, *host;
    int port;

    if (apr_uri_parse(pool, url, &uri) != APR_SUCCESS || !uri.scheme ||
        !uri.hostname) {
        return "";
    }
    port = uri.port_str && *uri.port_str          ? uri.port
           : strcasecmp(uri.scheme, "https") == 0 ? 443
                                                  : 80;
    /* "v.example." is the same host in full */
    host = apr_pstrdup(pool, uri.hostname);
    if (*host && host[strlen(host) - 1] == '.') {
        host[strlen(host) - 1] = '\0';
    }
    origin = apr_psprintf(pool, "%s://%s:%d", uri.scheme, host, port);
    for (char *at = origin; *at; at++) {
        *at = (char)apr_tolower(*at);
    }
    return origin;
}
