/* Sends pieces. See mod_ubal_stream.h. */
#include "mod_ubal_stream.h"

#include <sys/socket.h>

#include <http_core.h>
#include <http_protocol.h>

#include <apr_portable.h>

void ubal_stream_begin(ubal_stream_t *stream, request_rec *r, const char *type)
{
    apr_table_setn(r->headers_out, "Cache-Control", "private, no-cache");
    ap_set_content_type(r, type);
    stream->r = r;
    stream->brigade = apr_brigade_create(r->pool, r->connection->bucket_alloc);
}

/* Passes on what is in the brigade, with `last` behind it. */
static int pass(ubal_stream_t *stream, apr_bucket *last)
{
    request_rec *r = stream->r;
    apr_status_t rv;

    APR_BRIGADE_INSERT_TAIL(stream->brigade, last);
    rv = ap_pass_brigade(r->output_filters, stream->brigade);
    apr_brigade_cleanup(stream->brigade);
    return rv == APR_SUCCESS && !r->connection->aborted;
}

/* With a flush: httpd would keep what it cannot send, piece after piece. */
int ubal_stream_send(ubal_stream_t *stream, const char *text,
                     apr_size_t length)
{
    apr_bucket_alloc_t *alloc = stream->brigade->bucket_alloc;

    APR_BRIGADE_INSERT_TAIL(stream->brigade,
                            apr_bucket_transient_create(text, length, alloc));
    return pass(stream, apr_bucket_flush_create(alloc));
}

void ubal_stream_end(ubal_stream_t *stream)
{
    pass(stream, apr_bucket_eos_create(stream->brigade->bucket_alloc));
}

/* Has the socket reset when it is closed. A stream of HTTP/2 is reset alone,
 * by what httpd makes of the error. */
static void reset_at_close(conn_rec *c)
{
    struct linger linger = {1, 0};
    apr_os_sock_t fd;

    if (!c->master &&
        apr_os_sock_get(&fd, ap_get_conn_socket(c)) == APR_SUCCESS) {
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &linger, sizeof(linger));
    }
}

/* As mod_proxy does when the server behind it breaks off: the filter that
 * makes chunks leaves out the last one after this error. */
void ubal_stream_break(ubal_stream_t *stream)
{
    request_rec *r = stream->r;
    apr_bucket_alloc_t *alloc = stream->brigade->bucket_alloc;

    r->connection->keepalive = AP_CONN_CLOSE;
    if (!r->chunked) {
        reset_at_close(r->connection);
    }
    APR_BRIGADE_INSERT_TAIL(
        stream->brigade,
        ap_bucket_error_create(HTTP_BAD_GATEWAY, NULL, r->pool, alloc));
    pass(stream, apr_bucket_eos_create(alloc));
    r->connection->aborted = 1;
}
