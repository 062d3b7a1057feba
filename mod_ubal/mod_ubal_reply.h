/* What goes back: bodies, headers, problems. Knows HTTP and JSON; not where
 * the figures come from. */
#ifndef MOD_UBAL_REPLY_H
#define MOD_UBAL_REPLY_H

#include <httpd.h>

#include "store/read.h"

/* Quotes `text` as a JSON string (RFC 8259, section 7); bytes that are no
 * UTF-8 become U+FFFD. Allocated in `pool`. */
const char *ubal_reply_quote(const char *text, apr_pool_t *pool);

/* Sets Ubal-As-Of, Ubal-Since and Ubal-Incomplete, as far as known. */
void ubal_reply_coverage(request_rec *r, const ubal_coverage_t *coverage);

/* Sends `body` as JSON. These give what a handler returns. */
int ubal_reply_json(request_rec *r, const char *body);

/* Sends a problem (RFC 9457) with `detail`, which shows nothing of SQL, paths
 * or secrets; NULL leaves it out. A subrequest, whose body would land in
 * another page, gets the bare status. */
int ubal_reply_problem(request_rec *r, int status, const char *detail);

/* The same as 503, to be tried again in a few seconds. */
int ubal_reply_unavailable(request_rec *r, const char *detail);

/* Answers a method that is not GET or HEAD: OPTIONS, or 405. */
int ubal_reply_method(request_rec *r);

#endif
