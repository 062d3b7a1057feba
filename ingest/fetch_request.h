/* What is sent to a vendor: its URL with the query, and the headers with the
 * credentials. Knows no curl and sends nothing. */
#ifndef UBAL_FETCH_REQUEST_H
#define UBAL_FETCH_REQUEST_H

#include "fetch.h"

typedef struct ubal_request_t {
    const char *url;
    const char *shown;           /* the URL for messages: without its query */
    apr_array_header_t *headers; /* of const char *, as CURLOPT_HTTPHEADER
                                  * takes them: "Name: value" or "Name;" */
} ubal_request_t;

/* Fills `request` with what asks `vendor` for `query`. Names and values of
 * the URL's query are percent-encoded; times have three decimals.
 * UBAL_ERR_CONFIG where the secret has not been read. */
ubal_error_t *ubal_request_make(ubal_request_t *request,
                                const ubal_vendor_t *vendor,
                                const ubal_query_t *query, apr_pool_t *pool);

#endif
