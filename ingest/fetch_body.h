/* The body of a reply as it arrives: bounded, and never slower than a limit.
 * Knows no curl and no clock: it is told the time. */
#ifndef UBAL_FETCH_BODY_H
#define UBAL_FETCH_BODY_H

#include "core/error.h"

typedef struct ubal_body_t {
    char *bytes; /* ends in a NUL; NULL while there are none */
    apr_size_t length;
    apr_size_t room;
    apr_size_t max;         /* bytes it may have */
    apr_int64_t patience;   /* us over which its speed is measured */
    apr_int64_t slow_since; /* when bytes were counted last; 0: none came */
    apr_size_t slow_bytes;  /* that came since */
} ubal_body_t;

/* Prepares `body` for at most `max` bytes of a reply that may take `timeout`
 * us as a whole. */
void ubal_body_start(ubal_body_t *body, apr_size_t max, apr_int64_t timeout);

/* Adds bytes[0..length) at `now` (us, of a clock that never goes back).
 * UBAL_ERR_VENDOR where they are too many, UBAL_ERR_NET where they came too
 * slowly, UBAL_ERR_SYSTEM where there is no memory. */
ubal_error_t *ubal_body_add(ubal_body_t *body, const char *bytes,
                            apr_size_t length, apr_int64_t now,
                            apr_pool_t *pool);

/* Releases the bytes: they are malloc'ed, since a pool would keep every size
 * that they grew through. */
void ubal_body_free(ubal_body_t *body);

#endif
