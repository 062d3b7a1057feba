/* Sums as of an instant. See instant.h. */
#include "store/instant.h"

ubal_error_t *ubal_instant_read(ubal_coverage_t *coverage, ubal_sums_t *sums,
                                int *is_known, ubal_db_t *db,
                                const char *user_id, apr_int64_t at, int scale,
                                apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(&rows, &has_row, db, pool,
                                      UBAL_SQL_INSTANT, user_id, &at);

    if (!err) {
        err = ubal_read_coverage(coverage, rows, has_row, scale, pool);
    }
    if (err) {
        return err;
    }
    *is_known = ubal_rows_int(rows, 8, 0) != 0;
    ubal_read_sums(sums, rows, 9);
    return NULL;
}
