/* Walks. See mod_ubal_walk.h. */
#include "mod_ubal_walk.h"

#include <apr_strings.h>

#include "core/cursor.h"
#include "mod_ubal_ask.h"
#include "mod_ubal_config.h"
#include "mod_ubal_reply.h"

#define LIMIT_MAX 1000

/* In the order of ubal_type_e. */
static const char *const types[] = {"earned", "spent", "payout", "paid_out",
                                    NULL};
static const char *const orders[] = {"desc", "asc", NULL};

const ubal_query_parameter_t ubal_walk_parameters[] = {
    [UBAL_WALK_FROM] = {.name = "from", .kind = UBAL_QUERY_INSTANT},
    [UBAL_WALK_TO] = {.name = "to", .kind = UBAL_QUERY_INSTANT},
    [UBAL_WALK_TYPE] = {.name = "type",
                        .kind = UBAL_QUERY_WORD,
                        .words = types},
    [UBAL_WALK_LIMIT] = {.name = "limit",
                         .kind = UBAL_QUERY_INTEGER,
                         .least = 1,
                         .most = LIMIT_MAX},
    [UBAL_WALK_ORDER] = {.name = "order",
                         .kind = UBAL_QUERY_WORD,
                         .words = orders},
    [UBAL_WALK_AFTER] = {.name = "after", .kind = UBAL_QUERY_TEXT},
    {.name = NULL}};

static const char no_cursor[] =
    "parameter 'after' is no cursor of this list, or not any more; begin anew "
    "without it";

static void read_filters(ubal_list_t *list, const ubal_query_value_t *query)
{
    list->from = query[UBAL_WALK_FROM].text ? query[UBAL_WALK_FROM].number : 0;
    list->to =
        query[UBAL_WALK_TO].text ? query[UBAL_WALK_TO].number : APR_INT64_MAX;
    list->type =
        query[UBAL_WALK_TYPE].text ? (int)query[UBAL_WALK_TYPE].number : -1;
    list->is_ascending = query[UBAL_WALK_ORDER].number == 1;
    list->commit_seq = UBAL_LIST_NOW;
}

/* All that makes one list another; the limit does not. The user, who may have
 * spaces, comes last. */
static const char *scope_of(const ubal_list_t *list, apr_pool_t *pool)
{
    return apr_psprintf(
        pool,
        "transactions %d %d %" APR_INT64_T_FMT " %" APR_INT64_T_FMT " %s",
        list->is_ascending, list->type, list->from, list->to, list->user_id);
}

static void go_after(ubal_walk_t *walk, const ubal_list_place_t *place)
{
    apr_cpystrn(walk->after, place->id, sizeof(walk->after));
    walk->list.after = *place;
    walk->list.after.id = walk->after;
    walk->list.has_after = 1;
}

static ubal_error_t *read_page(void *baton, ubal_db_t *db, apr_pool_t *pool)
{
    ubal_walk_t *walk = baton;

    (void)pool;
    return ubal_list_read(&walk->page, db, &walk->list, walk->scale,
                          walk->pool);
}

static void make_cursor(ubal_walk_t *walk)
{
    ubal_cursor_t cursor;
    const ubal_list_row_t *last;

    walk->cursor = NULL;
    if (walk->page.has_more) {
        last = &APR_ARRAY_IDX(walk->page.rows, walk->page.rows->nelts - 1,
                              const ubal_list_row_t);
        cursor.commit_seq = walk->page.commit_seq;
        cursor.created_at = last->place.created_at;
        cursor.vendor = last->place.vendor;
        cursor.id = last->place.id;
        walk->cursor = ubal_cursor_print(&cursor, walk->scope,
                                         walk->page.owner, walk->pool);
    }
}

/* Reads the page that is asked for and sees whether `cursor` is of this list
 * in this history. */
static int begin(ubal_walk_t *walk, int *status, request_rec *r,
                 const ubal_cursor_t *cursor)
{
    if (!ubal_ask(status, r, read_page, walk, &walk->page.coverage)) {
        return 0;
    }
    if (cursor && (!walk->page.is_commit_known ||
                   !ubal_cursor_is_of(cursor, walk->scope, walk->page.owner,
                                      walk->pool))) {
        *status = ubal_reply_problem(r, HTTP_BAD_REQUEST, no_cursor);
        return 0;
    }
    return ubal_ask_is_shown(status, r, walk->page.is_known);
}

int ubal_walk_begin(ubal_walk_t *walk, int *status, request_rec *r,
                    const ubal_request_t *request, apr_int64_t limit)
{
    const char *after = request->query[UBAL_WALK_AFTER].text;
    ubal_cursor_t cursor;
    ubal_list_place_t place;

    memset(walk, 0, sizeof(*walk));
    apr_pool_create(&walk->pool, r->pool);
    apr_pool_tag(walk->pool, "ubal_walk");
    walk->scale = ubal_config_scale(r);
    walk->list.user_id = request->user_id;
    walk->list.limit = limit;
    read_filters(&walk->list, request->query);
    walk->scope = scope_of(&walk->list, r->pool);
    if (walk->list.from > walk->list.to) {
        *status = ubal_reply_problem(r, HTTP_BAD_REQUEST,
                                     "parameter 'from' is later than 'to'");
        return 0;
    }
    if (after) {
        if (!ubal_cursor_parse(&cursor, after, r->pool)) {
            *status = ubal_reply_problem(r, HTTP_BAD_REQUEST, no_cursor);
            return 0;
        }
        place.created_at = cursor.created_at;
        place.vendor = cursor.vendor;
        place.id = cursor.id;
        go_after(walk, &place);
        walk->list.commit_seq = cursor.commit_seq;
    }
    if (!begin(walk, status, r, after ? &cursor : NULL)) {
        return 0;
    }
    walk->list.commit_seq = walk->page.commit_seq;
    walk->owner = apr_pstrdup(r->pool, walk->page.owner);
    make_cursor(walk);
    return 1;
}

ubal_error_t *ubal_walk_next(ubal_walk_t *walk, request_rec *r)
{
    ubal_error_t *err;

    go_after(walk, &APR_ARRAY_IDX(walk->page.rows, walk->page.rows->nelts - 1,
                                  const ubal_list_row_t)
                        .place);
    apr_pool_clear(walk->pool);
    err = mod_ubal_db_ask(r, read_page, walk);
    if (!err && (!walk->page.is_commit_known ||
                 strcmp(walk->owner, walk->page.owner))) {
        err = ubal_error_make(UBAL_ERR_DB, r->pool,
                              "the database was replaced by another state of "
                              "it");
    }
    return err;
}
