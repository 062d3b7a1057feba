/* What a GET reads. Knows a statement, and how the others begin. See read.h.
 */
#include "store/read.h"

#include <string.h>

/* The first schema with balances and coverage as they are today: who asks for
 * no more is answered while a migration goes on. */
#define BALANCES_SINCE 1

/* A database that its owner has not set up whole is one without schema; one
 * that is older than `least` does not have yet what is asked for. */
static ubal_error_t *check(apr_int64_t schema, apr_int64_t stored, int least,
                           int scale, apr_pool_t *pool)
{
    if (stored < 0) {
        return ubal_error_make(UBAL_ERR_NO_SCHEMA, pool,
                               "the database has not been owned yet");
    }
    if (schema < least || schema > ubal_migration_count) {
        return ubal_error_make(UBAL_ERR_CONFIG, pool,
                               "the database has schema %" APR_INT64_T_FMT
                               ", this program reads schema %d",
                               schema, ubal_migration_count);
    }
    if (stored != scale) {
        return ubal_error_make(
            UBAL_ERR_CONFIG, pool,
            "the database holds amounts of scale %" APR_INT64_T_FMT
            ", UbalScale says %d",
            stored, scale);
    }
    return NULL;
}

static ubal_error_t *missing(apr_pool_t *pool)
{
    return ubal_error_make(UBAL_ERR_NO_SCHEMA, pool,
                           "the row of coverage is missing");
}

ubal_error_t *ubal_read_coverage(ubal_coverage_t *coverage, ubal_rows_t *rows,
                                 int has_row, int scale, apr_pool_t *pool)
{
    ubal_error_t *err =
        has_row ? check(ubal_rows_int(rows, 0, 0), ubal_rows_int(rows, 1, -1),
                        ubal_migration_count, scale, pool)
                : missing(pool);

    if (err) {
        return err;
    }
    coverage->since = ubal_rows_int(rows, 2, 0);
    coverage->as_of = ubal_rows_int(rows, 3, 0);
    coverage->has_backfill = ubal_rows_int(rows, 4, 0) != 0;
    coverage->has_gaps = ubal_rows_int(rows, 5, 0) != 0;
    coverage->has_dead = ubal_rows_int(rows, 6, 0) != 0;
    coverage->has_conflicts = ubal_rows_int(rows, 7, 0) != 0;
    return NULL;
}

void ubal_read_sums(ubal_sums_t *sums, ubal_rows_t *rows, int column)
{
    int type;

    for (type = 0; type < UBAL_TYPE_COUNT; type++) {
        sums->of[type] = ubal_rows_int(rows, column + type, 0);
    }
}

/* The commonest question of all: into numbers, not rows. */
ubal_error_t *ubal_read_user(ubal_coverage_t *coverage, ubal_sums_t *sums,
                             int *is_known, ubal_db_t *db, const char *user_id,
                             int scale, apr_pool_t *pool)
{
    apr_int64_t row[9 + UBAL_TYPE_COUNT];
    int has_row;
    ubal_error_t *err = ubal_db_read(db, &has_row, row, 9 + UBAL_TYPE_COUNT,
                                     pool, UBAL_SQL_READ_USER, user_id);

    if (!err) {
        err = has_row ? check(row[0], row[1], BALANCES_SINCE, scale, pool)
                      : missing(pool);
    }
    if (err) {
        return err;
    }
    *coverage = (ubal_coverage_t){.since = row[2],
                                  .as_of = row[3],
                                  .has_backfill = row[4] != 0,
                                  .has_gaps = row[5] != 0,
                                  .has_dead = row[6] != 0,
                                  .has_conflicts = row[7] != 0};
    *is_known = row[8] != 0;
    memcpy(sums->of, &row[9], sizeof(sums->of));
    return NULL;
}
