/* A user's transactions: which format, how much of it, and the JSON one. */
#include "mod_ubal_transactions.h"

#include "mod_ubal_accept.h"
#include "mod_ubal_export.h"
#include "mod_ubal_link.h"
#include "mod_ubal_reply.h"

/* Rows of a page where the client does not say, and in a piece of what is sent
 * whole. */
#define PAGE_ROWS 100
#define PIECE_ROWS 1000

/* Room for a row, so that most lists are made without growing. */
#define ROW_ROOM 160

static const char *const formats[] = {"application/json", "text/csv",
                                      "application/x-ndjson", NULL};

static int reply(request_rec *r, const ubal_walk_t *walk)
{
    const apr_array_header_t *rows = walk->page.rows;
    ubal_json_t json;
    int i;

    ubal_json_begin(&json, ubal_location_of(r), walk->scale,
                    (apr_size_t)(rows->nelts + 4) * ROW_ROOM, r->pool);
    ubal_json_put(&json, "{\"userId\":");
    ubal_json_string(&json, walk->list.user_id);
    ubal_json_put(&json, ",\"items\":[");
    for (i = 0; i < rows->nelts; i++) {
        ubal_json_put(&json, i ? "," : "");
        ubal_export_put(&json, &APR_ARRAY_IDX(rows, i, const ubal_list_row_t));
    }
    ubal_json_put(&json, "],\"next\":");
    if (walk->cursor) {
        ubal_json_string(&json, walk->cursor);
    } else {
        ubal_json_put(&json, "null");
    }
    ubal_json_put(&json, "}");
    return ubal_reply_json(r, json.text);
}

int ubal_transactions_answer(request_rec *r, const ubal_request_t *request)
{
    const ubal_query_value_t *limit = &request->query[UBAL_WALK_LIMIT];
    int format = ubal_accept_choose(r, formats);
    int is_whole = format > 0 && !limit->text;
    ubal_walk_t *walk = apr_palloc(r->pool, sizeof(*walk));
    int status;

    if (format < 0) {
        return ubal_reply_problem(r, HTTP_NOT_ACCEPTABLE,
                                  "there are application/json, text/csv and "
                                  "application/x-ndjson");
    }
    if (!ubal_walk_begin(walk, &status, r, request,
                         limit->text ? limit->number
                         : is_whole  ? PIECE_ROWS
                                     : PAGE_ROWS)) {
        return status;
    }
    if (walk->cursor && !is_whole) {
        ubal_link_next(r, walk->cursor);
    }
    return format ? ubal_export_send(r, walk, (ubal_export_e)(format - 1),
                                     is_whole)
                  : reply(r, walk);
}
