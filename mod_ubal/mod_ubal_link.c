/* Makes links of what the client sent, which rewriting leaves as it was: a
 * link of ours goes the way that the request went. See mod_ubal_link.h. */
#include "mod_ubal_link.h"

#include <apr_lib.h>
#include <apr_strings.h>

#include "mod_ubal_query.h"

#define PARAMETER "after"

/* 1 for what may stand in a URL as it is (RFC 3986, section 2), '%' too: it
 * begins a byte, or the request would have been refused. */
static int is_of_url(unsigned char c)
{
    return c < 0x80 && (apr_isalnum(c) || strchr("-._~!$&'()*+,;=:@/?%", c));
}

/* Writes text[0..length) without what could end the link or the field. */
static const char *escape(const char *text, apr_size_t length,
                          apr_pool_t *pool)
{
    static const char hex[] = "0123456789ABCDEF";
    char *escaped = apr_palloc(pool, 3 * length + 1);
    char *out = escaped;
    unsigned char c;

    for (; length; length--, text++) {
        c = (unsigned char)*text;
        if (c && is_of_url(c)) {
            *out++ = *text;
            continue;
        }
        *out++ = '%';
        *out++ = hex[c >> 4];
        *out++ = hex[c & 15];
    }
    *out = '\0';
    return escaped;
}

/* The path of what was asked for, which may have been a whole URL. Of slashes
 * that it begins with one is left: a link that begins with two names a host.
 */
static const char *path_of(const char *uri)
{
    const char *authority = *uri == '/' ? NULL : strstr(uri, "://");

    if (authority) {
        uri = authority + 3 + strcspn(authority + 3, "/?");
    }
    while (uri[0] == '/' && uri[1] == '/') {
        uri++;
    }
    return uri;
}

static int is_after(const char *pair, apr_size_t length, apr_pool_t *pool)
{
    apr_size_t end = strcspn(pair, "=&");
    const char *name =
        ubal_query_decode(pair, end < length ? end : length, pool);

    return name && !strcmp(name, PARAMETER);
}

/* The query without `after`, each parameter with a '&' behind it. */
static const char *others_of(const char *query, apr_pool_t *pool)
{
    const char *others = "";
    apr_size_t length;

    for (; *query; query += length + (query[length] != '\0')) {
        length = strcspn(query, "&");
        if (length && !is_after(query, length, pool)) {
            others = apr_pstrcat(pool, others, escape(query, length, pool),
                                 "&", NULL);
        }
    }
    return others;
}

void ubal_link_next(request_rec *r, const char *cursor)
{
    const char *path = path_of(r->unparsed_uri);
    apr_size_t length = strcspn(path, "?");

    apr_table_addn(
        r->headers_out, "Link",
        apr_pstrcat(r->pool, "<", escape(path, length, r->pool), "?",
                    others_of(path + length + (path[length] == '?'), r->pool),
                    PARAMETER "=", cursor, ">; rel=\"next\"", NULL));
}
