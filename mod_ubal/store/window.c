/* The windows of a vendor and the keys of their passes. Knows their tables;
 * what they mean is the planner's. See window.h. */
#include "store/window.h"

#include "store/array.h"

void ubal_window_read(ubal_window_t *window, ubal_rows_t *rows)
{
    window->id = ubal_rows_int(rows, 0, 0);
    window->from = ubal_rows_int(rows, 1, 0);
    window->to = ubal_rows_int(rows, 2, 0);
    window->state = (ubal_window_state_e)ubal_rows_int(rows, 3, 0);
    window->is_single = (int)ubal_rows_int(rows, 4, 0);
    window->next_page = (int)ubal_rows_int(rows, 5, 1);
    window->total = ubal_rows_int(rows, 6, -1);
    window->distinct = ubal_rows_int(rows, 7, 0);
    window->accepted = ubal_rows_int(rows, 8, -1);
    window->passes = (int)ubal_rows_int(rows, 9, 0);
    window->failures = (int)ubal_rows_int(rows, 10, 0);
    window->early = ubal_rows_int(rows, 11, 0);
    window->late = ubal_rows_int(rows, 12, 0);
    window->own = ubal_rows_int(rows, 13, -1);
    window->pass_total = ubal_rows_int(rows, 14, -1);
    window->pass_distinct = ubal_rows_int(rows, 15, -1);
    window->drift = ubal_rows_int(rows, 16, 0);
    window->vanished = ubal_rows_int(rows, 17, 0);
    window->tick = ubal_rows_int(rows, 18, 0);
}

ubal_error_t *ubal_window_load(apr_array_header_t **windows, apr_int64_t *end,
                               ubal_db_t *db, apr_int64_t vendor,
                               apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_WINDOW_END, &vendor);

    *windows = apr_array_make(pool, 8, sizeof(ubal_window_t));
    *end = !err && has_row ? ubal_rows_int(rows, 0, 0) : 0;
    if (!err) {
        err = ubal_db_select(&rows, db, pool, UBAL_SQL_WINDOW_LOAD, &vendor);
    }
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        ubal_window_read(apr_array_push(*windows), rows);
    }
    return err;
}

static ubal_error_t *forget_keys(ubal_db_t *db, apr_int64_t id,
                                 apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_PASS_KEY_FORGET, &id);
}

static ubal_error_t *insert(ubal_db_t *db, apr_int64_t vendor,
                            ubal_window_t *window, apr_pool_t *pool)
{
    apr_int64_t state = (apr_int64_t)window->state,
                is_single = window->is_single, next_page = window->next_page,
                passes = window->passes, failures = window->failures;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(
        &rows, &has_row, db, pool, UBAL_SQL_WINDOW_INSERT, &vendor,
        &window->from, &window->to, &state, &is_single, &next_page,
        &window->total, &window->distinct, &window->accepted, &passes,
        &failures, &window->early, &window->late, &window->own,
        &window->pass_total, &window->pass_distinct, &window->drift,
        &window->vanished, &window->tick);

    if (!err && !has_row) {
        err = ubal_error_make(UBAL_ERR_DB, pool, "the window was not stored");
    }
    if (!err) {
        window->id = ubal_rows_int(rows, 0, 0);
    }
    return err;
}

static ubal_error_t *update(ubal_db_t *db, apr_int64_t vendor,
                            const ubal_window_t *window, apr_pool_t *pool)
{
    apr_int64_t state = (apr_int64_t)window->state,
                is_single = window->is_single, next_page = window->next_page,
                passes = window->passes, failures = window->failures;
    int updated;
    ubal_error_t *err = ubal_db_run(
        db, &updated, pool, UBAL_SQL_WINDOW_UPDATE, &window->from, &window->to,
        &state, &is_single, &next_page, &window->total, &window->distinct,
        &window->accepted, &passes, &failures, &window->early, &window->late,
        &window->own, &window->pass_total, &window->pass_distinct,
        &window->drift, &window->vanished, &window->tick, &vendor,
        &window->id);

    if (!err && updated != 1) {
        err = ubal_error_make(UBAL_ERR_DB, pool,
                              "window %" APR_INT64_T_FMT " is not there",
                              window->id);
    }
    return err;
}

static int is_in_pass(const ubal_window_t *window)
{
    return window->next_page > 1 && (window->state == UBAL_WINDOW_OPEN ||
                                     window->state == UBAL_WINDOW_RECHECK);
}

ubal_error_t *ubal_window_save(ubal_db_t *db, apr_int64_t vendor,
                               ubal_window_t *window, apr_pool_t *pool)
{
    ubal_error_t *err;

    if (!window->id) {
        return insert(db, vendor, window, pool);
    }
    err = update(db, vendor, window, pool);
    if (!err && !is_in_pass(window)) {
        err = forget_keys(db, window->id, pool);
    }
    return err;
}

/* As-of of the vendor does not stay beyond `end`. */
static ubal_error_t *take_as_of_back(ubal_db_t *db, apr_int64_t vendor,
                                     apr_int64_t end, apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_VENDOR_TAKE_BACK, &end, &end,
                       &vendor, &end);
}

ubal_error_t *ubal_window_remove(ubal_db_t *db, apr_int64_t id,
                                 apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_WINDOW_DELETE, &id);

    if (err || !has_row) {
        return err;
    }
    err = take_as_of_back(db, ubal_rows_int(rows, 0, 0),
                          ubal_rows_int(rows, 1, 0), pool);
    return err ? err : forget_keys(db, id, pool);
}

ubal_error_t *ubal_window_forget_keys(apr_int64_t *earliest, ubal_db_t *db,
                                      ubal_rows_t *rows, apr_pool_t *pool)
{
    ubal_error_t *err;
    int has_row;

    while (!(err = ubal_rows_next(rows, &has_row)) && has_row) {
        apr_int64_t begin = ubal_rows_int(rows, 1, *earliest);

        *earliest = begin < *earliest ? begin : *earliest;
        err = forget_keys(db, ubal_rows_int(rows, 0, 0), pool);
        if (err) {
            return err;
        }
    }
    return err;
}

ubal_error_t *ubal_window_take_back(apr_int64_t *end, ubal_db_t *db,
                                    apr_int64_t vendor, apr_pool_t *pool)
{
    apr_int64_t wanted = *end;
    ubal_rows_t *rows;
    ubal_error_t *err =
        ubal_db_select(&rows, db, pool, UBAL_SQL_WINDOW_DELETE_BEYOND, &vendor,
                       &wanted, &wanted);

    if (!err) {
        err = ubal_window_forget_keys(end, db, rows, pool);
    }
    if (!err) {
        err = ubal_db_select(&rows, db, pool, UBAL_SQL_WINDOW_SHORTEN, end,
                             &vendor, end);
    }
    if (!err) {
        err = ubal_window_forget_keys(end, db, rows, pool);
    }
    return err ? err : take_as_of_back(db, vendor, *end, pool);
}

/* One that cannot be stored counts where it lies too, if it says so: else it
 * would be of each window that is asked for with it. */
static void count(ubal_keys_t *keys, const ubal_window_t *window,
                  const ubal_item_t *item)
{
    if (!item->fault || item->is_dated) {
        keys->early += item->created_at < window->from;
        keys->late += item->created_at >= window->to;
    }
}

void ubal_window_count_keys(ubal_keys_t *keys, const ubal_window_t *window,
                            const ubal_page_t *page)
{
    const ubal_item_t *items = (const void *)page->items->elts;
    int i;

    *keys = (ubal_keys_t){.distinct = page->distinct};
    for (i = 0; i < page->items->nelts; i++) {
        count(keys, window, &items[i]);
    }
}

static ubal_error_t *add_one_by_one(ubal_keys_t *keys, ubal_db_t *db,
                                    const ubal_window_t *window,
                                    const ubal_page_t *page, apr_pool_t *pool)
{
    const ubal_item_t *items = (const void *)page->items->elts;
    ubal_error_t *err = NULL;
    int i, is_new;

    for (i = 0; !err && i < page->items->nelts; i++) {
        err = ubal_db_run(db, &is_new, pool, UBAL_SQL_PASS_KEY_INSERT,
                          &window->id, items[i].key);
        if (!err && is_new) {
            count(keys, window, &items[i]);
        }
    }
    return err;
}

/* For PostgreSQL, where each statement is a way to a server and back. */
static ubal_error_t *add_at_once(ubal_keys_t *keys, ubal_db_t *db,
                                 const ubal_window_t *window,
                                 const ubal_page_t *page, apr_pool_t *pool)
{
    const ubal_item_t *items = (const void *)page->items->elts;
    ubal_array_t all = ubal_array_make(pool);
    ubal_rows_t *rows;
    ubal_error_t *err;
    int i, has_row;

    for (i = 0; i < page->items->nelts; i++) {
        ubal_array_add_text(&all, items[i].key);
    }
    err = ubal_db_select(&rows, db, pool, UBAL_SQL_PASS_KEY_LIST,
                         ubal_array_end(&all), &window->id);
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        i = (int)ubal_rows_int(rows, 0, 0) - 1;
        if (i >= 0 && i < page->items->nelts) {
            count(keys, window, &items[i]);
        }
    }
    return err;
}

ubal_error_t *ubal_window_add_keys(ubal_keys_t *keys, ubal_db_t *db,
                                   const ubal_window_t *window,
                                   const ubal_page_t *page, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    ubal_error_t *err;
    int has_row;

    *keys = (ubal_keys_t){0};
    err = db->dialect == UBAL_DIALECT_PGSQL
              ? add_at_once(keys, db, window, page, pool)
              : add_one_by_one(keys, db, window, page, pool);
    if (!err) {
        err = ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_PASS_KEY_COUNT,
                            &window->id);
    }
    if (!err && has_row) {
        keys->distinct = ubal_rows_int(rows, 0, 0);
    }
    return err;
}
