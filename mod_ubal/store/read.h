/* What readers ask: one statement each, one snapshot each. */
#ifndef UBAL_STORE_READ_H
#define UBAL_STORE_READ_H

#include "core/type.h"
#include "store/db.h"

typedef struct ubal_coverage_t {
    apr_int64_t since; /* us */
    apr_int64_t as_of; /* us; 0: nothing was ever fetched */
    int has_backfill, has_gaps, has_dead, has_conflicts;
} ubal_coverage_t;

/* Begins to read an answer: from its first row (`has_row`: there is one),
 * whose first eight columns are those of read_user.sql, what is covered.
 * Errors as for ubal_read_user. */
ubal_error_t *ubal_read_coverage(ubal_coverage_t *coverage, ubal_rows_t *rows,
                                 int has_row, int scale, apr_pool_t *pool);

/* Reads sums from four columns of a row, from `column` on: NULL is 0. */
void ubal_read_sums(ubal_sums_t *sums, ubal_rows_t *rows, int column);

/* Reads what is covered and the sums of `user_id` (zeros where it has no
 * transaction: `*is_known` 0) as one snapshot. UBAL_ERR_CONFIG where the
 * database's scale is not `scale` or its schema not this program's, but for an
 * older one, which has this too; UBAL_ERR_NO_SCHEMA where there is no database
 * or table yet. */
ubal_error_t *ubal_read_user(ubal_coverage_t *coverage, ubal_sums_t *sums,
                             int *is_known, ubal_db_t *db, const char *user_id,
                             int scale, apr_pool_t *pool);

#endif
