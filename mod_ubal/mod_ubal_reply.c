/* Writes replies. Problems are written here and not left to httpd, whose
 * ErrorDocument would put a page in their place. */
#include "mod_ubal_reply.h"

#include <http_log.h>
#include <http_protocol.h>

#include <apr_strings.h>

#include "core/time.h"
#include "mod_ubal.h"
#include "mod_ubal_etag.h"
#include "mod_ubal_json.h"

APLOG_USE_MODULE(ubal);

#define ALLOWED "GET,HEAD,OPTIONS"

/* Seconds: a fetch or a database may need a moment, a client not a minute. */
#define RETRY_AFTER "5"

/* Room for a problem, so that most are made without growing. */
#define PROBLEM_ROOM 512

/* An instant that was the same in the last reply, most likely. */
typedef struct printed_t {
    apr_int64_t us;
    apr_size_t length; /* 0: none yet */
    char text[UBAL_TIME_LENGTH];
} printed_t;

static const char *print(printed_t *last, apr_int64_t us, apr_pool_t *pool)
{
    if (!last->length || last->us != us) {
        last->us = us;
        last->length = ubal_time_write(last->text, us);
    }
    return apr_pstrmemdup(pool, last->text, last->length);
}

void ubal_reply_coverage(request_rec *r, const ubal_coverage_t *coverage)
{
    static _Thread_local printed_t as_of, since;

    if (coverage->as_of) {
        apr_table_setn(r->headers_out, "Ubal-As-Of",
                       print(&as_of, coverage->as_of, r->pool));
    }
    if (coverage->since) {
        apr_table_setn(r->headers_out, "Ubal-Since",
                       print(&since, coverage->since, r->pool));
    }
    if (coverage->has_backfill || coverage->has_gaps || coverage->has_dead ||
        coverage->has_conflicts) {
        apr_table_setn(
            r->headers_out, "Ubal-Incomplete",
            1 + apr_pstrcat(r->pool, coverage->has_backfill ? ",backfill" : "",
                            coverage->has_gaps ? ",gaps" : "",
                            coverage->has_dead ? ",dead" : "",
                            coverage->has_conflicts ? ",conflicts" : "",
                            NULL));
    }
}

/* In one brigade with its end, so that httpd can tell the length. The bucket
 * knows its pool: a subrequest's may go before what it said was sent. */
static int send_body(request_rec *r, const char *type, const char *body)
{
    apr_bucket_alloc_t *alloc = r->connection->bucket_alloc;
    apr_bucket_brigade *brigade = apr_brigade_create(r->pool, alloc);

    apr_table_setn(r->headers_out, "Cache-Control", "private, no-cache");
    if (type) {
        ap_set_content_type(r, type);
    }
    if (*body) {
        APR_BRIGADE_INSERT_TAIL(
            brigade,
            apr_bucket_pool_create(body, strlen(body), r->pool, alloc));
    }
    APR_BRIGADE_INSERT_TAIL(brigade, apr_bucket_eos_create(alloc));
    /* It fails only where the client has gone. */
    ap_pass_brigade(r->output_filters, brigade);
    return OK;
}

int ubal_reply_json(request_rec *r, const char *body)
{
    return ubal_reply_tagged(r, body,
                             ubal_etag_make(body, strlen(body), r->pool));
}

int ubal_reply_tagged(request_rec *r, const char *body, const char *tag)
{
    const char *had = ubal_etag_match(r, tag);

    apr_table_setn(r->headers_out, "ETag", had ? had : tag);
    if (had) {
        apr_table_setn(r->headers_out, "Cache-Control", "private, no-cache");
        return HTTP_NOT_MODIFIED;
    }
    return send_body(r, "application/json", body);
}

/* The phrase of a status line without its number. */
static const char *title_of(int status)
{
    const char *line = ap_get_status_line(status);

    return strlen(line) > 4 ? line + 4 : line;
}

int ubal_reply_problem(request_rec *r, int status, const char *detail)
{
    ubal_json_t json;

    if (r->main) {
        return status;
    }
    r->status = status;
    ubal_json_begin(&json, ubal_location_of(r), 0, PROBLEM_ROOM, r->pool);
    ubal_json_put(&json, "{\"type\":\"about:blank\",\"title\":");
    ubal_json_string(&json, title_of(status));
    ubal_json_put(&json, ",\"status\":");
    ubal_json_put(&json, apr_itoa(r->pool, status));
    if (detail) {
        ubal_json_put(&json, ",\"detail\":");
        ubal_json_string(&json, detail);
    }
    ubal_json_put(&json, "}");
    return send_body(r, "application/problem+json", json.text);
}

int ubal_reply_unavailable(request_rec *r, const char *detail)
{
    apr_table_setn(r->headers_out, "Retry-After", RETRY_AFTER);
    return ubal_reply_problem(r, HTTP_SERVICE_UNAVAILABLE, detail);
}

int ubal_reply_overflow(request_rec *r, const char *user_id)
{
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                  "the sums of user '%s' do not fit into an amount", user_id);
    return ubal_reply_problem(r, HTTP_INTERNAL_SERVER_ERROR, NULL);
}

int ubal_reply_method(request_rec *r)
{
    apr_table_setn(r->headers_out, "Allow", ALLOWED);
    if (r->method_number == M_OPTIONS) {
        return send_body(r, NULL, "");
    }
    return ubal_reply_problem(r, HTTP_METHOD_NOT_ALLOWED,
                              "only " ALLOWED " are answered here");
}
