/* The demo vendor's replies as only a fault makes them, see demo_faulty.h.
 * Knows the connection and its bytes, not what is listed. */
#include "demo_faulty.h"

#include <apr_portable.h>
#include <apr_strings.h>
#include <http_core.h>
#include <http_protocol.h>
#include <poll.h>
#include <sys/socket.h>

#include "demo_bomb.h"
#include "demo_reply.h"

static int descriptor(request_rec *r)
{
    apr_os_sock_t fd = -1;

    apr_os_sock_get(&fd, ap_get_conn_socket(r->connection));
    return fd;
}

/* Waits; returns 0 as soon as the client has hung up. */
static int wait_for(request_rec *r, int64_t milliseconds)
{
    struct pollfd client = {.fd = descriptor(r), .events = POLLRDHUP};

    if (milliseconds > INT32_MAX) {
        milliseconds = INT32_MAX;
    }
    return poll(&client, 1, (int)milliseconds) == 0;
}

/* Closes without another byte: httpd writes nothing to an aborted one. */
static int hang_up(request_rec *r)
{
    r->connection->keepalive = AP_CONN_CLOSE;
    r->connection->aborted = 1;
    return OK;
}

static int drop(request_rec *r, const char *how)
{
    if (!strcmp(how, "reset")) {
        struct linger linger = {1, 0};

        setsockopt(descriptor(r), SOL_SOCKET, SO_LINGER, &linger,
                   sizeof(linger));
    }
    return hang_up(r);
}

static int status(request_rec *r, const demo_faults_t *faults)
{
    const demo_fault_t *after = &faults->of[DEMO_FAULT_RETRY_AFTER];

    if (after->on) {
        apr_table_setn(r->err_headers_out, "Retry-After",
                       apr_pstrdup(r->pool, after->text));
    }
    return demo_reply_problem(r, (int)faults->of[DEMO_FAULT_STATUS].value,
                              "as a fault asks");
}

static int redirect(request_rec *r, const char *url)
{
    apr_table_setn(r->headers_out, "Location", apr_pstrdup(r->pool, url));
    return demo_reply_problem(r, HTTP_MOVED_TEMPORARILY, "elsewhere");
}

static int html(request_rec *r)
{
    ap_set_content_type(r, "text/html; charset=utf-8");
    ap_rputs("<!DOCTYPE html>\n<title>Sorry</title>\n"
             "<h1>We are down for maintenance</h1>\n",
             r);
    return OK;
}

static int big(request_rec *r, int64_t bytes)
{
    static const char start[] = "{\"items\":[", end[] = "]}";
    char blanks[8192];

    ap_set_content_type(r, "application/json");
    memset(blanks, ' ', sizeof(blanks));
    ap_rputs(start, r);
    for (bytes -= (int64_t)(sizeof(start) + sizeof(end) - 2);
         bytes > 0 && !r->connection->aborted;
         bytes -= (int64_t)sizeof(blanks)) {
        ap_rwrite(blanks,
                  bytes < (int64_t)sizeof(blanks) ? (int)bytes
                                                  : (int)sizeof(blanks),
                  r);
    }
    ap_rputs(end, r);
    return OK;
}

int demo_faulty_answer(request_rec *r, const demo_faults_t *faults)
{
    const demo_fault_t *of = faults->of;

    if (of[DEMO_FAULT_DELAY].on && !wait_for(r, of[DEMO_FAULT_DELAY].value)) {
        return hang_up(r);
    }
    if (of[DEMO_FAULT_HANG].on) {
        wait_for(r, of[DEMO_FAULT_HANG].value * 1000);
        return hang_up(r);
    }
    if (of[DEMO_FAULT_DROP].on) {
        return drop(r, of[DEMO_FAULT_DROP].text);
    }
    if (of[DEMO_FAULT_STATUS].on) {
        return status(r, faults);
    }
    if (of[DEMO_FAULT_REDIRECT].on) {
        return redirect(r, of[DEMO_FAULT_REDIRECT].text);
    }
    if (of[DEMO_FAULT_HTML].on) {
        return html(r);
    }
    if (of[DEMO_FAULT_BIG].on) {
        return big(r, of[DEMO_FAULT_BIG].value);
    }
    if (of[DEMO_FAULT_BOMB].on) {
        return demo_bomb_send(r, of[DEMO_FAULT_BOMB].value);
    }
    return DECLINED;
}

static int cut(request_rec *r, const char *text, apr_size_t length,
               const char *how)
{
    if (!strcmp(how, "close")) {
        /* As HTTP/1.0 does it: the body ends where the connection does. */
        r->proto_num = HTTP_VERSION(1, 0);
        apr_table_setn(r->subprocess_env, "force-response-1.0", "1");
        apr_table_setn(r->subprocess_env, "nokeepalive", "1");
    } else if (strcmp(how, "chunked") != 0) {
        ap_set_content_length(r, (apr_off_t)length);
    }
    ap_rwrite(text, (int)(length / 2), r);
    ap_rflush(r);
    return hang_up(r);
}

static int dribble(request_rec *r, const char *text, apr_size_t length,
                   int64_t milliseconds)
{
    apr_size_t i;

    ap_set_content_length(r, (apr_off_t)length);
    for (i = 0; i < length; i++) {
        ap_rwrite(text + i, 1, r);
        ap_rflush(r);
        if (r->connection->aborted || !wait_for(r, milliseconds)) {
            return hang_up(r);
        }
    }
    return OK;
}

int demo_faulty_send(request_rec *r, apr_bucket_brigade *body,
                     const demo_faults_t *faults)
{
    const demo_fault_t *cutting = &faults->of[DEMO_FAULT_CUT];
    const demo_fault_t *slowness = &faults->of[DEMO_FAULT_DRIBBLE];
    apr_size_t length;
    char *text;

    if (!cutting->on && !slowness->on) {
        return demo_reply_json(r, body);
    }
    if (apr_brigade_pflatten(body, &text, &length, r->pool) != APR_SUCCESS) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    ap_set_content_type(r, "application/json");
    if (cutting->on) {
        return cut(r, text, length, cutting->text);
    }
    return dribble(r, text, length, slowness->value);
}
