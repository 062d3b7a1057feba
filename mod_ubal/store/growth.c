/* What the database takes of its disk. See growth.h. */
#include "store/growth.h"

#include <sys/statvfs.h>

#include "core/time.h"

/* From so many rows on, what the file holds besides them no longer counts. */
#define ENOUGH_ROWS 100000

#define LEAST_SPAN (600 * UBAL_TIME_SECOND)

void ubal_growth_reckon(ubal_growth_t *growth, apr_int64_t transactions,
                        apr_int64_t recent, apr_int64_t span)
{
    double row = transactions < ENOUGH_ROWS
                     ? (double)UBAL_GROWTH_ROW
                     : (double)growth->bytes / (double)transactions;
    double rows_per_day;

    growth->rows_per_day = growth->bytes_per_day = growth->days_left = -1;
    if (span < LEAST_SPAN || growth->bytes < 0) {
        return;
    }
    rows_per_day = (double)recent * (double)UBAL_TIME_DAY / (double)span;
    growth->rows_per_day = (apr_int64_t)rows_per_day;
    growth->bytes_per_day = (apr_int64_t)(rows_per_day * row);
    if (growth->free_bytes >= 0) {
        growth->days_left = growth->bytes_per_day
                                ? growth->free_bytes / growth->bytes_per_day
                                : UBAL_GROWTH_NEVER;
    }
}

static apr_int64_t find_free(const ubal_db_t *db)
{
    struct statvfs fs;

    if (!db->path || statvfs(db->path, &fs)) {
        return -1;
    }
    return (apr_int64_t)fs.f_bavail * (apr_int64_t)fs.f_frsize;
}

/* How many rows came in the last 24 hours, or in the `*span` since the first
 * request where that is less. */
static ubal_error_t *read_pace(apr_int64_t *recent, apr_int64_t *span,
                               ubal_db_t *db, apr_int64_t now,
                               apr_pool_t *pool)
{
    apr_int64_t begin = now - UBAL_TIME_DAY, before = 0;
    ubal_rows_t *rows;
    int has_older, has_row;
    ubal_error_t *err = ubal_db_first(&rows, &has_older, db, pool,
                                      UBAL_SQL_STATUS_BEFORE, &begin);

    if (!err && has_older) {
        before = ubal_rows_int(rows, 0, 0);
    }
    if (!err) {
        err = ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_STATUS_RECENT,
                            &before);
    }
    if (err || !has_row) {
        return err;
    }
    *recent = ubal_rows_int(rows, 0, 0);
    *span = has_older ? UBAL_TIME_DAY : now - ubal_rows_int(rows, 1, now);
    return NULL;
}

ubal_error_t *ubal_growth_read(ubal_growth_t *growth, ubal_db_t *db,
                               apr_int64_t transactions, apr_int64_t now,
                               apr_pool_t *pool)
{
    apr_int64_t recent = 0, span = 0;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_STATUS_SIZE);

    if (!err) {
        growth->bytes = has_row ? ubal_rows_int(rows, 0, -1) : -1;
        growth->free_bytes = find_free(db);
        err = read_pace(&recent, &span, db, now, pool);
    }
    if (!err) {
        ubal_growth_reckon(growth, transactions, recent, span);
    }
    return err;
}
