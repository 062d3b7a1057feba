/* A request as text. See request.h. */
#include "request.h"

#include <string.h>

#include <apr_base64.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "core/time.h"

#ifndef UBAL_VERSION
#define UBAL_VERSION "0.1"
#endif

/* Everything but unreserved characters (RFC 3986, section 2.3) as %XX. */
static const char *escaped(const char *text, apr_pool_t *pool)
{
    static const char hex[] = "0123456789ABCDEF";
    char *result = apr_palloc(pool, 3 * strlen(text) + 1), *to = result;

    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (apr_isalnum(c) || (c && strchr("-._~", c))) {
            *to++ = (char)c;
        } else {
            *to++ = '%';
            *to++ = hex[c >> 4];
            *to++ = hex[c & 15];
        }
    }
    *to = '\0';
    return result;
}

static const char *with_param(const char *url, const char *name,
                              const char *value, apr_pool_t *pool)
{
    const char *mark = strchr(url, '?');
    const char *between = !mark ? "?" : mark[1] ? "&" : "";

    return apr_pstrcat(pool, url, between, escaped(name, pool), "=",
                       escaped(value, pool), NULL);
}

const char *ubal_request_url(const ubal_vendor_t *vendor,
                             const ubal_query_t *query, apr_pool_t *pool)
{
    const apr_array_header_t *params = apr_table_elts(vendor->params);
    const char *url = vendor->url;
    int i;

    for (i = 0; i < params->nelts; i++) {
        const apr_table_entry_t *param =
            &APR_ARRAY_IDX(params, i, apr_table_entry_t);

        url = with_param(url, param->key, param->val, pool);
    }
    url = with_param(url, "startDate", ubal_time_print_ms(query->from, pool),
                     pool);
    url =
        with_param(url, "endDate", ubal_time_print_ms(query->to, pool), pool);
    url = with_param(url, "page", apr_itoa(pool, query->page), pool);
    url = with_param(url, vendor->page_size_param,
                     apr_itoa(pool, query->limit), pool);
    if (vendor->auth == UBAL_AUTH_QUERY) {
        url = with_param(url, vendor->auth_name, vendor->secret, pool);
    }
    return url;
}

static void push(apr_array_header_t *lines, const char *name,
                 const char *value, apr_pool_t *pool)
{
    /* curl sends an empty header only where a semicolon stands for it */
    APR_ARRAY_PUSH(lines, const char *) =
        *value ? apr_pstrcat(pool, name, ": ", value, NULL)
               : apr_pstrcat(pool, name, ";", NULL);
}

static const char *basic(const ubal_vendor_t *vendor, apr_pool_t *pool)
{
    const char *pair =
        apr_pstrcat(pool, vendor->auth_name, ":", vendor->secret, NULL);
    int length = (int)strlen(pair);
    char *encoded = apr_palloc(pool, (apr_size_t)apr_base64_encode_len(length));

    apr_base64_encode(encoded, pair, length);
    return apr_pstrcat(pool, "Basic ", encoded, NULL);
}

apr_array_header_t *ubal_request_headers(const ubal_vendor_t *vendor,
                                         apr_pool_t *pool)
{
    const apr_array_header_t *headers = apr_table_elts(vendor->headers);
    apr_array_header_t *lines = apr_array_make(pool, 8, sizeof(const char *));
    int i;

    if (!apr_table_get(vendor->headers, "User-Agent")) {
        push(lines, "User-Agent", "ubal-ingest/" UBAL_VERSION, pool);
    }
    if (!apr_table_get(vendor->headers, "Accept")) {
        push(lines, "Accept", "application/json", pool);
    }
    for (i = 0; i < headers->nelts; i++) {
        const apr_table_entry_t *header =
            &APR_ARRAY_IDX(headers, i, apr_table_entry_t);

        push(lines, header->key, header->val, pool);
    }
    if (vendor->auth == UBAL_AUTH_BEARER) {
        push(lines, "Authorization",
             apr_pstrcat(pool, "Bearer ", vendor->secret, NULL), pool);
    } else if (vendor->auth == UBAL_AUTH_BASIC) {
        push(lines, "Authorization", basic(vendor, pool), pool);
    } else if (vendor->auth == UBAL_AUTH_HEADER) {
        push(lines, vendor->auth_name, vendor->secret, pool);
    }
    return lines;
}

const char *ubal_request_shown(const ubal_vendor_t *vendor, apr_pool_t *pool)
{
    return apr_pstrndup(pool, vendor->url, strcspn(vendor->url, "?"));
}
