/* Bytes that come and go, in a pool of their own that is changed for another
 * as they grow: so that what was large once is not kept. Knows no descriptor.
 */
#ifndef UBAL_BUFFER_H
#define UBAL_BUFFER_H

#include <apr_pools.h>

/* Zeros at first, but for `parent`. */
typedef struct ubal_buffer_t {
    char *bytes;
    apr_size_t length, size;
    apr_pool_t *pool, *parent;
} ubal_buffer_t;

/* Makes room for `more` bytes behind those there are. */
void ubal_buffer_grow(ubal_buffer_t *buffer, apr_size_t more);

/* Adds bytes at the end. */
void ubal_buffer_add(ubal_buffer_t *buffer, const char *bytes,
                     apr_size_t length);

/* Drops the first `count` bytes. */
void ubal_buffer_consume(ubal_buffer_t *buffer, apr_size_t count);

#endif
