/* A reply that is sent in pieces, as they are made. Knows httpd's filters and
 * connections; not what is sent. */
#ifndef MOD_UBAL_STREAM_H
#define MOD_UBAL_STREAM_H

#include <httpd.h>

#include <util_filter.h>

typedef struct ubal_stream_t {
    request_rec *r;
    apr_bucket_brigade *brigade;
} ubal_stream_t;

/* Begins a reply of media type `type`. */
void ubal_stream_begin(ubal_stream_t *stream, request_rec *r,
                       const char *type);

/* Sends text[0..length) and waits until the client has room for it; the text
 * is the caller's again afterwards. Returns 0 where the client has gone: then
 * there is nothing more to do. */
int ubal_stream_send(ubal_stream_t *stream, const char *text,
                     apr_size_t length);

/* Ends the reply as a whole one. */
void ubal_stream_end(ubal_stream_t *stream);

/* Ends the connection instead, in a way that no client takes for the end of a
 * whole reply: without the last chunk, and where there are no chunks
 * (HTTP/1.0) by a reset. */
void ubal_stream_break(ubal_stream_t *stream);

#endif
