/* Imports and what they brought. See import.h. */
#include "store/import.h"

#include <stdlib.h>

#include <apr_hash.h>
#include <apr_strings.h>

#include "core/time.h"
#include "store/page.h"

#define HOUR (3600 * UBAL_TIME_SECOND)

ubal_error_t *ubal_import_find(ubal_import_t *import, ubal_db_t *db,
                               apr_pool_t *pool)
{
    ubal_import_counts_t *counts = &import->counts;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(
        &rows, &has_row, db, pool, UBAL_SQL_IMPORT_FIND, &import->vendor,
        import->head, &import->size, &import->from, &import->to);

    import->id = 0;
    if (err || !has_row) {
        return err;
    }
    import->id = ubal_rows_int(rows, 0, 0);
    import->request = ubal_rows_int(rows, 1, 0);
    import->first_seq = ubal_rows_int(rows, 2, 0);
    import->position = ubal_rows_int(rows, 3, 0);
    import->line = ubal_rows_int(rows, 4, 0);
    apr_cpystrn(import->digest, ubal_rows_text(rows, 5),
                sizeof(import->digest));
    counts->seen = ubal_rows_int(rows, 6, 0);
    counts->stored = ubal_rows_int(rows, 7, 0);
    counts->duplicate = ubal_rows_int(rows, 8, 0);
    counts->dead = ubal_rows_int(rows, 9, 0);
    counts->conflict = ubal_rows_int(rows, 10, 0);
    return NULL;
}

ubal_error_t *ubal_import_begin(ubal_import_t *import, ubal_db_t *db,
                                apr_int64_t at, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(
        &rows, &has_row, db, pool, UBAL_SQL_IMPORT_INSERT, &import->vendor,
        import->name, &import->size, import->head, &import->from, &import->to,
        &import->request, &at);

    if (!err && !has_row) {
        err = ubal_error_make(UBAL_ERR_DB, pool, "the import was not stored");
    }
    if (!err) {
        import->id = ubal_rows_int(rows, 0, 0);
        import->first_seq = ubal_rows_int(rows, 1, 0);
    }
    return err;
}

typedef struct place_t {
    const ubal_item_t *item;
} place_t;

/* By id, those without one first; those of one id as they came. */
static int compare(const void *left, const void *right)
{
    const ubal_item_t *a = ((const place_t *)left)->item;
    const ubal_item_t *b = ((const place_t *)right)->item;
    int order = strcmp(a->id ? a->id : "", b->id ? b->id : "");

    return order ? order : (a > b) - (a < b);
}

/* In the order of the table's key: neighbours lie on one page of it. */
static void sort(ubal_page_t *page, apr_pool_t *pool)
{
    size_t i, count = (size_t)page->items->nelts;
    place_t *places = apr_palloc(pool, (count + 1) * sizeof(*places));
    apr_array_header_t *sorted =
        apr_array_make(pool, page->items->nelts + 1, sizeof(ubal_item_t));

    for (i = 0; i < count; i++) {
        places[i].item = &((const ubal_item_t *)page->items->elts)[i];
    }
    qsort(places, count, sizeof(*places), compare);
    for (i = 0; i < count; i++) {
        APR_ARRAY_PUSH(sorted, ubal_item_t) = *places[i].item;
    }
    page->items = sorted;
}

typedef struct hour_t {
    apr_int64_t hour, own;
} hour_t;

static void count_hour(apr_hash_t *hours, apr_int64_t at, apr_pool_t *pool)
{
    apr_int64_t number = at / HOUR;
    hour_t *hour = apr_hash_get(hours, &number, sizeof(number));

    if (!hour) {
        hour = apr_pcalloc(pool, sizeof(*hour));
        hour->hour = number;
        apr_hash_set(hours, &hour->hour, sizeof(hour->hour), hour);
    }
    hour->own++;
}

/* Whether the item is the first of its id in the file: new, or stored before
 * the import began; among equal ids, which are neighbours, the first. (One
 * that was there before and comes in two batches counts twice: reconciliation
 * will find that the vendor lists less.) */
static int is_first(const ubal_import_t *import, const ubal_item_t *items,
                    const apr_int64_t *seqs, int i)
{
    if (seqs[i] == UBAL_PAGE_NEW) {
        return 1;
    }
    return seqs[i] && seqs[i] < import->first_seq &&
           (!i || !items[i - 1].id || strcmp(items[i].id, items[i - 1].id));
}

/* Counts what lies within the range, hour by hour. */
static ubal_error_t *add_hours(const ubal_import_t *import, ubal_db_t *db,
                               const ubal_page_t *page,
                               const apr_int64_t *seqs, apr_pool_t *pool)
{
    const ubal_item_t *items = (const void *)page->items->elts;
    apr_hash_t *hours = apr_hash_make(pool);
    apr_hash_index_t *index;
    ubal_error_t *err = NULL;
    int i;

    for (i = 0; i < page->items->nelts; i++) {
        if (!items[i].fault && items[i].created_at >= import->from &&
            items[i].created_at < import->to &&
            is_first(import, items, seqs, i)) {
            count_hour(hours, items[i].created_at, pool);
        }
    }
    for (index = apr_hash_first(pool, hours); index && !err;
         index = apr_hash_next(index)) {
        const hour_t *hour = apr_hash_this_val(index);

        err = ubal_db_run(db, NULL, pool, UBAL_SQL_IMPORT_HOUR_ADD,
                          &import->id, &hour->hour, &hour->own);
    }
    return err;
}

static ubal_error_t *advance(ubal_import_t *import, ubal_db_t *db,
                             const ubal_counts_t *more, apr_pool_t *pool)
{
    ubal_import_counts_t *counts = &import->counts;
    ubal_error_t *err;

    counts->seen += more->seen;
    counts->stored += more->stored;
    counts->duplicate += more->duplicate;
    counts->dead += more->dead;
    counts->conflict += more->conflict;
    err = ubal_db_run(db, NULL, pool, UBAL_SQL_IMPORT_ADVANCE,
                      &import->position, &import->line, import->digest,
                      &counts->seen, &counts->stored, &counts->duplicate,
                      &counts->dead, &counts->conflict, &import->id);
    return err ? err
               : ubal_db_run(db, NULL, pool, UBAL_SQL_IMPORT_REQUEST,
                             &counts->seen, &counts->stored,
                             &counts->duplicate, &counts->dead,
                             &counts->conflict, &import->request);
}

ubal_error_t *ubal_import_store(ubal_import_t *import, ubal_db_t *db,
                                ubal_page_t *page, apr_int64_t at,
                                apr_pool_t *pool)
{
    apr_int64_t *seqs;
    ubal_counts_t counts;
    ubal_error_t *err;

    sort(page, pool);
    seqs = apr_pcalloc(pool, ((size_t)page->items->nelts + 1) * sizeof(*seqs));
    err = ubal_page_store_each(&counts, seqs, db, import->vendor,
                               import->request, at, page, pool);
    if (!err && import->from < import->to) {
        err = add_hours(import, db, page, seqs, pool);
    }
    if (!err && counts.ignored) {
        err = ubal_error_make(UBAL_ERR_INPUT, pool,
                              "opening balances were set meanwhile, which "
                              "have what the file has");
    }
    return err ? err : advance(import, db, &counts, pool);
}

/* As it was, and without what it has: it may be a daemon's. */
static apr_status_t slow_down(void *data)
{
    ubal_db_t *db = data;
    apr_pool_t *pool;

    apr_pool_create(&pool, NULL);
    ubal_db_script(db, "PRAGMA cache_size=" UBAL_DB_CACHE, pool);
    ubal_db_script(db, "PRAGMA shrink_memory", pool);
    apr_pool_destroy(pool);
    return APR_SUCCESS;
}

ubal_error_t *ubal_import_hasten(ubal_db_t *db, int kilobytes,
                                 apr_pool_t *pool)
{
    ubal_error_t *err;

    if (db->dialect != UBAL_DIALECT_SQLITE) {
        return NULL;
    }
    err = ubal_db_script(
        db, apr_psprintf(pool, "PRAGMA cache_size=-%d", kilobytes), pool);
    if (!err) {
        apr_pool_cleanup_register(pool, db, slow_down, apr_pool_cleanup_null);
    }
    return err;
}

ubal_error_t *ubal_import_end(ubal_db_t *db, apr_int64_t id,
                              ubal_import_state_e state, apr_pool_t *pool)
{
    apr_int64_t number = (apr_int64_t)state;

    return ubal_db_run(db, NULL, pool, UBAL_SQL_IMPORT_STATE, &number, &id);
}
