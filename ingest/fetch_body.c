/* The body of a reply as it arrives. Knows sizes and speeds, no content. */
#include "fetch_body.h"

#include <stdlib.h>
#include <string.h>

#define FIRST_ROOM 65536
/* Slower than this is a reply that will not end. */
#define LEAST_BYTES_A_SECOND 100
#define PATIENCE_MAX APR_INT64_C(5000000)

void ubal_body_start(ubal_body_t *body, apr_size_t max, apr_int64_t timeout)
{
    memset(body, 0, sizeof(*body));
    body->max = max;
    body->patience = timeout / 3 < PATIENCE_MAX ? timeout / 3 : PATIENCE_MAX;
}

/* Makes room for `more` bytes and a NUL; 0 where there is no memory. */
static int grow(ubal_body_t *body, apr_size_t more)
{
    apr_size_t room = body->room ? body->room : FIRST_ROOM;
    char *grown;

    while (room < body->length + more + 1) {
        room *= 2;
    }
    if (room != body->room) {
        grown = realloc(body->bytes, room);
        if (!grown) {
            return 0;
        }
        body->bytes = grown;
        body->room = room;
    }
    return 1;
}

/* Measured from the first byte on: what a vendor needs to think before it
 * answers is the whole timeout's matter. */
static int is_too_slow(ubal_body_t *body, apr_size_t more, apr_int64_t now)
{
    apr_int64_t passed = now - body->slow_since;
    int is_first = !body->slow_since;
    int is_slow;

    body->slow_bytes += more;
    if (!is_first && passed < body->patience) {
        return 0;
    }
    is_slow = !is_first && (apr_int64_t)body->slow_bytes * 1000000 <
                               LEAST_BYTES_A_SECOND * passed;
    body->slow_since = now;
    body->slow_bytes = 0;
    return is_slow;
}

ubal_error_t *ubal_body_add(ubal_body_t *body, const char *bytes,
                            apr_size_t length, apr_int64_t now,
                            apr_pool_t *pool)
{
    if (length > body->max - body->length) {
        return ubal_error_make(UBAL_ERR_VENDOR, pool,
                               "the reply is longer than %" APR_SIZE_T_FMT
                               " bytes (UbalMaxBody)",
                               body->max);
    }
    if (is_too_slow(body, length, now)) {
        return ubal_error_make(UBAL_ERR_NET, pool,
                               "the reply dribbles: below %d bytes a second "
                               "after %" APR_SIZE_T_FMT " bytes",
                               LEAST_BYTES_A_SECOND, body->length);
    }
    if (!grow(body, length)) {
        return ubal_error_make(UBAL_ERR_SYSTEM, pool,
                               "no memory for the reply");
    }
    memcpy(body->bytes + body->length, bytes, length);
    body->length += length;
    body->bytes[body->length] = '\0';
    return NULL;
}

void ubal_body_free(ubal_body_t *body)
{
    free(body->bytes);
    body->bytes = NULL;
}
