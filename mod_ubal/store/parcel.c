/* Transactions in parcels. See parcel.h. */
#include "store/parcel.h"

#include <apr_hash.h>
#include <apr_strings.h>

#include "store/array.h"

/* Items that are added and not yet written. */
typedef struct lists_t {
    ubal_array_t ids, users, instants, types, amounts;
    apr_int64_t seq;
} lists_t;

struct ubal_parcel_t {
    ubal_db_t *db;
    apr_int64_t vendor;
    apr_hash_t *contents; /* ubal_content_t, by id */
    lists_t lists;
    ubal_array_t added; /* ids whose dead letters are not closed yet */
    apr_pool_t *pool;
};

static void empty_lists(ubal_parcel_t *parcel)
{
    apr_pool_t *pool = parcel->pool;

    parcel->lists = (lists_t){.ids = ubal_array_make(pool),
                              .users = ubal_array_make(pool),
                              .instants = ubal_array_make(pool),
                              .types = ubal_array_make(pool),
                              .amounts = ubal_array_make(pool)};
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

/* `asked`: the ids in their order; a row says whose it is by the place. */
static ubal_error_t *read_contents(ubal_parcel_t *parcel, ubal_array_t *ids,
                                   const apr_array_header_t *asked)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_select(&rows, parcel->db, parcel->pool,
                                       UBAL_SQL_PARCEL_CONTENTS,
                                       ubal_array_end(ids), &parcel->vendor);

    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        int place = (int)ubal_rows_int(rows, 0, 0) - 1;

        if (place >= 0 && place < asked->nelts) {
            keep_content(parcel, APR_ARRAY_IDX(asked, place, const char *),
                         rows);
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
    ubal_array_t ids = ubal_array_make(pool);
    int i;

    *parcel = apr_pcalloc(pool, sizeof(**parcel));
    (*parcel)->db = db;
    (*parcel)->vendor = vendor;
    (*parcel)->contents = apr_hash_make(pool);
    (*parcel)->added = ubal_array_make(pool);
    (*parcel)->pool = pool;
    empty_lists(*parcel);
    for (i = 0; i < page->items->nelts; i++) {
        if (items[i].id) {
            ubal_array_add_text(&ids, items[i].id);
            APR_ARRAY_PUSH(asked, const char *) = items[i].id;
        }
    }
    return asked->nelts ? read_contents(*parcel, &ids, asked) : NULL;
}

const ubal_content_t *ubal_parcel_find(const ubal_parcel_t *parcel,
                                       const char *id)
{
    return apr_hash_get(parcel->contents, id, APR_HASH_KEY_STRING);
}

void ubal_parcel_add(ubal_parcel_t *parcel, const ubal_item_t *item,
                     apr_int64_t seq)
{
    ubal_content_t *content = apr_palloc(parcel->pool, sizeof(*content));
    lists_t *lists = &parcel->lists;

    *content = (ubal_content_t){.user_id = item->user_id,
                                .created_at = item->created_at,
                                .type = (apr_int64_t)item->type,
                                .amount = item->amount,
                                .commit_seq = seq};
    apr_hash_set(parcel->contents, item->id, APR_HASH_KEY_STRING, content);
    ubal_array_add_text(&lists->ids, item->id);
    ubal_array_add_text(&lists->users, item->user_id);
    ubal_array_add_int(&lists->instants, item->created_at);
    ubal_array_add_int(&lists->types, (apr_int64_t)item->type);
    ubal_array_add_int(&lists->amounts, item->amount);
    lists->seq = seq;
    ubal_array_add_text(&parcel->added, item->id);
}

ubal_error_t *ubal_parcel_write(ubal_parcel_t *parcel)
{
    lists_t *lists = &parcel->lists;
    apr_int64_t written = 0;
    int has_row;
    ubal_error_t *err;

    if (!lists->ids.count) {
        return NULL;
    }
    err = ubal_db_read(
        parcel->db, &has_row, &written, 1, parcel->pool, UBAL_SQL_PARCEL_WRITE,
        ubal_array_end(&lists->ids), ubal_array_end(&lists->users),
        ubal_array_end(&lists->instants), ubal_array_end(&lists->types),
        ubal_array_end(&lists->amounts), &parcel->vendor, &parcel->vendor,
        &lists->seq);
    if (!err && written != lists->ids.count) {
        err = ubal_error_make(UBAL_ERR_DB, parcel->pool,
                              "another has stored %d transactions of the page "
                              "meanwhile",
                              lists->ids.count - (int)written);
    }
    empty_lists(parcel);
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
