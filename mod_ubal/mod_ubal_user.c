/* One user's figures, from the store to JSON. Knows keys and their order. */
#include "mod_ubal_user.h"

#include "mod_ubal.h"
#include "mod_ubal_ask.h"
#include "mod_ubal_config.h"
#include "mod_ubal_figures.h"
#include "mod_ubal_reply.h"
#include "store/cache.h"
#include "store/instant.h"

enum {
    AT
};

const ubal_query_parameter_t ubal_user_parameters[] = {
    [AT] = {.name = "at", .kind = UBAL_QUERY_INSTANT}, {.name = NULL}};

typedef struct user_t {
    const char *id;
    const ubal_query_value_t *at; /* NULL: now */
    int scale;
    ubal_cache_t *cache; /* NULL: nothing is kept */
    ubal_answer_t answer;
} user_t;

static ubal_error_t *ask_at(user_t *user, ubal_db_t *db, apr_pool_t *pool)
{
    ubal_answer_t *answer = &user->answer;

    return ubal_instant_read(&answer->coverage, &answer->sums,
                             &answer->is_known, db, user->id, user->at->number,
                             user->scale, pool);
}

/* What is read between two equal stamps is of that state, and may be kept
 * with it. */
static ubal_error_t *ask_now(user_t *user, ubal_db_t *db, apr_pool_t *pool)
{
    ubal_answer_t *answer = &user->answer;
    ubal_stamp_t before, after;
    int is_told = user->cache && ubal_stamp_take(&before, db);
    ubal_error_t *err;

    if (is_told && ubal_cache_find(answer, user->cache, &before, user->id)) {
        return NULL;
    }
    err = ubal_read_user(&answer->coverage, &answer->sums, &answer->is_known,
                         db, user->id, user->scale, pool);
    if (!err && is_told && ubal_stamp_take(&after, db) &&
        ubal_stamp_is_equal(&before, &after)) {
        ubal_cache_keep(user->cache, &before, user->id, answer);
    }
    return err;
}

static ubal_error_t *ask(void *baton, ubal_db_t *db, apr_pool_t *pool)
{
    user_t *user = baton;

    return user->at ? ask_at(user, db, pool) : ask_now(user, db, pool);
}

/* Fills `user`; 0 where a problem was sent: see ubal_ask(). */
static int read_user(user_t *user, int *status, request_rec *r,
                     const ubal_request_t *request)
{
    memset(user, 0, sizeof(*user));
    user->id = request->user_id;
    user->at = request->query[AT].text ? &request->query[AT] : NULL;
    user->scale = ubal_config_scale(r);
    user->cache = ubal_config_cache(r);
    return ubal_ask(status, r, ask, user, &user->answer.coverage) &&
           (!user->at ||
            ubal_ask_is_covered(status, r, ubal_user_parameters[AT].name,
                                user->at->number, &user->answer.coverage)) &&
           ubal_ask_is_shown(status, r, user->answer.is_known);
}

static void begin(ubal_json_t *json, request_rec *r, const user_t *user)
{
    ubal_json_begin(json, ubal_location_of(r), user->scale, UBAL_FIGURES_ROOM,
                    r->pool);
    ubal_json_put(json, "{\"userId\":");
    ubal_json_string(json, user->id);
}

int ubal_user_balance(request_rec *r, const ubal_request_t *request)
{
    user_t user;
    ubal_json_t json;
    int status;

    if (!read_user(&user, &status, r, request)) {
        return status;
    }
    begin(&json, r, &user);
    ubal_json_put(&json, ",");
    if (!ubal_figures_put(&json, &user.answer.sums,
                          ubal_location_of(r)->balance)) {
        return ubal_reply_overflow(r, user.id);
    }
    if (user.at) {
        ubal_json_put(&json, ",\"at\":");
        ubal_json_instant(&json, user.at->number);
    }
    ubal_json_put(&json, "}");
    return ubal_reply_json(r, json.text);
}

int ubal_user_payouts(request_rec *r, const ubal_request_t *request)
{
    user_t user;
    ubal_json_t json;
    apr_int64_t outstanding;
    int status;

    if (!read_user(&user, &status, r, request)) {
        return status;
    }
    if (!ubal_type_outstanding(&outstanding, &user.answer.sums)) {
        return ubal_reply_overflow(r, user.id);
    }
    begin(&json, r, &user);
    ubal_json_put(&json, ",\"totalPayoutAmount\":");
    ubal_json_amount(&json, outstanding);
    ubal_json_put(&json, "}");
    return ubal_reply_json(r, json.text);
}
