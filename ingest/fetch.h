/* One request to a vendor: what knows curl is behind this. Requests run in one
 * event loop with descriptors of the caller's. Knows no plan, no budget, no
 * database: whether a request may be sent is asked through the gate. */
#ifndef UBAL_FETCH_H
#define UBAL_FETCH_H

#include "core/error.h"
#include "core/vendor.h"

/* The loop's end of curl. One a process. */
typedef struct ubal_loop_t ubal_loop_t;
typedef struct ubal_fetch_t ubal_fetch_t;

/* Asked once a request, when the connection (TLS included) stands and only
 * the request line is left to send. An error gives the request up unsent and
 * becomes its error. */
typedef ubal_error_t *(*ubal_fetch_gate_t)(void *baton, apr_pool_t *pool);

/* What is asked for. */
typedef struct ubal_query_t {
    apr_int64_t from; /* startDate, us */
    apr_int64_t to;   /* endDate, us */
    int page;         /* from 1 */
    int limit;        /* page size */
} ubal_query_t;

/* What came of a request. */
typedef struct ubal_reply_t {
    ubal_error_t *err;       /* NULL: a whole reply with status 200 */
    int was_sent;            /* the gate had let it pass: it cost a slot */
    int is_over;             /* the whole reply was read or the vendor closed
                              * the connection; 0: we gave it up */
    int status;              /* HTTP; 0: none */
    apr_int64_t date;        /* Date of the reply, us; 0: none or unreadable */
    apr_int64_t retry_after; /* us from now, 0 to 24 h; -1: none */
    const char *body;
    apr_size_t length;
} ubal_reply_t;

ubal_error_t *ubal_loop_make(ubal_loop_t **loop, apr_pool_t *pool);

/* A descriptor of the caller's to be watched for input (or hang-up). */
typedef struct ubal_loop_fd_t {
    int fd;       /* -1: ignored */
    int is_ready; /* set by ubal_loop_wait */
} ubal_loop_fd_t;

/* Waits until a request of the loop is over, one of the descriptors is ready
 * or `timeout` us have passed (-1: no limit), and drives the requests in the
 * meantime. Returns early at a signal. */
ubal_error_t *ubal_loop_wait(ubal_loop_t *loop, ubal_loop_fd_t *fds, int count,
                             apr_int64_t timeout, apr_pool_t *pool);

/* Starts GET url?params&startDate&endDate&page&limit for `vendor` (its
 * headers, auth, timeout, max_body, proxy none): HTTP/1.1 only, a fresh
 * connection, no redirects, no cookies, no netrc, no environment proxies,
 * gzip accepted, bytes counted as they are written (after decoding), a
 * low-speed limit beside the whole timeout. All memory in `pool`, which must
 * stay until the fetch is over. */
ubal_error_t *ubal_fetch_start(ubal_fetch_t **fetch, ubal_loop_t *loop,
                               const ubal_vendor_t *vendor,
                               const ubal_query_t *query,
                               ubal_fetch_gate_t gate, void *baton,
                               apr_pool_t *pool);

/* NULL while it runs; afterwards what came of it. Errors name what happened
 * (status, timeout, "redirect refused", bytes) and never a secret: the URL is
 * shown without its query. */
const ubal_reply_t *ubal_fetch_reply(const ubal_fetch_t *fetch);

/* Gives a running request up now; its reply has is_over 0. */
void ubal_fetch_abort(ubal_fetch_t *fetch);

#endif
