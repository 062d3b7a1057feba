/* Outstanding payouts, from the store to JSON. A page is of one instant, but
 * each of its own: balances are not kept as they were. */
#include "mod_ubal_payouts.h"

#include "core/cursor.h"
#include "mod_ubal_ask.h"
#include "mod_ubal_config.h"
#include "mod_ubal_json.h"
#include "mod_ubal_link.h"
#include "mod_ubal_reply.h"
#include "store/outstanding.h"

#define LIMIT 100
#define LIMIT_MAX 1000

/* Room for a user, so that most lists are made without growing. */
#define USER_ROOM 80

/* What binds cursors to this list; they are of use in any history. */
#define SCOPE "payouts"
#define OWNER ""

enum {
    PARAMETER_LIMIT,
    PARAMETER_AFTER
};

const ubal_query_parameter_t ubal_payouts_parameters[] = {
    [PARAMETER_LIMIT] = {.name = "limit",
                         .kind = UBAL_QUERY_INTEGER,
                         .least = 1,
                         .most = LIMIT_MAX},
    [PARAMETER_AFTER] = {.name = "after", .kind = UBAL_QUERY_TEXT},
    {.name = NULL}};

typedef struct asked_t {
    const char *after;
    apr_int64_t limit;
    int scale;
    ubal_outstanding_page_t page;
} asked_t;

static ubal_error_t *ask(void *baton, ubal_db_t *db, apr_pool_t *pool)
{
    asked_t *asked = baton;

    return ubal_outstanding_read(&asked->page, db, asked->after, asked->limit,
                                 asked->scale, pool);
}

static const ubal_outstanding_t *user_at(const asked_t *asked, int i)
{
    return &APR_ARRAY_IDX(asked->page.users, i, const ubal_outstanding_t);
}

static const char *next_of(const asked_t *asked, apr_pool_t *pool)
{
    ubal_cursor_t cursor = {0};

    if (!asked->page.has_more) {
        return NULL;
    }
    cursor.id = user_at(asked, asked->page.users->nelts - 1)->user_id;
    return ubal_cursor_print(&cursor, SCOPE, OWNER, pool);
}

static int reply(request_rec *r, const asked_t *asked)
{
    const char *next = next_of(asked, r->pool);
    const ubal_outstanding_t *user;
    apr_int64_t amount;
    ubal_json_t json;
    int i;

    ubal_json_begin(&json, ubal_location_of(r), asked->scale,
                    (apr_size_t)(asked->page.users->nelts + 8) * USER_ROOM,
                    r->pool);
    ubal_json_put(&json, "{\"items\":[");
    for (i = 0; i < asked->page.users->nelts; i++) {
        user = user_at(asked, i);
        if (!ubal_type_outstanding(&amount, &user->sums)) {
            return ubal_reply_overflow(r, user->user_id);
        }
        ubal_json_put(&json, i ? ",{\"userId\":" : "{\"userId\":");
        ubal_json_string(&json, user->user_id);
        ubal_json_put(&json, ",\"amount\":");
        ubal_json_amount(&json, amount);
        ubal_json_put(&json, "}");
    }
    ubal_json_put(&json, "],\"next\":");
    if (next) {
        ubal_json_string(&json, next);
        ubal_link_next(r, next);
    } else {
        ubal_json_put(&json, "null");
    }
    ubal_json_put(&json, "}");
    return ubal_reply_json(r, json.text);
}

int ubal_payouts_answer(request_rec *r, const ubal_request_t *request)
{
    const ubal_query_value_t *query = request->query;
    asked_t *asked = apr_pcalloc(r->pool, sizeof(*asked));
    ubal_cursor_t cursor;
    int status;

    asked->scale = ubal_config_scale(r);
    asked->after = "";
    asked->limit =
        query[PARAMETER_LIMIT].text ? query[PARAMETER_LIMIT].number : LIMIT;
    if (query[PARAMETER_AFTER].text) {
        if (!ubal_cursor_parse(&cursor, query[PARAMETER_AFTER].text,
                               r->pool) ||
            !ubal_cursor_is_of(&cursor, SCOPE, OWNER, r->pool)) {
            return ubal_reply_problem(r, HTTP_BAD_REQUEST,
                                      "parameter 'after' is no cursor of "
                                      "this list; begin anew without it");
        }
        asked->after = cursor.id;
    }
    return ubal_ask(&status, r, ask, asked, &asked->page.coverage)
               ? reply(r, asked)
               : status;
}
