/* How long a vendor wants to be left alone. See hold.h. */
#include "hold.h"

#include <string.h>

#include <apr_strings.h>

#include "owner.h"
#include "store/meta.h"

#define COUNT APR_INT64_T_FMT

static const char *key_of(const char *account, apr_pool_t *pool)
{
    return apr_pstrcat(pool, "hold ", account, NULL);
}

ubal_error_t *ubal_hold_save(ubal_db_t *db, const char *account,
                             const char *boot, apr_int64_t ended,
                             const ubal_reply_t *reply, apr_int64_t period,
                             apr_pool_t *pool)
{
    apr_int64_t asked = reply->retry_after;

    if (reply->status == 429 && asked < period) {
        asked = period;
    }
    if (asked <= 0) {
        return NULL;
    }
    return ubal_meta_set(
        db, key_of(account, pool),
        apr_psprintf(pool, "%" COUNT " %" COUNT " %" COUNT " %s",
                     ended + asked, asked, ubal_owner_wall() + asked, boot),
        pool);
}

ubal_error_t *ubal_hold_read(apr_int64_t *until, ubal_db_t *db,
                             const char *account, const char *boot,
                             apr_pool_t *pool)
{
    apr_int64_t asked, left;
    const char *text;
    char *rest;
    ubal_error_t *err = ubal_meta_get(&text, db, key_of(account, pool), pool);

    *until = 0;
    if (err || !text) {
        return err;
    }
    *until = apr_strtoi64(text, &rest, 10);
    asked = apr_strtoi64(rest, &rest, 10);
    left = apr_strtoi64(rest, &rest, 10) - ubal_owner_wall();
    if (*rest != ' ' || strcmp(rest + 1, boot) != 0) {
        left = left > asked ? asked : left;
        *until = left > 0 ? ubal_owner_now() + left : 0;
    }
    return NULL;
}
