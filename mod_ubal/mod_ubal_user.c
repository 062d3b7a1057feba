/* One user's figures, from the store to JSON. Knows keys and their order. */
#include "mod_ubal_user.h"

#include <http_log.h>

#include <apr_strings.h>

#include "core/money.h"
#include "mod_ubal.h"
#include "mod_ubal_config.h"
#include "mod_ubal_db.h"
#include "mod_ubal_reply.h"
#include "store/read.h"

APLOG_USE_MODULE(ubal);

typedef struct user_t {
    const char *id;
    int scale;
    ubal_coverage_t coverage;
    ubal_sums_t sums;
    int is_known;
} user_t;

static ubal_error_t *ask(void *baton, ubal_db_t *db, apr_pool_t *pool)
{
    user_t *user = baton;

    return ubal_read_user(&user->coverage, &user->sums, &user->is_known, db,
                          user->id, user->scale, pool);
}

/* Fills `user`; returns OK, or what the handler is to return because a
 * problem was sent. A failure is never shown as zeros. */
static int read_user(user_t *user, int *has_replied, request_rec *r,
                     const ubal_request_t *request)
{
    const ubal_server_t *server =
        ap_get_module_config(r->server->module_config, &ubal_module);
    ubal_error_t *err;

    memset(user, 0, sizeof(*user));
    user->id = request->user_id;
    user->scale = server->database->settings->scale;
    *has_replied = 1;
    err = mod_ubal_db_ask(r, ask, user);
    if (err) {
        ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r, "%s", err->message);
        return ubal_reply_unavailable(r, "the database cannot be read now");
    }
    ubal_reply_coverage(r, &user->coverage);
    if (!user->coverage.as_of) {
        return ubal_reply_unavailable(r, "nothing was fetched yet");
    }
    *has_replied = 0;
    return OK;
}

static int reply_overflow(request_rec *r, const char *what)
{
    ap_log_rerror(APLOG_MARK, APLOG_ERR, 0, r,
                  "the sums of this user do not fit into a %s", what);
    return ubal_reply_problem(r, HTTP_INTERNAL_SERVER_ERROR, NULL);
}

int ubal_user_balance(request_rec *r, const ubal_request_t *request)
{
    apr_pool_t *pool = r->pool;
    user_t user;
    apr_int64_t balance;
    const apr_int64_t *sums = user.sums.of;
    int has_replied;
    int status = read_user(&user, &has_replied, r, request);

    if (has_replied) {
        return status;
    }
    if (!ubal_type_balance(&balance, &user.sums)) {
        return reply_overflow(r, "balance");
    }
    return ubal_reply_json(
        r, apr_pstrcat(
               pool, "{\"userId\":", ubal_reply_quote(user.id, pool),
               ",\"balance\":", ubal_money_print(balance, user.scale, pool),
               ",\"earned\":",
               ubal_money_print(sums[UBAL_TYPE_EARNED], user.scale, pool),
               ",\"spent\":",
               ubal_money_print(sums[UBAL_TYPE_SPENT], user.scale, pool),
               ",\"paid_out\":",
               ubal_money_print(sums[UBAL_TYPE_PAID_OUT], user.scale, pool),
               ",\"payout\":",
               ubal_money_print(sums[UBAL_TYPE_PAYOUT], user.scale, pool), "}",
               NULL));
}

int ubal_user_payouts(request_rec *r, const ubal_request_t *request)
{
    apr_pool_t *pool = r->pool;
    user_t user;
    apr_int64_t outstanding;
    int has_replied;
    int status = read_user(&user, &has_replied, r, request);

    if (has_replied) {
        return status;
    }
    if (!ubal_type_outstanding(&outstanding, &user.sums)) {
        return reply_overflow(r, "payout");
    }
    return ubal_reply_json(
        r, apr_pstrcat(pool, "{\"userId\":", ubal_reply_quote(user.id, pool),
                       ",\"totalPayoutAmount\":",
                       ubal_money_print(outstanding, user.scale, pool), "}",
                       NULL));
}
