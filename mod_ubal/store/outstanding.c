/* Reads outstanding payouts by keyset, from an index of those users alone. See
 * outstanding.h. */
#include "store/outstanding.h"

static ubal_error_t *read_head(ubal_outstanding_page_t *page, ubal_db_t *db,
                               int scale, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    apr_int64_t seq = 0;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_LIST_HEAD, "", &seq);

    return err ? err
               : ubal_read_coverage(&page->coverage, rows, has_row, scale,
                                    pool);
}

static ubal_error_t *read_users(ubal_outstanding_page_t *page, ubal_db_t *db,
                                const char *after, apr_int64_t limit,
                                apr_pool_t *pool)
{
    apr_int64_t count = limit + 1; /* one more: is there any? */
    ubal_outstanding_t *user;
    ubal_rows_t *rows;
    int has_row = 0;
    ubal_error_t *err = ubal_db_select(
        &rows, db, pool, UBAL_SQL_OUTSTANDING_LIST, after, &count);

    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        if (page->users->nelts == limit) {
            page->has_more = 1;
            break;
        }
        user = apr_array_push(page->users);
        memset(user, 0, sizeof(*user));
        user->user_id = ubal_rows_text(rows, 0);
        user->sums.of[UBAL_TYPE_PAYOUT] = ubal_rows_int(rows, 1, 0);
        user->sums.of[UBAL_TYPE_PAID_OUT] = ubal_rows_int(rows, 2, 0);
    }
    return err;
}

ubal_error_t *ubal_outstanding_read(ubal_outstanding_page_t *page,
                                    ubal_db_t *db, const char *after,
                                    apr_int64_t limit, int scale,
                                    apr_pool_t *pool)
{
    ubal_error_t *err = ubal_db_begin_read(db, pool);

    if (err) {
        return err;
    }
    memset(page, 0, sizeof(*page));
    page->users = apr_array_make(pool, (int)limit, sizeof(ubal_outstanding_t));
    err = read_head(page, db, scale, pool);
    if (!err) {
        err = read_users(page, db, after, limit, pool);
    }
    ubal_db_rollback(db, pool);
    return err;
}
