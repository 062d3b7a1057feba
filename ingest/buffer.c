/* Bytes that come and go. See buffer.h. */
#include "buffer.h"

#include <string.h>

void ubal_buffer_grow(ubal_buffer_t *buffer, apr_size_t more)
{
    apr_size_t needed = buffer->length + more, size = 2 * buffer->size;
    apr_pool_t *pool;
    char *bytes;

    if (buffer->size >= needed) {
        return;
    }
    size = size > needed ? size : needed;
    apr_pool_create(&pool, buffer->parent);
    bytes = apr_palloc(pool, size);
    if (buffer->length) {
        memcpy(bytes, buffer->bytes, buffer->length);
    }
    if (buffer->pool) {
        apr_pool_destroy(buffer->pool);
    }
    buffer->bytes = bytes;
    buffer->size = size;
    buffer->pool = pool;
}

void ubal_buffer_add(ubal_buffer_t *buffer, const char *bytes,
                     apr_size_t length)
{
    ubal_buffer_grow(buffer, length);
    memcpy(buffer->bytes + buffer->length, bytes, length);
    buffer->length += length;
}

void ubal_buffer_consume(ubal_buffer_t *buffer, apr_size_t count)
{
    buffer->length -= count;
    memmove(buffer->bytes, buffer->bytes + count, buffer->length);
}
