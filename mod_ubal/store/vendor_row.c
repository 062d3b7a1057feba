/* Vendors as they are stored. Knows the table vendors, and the fields of ids
 * in ubal_meta. See vendor_row.h. */
#include "store/vendor_row.h"

#include <apr_strings.h>

#include "store/meta.h"

ubal_error_t *ubal_vendor_row_settle(ubal_vendor_row_t *row, ubal_db_t *db,
                                     const char *name, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_VENDOR_FIND, name);

    if (err) {
        return err;
    }
    if (!has_row) {
        return ubal_error_make(UBAL_ERR_DB, pool, "vendor %s was not stored",
                               name);
    }
    row->id = ubal_rows_int(rows, 0, 0);
    row->since = ubal_rows_int(rows, 1, 0);
    row->as_of = ubal_rows_int(rows, 2, 0);
    row->largest_page = ubal_rows_int(rows, 3, 0);
    row->is_coarse = (int)ubal_rows_int(rows, 4, 0);
    row->page_size = ubal_rows_int(rows, 5, 0);
    return NULL;
}

ubal_error_t *ubal_vendor_row_settle_id(ubal_db_t *db,
                                        const ubal_vendor_row_t *row,
                                        const char *vendor, const char *fields,
                                        apr_pool_t *pool)
{
    const char *key =
        apr_psprintf(pool, "id_fields.%" APR_INT64_T_FMT, row->id);
    const char *stored;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_meta_get(&stored, db, key, pool);

    if (!err) {
        err = ubal_db_first(&rows, &has_row, db, pool,
                            UBAL_SQL_VENDOR_HAS_ROWS, &row->id);
    }
    if (err) {
        return err;
    }
    stored = stored ? stored : "id"; /* before there were others */
    if (has_row && strcmp(stored, fields)) {
        return ubal_error_make(UBAL_ERR_CONFIG, pool,
                               "vendor %s has transactions whose ids are "
                               "those of UbalMap id %s: under UbalMap id %s "
                               "they would be stored twice; set it back, or "
                               "use another database",
                               vendor, stored, fields);
    }
    return ubal_meta_set(db, key, fields, pool);
}

ubal_error_t *ubal_vendor_row_find(ubal_vendor_row_t *row, ubal_db_t *db,
                                   const char *name, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_select(&rows, db, pool, UBAL_SQL_VENDOR_ACTIVE);

    *row = (ubal_vendor_row_t){0};
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        if (!strcmp(ubal_rows_text(rows, 1), name)) {
            row->id = ubal_rows_int(rows, 0, 0);
            row->since = ubal_rows_int(rows, 2, 0);
            row->as_of = ubal_rows_int(rows, 3, 0);
        }
    }
    return err;
}

static int is_configured(const ubal_settings_t *settings, const char *name)
{
    int i;

    for (i = 0; i < settings->vendors->nelts; i++) {
        if (!strcmp(APR_ARRAY_IDX(settings->vendors, i, ubal_vendor_t *)->name,
                    name)) {
            return 1;
        }
    }
    return 0;
}

ubal_error_t *ubal_vendor_row_retire(ubal_db_t *db,
                                     const ubal_settings_t *settings,
                                     apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_select(&rows, db, pool, UBAL_SQL_VENDOR_ACTIVE);

    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        apr_int64_t id = ubal_rows_int(rows, 0, 0);

        if (!is_configured(settings, ubal_rows_text(rows, 1))) {
            err = ubal_db_run(db, NULL, pool, UBAL_SQL_VENDOR_RETIRE, &id);
        }
    }
    return err;
}

ubal_error_t *ubal_vendor_row_note_page(ubal_db_t *db, apr_int64_t vendor,
                                        apr_int64_t items, apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_VENDOR_PAGE, &items, &vendor,
                       &items);
}

ubal_error_t *ubal_vendor_row_note_page_size(ubal_db_t *db, apr_int64_t vendor,
                                             apr_int64_t size,
                                             apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_VENDOR_PAGE_SIZE, &size,
                       &vendor);
}

ubal_error_t *ubal_vendor_row_note_coarse(ubal_db_t *db, apr_int64_t vendor,
                                          apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_VENDOR_COARSE, &vendor);
}

ubal_error_t *ubal_vendor_row_save(ubal_db_t *db, const ubal_vendor_row_t *row,
                                   apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_VENDOR_SAVE, &row->since,
                       &row->since, &row->since, &row->largest_page, &row->id);
}

ubal_error_t *ubal_vendor_row_former(const char **name, ubal_db_t *db,
                                     apr_int64_t vendor, const char *account,
                                     apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(
        &rows, &has_row, db, pool, UBAL_SQL_VENDOR_FORMER, &vendor, account);

    *name = !err && has_row ? ubal_rows_text(rows, 0) : NULL;
    return err;
}
