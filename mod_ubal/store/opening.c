/* Opening balances. See opening.h. */
#include "store/opening.h"

#include <apr_escape.h>
#include <apr_sha1.h>
#include <apr_strings.h>

#include "core/money.h"
#include "core/time.h"

ubal_error_t *ubal_opening_at(apr_int64_t *at, ubal_db_t *db, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_OPENING_AT);

    *at = !err && has_row ? ubal_rows_int(rows, 1, 0) : 0;
    return err;
}

ubal_error_t *ubal_opening_vendor(apr_int64_t *vendor, ubal_db_t *db,
                                  apr_int64_t at, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    apr_int64_t stored;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_OPENING_VENDOR, &at);

    if (err) {
        return err;
    }
    if (!has_row) {
        return ubal_error_make(UBAL_ERR_DB, pool,
                               "the vendor of opening balances was not "
                               "stored");
    }
    *vendor = ubal_rows_int(rows, 0, 0);
    stored = ubal_rows_int(rows, 1, 0);
    if (stored != at) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "opening balances are set at %s: others cannot "
                               "be of %s",
                               ubal_time_print(stored, pool),
                               ubal_time_print(at, pool));
    }
    return NULL;
}

/* A user's id can be as long as an id may be: a digest of it stands for it. */
const char *ubal_opening_id(const char *user_id, ubal_type_e type,
                            apr_pool_t *pool)
{
    unsigned char digest[APR_SHA1_DIGESTSIZE];
    char hex[2 * APR_SHA1_DIGESTSIZE + 1];
    apr_sha1_ctx_t sha1;

    apr_sha1_init(&sha1);
    apr_sha1_update_binary(&sha1, (const unsigned char *)user_id,
                           (unsigned int)strlen(user_id));
    apr_sha1_final(digest, &sha1);
    apr_escape_hex(hex, digest, sizeof(digest), 0, NULL);
    return apr_pstrcat(pool, "opening-", ubal_type_name(type), "-", hex, NULL);
}

/* What is stored of the user's; `*has_any` 0: nothing. */
static ubal_error_t *read_sums(ubal_sums_t *sums, int *has_any, ubal_db_t *db,
                               apr_int64_t vendor, const char *user_id,
                               apr_pool_t *pool)
{
    ubal_error_t *err = NULL;
    int type, has_row;

    *has_any = 0;
    *sums = (ubal_sums_t){0};
    for (type = 0; type < UBAL_TYPE_COUNT && !err; type++) {
        err = ubal_db_read(db, &has_row, &sums->of[type], 1, pool,
                           UBAL_SQL_OPENING_GET, &vendor,
                           ubal_opening_id(user_id, (ubal_type_e)type, pool));
        *has_any |= !err && has_row;
    }
    return err;
}

/* What the user has from before `at` besides. */
static ubal_error_t *read_before(ubal_sums_t *sums, ubal_db_t *db,
                                 apr_int64_t vendor, apr_int64_t at,
                                 const char *user_id, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row, type;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_OPENING_BEFORE,
                      user_id, &at, &vendor);

    for (type = 0; type < UBAL_TYPE_COUNT; type++) {
        sums->of[type] = !err && has_row ? ubal_rows_int(rows, type, 0) : 0;
    }
    return err;
}

/* Takes from `rest` what is there without it. */
static ubal_error_t *subtract(ubal_sums_t *rest, const ubal_sums_t *before,
                              const char *user_id, apr_pool_t *pool)
{
    int type;

    for (type = 0; type < UBAL_TYPE_COUNT; type++) {
        apr_int64_t *of = &rest->of[type];

        if (__builtin_sub_overflow(*of, before->of[type], of) ||
            *of > UBAL_MONEY_AMOUNT_MAX || *of < -UBAL_MONEY_AMOUNT_MAX) {
            return ubal_error_make(UBAL_ERR_INPUT, pool,
                                   "user %s: what is stored from before is "
                                   "too much to make the opening balance; "
                                   "nothing is stored",
                                   user_id);
        }
    }
    return NULL;
}

ubal_error_t *ubal_opening_rest(ubal_sums_t *rest, ubal_db_t *db,
                                apr_int64_t vendor, apr_int64_t at,
                                const ubal_opening_t *opening,
                                apr_pool_t *pool)
{
    ubal_sums_t stored, before;
    int has_any;
    ubal_error_t *err =
        read_sums(&stored, &has_any, db, vendor, opening->user_id, pool);

    if (!err) {
        err = read_before(&before, db, vendor, at, opening->user_id, pool);
    }
    *rest = opening->sums;
    if (!err) {
        err = subtract(rest, &before, opening->user_id, pool);
    }
    if (err || !has_any) {
        return err;
    }
    return memcmp(&stored, rest, sizeof(stored))
               ? ubal_error_make(UBAL_ERR_INPUT, pool,
                                 "user %s has an opening balance already, and "
                                 "another one; nothing is stored",
                                 opening->user_id)
               : NULL;
}

ubal_error_t *ubal_opening_is_fetching(int *is_fetching, ubal_db_t *db,
                                       apr_int64_t vendor, apr_int64_t at,
                                       apr_pool_t *pool)
{
    ubal_rows_t *rows;

    return ubal_db_first(&rows, is_fetching, db, pool,
                         UBAL_SQL_OPENING_FETCHING, &vendor, &at, &vendor,
                         &at);
}
