/* What operators see of the database. Knows two statements. See status.h. */
#include "store/status.h"

static ubal_error_t *read_vendors(ubal_status_t *status, ubal_db_t *db,
                                  apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_select(&rows, db, pool, UBAL_SQL_STATUS_VENDORS);

    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        ubal_status_vendor_t *vendor = apr_array_push(status->vendors);

        vendor->name = ubal_rows_text(rows, 0);
        vendor->since = ubal_rows_int(rows, 1, 0);
        vendor->as_of = ubal_rows_int(rows, 2, 0);
        vendor->is_retired = ubal_rows_int(rows, 3, 0) != 0;
        vendor->windows_open = ubal_rows_int(rows, 4, 0);
        vendor->windows_parked = ubal_rows_int(rows, 5, 0);
        vendor->requests = ubal_rows_int(rows, 6, 0);
        vendor->failed_requests = ubal_rows_int(rows, 7, 0);
        vendor->last_request = ubal_rows_int(rows, 8, 0);
        vendor->last_fault = ubal_rows_text(rows, 9);
        vendor->dead = ubal_rows_int(rows, 10, 0);
        vendor->conflicts = ubal_rows_int(rows, 11, 0);
    }
    return err;
}

static ubal_error_t *read_whole(ubal_status_t *status, ubal_db_t *db,
                                apr_pool_t *pool)
{
    ubal_coverage_t *coverage = &status->coverage;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_STATUS_COVERAGE);

    if (err || !has_row) {
        return err ? err
                   : ubal_error_make(UBAL_ERR_NO_SCHEMA, pool,
                                     "the row of coverage is missing");
    }
    status->schema = (int)ubal_rows_int(rows, 0, 0);
    status->scale = (int)ubal_rows_int(rows, 1, -1);
    coverage->since = ubal_rows_int(rows, 2, 0);
    coverage->as_of = ubal_rows_int(rows, 3, 0);
    coverage->has_backfill = ubal_rows_int(rows, 4, 0) != 0;
    coverage->has_gaps = ubal_rows_int(rows, 5, 0) != 0;
    coverage->has_dead = ubal_rows_int(rows, 6, 0) != 0;
    coverage->has_conflicts = ubal_rows_int(rows, 7, 0) != 0;
    status->transactions = ubal_rows_int(rows, 8, 0);
    status->users = ubal_rows_int(rows, 9, 0);
    status->owner_host = ubal_rows_text(rows, 10);
    status->owner_pid = ubal_rows_int(rows, 11, 0);
    return NULL;
}

ubal_error_t *ubal_status_read(ubal_status_t **status, ubal_db_t *db,
                               apr_pool_t *pool)
{
    int is_own = !db->is_in_transaction;
    ubal_error_t *err = is_own ? ubal_db_begin_read(db, pool) : NULL;

    *status = apr_pcalloc(pool, sizeof(**status));
    (*status)->vendors = apr_array_make(pool, 4, sizeof(ubal_status_vendor_t));
    if (!err) {
        err = read_whole(*status, db, pool);
    }
    if (!err) {
        err = read_vendors(*status, db, pool);
    }
    if (is_own) {
        ubal_db_rollback(db, pool);
    }
    return err;
}
