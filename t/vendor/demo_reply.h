/* The demo vendor's replies as a sound vendor sends them. */
#ifndef DEMO_REPLY_H
#define DEMO_REPLY_H

#include <httpd.h>
#include <util_filter.h>

/* A body to be printed to, with apr_brigade_printf or apr_brigade_puts. */
apr_bucket_brigade *demo_reply_body(request_rec *r);

/* Sends `body`, JSON, with the status of `r`. Returns what a handler does. */
int demo_reply_json(request_rec *r, apr_bucket_brigade *body);

/* Sends an error in the manner of RFC 9457. `detail` needs no escaping. */
int demo_reply_problem(request_rec *r, int status, const char *detail);

#endif
