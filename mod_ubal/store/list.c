/* Reads transactions by keyset. A row never changes once it is stored, and has
 * the number of its commit: the rows up to one number are the same whenever
 * they are read. See list.h. */
#include "store/list.h"

static ubal_error_t *read_head(ubal_list_page_t *page, ubal_db_t *db,
                               const ubal_list_t *list, int scale,
                               apr_pool_t *pool)
{
    apr_int64_t wanted =
        list->commit_seq == UBAL_LIST_NOW ? APR_INT64_MAX : list->commit_seq;
    apr_int64_t latest;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(
        &rows, &has_row, db, pool, UBAL_SQL_LIST_HEAD, list->user_id, &wanted);

    if (!err) {
        err = ubal_read_coverage(&page->coverage, rows, has_row, scale, pool);
    }
    if (err) {
        return err;
    }
    latest = ubal_rows_int(rows, 8, 0);
    page->commit_seq =
        list->commit_seq == UBAL_LIST_NOW ? latest : list->commit_seq;
    page->is_commit_known = page->commit_seq <= latest;
    page->is_known = ubal_rows_text(rows, 9) != NULL;
    page->owner = ubal_rows_text(rows, 10);
    if (!page->owner) {
        page->owner = "";
    }
    return NULL;
}

/* Where the list begins: before all rows of its first instant. */
static ubal_list_place_t begin_of(const ubal_list_t *list)
{
    ubal_list_place_t place = {list->is_ascending ? list->from : list->to,
                               APR_INT64_MIN, ""};

    return list->has_after ? list->after : place;
}

static void take_row(ubal_list_page_t *page, ubal_rows_t *rows)
{
    ubal_list_row_t *row = apr_array_push(page->rows);

    row->place.created_at = ubal_rows_int(rows, 0, 0);
    row->place.vendor = ubal_rows_int(rows, 1, 0);
    row->place.id = ubal_rows_text(rows, 2);
    row->type = (ubal_type_e)ubal_rows_int(rows, 3, 0);
    row->amount = ubal_rows_int(rows, 4, 0);
}

static ubal_error_t *read_rows(ubal_list_page_t *page, ubal_db_t *db,
                               const ubal_list_t *list, apr_pool_t *pool)
{
    ubal_list_place_t begin = begin_of(list);
    const apr_int64_t *end = list->is_ascending ? &list->to : &list->from;
    apr_int64_t least = list->type < 0 ? 0 : list->type;
    apr_int64_t most = list->type < 0 ? UBAL_TYPE_COUNT - 1 : list->type;
    apr_int64_t count = list->limit + 1; /* one more: is there any? */
    ubal_rows_t *rows;
    int has_row = 0;
    ubal_error_t *err = ubal_db_select(
        &rows, db, pool,
        list->is_ascending ? UBAL_SQL_LIST_OLDEST : UBAL_SQL_LIST_NEWEST,
        list->user_id, &begin.created_at, &begin.vendor, begin.id, end, &least,
        &most, &page->commit_seq, &count);

    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        if (page->rows->nelts == list->limit) {
            page->has_more = 1;
            break;
        }
        take_row(page, rows);
    }
    return err;
}

ubal_error_t *ubal_list_read(ubal_list_page_t *page, ubal_db_t *db,
                             const ubal_list_t *list, int scale,
                             apr_pool_t *pool)
{
    ubal_error_t *err = ubal_db_begin_read(db, pool);

    if (err) {
        return err;
    }
    memset(page, 0, sizeof(*page));
    page->rows =
        apr_array_make(pool, (int)list->limit, sizeof(ubal_list_row_t));
    err = read_head(page, db, list, scale, pool);
    if (!err && page->is_commit_known) {
        err = read_rows(page, db, list, pool);
    }
    ubal_db_rollback(db, pool);
    return err;
}
