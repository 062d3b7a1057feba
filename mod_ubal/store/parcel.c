/* Transactions in parcels. See parcel.h. */
#include "store/parcel.h"

#include <stdlib.h>
#include <string.h>

#include <apr_hash.h>
#include <apr_strings.h>

#include "store/array.h"
#include "store/db_pgsql.h"

struct ubal_parcel_t {
    ubal_db_t *db;
    apr_int64_t vendor;
    const ubal_page_t *page;
    apr_int64_t since;
    apr_hash_t *contents;       /* ubal_content_t, by id */
    apr_hash_t *taken;          /* const ubal_item_t, by id: whose id is in the
                                 * database, but not yet its transaction */
    ubal_lines_t transactions;  /* added, and not yet written */
    apr_array_header_t *others; /* const ubal_item_t *, added: their ids were
                                 * taken for another item, or not at all */
    ubal_array_t added;         /* ids whose dead letters are not closed yet */
    apr_pool_t *pool;
};

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

/* Whether it is to be stored unless it is there already. */
static int is_wanted(const ubal_parcel_t *parcel, const ubal_item_t *item)
{
    return !item->fault && item->created_at >= parcel->since;
}

/* Stores the ids of `items`, const ubal_item_t *; `*count` how many were not
 * there. */
static ubal_error_t *insert_ids(int *count, const ubal_parcel_t *parcel,
                                const apr_array_header_t *items)
{
    ubal_array_t ids = ubal_array_make(parcel->pool);
    ubal_array_t users = ubal_array_make(parcel->pool);
    ubal_array_t times = ubal_array_make(parcel->pool);
    int i;

    for (i = 0; i < items->nelts; i++) {
        const ubal_item_t *item = APR_ARRAY_IDX(items, i, const ubal_item_t *);

        ubal_array_add_text(&ids, item->id);
        ubal_array_add_text(&users, item->user_id);
        ubal_array_add_int(&times, item->created_at);
    }
    *count = 0;
    return items->nelts
               ? ubal_db_run(parcel->db, count, parcel->pool,
                             UBAL_SQL_PARCEL_IDS, &parcel->vendor,
                             ubal_array_end(&ids), ubal_array_end(&users),
                             ubal_array_end(&times))
               : NULL;
}

static int compare_ids(const void *left, const void *right)
{
    const ubal_item_t *const *a = left, *const *b = right;

    return strcmp((*a)->id, (*b)->id);
}

/* Takes the ids of what is wanted, the first of each; `*count` how many were
 * not there. */
static ubal_error_t *take_ids(int *count, ubal_parcel_t *parcel)
{
    const apr_array_header_t *items = parcel->page->items;
    apr_array_header_t *taken = apr_array_make(parcel->pool, items->nelts,
                                               sizeof(const ubal_item_t *));
    int i;

    for (i = 0; i < items->nelts; i++) {
        const ubal_item_t *item = &APR_ARRAY_IDX(items, i, const ubal_item_t);

        if (is_wanted(parcel, item) &&
            !apr_hash_get(parcel->taken, item->id, APR_HASH_KEY_STRING)) {
            apr_hash_set(parcel->taken, item->id, APR_HASH_KEY_STRING, item);
            APR_ARRAY_PUSH(taken, const ubal_item_t *) = item;
        }
    }
    /* neighbours lie on one page of their index */
    qsort(taken->elts, (size_t)taken->nelts, (size_t)taken->elt_size,
          compare_ids);
    return insert_ids(count, parcel, taken);
}

/* Reads what is stored under those ids that were not taken, as a rule none:
 * which they are is not known where an id was there. */
static ubal_error_t *read_others(ubal_parcel_t *parcel, int are_all_new)
{
    const apr_array_header_t *items = parcel->page->items;
    apr_array_header_t *asked =
        apr_array_make(parcel->pool, 8, sizeof(const char *));
    int i;

    for (i = 0; i < items->nelts; i++) {
        const ubal_item_t *item = &APR_ARRAY_IDX(items, i, const ubal_item_t);

        if (item->id &&
            (item->fault || (!are_all_new && is_wanted(parcel, item)))) {
            APR_ARRAY_PUSH(asked, const char *) = item->id;
        }
    }
    return asked->nelts ? read_contents(parcel, asked) : NULL;
}

/* Gives up those that are stored, which were not ours to take. `count` were:
 * where that is not the rest, an id is there without its transaction. */
static ubal_error_t *give_up_known(ubal_parcel_t *parcel, int count)
{
    apr_hash_index_t *i;

    for (i = apr_hash_first(parcel->pool, parcel->contents); i;
         i = apr_hash_next(i)) {
        apr_hash_set(parcel->taken, apr_hash_this_key(i), APR_HASH_KEY_STRING,
                     NULL);
    }
    return apr_hash_count(parcel->taken) == (unsigned int)count
               ? NULL
               : ubal_error_make(UBAL_ERR_DB, parcel->pool,
                                 "%d ids are new, but %u transactions", count,
                                 apr_hash_count(parcel->taken));
}

ubal_error_t *ubal_parcel_read(ubal_parcel_t **parcel, ubal_db_t *db,
                               apr_int64_t vendor, const ubal_page_t *page,
                               apr_int64_t since, apr_pool_t *pool)
{
    ubal_error_t *err;
    int count;

    *parcel = apr_pcalloc(pool, sizeof(**parcel));
    (*parcel)->db = db;
    (*parcel)->vendor = vendor;
    (*parcel)->page = page;
    (*parcel)->since = since;
    (*parcel)->contents = apr_hash_make(pool);
    (*parcel)->taken = apr_hash_make(pool);
    (*parcel)->others = apr_array_make(pool, 4, sizeof(const ubal_item_t *));
    (*parcel)->transactions = ubal_lines_make(pool);
    (*parcel)->added = ubal_array_make(pool);
    (*parcel)->pool = pool;
    err = take_ids(&count, *parcel);
    if (!err) {
        err = read_others(*parcel, (unsigned int)count ==
                                       apr_hash_count((*parcel)->taken));
    }
    return err ? err : give_up_known(*parcel, count);
}

apr_array_header_t *ubal_parcel_new_items(int *are_ids_distinct,
                                          const ubal_parcel_t *parcel)
{
    const apr_array_header_t *items = parcel->page->items;
    apr_array_header_t *found = apr_array_make(parcel->pool, items->nelts,
                                               sizeof(const ubal_item_t *));
    int i;

    for (i = 0; i < items->nelts; i++) {
        const ubal_item_t *item = &APR_ARRAY_IDX(items, i, const ubal_item_t);

        if (is_wanted(parcel, item) && !ubal_parcel_find(parcel, item->id)) {
            APR_ARRAY_PUSH(found, const ubal_item_t *) = item;
        }
    }
    *are_ids_distinct =
        (unsigned int)found->nelts == apr_hash_count(parcel->taken);
    return found;
}

const ubal_content_t *ubal_parcel_find(const ubal_parcel_t *parcel,
                                       const char *id)
{
    return apr_hash_get(parcel->contents, id, APR_HASH_KEY_STRING);
}

/* In the order of the statement's columns. */
static void add_row(ubal_lines_t *lines, apr_int64_t vendor,
                    const ubal_item_t *item, apr_int64_t seq)
{
    ubal_lines_add_int(lines, vendor);
    ubal_lines_add_text(lines, item->id);
    ubal_lines_add_text(lines, item->user_id);
    ubal_lines_add_int(lines, item->created_at);
    ubal_lines_add_int(lines, (apr_int64_t)item->type);
    ubal_lines_add_int(lines, item->amount);
    ubal_lines_add_int(lines, seq);
    ubal_lines_end_row(lines);
}

void ubal_parcel_add(ubal_parcel_t *parcel, const ubal_item_t *item,
                     apr_int64_t seq)
{
    ubal_content_t *content = apr_palloc(parcel->pool, sizeof(*content));

    *content = (ubal_content_t){.user_id = item->user_id,
                                .created_at = item->created_at,
                                .type = (apr_int64_t)item->type,
                                .amount = item->amount,
                                .commit_seq = seq};
    apr_hash_set(parcel->contents, item->id, APR_HASH_KEY_STRING, content);
    if (apr_hash_get(parcel->taken, item->id, APR_HASH_KEY_STRING) == item) {
        apr_hash_set(parcel->taken, item->id, APR_HASH_KEY_STRING, NULL);
    } else {
        APR_ARRAY_PUSH(parcel->others, const ubal_item_t *) = item;
    }
    add_row(&parcel->transactions, parcel->vendor, item, seq);
    ubal_array_add_text(&parcel->added, item->id);
}

/* Ids that were taken for what was not added, as a rule none. */
static ubal_error_t *release(ubal_parcel_t *parcel)
{
    int count = (int)apr_hash_count(parcel->taken), released;
    ubal_array_t ids = ubal_array_make(parcel->pool);
    apr_hash_index_t *i;
    ubal_error_t *err;

    if (!count) {
        return NULL;
    }
    for (i = apr_hash_first(parcel->pool, parcel->taken); i;
         i = apr_hash_next(i)) {
        ubal_array_add_text(&ids, apr_hash_this_key(i));
    }
    apr_hash_clear(parcel->taken);
    err = ubal_db_run(parcel->db, &released, parcel->pool,
                      UBAL_SQL_PARCEL_RELEASE, &parcel->vendor,
                      ubal_array_end(&ids));
    return err || released == count
               ? err
               : ubal_error_make(UBAL_ERR_DB, parcel->pool,
                                 "%d of %d ids were released", released,
                                 count);
}

/* Then those of what was added in the place of another item. */
static ubal_error_t *insert_others(ubal_parcel_t *parcel)
{
    int count, wanted = parcel->others->nelts;
    ubal_error_t *err = insert_ids(&count, parcel, parcel->others);

    apr_array_clear(parcel->others);
    return err || count == wanted
               ? err
               : ubal_error_make(UBAL_ERR_DB, parcel->pool,
                                 "%d of %d ids were stored", count, wanted);
}

ubal_error_t *ubal_parcel_write(ubal_parcel_t *parcel)
{
    ubal_error_t *err = release(parcel);

    if (!err) {
        err = insert_others(parcel);
    }
    if (!err && parcel->transactions.rows) {
        err = ubal_db_pgsql_copy(parcel->db, UBAL_SQL_PARCEL_TRANSACTIONS,
                                 &parcel->transactions, parcel->pool);
    }
    parcel->transactions = ubal_lines_make(parcel->pool);
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
