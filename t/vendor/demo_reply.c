/* The demo vendor's replies, see demo_reply.h. Knows no faults. */
#include "demo_reply.h"

#include <apr_strings.h>
#include <http_protocol.h>

apr_bucket_brigade *demo_reply_body(request_rec *r)
{
    return apr_brigade_create(r->pool, r->connection->bucket_alloc);
}

static int send_whole(request_rec *r, apr_bucket_brigade *body)
{
    apr_off_t length;

    if (apr_brigade_length(body, 1, &length) == APR_SUCCESS) {
        ap_set_content_length(r, length);
    }
    APR_BRIGADE_INSERT_TAIL(body, apr_bucket_eos_create(body->bucket_alloc));
    ap_pass_brigade(r->output_filters, body);
    return OK;
}

int demo_reply_json(request_rec *r, apr_bucket_brigade *body)
{
    ap_set_content_type(r, "application/json");
    return send_whole(r, body);
}

int demo_reply_problem(request_rec *r, int status, const char *detail)
{
    apr_bucket_brigade *body = demo_reply_body(r);

    r->status = status;
    /* httpd makes a 500 of a status that it does not know. */
    r->status_line = ap_get_status_line(status);
    if (status != 500 && !strcmp(r->status_line, ap_get_status_line(500))) {
        r->status_line = apr_psprintf(r->pool, "%d Demo", status);
    }
    ap_set_content_type(r, "application/problem+json");
    apr_brigade_printf(body, NULL, NULL,
                       "{\"type\":\"about:blank\",\"title\":\"%s\","
                       "\"status\":%d,\"detail\":\"%s\"}",
                       r->status_line + 4, status, detail);
    return send_whole(r, body);
}
