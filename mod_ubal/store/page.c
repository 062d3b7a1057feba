/* Items of a page into transactions, sums and dead letters. Knows
 * transactions, which go one by one on SQLite and through parcel.c on
 * PostgreSQL; sums.c and dead.c know the rest. See page.h. */
#include "store/page.h"

#include <apr_strings.h>

#include "store/dead.h"
#include "store/order.h"
#include "store/parcel.h"
#include "store/sums.h"

typedef struct store_t {
    ubal_db_t *db;
    apr_int64_t vendor, request, at, commit_seq;
    apr_int64_t opening;    /* what is older is in opening balances; 0: none */
    apr_int64_t stored_seq; /* the commit that the item's id came with */
    ubal_sums_cache_t *sums;
    ubal_parcel_t *parcel; /* NULL: statements go one by one */
    int has_dead;          /* letters may be open that a stored item closes */
    ubal_counts_t *counts;
    apr_pool_t *pool;
} store_t;

static void take_content(ubal_content_t *content, ubal_rows_t *rows)
{
    *content = (ubal_content_t){.user_id = ubal_rows_text(rows, 0),
                                .created_at = ubal_rows_int(rows, 1, -1),
                                .type = ubal_rows_int(rows, 2, -1),
                                .amount = ubal_rows_int(rows, 3, 0),
                                .commit_seq = ubal_rows_int(rows, 4, 0)};
}

/* Sets `*content` to what is stored under an id; NULL: nothing. */
static ubal_error_t *read_content(const ubal_content_t **content, store_t *s,
                                  const char *id)
{
    ubal_content_t *read;
    ubal_rows_t *rows;
    ubal_error_t *err = NULL;
    int has_row;

    *content = s->parcel ? ubal_parcel_find(s->parcel, id) : NULL;
    if (!s->parcel) {
        err = ubal_db_first(&rows, &has_row, s->db, s->pool,
                            UBAL_SQL_TRANSACTION_CONTENT, &s->vendor, id);
        if (!err && has_row) {
            read = apr_palloc(s->pool, sizeof(*read));
            take_content(read, rows);
            *content = read;
        }
    }
    if (*content) {
        s->stored_seq = (*content)->commit_seq;
    }
    return err;
}

/* Names the fields in which a sound item differs from what is stored; NULL
 * where it does not. */
static const char *difference(const ubal_content_t *content,
                              const ubal_item_t *item, apr_pool_t *pool)
{
    const char *fields = apr_pstrcat(
        pool, strcmp(content->user_id, item->user_id) ? ", userId" : "",
        content->created_at != item->created_at ? ", createdAt" : "",
        content->type != (apr_int64_t)item->type ? ", type" : "",
        content->amount != item->amount ? ", amount" : "", NULL);

    return *fields ? apr_pstrcat(pool, "its id is stored with another ",
                                 fields + 2, NULL)
                   : NULL;
}

/* Letters whose ids are stored since are closed before others are added, as
 * what comes again then is in conflict. */
static ubal_error_t *close_letters(const store_t *s)
{
    return s->parcel && s->has_dead ? ubal_parcel_supersede(s->parcel) : NULL;
}

static ubal_error_t *add_letter(store_t *s, const ubal_item_t *item,
                                int is_conflict, const char *reason)
{
    ubal_dead_t dead = {.vendor = s->vendor,
                        .request = s->request,
                        .at = s->at,
                        .is_conflict = is_conflict,
                        .reason = reason};
    ubal_error_t *err = close_letters(s);

    if (err) {
        return err;
    }
    if (is_conflict) {
        s->counts->conflict++;
    } else {
        s->counts->dead++;
        s->has_dead = 1;
    }
    return ubal_dead_add(s->db, &dead, item, s->pool);
}

/* An item that cannot be stored: where its id is stored already, from
 * another one, the two are in conflict. */
static ubal_error_t *store_unsound(store_t *s, const ubal_item_t *item,
                                   const char *fault)
{
    const ubal_content_t *content = NULL;
    ubal_error_t *err = item->id ? read_content(&content, s, item->id) : NULL;

    if (err) {
        return err;
    }
    if (content) {
        fault =
            apr_pstrcat(s->pool, "its id is stored, and now: ", fault, NULL);
    }
    return add_letter(s, item, content != NULL, fault);
}

/* An item whose id is there already. */
static ubal_error_t *store_known(store_t *s, const ubal_item_t *item,
                                 const ubal_content_t *content)
{
    const char *reason = difference(content, item, s->pool);

    if (reason) {
        return add_letter(s, item, 1, reason);
    }
    s->counts->duplicate++;
    return NULL;
}

static ubal_error_t *insert(int *is_new, store_t *s, const ubal_item_t *item)
{
    apr_int64_t type = (apr_int64_t)item->type;

    if (s->parcel) {
        *is_new = !ubal_parcel_find(s->parcel, item->id);
        if (*is_new) {
            ubal_parcel_add(s->parcel, item, s->commit_seq);
        }
        return NULL;
    }
    return ubal_db_run(s->db, is_new, s->pool, UBAL_SQL_TRANSACTION_INSERT,
                       &s->vendor, item->id, item->user_id, &item->created_at,
                       &type, &item->amount, &s->commit_seq);
}

static ubal_error_t *store_sound(store_t *s, const ubal_item_t *item)
{
    const ubal_content_t *content = NULL;
    int fits, is_new = 0;
    ubal_error_t *err = ubal_sums_check(&fits, s->sums, item);

    if (!err && fits) {
        err = insert(&is_new, s, item);
    }
    if (!err && is_new) {
        s->counts->stored++;
        s->stored_seq = UBAL_PAGE_NEW;
        err = ubal_sums_add(s->sums, item);
        return err || !s->has_dead || s->parcel
                   ? err
                   : ubal_dead_supersede(s->db, s->vendor, item->id, s->pool);
    }
    if (!err) {
        err = read_content(&content, s, item->id);
    }
    if (err) {
        return err;
    }
    return content ? store_known(s, item, content)
                   : add_letter(s, item, 0,
                                "a sum of its user would become too large");
}

/* Numbers the commit, and reads what the page is stored by. */
static ubal_error_t *begin(store_t *s)
{
    apr_int64_t row[3] = {0};
    int has_row;
    ubal_error_t *err =
        ubal_db_read(s->db, &has_row, row, 3, s->pool, UBAL_SQL_PAGE_BEGIN,
                     &s->vendor, &s->vendor);

    s->commit_seq = row[0];
    s->opening = row[1];
    s->has_dead = row[2] != 0;
    return err || has_row ? err
                          : ubal_error_make(UBAL_ERR_DB, s->pool,
                                            "the row of coverage is missing");
}

static ubal_error_t *store_item(store_t *s, const ubal_item_t *item)
{
    if (item->fault) {
        return store_unsound(s, item, item->fault);
    }
    if (item->created_at < s->opening) {
        s->counts->ignored++;
        return NULL;
    }
    return store_sound(s, item);
}

/* Whether the i-th of that order is the last item of its user. */
static int is_last(const ubal_order_t *order, const ubal_page_t *page, int i)
{
    const ubal_item_t *items = (const void *)page->items->elts;

    return order->is_by_user && (i + 1 == page->items->nelts ||
                                 strcmp(items[order->of[i]].user_id,
                                        items[order->of[i + 1]].user_id) != 0);
}

static ubal_error_t *store_items(store_t *s, apr_int64_t *seqs,
                                 const ubal_page_t *page)
{
    const ubal_item_t *items = (const void *)page->items->elts;
    ubal_order_t order = ubal_order_make(page, s->pool);
    ubal_error_t *err = NULL;
    int i;

    for (i = 0; !err && i < page->items->nelts; i++) {
        const ubal_item_t *item = &items[order.of[i]];

        s->stored_seq = 0;
        err = store_item(s, item);
        if (seqs) {
            seqs[order.of[i]] = s->stored_seq;
        }
        if (!err && is_last(&order, page, i)) {
            err = ubal_sums_flush_last(s->sums, s->at);
        }
    }
    if (!err && s->parcel) {
        err = ubal_parcel_write(s->parcel);
    }
    if (!err) {
        err = close_letters(s);
    }
    return err ? err : ubal_sums_flush(s->sums, s->at);
}

/* On PostgreSQL, all that the page can change at once. */
static ubal_error_t *read_ahead(store_t *s, const ubal_page_t *page)
{
    apr_array_header_t *items;
    int are_ids_distinct;
    ubal_error_t *err;

    if (s->db->dialect != UBAL_DIALECT_PGSQL) {
        return NULL;
    }
    err = ubal_parcel_read(&s->parcel, s->db, s->vendor, page, s->opening,
                           s->pool);
    if (err) {
        return err;
    }
    items = ubal_parcel_new_items(&are_ids_distinct, s->parcel);
    return ubal_sums_load(s->sums, items, are_ids_distinct, s->at);
}

ubal_error_t *ubal_page_store_each(ubal_counts_t *counts, apr_int64_t *seqs,
                                   ubal_db_t *db, apr_int64_t vendor,
                                   apr_int64_t request, apr_int64_t at,
                                   const ubal_page_t *page, apr_pool_t *pool)
{
    store_t s = {.db = db,
                 .vendor = vendor,
                 .request = request,
                 .at = at,
                 .counts = counts,
                 .pool = pool};
    ubal_error_t *err;

    *counts = (ubal_counts_t){.seen = page->items->nelts};
    s.sums = ubal_sums_make(db, pool);
    err = begin(&s);
    if (!err) {
        err = read_ahead(&s, page);
    }
    return err ? err : store_items(&s, seqs, page);
}

ubal_error_t *ubal_page_store(ubal_counts_t *counts, ubal_db_t *db,
                              apr_int64_t vendor, apr_int64_t request,
                              apr_int64_t at, const ubal_page_t *page,
                              apr_pool_t *pool)
{
    return ubal_page_store_each(counts, NULL, db, vendor, request, at, page,
                                pool);
}
