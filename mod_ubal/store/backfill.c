/* Ranges of history that are wanted. See backfill.h. */
#include "store/backfill.h"

#include "store/window.h"

ubal_error_t *ubal_backfill_load(apr_array_header_t **backfills, ubal_db_t *db,
                                 apr_int64_t vendor, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_select(&rows, db, pool, UBAL_SQL_BACKFILL_LOAD, &vendor);

    *backfills = apr_array_make(pool, 4, sizeof(ubal_backfill_t));
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        ubal_backfill_t *backfill = apr_array_push(*backfills);

        *backfill = (ubal_backfill_t){.id = ubal_rows_int(rows, 0, 0),
                                      .from = ubal_rows_int(rows, 1, 0),
                                      .to = ubal_rows_int(rows, 2, 0),
                                      .cursor = ubal_rows_int(rows, 3, 0)};
    }
    return err;
}

ubal_error_t *ubal_backfill_list(apr_array_header_t **backfills, ubal_db_t *db,
                                 apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_select(&rows, db, pool, UBAL_SQL_BACKFILL_LIST);

    *backfills = apr_array_make(pool, 4, sizeof(ubal_backfill_t));
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        ubal_backfill_t *backfill = apr_array_push(*backfills);

        *backfill = (ubal_backfill_t){
            .id = ubal_rows_int(rows, 0, 0),
            .vendor = ubal_rows_text(rows, 1),
            .from = ubal_rows_int(rows, 2, 0),
            .to = ubal_rows_int(rows, 3, 0),
            .cursor = ubal_rows_int(rows, 4, 0),
            .state = (ubal_backfill_e)ubal_rows_int(rows, 5, 0),
            .at = ubal_rows_int(rows, 6, 0),
            .open = ubal_rows_int(rows, 7, 0),
            .open_us = ubal_rows_int(rows, 8, 0)};
    }
    return err;
}

static void push_piece(apr_array_header_t *pieces, apr_int64_t from,
                       apr_int64_t to)
{
    if (from < to) {
        ubal_backfill_t *piece = apr_array_push(pieces);

        *piece = (ubal_backfill_t){.from = from, .to = to};
    }
}

ubal_error_t *ubal_backfill_find(apr_array_header_t **pieces, ubal_db_t *db,
                                 apr_int64_t vendor, apr_int64_t from,
                                 apr_int64_t to, apr_pool_t *pool)
{
    apr_int64_t free_from;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_OPENING_AT);

    *pieces = apr_array_make(pool, 4, sizeof(ubal_backfill_t));
    /* what was before an opening balance is in it */
    if (!err && has_row && ubal_rows_int(rows, 1, 0) > from) {
        from = ubal_rows_int(rows, 1, 0);
    }
    free_from = from;
    if (err || from >= to) {
        return err;
    }
    err = ubal_db_select(&rows, db, pool, UBAL_SQL_BACKFILL_OCCUPIED, &vendor,
                         &from, &to, &vendor, &from, &to);

    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        apr_int64_t begin = ubal_rows_int(rows, 0, 0);
        apr_int64_t end = ubal_rows_int(rows, 1, 0);

        push_piece(*pieces, free_from, begin < to ? begin : to);
        free_from = end > free_from ? end : free_from;
    }
    push_piece(*pieces, free_from, to);
    return err;
}

ubal_error_t *ubal_backfill_add(int *added, ubal_db_t *db, apr_int64_t vendor,
                                apr_int64_t from, apr_int64_t to,
                                apr_int64_t at, apr_pool_t *pool)
{
    apr_array_header_t *pieces;
    ubal_rows_t *rows;
    int has_row, i;
    ubal_error_t *err =
        ubal_backfill_find(&pieces, db, vendor, from, to, pool);

    *added = 0;
    for (i = 0; !err && i < pieces->nelts; i++) {
        const ubal_backfill_t *piece =
            &((const ubal_backfill_t *)pieces->elts)[i];

        err =
            ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_BACKFILL_INSERT,
                          &vendor, &piece->from, &piece->to, &piece->to, &at);
        *added += !err;
    }
    return err;
}

ubal_error_t *ubal_backfill_was_wanted(int *was_wanted, ubal_db_t *db,
                                       apr_int64_t vendor, apr_int64_t from,
                                       apr_pool_t *pool)
{
    ubal_rows_t *rows;

    return ubal_db_first(&rows, was_wanted, db, pool, UBAL_SQL_BACKFILL_WANTED,
                         &vendor, &from, &from);
}

ubal_error_t *ubal_backfill_advance(ubal_db_t *db, apr_int64_t id,
                                    apr_int64_t cursor, apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_BACKFILL_ADVANCE, &cursor,
                       &id);
}

ubal_error_t *ubal_backfill_finish(ubal_db_t *db, apr_int64_t vendor,
                                   apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_BACKFILL_FINISH, &vendor);
}

ubal_error_t *ubal_backfill_cancel(int *cancelled, ubal_db_t *db,
                                   apr_int64_t vendor, apr_int64_t since,
                                   apr_pool_t *pool)
{
    apr_int64_t unused;
    ubal_rows_t *rows;
    ubal_error_t *err =
        ubal_db_run(db, cancelled, pool, UBAL_SQL_BACKFILL_CANCEL, &vendor);

    if (!err) {
        err = ubal_db_select(&rows, db, pool, UBAL_SQL_BACKFILL_DROP_OPEN,
                             &vendor, &since);
    }
    return err ? err : ubal_window_forget_keys(&unused, db, rows, pool);
}
