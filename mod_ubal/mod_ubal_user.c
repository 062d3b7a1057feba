/* One user's figures, from the store to JSON. Knows keys and their order. */
#include "mod_ubal_user.h"

#include "mod_ubal.h"
#include "mod_ubal_ask.h"
#include "mod_ubal_config.h"
#include "mod_ubal_figures.h"
#include "mod_ubal_reply.h"
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
    ubal_coverage_t coverage;
    ubal_sums_t sums;
    int is_known;
} user_t;

static ubal_error_t *ask(void *baton, ubal_db_t *db, apr_pool_t *pool)
{
    user_t *user = baton;

    return user->at
               ? ubal_instant_read(&user->coverage, &user->sums,
                                   &user->is_known, db, user->id,
                                   user->at->number, user->scale, pool)
               : ubal_read_user(&user->coverage, &user->sums, &user->is_known,
                                db, user->id, user->scale, pool);
}

/* Fills `user`; 0 where a problem was sent: see ubal_ask(). */
static int read_user(user_t *user, int *status, request_rec *r,
                     const ubal_request_t *request)
{
    memset(user, 0, sizeof(*user));
    user->id = request->user_id;
    user->at = request->query[AT].text ? &request->query[AT] : NULL;
    user->scale = ubal_config_scale(r);
    return ubal_ask(status, r, ask, user, &user->coverage) &&
           (!user->at ||
            ubal_ask_is_covered(status, r, ubal_user_parameters[AT].name,
                                user->at->number, &user->coverage)) &&
           ubal_ask_is_shown(status, r, user->is_known);
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
    if (!ubal_figures_put(&json, &user.sums, ubal_location_of(r)->balance)) {
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
    if (!ubal_type_outstanding(&outstanding, &user.sums)) {
        return ubal_reply_overflow(r, user.id);
    }
    begin(&json, r, &user);
    ubal_json_put(&json, ",\"totalPayoutAmount\":");
    ubal_json_amount(&json, outstanding);
    ubal_json_put(&json, "}");
    return ubal_reply_json(r, json.text);
}
