/* Writes transactions as CSV and NDJSON. See mod_ubal_export.h. */
#include "mod_ubal_export.h"

#include <http_log.h>

#include <apr_strings.h>

#include "core/money.h"
#include "core/time.h"
#include "mod_ubal.h"
#include "mod_ubal_stream.h"

APLOG_USE_MODULE(ubal);

/* Room for a row: most need no more. */
#define ROW_ROOM 160

typedef void (*put_row_fn)(ubal_json_t *text, const ubal_list_row_t *row);

void ubal_export_put(ubal_json_t *json, const ubal_list_row_t *row)
{
    ubal_json_put(json, "{\"id\":");
    ubal_json_string(json, row->place.id);
    ubal_json_put(json, ",\"createdAt\":");
    ubal_json_instant(json, row->place.created_at);
    ubal_json_put(json, ",\"type\":\"");
    ubal_json_put(json, ubal_type_name(row->type));
    ubal_json_put(json, "\",\"amount\":");
    ubal_json_amount(json, row->amount);
    ubal_json_put(json, "}");
}

static void put_line(ubal_json_t *json, const ubal_list_row_t *row)
{
    ubal_export_put(json, row);
    ubal_json_put(json, "\n");
}

/* An id as a field. Some spreadsheets part at semicolons, too. One that a
 * spreadsheet would take for a formula has an apostrophe put before it, and so
 * has one that begins with an apostrophe: whoever takes one off has every id
 * as it is. */
static void put_id(ubal_json_t *text, const char *id)
{
    int is_quoted = strpbrk(id, "\",;") != NULL;
    char *field = apr_palloc(text->pool, 2 * strlen(id) + 4);
    char *out = field;

    if (is_quoted) {
        *out++ = '"';
    }
    if (strchr("=+-@'", *id)) {
        *out++ = '\'';
    }
    for (; *id; id++) {
        if (*id == '"') {
            *out++ = '"';
        }
        *out++ = *id;
    }
    if (is_quoted) {
        *out++ = '"';
    }
    *out = '\0';
    ubal_json_put(text, field);
}

/* Of the ways to write amounts, quotes are of no use here. */
static void put_csv(ubal_json_t *text, const ubal_list_row_t *row)
{
    char amount[UBAL_MONEY_LENGTH], instant[UBAL_TIME_LENGTH];
    int is_minor = text->amounts == UBAL_AMOUNTS_MINOR;

    ubal_time_write(instant, row->place.created_at);
    ubal_money_write(amount, row->amount, is_minor ? 0 : text->scale,
                     text->amounts == UBAL_AMOUNTS_STRING
                         ? UBAL_MONEY_FIXED
                         : UBAL_MONEY_SHORTEST);
    put_id(text, row->place.id);
    ubal_json_put(text, ",");
    ubal_json_put(text, instant);
    ubal_json_put(text, ",");
    ubal_json_put(text, ubal_type_name(row->type));
    ubal_json_put(text, ",");
    ubal_json_put(text, amount);
    ubal_json_put(text, "\r\n");
}

static const struct {
    const char *type;
    const char *header;
    put_row_fn put;
} formats[] = {
    [UBAL_EXPORT_CSV] = {"text/csv; charset=utf-8; header=present",
                         "id,createdAt,type,amount\r\n", put_csv},
    [UBAL_EXPORT_NDJSON] = {"application/x-ndjson", "", put_line},
};

/* Sends the page that was read, behind `header`; 0 where the client has gone.
 */
static int send_page(ubal_stream_t *stream, const ubal_walk_t *walk,
                     const char *header, put_row_fn put)
{
    const apr_array_header_t *rows = walk->page.rows;
    ubal_json_t text;
    int i;

    ubal_json_begin(&text, ubal_location_of(stream->r), walk->scale,
                    (apr_size_t)rows->nelts * ROW_ROOM + 1, walk->pool);
    ubal_json_put(&text, header);
    for (i = 0; i < rows->nelts; i++) {
        put(&text, &APR_ARRAY_IDX(rows, i, const ubal_list_row_t));
    }
    return !text.length || ubal_stream_send(stream, text.text, text.length);
}

int ubal_export_send(request_rec *r, ubal_walk_t *walk, ubal_export_e format,
                     int is_whole)
{
    const char *header = formats[format].header;
    ubal_stream_t stream;
    ubal_error_t *err = NULL;

    ubal_stream_begin(&stream, r, formats[format].type);
    while (!r->header_only) {
        if (!send_page(&stream, walk, header, formats[format].put)) {
            return OK;
        }
        if (!is_whole || !walk->page.has_more) {
            break;
        }
        err = ubal_walk_next(walk, r);
        if (err) {
            ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                          "an export was broken off: %s", err->message);
            ubal_stream_break(&stream);
            return OK;
        }
        header = "";
    }
    ubal_stream_end(&stream);
    return OK;
}
