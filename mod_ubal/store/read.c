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

/* How many of a row's first columns are of what is covered, not of a user. */
#define COVERAGE 8
#define KNOWN COVERAGE
#define SUMS (KNOWN + 1)
#define COLUMNS (SUMS + UBAL_TYPE_COUNT)

/* What is covered changes with commits alone, and is the same to all who ask
 * between two of them. */
typedef struct remembered_t {
    apr_uint64_t state; /* ubal_db_state()'s */
    apr_int64_t coverage[COVERAGE];
} remembered_t;

/* Fills `row` as read_user.sql would, where the database is as it was when
 * that was asked last; else `*is_filled` is 0. */
static ubal_error_t *fill_from_known(int *is_filled, apr_int64_t *row,
                                     ubal_db_t *db, const char *user_id,
                                     apr_pool_t *pool)
{
    const remembered_t *known = db->remembered;
    int has_row;
    ubal_error_t *err;

    *is_filled = 0;
    if (!known || !known->state || !ubal_db_state(db)) {
        return NULL;
    }
    memset(&row[SUMS], 0, UBAL_TYPE_COUNT * sizeof(*row));
    err = ubal_db_read(db, &has_row, &row[SUMS], UBAL_TYPE_COUNT, pool,
                       UBAL_SQL_READ_BALANCE, user_id);
    if (!err && ubal_db_state(db) == known->state) {
        memcpy(row, known->coverage, sizeof(known->coverage));
        row[KNOWN] = has_row;
        *is_filled = 1;
    }
    return err;
}

static void remember(ubal_db_t *db, const apr_int64_t *row)
{
    remembered_t *known = db->remembered;

    if (!known) {
        known = db->remembered = apr_palloc(db->pool, sizeof(*known));
    }
    known->state = ubal_db_state(db);
    memcpy(known->coverage, row, sizeof(known->coverage));
}

static ubal_error_t *fill(apr_int64_t *row, int *has_row, ubal_db_t *db,
                          const char *user_id, apr_pool_t *pool)
{
    ubal_error_t *err = fill_from_known(has_row, row, db, user_id, pool);

    if (err || *has_row) {
        return err;
    }
    err = ubal_db_read(db, has_row, row, COLUMNS, pool, UBAL_SQL_READ_USER,
                       user_id);
    if (!err && *has_row) {
        remember(db, row);
    }
    return err;
}

/* The commonest question of all: into numbers, not rows. */
ubal_error_t *ubal_read_user(ubal_coverage_t *coverage, ubal_sums_t *sums,
                             int *is_known, ubal_db_t *db, const char *user_id,
                             int scale, apr_pool_t *pool)
{
    apr_int64_t row[COLUMNS];
    int has_row;
    ubal_error_t *err = fill(row, &has_row, db, user_id, pool);

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
    *is_known = row[KNOWN] != 0;
    memcpy(sums->of, &row[SUMS], sizeof(sums->of));
    return NULL;
}
