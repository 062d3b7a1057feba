/* The ledger of requests. Knows its table; the budget is worked out by who
 * asks. See slot.h. */
#include "store/slot.h"

static void read_slot(ubal_slot_t *slot, ubal_rows_t *rows)
{
    slot->id = ubal_rows_int(rows, 0, 0);
    slot->account = ubal_rows_text(rows, 1);
    slot->boot = ubal_rows_text(rows, 2);
    slot->started = ubal_rows_int(rows, 3, 0);
    slot->ended = ubal_rows_int(rows, 4, 0);
    slot->vendor = ubal_rows_int(rows, 5, 0);
    slot->window = ubal_rows_int(rows, 6, 0);
    slot->page = (int)ubal_rows_int(rows, 7, 0);
    slot->at = ubal_rows_int(rows, 8, 0);
}

ubal_error_t *ubal_slot_recent(apr_array_header_t **slots, ubal_db_t *db,
                               const char *account, int count,
                               apr_pool_t *pool)
{
    apr_int64_t limit = count;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_select(&rows, db, pool, UBAL_SQL_SLOT_RECENT, account, &limit);

    *slots = apr_array_make(pool, count, sizeof(ubal_slot_t));
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        read_slot(apr_array_push(*slots), rows);
    }
    return err;
}

ubal_error_t *ubal_slot_last(apr_int64_t *id, ubal_db_t *db, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_SLOT_LAST);

    *id = !err && has_row ? ubal_rows_int(rows, 0, 0) : 0;
    return err;
}

ubal_error_t *ubal_slot_last_count(apr_int64_t *at, ubal_db_t *db,
                                   apr_int64_t vendor, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(&rows, &has_row, db, pool,
                                      UBAL_SQL_SLOT_LAST_COUNT, &vendor);

    *at = !err && has_row ? ubal_rows_int(rows, 0, 0) : 0;
    return err;
}

ubal_error_t *ubal_slot_open(ubal_db_t *db, ubal_slot_t *slot,
                             apr_pool_t *pool)
{
    apr_int64_t page = slot->page;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_SLOT_INSERT,
                      slot->account, slot->boot, &slot->started, &slot->vendor,
                      &slot->window, &page, &slot->at);

    if (!err && !has_row) {
        err = ubal_error_make(UBAL_ERR_DB, pool, "the slot was not stored");
    }
    if (!err) {
        slot->id = ubal_rows_int(rows, 0, 0);
    }
    return err;
}

ubal_error_t *ubal_slot_close(ubal_db_t *db, apr_int64_t id,
                              const ubal_outcome_t *outcome, apr_pool_t *pool)
{
    const ubal_counts_t *counts = &outcome->counts;
    apr_int64_t status = outcome->status, seen = counts->seen,
                stored = counts->stored, duplicate = counts->duplicate,
                dead = counts->dead, conflict = counts->conflict,
                ignored = counts->ignored;
    int closed;
    ubal_error_t *err = ubal_db_run(
        db, &closed, pool, UBAL_SQL_SLOT_CLOSE, &outcome->ended, &status,
        &outcome->ms, outcome->fault, &outcome->window, &seen, &stored,
        &duplicate, &dead, &conflict, &ignored, &id);

    if (!err && closed != 1) {
        err = ubal_error_make(UBAL_ERR_DB, pool,
                              "slot %" APR_INT64_T_FMT " is not open", id);
    }
    return err;
}

ubal_error_t *ubal_slot_abandon(int *count, ubal_db_t *db, const char *boot,
                                apr_int64_t found, apr_pool_t *pool)
{
    return ubal_db_run(db, count, pool, UBAL_SQL_SLOT_ABANDON, boot, &found,
                       boot, &found);
}
