/* What is covered: since and as-of of each vendor from its windows, and the
 * one row that replies are made of. Knows no time and no vendor's reply. See
 * meta.h. */
#include "store/meta.h"

/* Goes from `*at` as far as windows that are done or accepted follow one
 * another: a step for each window that came since the last time. */
static ubal_error_t *advance(apr_int64_t *at, ubal_db_t *db,
                             apr_int64_t vendor, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    ubal_error_t *err;
    apr_int64_t to = *at;
    int has_row;

    do {
        *at = to;
        err = ubal_db_first(&rows, &has_row, db, pool,
                            UBAL_SQL_WINDOW_COVERS_TO, &vendor, at, at);
        to = !err && has_row ? ubal_rows_int(rows, 0, 0) : 0;
    } while (to > *at);
    return err;
}

/* Stops `*at` at the first window from `since` on that is open or parked. */
static ubal_error_t *stop(apr_int64_t *at, ubal_db_t *db, apr_int64_t vendor,
                          apr_int64_t since, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_WINDOW_FIRST_UNDONE,
                      &vendor, &since);

    if (!err && has_row) {
        apr_int64_t first = ubal_rows_int(rows, 0, *at);

        if (first < *at) {
            *at = first > since ? first : since;
        }
    }
    return err;
}

/* Goes back from `*since` as far as windows that are done or accepted adjoin
 * one another: history that was fetched. */
static ubal_error_t *grow_back(apr_int64_t *since, ubal_db_t *db,
                               apr_int64_t vendor, apr_pool_t *pool)
{
    apr_int64_t from = *since, before = *since;
    ubal_rows_t *rows;
    ubal_error_t *err;
    int has_row;

    do {
        *since = from;
        err = ubal_db_first(&rows, &has_row, db, pool,
                            UBAL_SQL_WINDOW_COVERS_FROM, &vendor, since);
        from = !err && has_row ? ubal_rows_int(rows, 0, 0) : 0;
    } while (from > 0 && from < *since);
    if (!err && *since < before) {
        err =
            ubal_db_run(db, NULL, pool, UBAL_SQL_VENDOR_SINCE, since, &vendor);
    }
    return err;
}

/* Before anything was done, as-of stays 0; later it never falls below since,
 * though all of it be fetched again. */
static ubal_error_t *update_vendor(ubal_db_t *db, apr_int64_t vendor,
                                   apr_int64_t since, apr_int64_t as_of,
                                   apr_pool_t *pool)
{
    apr_int64_t at = as_of > since ? as_of : since;
    ubal_error_t *err;

    if (!since) {
        return NULL;
    }
    err = advance(&at, db, vendor, pool);
    if (!err) {
        err = grow_back(&since, db, vendor, pool);
    }
    if (!err) {
        err = stop(&at, db, vendor, since, pool);
    }
    if (err || at == as_of || (at == since && !as_of)) {
        return err;
    }
    return ubal_db_run(db, NULL, pool, UBAL_SQL_VENDOR_AS_OF, &at, &vendor);
}

ubal_error_t *ubal_meta_update_coverage(ubal_db_t *db, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_select(&rows, db, pool, UBAL_SQL_VENDOR_ACTIVE);

    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        err = update_vendor(db, ubal_rows_int(rows, 0, 0),
                            ubal_rows_int(rows, 2, 0),
                            ubal_rows_int(rows, 3, 0), pool);
    }
    return err ? err : ubal_db_run(db, NULL, pool, UBAL_SQL_COVERAGE_UPDATE);
}
