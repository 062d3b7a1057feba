/* What goes back: bodies, headers, problems. Knows HTTP and JSON; not where
 * the figures come from. */
#ifndef MOD_UBAL_REPLY_H
#define MOD_UBAL_REPLY_H

#include <httpd.h>

#include "store/read.h"

/* Sets Ubal-As-Of, Ubal-Since and Ubal-Incomplete, as far as known. */
void ubal_reply_coverage(request_rec *r, const ubal_coverage_t *coverage);

/* Sends `body`, allocated in r->pool, as JSON with a strong ETag made of it;
 * or 304 where If-None-Match has that tag (RFC 9110, section 13.1.2), or a
 * form of it that mod_deflate or mod_brotli made. These give what a handler
 * returns. */
int ubal_reply_json(request_rec *r, const char *body);

/* The same with the tag that ubal_etag_make() gave for that body, in r->pool
 * too. */
int ubal_reply_tagged(request_rec *r, const char *body, const char *tag);

/* Sends a problem (RFC 9457), which has no ETag, with `detail`, which shows
 * nothing of SQL, paths or secrets; NULL leaves it out. A subrequest, whose
 * body would land in another page, gets the bare status. */
int ubal_reply_problem(request_rec *r, int status, const char *detail);

/* The same as 503, to be tried again in a few seconds. */
int ubal_reply_unavailable(request_rec *r, const char *detail);

/* Says in the log that a sum of `user_id` does not fit into an amount, and to
 * the client no more than 500. */
int ubal_reply_overflow(request_rec *r, const char *user_id);

/* Answers a method that is not GET or HEAD: OPTIONS, or 405. */
int ubal_reply_method(request_rec *r);

#endif
