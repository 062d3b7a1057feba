/* What is sent to a vendor. Knows the default dialect's query and the kinds
 * of UbalAuth; no curl. */
#include "fetch_request.h"

#include <apr_base64.h>
#include <apr_strings.h>
#include <string.h>

#include "core/time.h"
#include "core/version.h"

/* Encodes all but the unreserved characters of RFC 3986. */
static const char *encode(const char *text, apr_pool_t *pool)
{
    static const char hex[] = "0123456789ABCDEF";
    static const char plain[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    char *out = apr_palloc(pool, 3 * strlen(text) + 1);
    char *at = out;

    for (; *text; text++) {
        unsigned char byte = (unsigned char)*text;

        if (strchr(plain, *text)) {
            *at++ = *text;
        } else {
            *at++ = '%';
            *at++ = hex[byte >> 4];
            *at++ = hex[byte & 15];
        }
    }
    *at = '\0';
    return out;
}

/* The pieces of a URL in the making. */
typedef struct url_t {
    apr_array_header_t *pieces;
    char separator; /* before the next parameter; 0: none is needed */
} url_t;

static void add_piece(url_t *url, const char *piece)
{
    APR_ARRAY_PUSH(url->pieces, const char *) = piece;
}

static int add_param(void *baton, const char *name, const char *value)
{
    url_t *url = baton;
    apr_pool_t *pool = url->pieces->pool;

    if (url->separator) {
        add_piece(url, url->separator == '?' ? "?" : "&");
    }
    url->separator = '&';
    add_piece(url, encode(name, pool));
    add_piece(url, "=");
    add_piece(url, encode(value, pool));
    return 1;
}

static const char *make_url(const ubal_vendor_t *vendor,
                            const ubal_query_t *query, apr_pool_t *pool)
{
    const char *mark = strchr(vendor->url, '?');
    url_t url = {apr_array_make(pool, 40, sizeof(const char *)), '?'};

    add_piece(&url, vendor->url);
    if (mark) {
        url.separator = strchr("?&", mark[strlen(mark) - 1]) ? '\0' : '&';
    }
    apr_table_do(add_param, &url, vendor->params, NULL);
    if (vendor->auth == UBAL_AUTH_QUERY) {
        add_param(&url, vendor->auth_name, vendor->secret);
    }
    add_param(&url, UBAL_VENDOR_FROM, ubal_time_print_ms(query->from, pool));
    add_param(&url, UBAL_VENDOR_TO, ubal_time_print_ms(query->to, pool));
    add_param(&url, UBAL_VENDOR_PAGE, apr_itoa(pool, query->page));
    add_param(&url, vendor->page_size_param, apr_itoa(pool, query->limit));
    return apr_array_pstrcat(pool, url.pieces, '\0');
}

static int add_header(void *baton, const char *name, const char *value)
{
    apr_array_header_t *headers = baton;

    /* To curl, "Name:" without a value takes a header away. */
    APR_ARRAY_PUSH(headers, const char *) =
        *value ? apr_pstrcat(headers->pool, name, ": ", value, NULL)
               : apr_pstrcat(headers->pool, name, ";", NULL);
    return 1;
}

static void add_default(apr_array_header_t *headers,
                        const ubal_vendor_t *vendor, const char *name,
                        const char *value)
{
    if (!apr_table_get(vendor->headers, name)) {
        add_header(headers, name, value);
    }
}

static const char *basic(const char *user, const char *secret,
                         apr_pool_t *pool)
{
    const char *both = apr_pstrcat(pool, user, ":", secret, NULL);
    int length = (int)strlen(both);
    char *encoded =
        apr_palloc(pool, (apr_size_t)apr_base64_encode_len(length));

    apr_base64_encode(encoded, both, length);
    return apr_pstrcat(pool, "Basic ", encoded, NULL);
}

static void add_auth(apr_array_header_t *headers, const ubal_vendor_t *vendor)
{
    apr_pool_t *pool = headers->pool;

    switch (vendor->auth) {
    case UBAL_AUTH_BEARER:
        add_header(headers, "Authorization",
                   apr_pstrcat(pool, "Bearer ", vendor->secret, NULL));
        break;
    case UBAL_AUTH_BASIC:
        add_header(headers, "Authorization",
                   basic(vendor->auth_name, vendor->secret, pool));
        break;
    case UBAL_AUTH_HEADER:
        add_header(headers, vendor->auth_name, vendor->secret);
        break;
    case UBAL_AUTH_NONE:
    case UBAL_AUTH_QUERY:
        break;
    }
}

ubal_error_t *ubal_request_make(ubal_request_t *request,
                                const ubal_vendor_t *vendor,
                                const ubal_query_t *query, apr_pool_t *pool)
{
    apr_array_header_t *headers =
        apr_array_make(pool, 8, sizeof(const char *));

    request->shown =
        apr_pstrmemdup(pool, vendor->url, strcspn(vendor->url, "?#"));
    if (vendor->auth != UBAL_AUTH_NONE && !vendor->secret) {
        return ubal_error_make(UBAL_ERR_CONFIG, pool,
                               "%s: the secret has not been read",
                               request->shown);
    }
    request->url = make_url(vendor, query, pool);
    add_default(headers, vendor, "User-Agent", "ubal-ingest/" UBAL_VERSION);
    add_default(headers, vendor, "Accept", "application/json");
    apr_table_do(add_header, headers, vendor->headers, NULL);
    add_auth(headers, vendor);
    request->headers = headers;
    return NULL;
}
