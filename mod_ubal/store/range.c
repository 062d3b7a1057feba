/* Sums over windows, and windows that are read again. See range.h. */
#include "store/range.h"

#include "store/window.h"

static apr_int64_t later(apr_int64_t a, apr_int64_t b)
{
    return a > b ? a : b;
}

/* The first column of a statement's only row; 0 where it is NULL. */
static apr_int64_t value_of(ubal_rows_t *rows, int has_row)
{
    return has_row ? ubal_rows_int(rows, 0, 0) : 0;
}

/* Cuts [*from, *to) to what the vendor's coverage has. */
static ubal_error_t *cut_to_coverage(apr_int64_t *from, apr_int64_t *to,
                                     ubal_db_t *db, apr_int64_t vendor,
                                     apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(&rows, &has_row, db, pool,
                                      UBAL_SQL_VENDOR_COVERAGE, &vendor);

    if (!err && has_row) {
        apr_int64_t as_of = ubal_rows_int(rows, 1, 0);

        *from = later(*from, ubal_rows_int(rows, 0, 0));
        *to = *to < as_of ? *to : as_of;
    }
    return err;
}

ubal_error_t *ubal_range_find(apr_int64_t *from, apr_int64_t *to,
                              ubal_db_t *db, apr_int64_t vendor,
                              apr_pool_t *pool)
{
    apr_int64_t top, bottom;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = cut_to_coverage(from, to, db, vendor, pool);

    if (!err) {
        err = ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_RANGE_TOP,
                            &vendor, to, from);
    }
    if (err) {
        return err;
    }
    top = value_of(rows, has_row);
    err = ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_RANGE_BAD, &vendor,
                        &top, from);
    if (err) {
        return err;
    }
    bottom = later(*from, value_of(rows, has_row));
    err = ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_RANGE_BEGIN,
                        &vendor, &bottom, &top);
    if (!err) {
        *from = value_of(rows, has_row);
        *to = *from ? top : 0;
    }
    return err;
}

/* What lies beyond the borders: what the first window had before its begin,
 * the last from its end on. */
static ubal_error_t *add_borders(ubal_range_t *range, ubal_db_t *db,
                                 apr_int64_t vendor, apr_int64_t from,
                                 apr_int64_t to, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(&rows, &has_row, db, pool,
                                      UBAL_SQL_RANGE_FIRST, &vendor, &from);

    if (!err && has_row) {
        range->expected += ubal_rows_int(rows, 0, 0);
        range->tick = ubal_rows_int(rows, 1, 0);
    }
    if (!err) {
        err = ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_RANGE_LAST,
                            &vendor, &to);
    }
    if (!err && has_row) {
        range->expected += ubal_rows_int(rows, 0, 0);
    }
    return err;
}

static ubal_error_t *find_middle(ubal_range_t *range, ubal_db_t *db,
                                 apr_int64_t vendor, apr_int64_t from,
                                 apr_int64_t to, apr_pool_t *pool)
{
    apr_int64_t weight = range->own + range->windows;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_RANGE_MIDDLE,
                      &weight, &vendor, &from, &to, &to);

    range->middle = err ? 0 : value_of(rows, has_row);
    return err;
}

ubal_error_t *ubal_range_sum(ubal_range_t *range, ubal_db_t *db,
                             apr_int64_t vendor, apr_int64_t from,
                             apr_int64_t to, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(&rows, &has_row, db, pool,
                                      UBAL_SQL_RANGE_SUM, &vendor, &from, &to);

    *range = (ubal_range_t){0};
    if (err || !has_row) {
        return err;
    }
    range->windows = ubal_rows_int(rows, 0, 0);
    range->expected = ubal_rows_int(rows, 1, 0);
    range->own = ubal_rows_int(rows, 2, 0);
    err = add_borders(range, db, vendor, from, to, pool);
    if (!err && range->windows > 1) {
        err = find_middle(range, db, vendor, from, to, pool);
    }
    return err;
}

ubal_error_t *ubal_range_recheck(ubal_window_t *window, ubal_db_t *db,
                                 apr_int64_t vendor, apr_int64_t to,
                                 apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(&rows, &has_row, db, pool,
                                      UBAL_SQL_WINDOW_RECHECK, &vendor, &to);

    *window = (ubal_window_t){0};
    if (!err && has_row) {
        ubal_window_read(window, rows);
    }
    return err;
}

/* Makes one window that is read again of the done ones in [from, to). */
static ubal_error_t *merge(ubal_window_t *window, ubal_db_t *db,
                           apr_int64_t vendor, apr_int64_t from,
                           apr_int64_t to, apr_pool_t *pool)
{
    ubal_error_t *err = ubal_db_run(db, NULL, pool, UBAL_SQL_WINDOW_MERGE,
                                    &vendor, &from, &to, &from);

    if (err) {
        return err;
    }
    *window = (ubal_window_t){.from = from,
                              .to = to,
                              .state = UBAL_WINDOW_RECHECK,
                              .next_page = 1,
                              .total = -1,
                              .accepted = -1,
                              .own = -1,
                              .pass_total = -1,
                              .pass_distinct = -1};
    return ubal_window_save(db, vendor, window, pool);
}

ubal_error_t *ubal_range_reread(ubal_window_t *window, ubal_db_t *db,
                                apr_int64_t vendor, apr_int64_t from,
                                apr_int64_t to, apr_int64_t items,
                                apr_pool_t *pool)
{
    apr_int64_t end;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_RANGE_PAGE, &items,
                      &vendor, &from, &to, &from);

    *window = (ubal_window_t){0};
    if (err || !has_row) {
        return err;
    }
    end = ubal_rows_int(rows, 0, ubal_rows_int(rows, 1, 0));
    from = ubal_rows_int(rows, 2, end);
    if (from >= end) {
        return NULL;
    }
    return merge(window, db, vendor, from, end, pool);
}

ubal_error_t *ubal_range_round(ubal_window_t *window, ubal_db_t *db,
                               apr_int64_t vendor, apr_int64_t after,
                               apr_pool_t *pool)
{
    apr_int64_t border, from, to, bad;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(
        &rows, &has_row, db, pool, UBAL_SQL_RANGE_FRACTION, &vendor, &after);

    *window = (ubal_window_t){0};
    border = err ? 0 : value_of(rows, has_row);
    if (!border) {
        return err;
    }
    err = ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_RANGE_WHOLE,
                        &vendor, &border, &vendor, &border);
    if (err || !has_row) {
        return err;
    }
    from = ubal_rows_int(rows, 0, 0);
    to = ubal_rows_int(rows, 1, 0);
    if (!from || !to) {
        return NULL;
    }
    err = ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_RANGE_UNDONE,
                        &vendor, &from, &to);
    bad = err ? 1 : value_of(rows, has_row);
    return bad ? err : merge(window, db, vendor, from, to, pool);
}

ubal_error_t *ubal_range_recent(apr_array_header_t **windows, ubal_db_t *db,
                                apr_int64_t vendor, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_select(&rows, db, pool, UBAL_SQL_WINDOW_RECENT, &vendor);

    *windows = apr_array_make(pool, 16, sizeof(ubal_window_t));
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        ubal_window_t *window = apr_array_push(*windows);

        *window = (ubal_window_t){.from = ubal_rows_int(rows, 0, 0),
                                  .to = ubal_rows_int(rows, 1, 0),
                                  .own = ubal_rows_int(rows, 2, -1),
                                  .accepted = ubal_rows_int(rows, 3, -1)};
    }
    return err;
}
