/* Text that grows. Knows bytes alone. */
#ifndef UBAL_STORE_TEXT_H
#define UBAL_STORE_TEXT_H

#include <apr_pools.h>

typedef struct ubal_text_t {
    char *bytes; /* without a NUL behind them */
    apr_size_t length, room;
    apr_pool_t *pool;
} ubal_text_t;

/* An empty one, whose bytes will live as long as `pool`. */
ubal_text_t ubal_text_make(apr_pool_t *pool);

/* Makes room for that many bytes more behind the last. */
void ubal_text_need(ubal_text_t *text, apr_size_t length);

/* Adds a byte, for which there is room, or a number. */
static inline void ubal_text_put(ubal_text_t *text, char byte)
{
    text->bytes[text->length++] = byte;
}
void ubal_text_put_int(ubal_text_t *text, apr_int64_t number);

#endif
