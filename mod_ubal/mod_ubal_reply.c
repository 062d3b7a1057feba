/* Writes replies. Problems are written here and not left to httpd, whose
 * ErrorDocument would put a page in their place. */
#include "mod_ubal_reply.h"

#include <http_protocol.h>

#include <apr_strings.h>

#include "core/id.h"
#include "core/time.h"

#define ALLOWED "GET,HEAD,OPTIONS"

/* Seconds: a fetch or a database may need a moment, a client not a minute. */
#define RETRY_AFTER "5"

/* Writes `c` as it stands in a JSON string; returns where the next goes. */
static char *quote_byte(char *out, unsigned char c)
{
    static const char hex[] = "0123456789abcdef";

    if (c == '"' || c == '\\') {
        *out++ = '\\';
    } else if (c < 0x20 || c == 0x7f) {
        memcpy(out, "\\u00", 4);
        out[4] = hex[c >> 4];
        out[5] = hex[c & 15];
        return out + 6;
    }
    *out++ = (char)c;
    return out;
}

/* The length of the UTF-8 character that `text` begins with; 0 for none. */
static apr_size_t character(const char *text)
{
    apr_size_t length;

    for (length = 1; length <= 4; length++) {
        if (ubal_id_is_utf8(text, length)) {
            return length;
        }
        if (!text[length]) {
            break;
        }
    }
    return 0;
}

const char *ubal_reply_quote(const char *text, apr_pool_t *pool)
{
    char *quoted = apr_palloc(pool, 6 * strlen(text) + 3);
    char *out = quoted;
    apr_size_t length;

    *out++ = '"';
    while (*text) {
        if ((unsigned char)*text < 0x80) {
            out = quote_byte(out, (unsigned char)*text++);
        } else if ((length = character(text))) {
            memcpy(out, text, length);
            out += length;
            text += length;
        } else {
            memcpy(out, "\xef\xbf\xbd", 3); /* U+FFFD */
            out += 3;
            text++;
        }
    }
    *out++ = '"';
    *out = '\0';
    return quoted;
}

void ubal_reply_coverage(request_rec *r, const ubal_coverage_t *coverage)
{
    const char *missing = apr_pstrcat(
        r->pool, coverage->has_backfill ? ",backfill" : "",
        coverage->has_gaps ? ",gaps" : "", coverage->has_dead ? ",dead" : "",
        coverage->has_conflicts ? ",conflicts" : "", NULL);

    if (coverage->as_of) {
        apr_table_setn(r->headers_out, "Ubal-As-Of",
                       ubal_time_print(coverage->as_of, r->pool));
    }
    if (coverage->since) {
        apr_table_setn(r->headers_out, "Ubal-Since",
                       ubal_time_print(coverage->since, r->pool));
    }
    if (*missing) {
        apr_table_setn(r->headers_out, "Ubal-Incomplete", missing + 1);
    }
}

static int send_body(request_rec *r, const char *type, const char *body)
{
    apr_size_t length = strlen(body);

    apr_table_setn(r->headers_out, "Cache-Control", "private, no-cache");
    if (type) {
        ap_set_content_type(r, type);
    }
    ap_set_content_length(r, (apr_off_t)length);
    ap_rwrite(body, (int)length, r);
    return OK;
}

int ubal_reply_json(request_rec *r, const char *body)
{
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
    const char *title = title_of(status);

    if (r->main) {
        return status;
    }
    r->status = status;
    return send_body(
        r, "application/problem+json",
        apr_psprintf(r->pool,
                     "{\"type\":\"about:blank\",\"title\":%s,\"status\":%d"
                     "%s%s}",
                     ubal_reply_quote(title, r->pool), status,
                     detail ? ",\"detail\":" : "",
                     detail ? ubal_reply_quote(detail, r->pool) : ""));
}

int ubal_reply_unavailable(request_rec *r, const char *detail)
{
    apr_table_setn(r->headers_out, "Retry-After", RETRY_AFTER);
    return ubal_reply_problem(r, HTTP_SERVICE_UNAVAILABLE, detail);
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
