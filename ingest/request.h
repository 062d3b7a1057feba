/* A request as text: the URL with its query and the headers. Knows the default
 * dialect and where secrets go; must not know curl. */
#ifndef UBAL_REQUEST_H
#define UBAL_REQUEST_H

#include "fetch.h"

/* The URL to ask, with parameters, dates (RFC 3339 with milliseconds), page
 * and limit, and the secret where the vendor wants it in the query. Allocated
 * in `pool`; not to be shown. */
const char *ubal_request_url(const ubal_vendor_t *vendor,
                             const ubal_query_t *query, apr_pool_t *pool);

/* The header lines to send, credentials included, an array of const char *.
 * Not to be shown. */
apr_array_header_t *ubal_request_headers(const ubal_vendor_t *vendor,
                                         apr_pool_t *pool);

/* The vendor's URL as it may be shown: without its query. */
const char *ubal_request_shown(const ubal_vendor_t *vendor, apr_pool_t *pool);

#endif
