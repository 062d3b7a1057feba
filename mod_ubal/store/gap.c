/* Windows as operators see them. See gap.h. */
#include "store/gap.h"

ubal_error_t *ubal_gap_list(apr_array_header_t **gaps, ubal_db_t *db,
                            apr_pool_t *pool)
{
    ubal_rows_t *rows;
    ubal_error_t *err = ubal_db_select(&rows, db, pool, UBAL_SQL_GAP_LIST);
    int has_row;

    *gaps = apr_array_make(pool, 8, sizeof(ubal_gap_t));
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        ubal_gap_t *gap = apr_array_push(*gaps);

        *gap = (ubal_gap_t){
            .window = {.id = ubal_rows_int(rows, 0, 0),
                       .from = ubal_rows_int(rows, 2, 0),
                       .to = ubal_rows_int(rows, 3, 0),
                       .state = (ubal_window_state_e)ubal_rows_int(rows, 4, 0),
                       .failures = (int)ubal_rows_int(rows, 5, 0),
                       .passes = (int)ubal_rows_int(rows, 6, 0),
                       .accepted = ubal_rows_int(rows, 7, -1),
                       .drift = ubal_rows_int(rows, 8, 0),
                       .vanished = ubal_rows_int(rows, 9, 0)},
            .vendor = ubal_rows_text(rows, 1),
            .fault = ubal_rows_text(rows, 10)};
    }
    return err;
}

ubal_error_t *ubal_gap_waiting(apr_array_header_t **windows, ubal_db_t *db,
                               apr_pool_t *pool)
{
    ubal_rows_t *rows;
    ubal_error_t *err = ubal_db_select(&rows, db, pool, UBAL_SQL_GAP_WAITING);
    int has_row;

    *windows = apr_array_make(pool, 8, sizeof(ubal_window_t));
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        ubal_window_t *window = apr_array_push(*windows);

        *window = (ubal_window_t){.id = ubal_rows_int(rows, 0, 0)};
        window->state = (ubal_window_state_e)ubal_rows_int(rows, 1, 0);
    }
    return err;
}

/* The window that operators may decide about; its id 0 where it is none. */
static ubal_error_t *find(ubal_window_t *found, ubal_db_t *db, apr_int64_t id,
                          apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_GAP_FIND, &id);

    *found = (ubal_window_t){0};
    if (!err && has_row) {
        found->id = id;
        found->from = ubal_rows_int(rows, 0, 0);
        found->to = ubal_rows_int(rows, 1, 0);
        found->state = (ubal_window_state_e)ubal_rows_int(rows, 2, 0);
        found->failures = (int)ubal_rows_int(rows, 3, 0);
    }
    return err;
}

/* Begins its pass anew, as the state that is decided. */
static ubal_error_t *decide(ubal_db_t *db, apr_int64_t id,
                            ubal_window_state_e state, int failures,
                            apr_pool_t *pool)
{
    apr_int64_t number = (apr_int64_t)state, count = failures;
    ubal_error_t *err =
        ubal_db_run(db, NULL, pool, UBAL_SQL_GAP_DECIDE, &number, &count, &id);

    return err ? err
               : ubal_db_run(db, NULL, pool, UBAL_SQL_PASS_KEY_FORGET, &id);
}

ubal_error_t *ubal_gap_accept(ubal_window_t *found, ubal_db_t *db,
                              apr_int64_t id, apr_pool_t *pool)
{
    ubal_error_t *err = find(found, db, id, pool);

    if (!err && found->state == UBAL_WINDOW_OPEN && !found->failures) {
        found->id = 0;
    }
    if (err || !found->id || found->state == UBAL_WINDOW_ACCEPTED) {
        return err;
    }
    return decide(db, id, UBAL_WINDOW_ACCEPTED, found->failures, pool);
}

ubal_error_t *ubal_gap_retry(ubal_window_t *found, ubal_db_t *db,
                             apr_int64_t id, apr_pool_t *pool)
{
    ubal_error_t *err = find(found, db, id, pool);

    if (err || !found->id ||
        (found->state == UBAL_WINDOW_OPEN && !found->failures)) {
        return err;
    }
    return decide(db, id, UBAL_WINDOW_OPEN, 0, pool);
}
