/* Imports and coverage. See import_range.h. */
#include "store/import_range.h"

#include "core/time.h"
#include "store/window.h"

#define HOUR (3600 * UBAL_TIME_SECOND)
#define HOURS 24

/* What one call of ubal_import_cover looks at, windows or days. */
#define STEPS 500

/* A window as met from an instant on; `to` 0: there is none. */
typedef struct next_t {
    apr_int64_t from, to, state;
} next_t;

/* The first window that ends beyond `at`: they do not overlap. */
static ubal_error_t *find_next(next_t *next, ubal_db_t *db, apr_int64_t vendor,
                               apr_int64_t at, apr_pool_t *pool)
{
    apr_int64_t row[3] = {0};
    int has_row;
    ubal_error_t *err = ubal_db_read(db, &has_row, row, 3, pool,
                                     UBAL_SQL_WINDOW_NEXT, &vendor, &at);

    *next = (next_t){row[0], row[1], row[2]};
    return err;
}

ubal_error_t *ubal_import_hull(apr_int64_t *from, apr_int64_t *to,
                               ubal_db_t *db, apr_int64_t vendor,
                               apr_pool_t *pool)
{
    next_t first;
    int has_row;
    ubal_error_t *err = find_next(&first, db, vendor, 0, pool);

    *from = first.from;
    *to = 0;
    return err ? err
               : ubal_db_read(db, &has_row, to, 1, pool, UBAL_SQL_WINDOW_END,
                              &vendor);
}

static int is_covered(const next_t *window, apr_int64_t at)
{
    return window->from <= at && at < window->to &&
           (window->state == UBAL_WINDOW_DONE ||
            window->state == UBAL_WINDOW_ACCEPTED ||
            window->state == UBAL_WINDOW_RECHECK);
}

static ubal_error_t *is_known(int *known, ubal_db_t *db, apr_int64_t vendor,
                              const char *id, apr_pool_t *pool)
{
    return ubal_db_read(db, known, NULL, 0, pool, UBAL_SQL_TRANSACTION_KNOWN,
                        &vendor, id);
}

ubal_error_t *ubal_import_probe(int *covered, int *shared, ubal_db_t *db,
                                apr_int64_t vendor, const ubal_page_t *page,
                                apr_pool_t *pool)
{
    const ubal_item_t *item = (const void *)page->items->elts;
    const ubal_item_t *end = item + page->items->nelts;
    next_t window = {0};
    ubal_error_t *err = NULL;

    *covered = *shared = 0;
    for (; item < end && !err && !*shared; item++) {
        if (item->created_at < window.from || item->created_at >= window.to) {
            err = find_next(&window, db, vendor, item->created_at, pool);
        }
        if (!err && is_covered(&window, item->created_at)) {
            ++*covered;
            err = is_known(shared, db, vendor, item->id, pool);
        }
    }
    return err;
}

ubal_error_t *ubal_import_check_backfill(ubal_db_t *db, apr_int64_t vendor,
                                         apr_int64_t from, apr_int64_t to,
                                         apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_IMPORT_BACKFILL,
                      &vendor, &to, &from);

    if (err || !has_row) {
        return err;
    }
    return ubal_error_make(
        UBAL_ERR_INPUT, pool,
        "a backfill of %s to %s is under way, which would read the range a "
        "second time: cancel it first, or wait for its end",
        ubal_time_print(ubal_rows_int(rows, 0, 0), pool),
        ubal_time_print(ubal_rows_int(rows, 1, 0), pool));
}

ubal_error_t *ubal_import_has_hours(int *has_any, ubal_db_t *db,
                                    apr_int64_t import, apr_pool_t *pool)
{
    ubal_rows_t *rows;

    return ubal_db_first(&rows, has_any, db, pool, UBAL_SQL_IMPORT_HOURS_ANY,
                         &import);
}

/* Reads how many items lie in each hour of a day, from 1970. */
static ubal_error_t *read_day(apr_int64_t own[HOURS], ubal_db_t *db,
                              apr_int64_t import, apr_int64_t day,
                              apr_pool_t *pool)
{
    apr_int64_t first = day * HOURS, end = first + HOURS;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_select(&rows, db, pool, UBAL_SQL_IMPORT_HOURS,
                                       &import, &first, &end);

    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        own[ubal_rows_int(rows, 0, 0) - first] = ubal_rows_int(rows, 1, 0);
    }
    return err;
}

static apr_int64_t earlier(apr_int64_t a, apr_int64_t b)
{
    return a < b ? a : b;
}

/* Where the hour that `at` lies in ends, short of `end`; `*is_whole` 0 where
 * it was counted beyond these borders, too. */
static apr_int64_t end_hour(int *is_whole, const ubal_import_t *import,
                            apr_int64_t at, apr_int64_t end)
{
    apr_int64_t begins = at - at % HOUR, ends = begins + HOUR;

    *is_whole = (at == begins || at == import->from) &&
                earlier(ends, import->to) <= end;
    return earlier(ends, end);
}

/* The window from `from` on, at most to `end`, on the same day: whole hours
 * with no more than `most` items, or one hour; part of one is not counted. */
static void choose(ubal_window_t *window, const ubal_import_t *import,
                   const apr_int64_t own[HOURS], apr_int64_t from,
                   apr_int64_t end, apr_int64_t most)
{
    int is_whole;

    *window = (ubal_window_t){.from = from,
                              .state = UBAL_WINDOW_DONE,
                              .next_page = 1,
                              .total = -1,
                              .accepted = -1,
                              .pass_total = -1,
                              .pass_distinct = -1};
    window->to = end_hour(&is_whole, import, from, end);
    window->own = is_whole ? own[from / HOUR % HOURS] : -1;
    while (is_whole && window->to < end) {
        apr_int64_t more = own[window->to / HOUR % HOURS];
        apr_int64_t to = end_hour(&is_whole, import, window->to, end);

        if (!is_whole || window->own + more > most) {
            break;
        }
        window->own += more;
        window->to = to;
    }
}

/* Makes windows of [*cursor, end), which is free, up to the end of a day. */
static ubal_error_t *fill(apr_int64_t *cursor, int *made, ubal_db_t *db,
                          const ubal_import_t *import, apr_int64_t end,
                          apr_int64_t most, apr_pool_t *pool)
{
    apr_int64_t own[HOURS] = {0}, day = *cursor / UBAL_TIME_DAY;
    ubal_error_t *err = read_day(own, db, import->id, day, pool);

    end = earlier(end, (day + 1) * UBAL_TIME_DAY);
    while (!err && *cursor < end) {
        ubal_window_t window;

        choose(&window, import, own, *cursor, end, most);
        err = ubal_window_save(db, import->vendor, &window, pool);
        *cursor = window.to;
        ++*made;
    }
    return err;
}

ubal_error_t *ubal_import_cover(apr_int64_t *cursor, int *made, ubal_db_t *db,
                                const ubal_import_t *import, apr_int64_t most,
                                apr_pool_t *pool)
{
    ubal_error_t *err = NULL;
    int i;

    *made = 0;
    for (i = 0; !err && i < STEPS && *cursor < import->to; i++) {
        next_t next;

        err = find_next(&next, db, import->vendor, *cursor, pool);
        if (!err && next.to && next.from <= *cursor) {
            *cursor = earlier(next.to, import->to);
        } else if (!err) {
            err = fill(cursor, made, db, import,
                       next.to ? earlier(next.from, import->to) : import->to,
                       most, pool);
        }
    }
    return err;
}

ubal_error_t *ubal_import_forget(ubal_db_t *db, apr_int64_t import,
                                 apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_IMPORT_HOURS_FORGET, &import);
}
