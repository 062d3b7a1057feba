/* One user's figures, from the store to JSON. Knows keys and their order. */
#include "mod_ubal_user.h"

#include <string.h>

#include <apr_strings.h>

#include "mod_ubal.h"
#include "mod_ubal_ask.h"
#include "mod_ubal_config.h"
#include "mod_ubal_etag.h"
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
    ubal_stamp_t stamp;  /* of what was read */
    int is_of_stamp;     /* and may be kept with it */
    ubal_answer_t answer;
} user_t;

static ubal_error_t *ask_at(user_t *user, ubal_db_t *db, apr_pool_t *pool)
{
    ubal_answer_t *answer = &user->answer;

    return ubal_instant_read(&answer->coverage, &answer->sums,
                             &answer->is_known, db, user->id, user->at->number,
                             user->scale, pool);
}

/* What is read between two equal stamps is of that state. */
static ubal_error_t *ask_now(user_t *user, ubal_db_t *db, apr_pool_t *pool)
{
    ubal_answer_t *answer = &user->answer;
    ubal_stamp_t after;
    int is_told = user->cache && ubal_stamp_take(&user->stamp, db);
    ubal_error_t *err;

    user->is_of_stamp = 0;
    if (is_told &&
        ubal_cache_find(answer, user->cache, &user->stamp, user->id)) {
        return NULL;
    }
    err = ubal_read_user(&answer->coverage, &answer->sums, &answer->is_known,
                         db, user->id, user->scale, pool);
    user->is_of_stamp = !err && is_told && ubal_stamp_take(&after, db) &&
                        ubal_stamp_is_equal(&user->stamp, &after);
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

/* Tells what is said of a user by the directives in force for it; 0: it is
 * not to be kept. */
static unsigned int form_of(request_rec *r, const user_t *user,
                            int is_of_payouts)
{
    const ubal_location_t *location = ubal_location_of(r);
    unsigned int form = 2 + (unsigned int)is_of_payouts;
    int i;

    form = 4 * form + (unsigned int)location->amounts;
    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        form = 4 * form + (location->balance
                               ? (unsigned int)(location->balance->of[i] + 1)
                               : 3u);
    }
    return user->cache && !user->at ? form : 0;
}

/* Keeps what was read and is said of it, where all of that fits. */
static void keep(user_t *user, unsigned int form, const char *text,
                 const char *tag)
{
    size_t length = strlen(text) + 1, tag_length = strlen(tag) + 1;

    if (form && length <= sizeof(user->answer.text) &&
        tag_length <= sizeof(user->answer.tag)) {
        user->answer.form = form;
        memcpy(user->answer.text, text, length);
        memcpy(user->answer.tag, tag, tag_length);
    }
    if (user->is_of_stamp) {
        ubal_cache_keep(user->cache, &user->stamp, user->id, &user->answer);
    }
}

static void begin(ubal_json_t *json, request_rec *r, const user_t *user)
{
    ubal_json_begin(json, ubal_location_of(r), user->scale, UBAL_FIGURES_ROOM,
                    r->pool);
    ubal_json_put(json, "{\"userId\":");
    ubal_json_string(json, user->id);
}

/* Sends what is kept of the user in that form; 0 where nothing is. */
static int send_kept(int *status, request_rec *r, const user_t *user,
                     unsigned int form)
{
    if (!form || user->answer.form != form) {
        return 0;
    }
    *status = ubal_reply_tagged(r, apr_pstrdup(r->pool, user->answer.text),
                                apr_pstrdup(r->pool, user->answer.tag));
    return 1;
}

static int answer(request_rec *r, user_t *user, unsigned int form,
                  const ubal_json_t *json)
{
    const char *tag = ubal_etag_make(json->text, json->length, r->pool);

    keep(user, form, json->text, tag);
    return ubal_reply_tagged(r, json->text, tag);
}

int ubal_user_balance(request_rec *r, const ubal_request_t *request)
{
    user_t user;
    ubal_json_t json;
    unsigned int form;
    int status;

    if (!read_user(&user, &status, r, request)) {
        return status;
    }
    form = form_of(r, &user, 0);
    if (send_kept(&status, r, &user, form)) {
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
    return answer(r, &user, form, &json);
}

int ubal_user_payouts(request_rec *r, const ubal_request_t *request)
{
    user_t user;
    ubal_json_t json;
    apr_int64_t outstanding;
    unsigned int form;
    int status;

    if (!read_user(&user, &status, r, request)) {
        return status;
    }
    form = form_of(r, &user, 1);
    if (send_kept(&status, r, &user, form)) {
        return status;
    }
    if (!ubal_type_outstanding(&outstanding, &user.answer.sums)) {
        return ubal_reply_overflow(r, user.id);
    }
    begin(&json, r, &user);
    ubal_json_put(&json, ",\"totalPayoutAmount\":");
    ubal_json_amount(&json, outstanding);
    ubal_json_put(&json, "}");
    return answer(r, &user, form, &json);
}
