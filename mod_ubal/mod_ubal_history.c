/* A user's figures over time: which instants are asked for, and their JSON. */
#include "mod_ubal_history.h"

#include <apr_strings.h>

#include "core/step.h"
#include "mod_ubal_ask.h"
#include "mod_ubal_config.h"
#include "mod_ubal_figures.h"
#include "mod_ubal_reply.h"
#include "store/history.h"

#define ITEMS_MAX 1000

/* Room in the reply for an item: most need no more. */
#define ITEM_ROOM 160

enum {
    FROM,
    TO,
    STEP
};

const ubal_query_parameter_t mod_ubal_history_parameters[] = {
    [FROM] = {.name = "from", .kind = UBAL_QUERY_INSTANT},
    [TO] = {.name = "to", .kind = UBAL_QUERY_INSTANT},
    [STEP] = {.name = "step",
              .kind = UBAL_QUERY_WORD,
              .words = ubal_step_names},
    {.name = NULL}};

typedef struct history_t {
    const char *user_id;
    const ubal_query_value_t *query;
    ubal_step_e step;
    int scale;
    apr_int64_t from, to; /* us */
    ubal_coverage_t coverage;
    int is_known;
    int count;         /* ITEMS_MAX + 1: there are more */
    apr_int64_t *ends; /* [count] */
    ubal_sums_t *sums; /* [count] */
} history_t;

/* What is not given is all there is. */
static void set_range(history_t *history)
{
    const ubal_query_value_t *query = history->query;

    history->from =
        query[FROM].text ? query[FROM].number : history->coverage.since;
    history->to = query[TO].text ? query[TO].number : history->coverage.as_of;
}

static int is_covered(const history_t *history)
{
    return history->from >= history->coverage.since &&
           history->to <= history->coverage.as_of;
}

/* Sets the instants: the borders of steps after `from` and before `to`, then
 * `to` itself. */
static void set_ends(history_t *history, apr_pool_t *pool)
{
    apr_int64_t at = history->from;

    history->ends = apr_palloc(pool, ITEMS_MAX * sizeof(*history->ends));
    history->sums = apr_palloc(pool, ITEMS_MAX * sizeof(*history->sums));
    history->count = 0;
    while (history->count < ITEMS_MAX &&
           (at = ubal_step_next(history->step, at)) < history->to) {
        history->ends[history->count++] = at;
    }
    if (history->count < ITEMS_MAX) {
        history->ends[history->count] = history->to;
    }
    history->count++;
}

/* What is covered is read before, where the range depends on it, and again
 * with the sums, whose snapshot the reply is of. A range that is not to be
 * answered is left to can_be_shown(). */
static ubal_error_t *ask(void *baton, ubal_db_t *db, apr_pool_t *pool)
{
    history_t *history = baton;
    ubal_sums_t now;
    ubal_error_t *err =
        ubal_read_user(&history->coverage, &now, &history->is_known, db,
                       history->user_id, history->scale, pool);

    set_range(history);
    if (err || !is_covered(history) || history->from > history->to) {
        return err;
    }
    set_ends(history, pool);
    if (history->count > ITEMS_MAX) {
        return NULL;
    }
    err = ubal_history_read(
        &history->coverage, history->sums, &history->is_known, db,
        history->user_id, history->ends, history->count, history->scale, pool);
    return err || is_covered(history)
               ? err
               : ubal_error_make(UBAL_ERR_DB, pool,
                                 "what is covered shrank meanwhile");
}

/* 0 where a problem was sent: see ubal_ask(). */
static int can_be_shown(int *status, request_rec *r, const history_t *history)
{
    const ubal_query_value_t *query = history->query;
    const char *fault = NULL;
    int i;

    for (i = FROM; i <= TO; i++) {
        if (query[i].text &&
            !ubal_ask_is_covered(status, r,
                                 mod_ubal_history_parameters[i].name,
                                 query[i].number, &history->coverage)) {
            return 0;
        }
    }
    if (history->from > history->to) {
        fault = "parameter 'from' is later than 'to'";
    } else if (history->count > ITEMS_MAX) {
        fault = "parameter 'step' makes more than " APR_STRINGIFY(
            ITEMS_MAX) " items of this range; take a "
                       "longer step, or ask for less";
    }
    if (fault) {
        *status = ubal_reply_problem(r, HTTP_BAD_REQUEST, fault);
        return 0;
    }
    return ubal_ask_is_shown(status, r, history->is_known);
}

static int reply(request_rec *r, const history_t *history)
{
    const ubal_location_t *location = ubal_location_of(r);
    ubal_json_t json;
    int i;

    ubal_json_begin(&json, location, history->scale,
                    (apr_size_t)(history->count + 1) * ITEM_ROOM, r->pool);
    ubal_json_put(&json, "{\"userId\":");
    ubal_json_string(&json, history->user_id);
    ubal_json_put(&json, ",\"step\":");
    ubal_json_string(&json, ubal_step_names[history->step]);
    ubal_json_put(&json, ",\"items\":[");
    for (i = 0; i < history->count; i++) {
        ubal_json_put(&json, i ? "},{\"at\":" : "{\"at\":");
        ubal_json_instant(&json, history->ends[i]);
        ubal_json_put(&json, ",");
        if (!ubal_figures_put(&json, &history->sums[i], location->balance)) {
            return ubal_reply_overflow(r, history->user_id);
        }
    }
    ubal_json_put(&json, "}]}");
    return ubal_reply_json(r, json.text);
}

int mod_ubal_history_answer(request_rec *r, const ubal_request_t *request)
{
    const ubal_query_value_t *query = request->query;
    history_t history = {.user_id = request->user_id, .query = query};
    int status;

    history.step =
        query[STEP].text ? (ubal_step_e)query[STEP].number : UBAL_STEP_DAY;
    history.scale = ubal_config_scale(r);
    return ubal_ask(&status, r, ask, &history, &history.coverage) &&
                   can_be_shown(&status, r, &history)
               ? reply(r, &history)
               : status;
}
