/* Transactions in parcels. See parcel.h. */
#include "store/parcel.h"

#include <apr_hash.h>
#include <apr_strings.h>

#include "store/array.h"
#include "store/db_pgsql.h"

struct ubal_parcel_t {
    ubal_db_t *db;
    apr_int64_t vendor;
    apr_hash_t *contents;           /* ubal_content_t, by id */
    ubal_lines_t ids, transactions; /* added, and not yet written */
    ubal_array_t added; /* ids whose dead letters are not closed yet */
    apr_pool_t *pool;
};

static void empty_lines(ubal_parcel_t *parcel)
{
    parcel->ids = ubal_lines_make(parcel->pool);
    parcel->transactions = ubal_lines_make(parcel->pool);
}

static void keep_content(ubal_parcel_t *parcel, const char *id,
                         ubal_rows_t *rows)
{
    ubal_content_t *content = apr_palloc(parcel->pool, sizeof(*content));

    *content = (ubal_content_t){.user_id = ubal_rows_text(rows, 1),
                                .created_at = ubal_rows_int(rows, 2, -1),
                                .type = ubal_rows_int(rows, 3, -1),
                                .amount = ubal_rows_int(rows, 4, 0),
                                .commit_seq = ubal_rows_int(rows, 5, 0)};
    apr_hash_set(parcel->contents, id, APR_HASH_KEY_STRING, content);
}

static ubal_array_t array_of(const apr_array_header_t *ids, apr_pool_t *pool)
{
    ubal_array_t array = ubal_array_make(pool);
    int i;

    for (i = 0; i < ids->nelts; i++) {
        ubal_array_add_text(&array, APR_ARRAY_IDX(ids, i, const char *));
    }
    return array;
}

/* The id of which a row says the place; NULL. */
static const char *id_at(const apr_array_header_t *ids, ubal_rows_t *rows)
{
    apr_int64_t place = ubal_rows_int(rows, 0, 0) - 1;

    return place >= 0 && place < ids->nelts
               ? APR_ARRAY_IDX(ids, place, const char *)
               : NULL;
}

/* Sets `*known` to those of the ids that are stored: as a rule none. */
static ubal_error_t *find_known(apr_array_header_t **known,
                                const ubal_parcel_t *parcel,
                                const apr_array_header_t *ids)
{
    ubal_array_t array = array_of(ids, parcel->pool);
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_select(&rows, parcel->db, parcel->pool, UBAL_SQL_PARCEL_KNOWN,
                       ubal_array_end(&array), &parcel->vendor);

    *known = apr_array_make(parcel->pool, 8, sizeof(const char *));
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        const char *id = id_at(ids, rows);

        if (id) {
            APR_ARRAY_PUSH(*known, const char *) = id;
        }
    }
    return err;
}

static ubal_error_t *read_contents(ubal_parcel_t *parcel,
                                   const apr_array_header_t *ids)
{
    ubal_array_t array = array_of(ids, parcel->pool);
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_select(
        &rows, parcel->db, parcel->pool, UBAL_SQL_PARCEL_CONTENTS,
        ubal_array_end(&array), &parcel->vendor);

    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        const char *id = id_at(ids, rows);

        if (id) {
            keep_content(parcel, id, rows);
        }
    }
    return err;
}

ubal_error_t *ubal_parcel_read(ubal_parcel_t **parcel, ubal_db_t *db,
                               apr_int64_t vendor, const ubal_page_t *page,
                               apr_pool_t *pool)
{
    const ubal_item_t *items = (const void *)page->items->elts;
    apr_array_header_t *asked =
        apr_array_make(pool, page->items->nelts, sizeof(const char *));
    apr_array_header_t *known;
    ubal_error_t *err;
    int i;

    *parcel = apr_pcalloc(pool, sizeof(**parcel));
    (*parcel)->db = db;
    (*parcel)->vendor = vendor;
    (*parcel)->contents = apr_hash_make(pool);
    (*parcel)->added = ubal_array_make(pool);
    (*parcel)->pool = pool;
    empty_lines(*parcel);
    for (i = 0; i < page->items->nelts; i++) {
        if (items[i].id) {
            APR_ARRAY_PUSH(asked, const char *) = items[i].id;
        }
    }
    if (!asked->nelts) {
        return NULL;
    }
    err = find_known(&known, *parcel, asked);
    return err || !known->nelts ? err : read_contents(*parcel, known);
}

const ubal_content_t *ubal_parcel_find(const ubal_parcel_t *parcel,
                                       const char *id)
{
    return apr_hash_get(parcel->contents, id, APR_HASH_KEY_STRING);
}

/* The columns of both tables, in the order of their statements. */
static void add_row(ubal_lines_t *lines, apr_int64_t vendor,
                    const ubal_item_t *item)
{
    ubal_lines_add_int(lines, vendor);
    ubal_lines_add_text(lines, item->id);
    ubal_lines_add_text(lines, item->user_id);
    ubal_lines_add_int(lines, item->created_at);
}

void ubal_parcel_add(ubal_parcel_t *parcel, const ubal_item_t *item,
                     apr_int64_t seq)
{
    ubal_content_t *content = apr_palloc(parcel->pool, sizeof(*content));
    ubal_lines_t *transactions = &parcel->transactions;

    *content = (ubal_content_t){.user_id = item->user_id,
                                .created_at = item->created_at,
                                .type = (apr_int64_t)item->type,
                                .amount = item->amount,
                                .commit_seq = seq};
    apr_hash_set(parcel->contents, item->id, APR_HASH_KEY_STRING, content);
    add_row(&parcel->ids, parcel->vendor, item);
    ubal_lines_end_row(&parcel->ids);
    add_row(transactions, parcel->vendor, item);
    ubal_lines_add_int(transactions, content->type);
    ubal_lines_add_int(transactions, content->amount);
    ubal_lines_add_int(transactions, content->commit_seq);
    ubal_lines_end_row(transactions);
    ubal_array_add_text(&parcel->added, item->id);
}

ubal_error_t *ubal_parcel_write(ubal_parcel_t *parcel)
{
    ubal_error_t *err;

    if (!parcel->ids.rows) {
        return NULL;
    }
    err = ubal_db_pgsql_copy(parcel->db, UBAL_SQL_PARCEL_IDS, &parcel->ids,
                             parcel->pool);
    if (!err) {
        err = ubal_db_pgsql_copy(parcel->db, UBAL_SQL_PARCEL_TRANSACTIONS,
                                 &parcel->transactions, parcel->pool);
    }
    empty_lines(parcel);
    return err;
}

ubal_error_t *ubal_parcel_supersede(ubal_parcel_t *parcel)
{
    ubal_error_t *err = NULL;

    if (parcel->added.count) {
        err = ubal_db_run(parcel->db, NULL, parcel->pool,
                          UBAL_SQL_PARCEL_SUPERSEDE, &parcel->vendor,
                          ubal_array_end(&parcel->added));
        parcel->added = ubal_array_make(parcel->pool);
    }
    return err;
}
