/* The sums of a page's users, many in one statement. Knows the two tables as
 * PostgreSQL has them. See sums.h, sums_cache.h. */
#include <apr_tables.h>

#include "store/array.h"
#include "store/sums_cache.h"

/* Sums that are asked for, in the order in which they are. */
typedef struct wanted_t {
    ubal_array_t users, buckets;
    apr_array_header_t *entries;
} wanted_t;

static wanted_t want_none(const ubal_sums_cache_t *cache)
{
    return (wanted_t){
        ubal_array_make(cache->pool), ubal_array_make(cache->pool),
        apr_array_make(cache->pool, 64, sizeof(ubal_sums_entry_t *))};
}

static void want(wanted_t *wanted, ubal_sums_entry_t *entry)
{
    ubal_array_add_text(&wanted->users, entry->place.user->id);
    ubal_array_add_int(&wanted->buckets, entry->place.bucket);
    APR_ARRAY_PUSH(wanted->entries, ubal_sums_entry_t *) = entry;
}

/* Takes what the rows say of the wanted sums; the others are zero. */
static ubal_error_t *take(const wanted_t *wanted, ubal_rows_t *rows)
{
    ubal_error_t *err;
    int has_row, i;

    while (!(err = ubal_rows_next(rows, &has_row)) && has_row) {
        int place = (int)ubal_rows_int(rows, 0, 0) - 1;
        ubal_sums_entry_t *entry =
            APR_ARRAY_IDX(wanted->entries, place, ubal_sums_entry_t *);

        for (i = 0; i < UBAL_TYPE_COUNT; i++) {
            entry->sums.of[i] = ubal_rows_int(rows, 1 + i, 0);
        }
        entry->n = ubal_rows_int(rows, 1 + UBAL_TYPE_COUNT, 0);
    }
    return err;
}

static ubal_error_t *load_balances(ubal_sums_cache_t *cache,
                                   const ubal_page_t *page)
{
    const ubal_item_t *items = (const void *)page->items->elts;
    wanted_t wanted = want_none(cache);
    ubal_rows_t *rows;
    ubal_error_t *err;
    int i;

    for (i = 0; i < page->items->nelts; i++) {
        const char *id = items[i].user_id;

        if (!items[i].fault &&
            !apr_hash_get(cache->users, id, APR_HASH_KEY_STRING)) {
            want(&wanted, &ubal_sums_add_user(cache, id)->balance);
        }
    }
    if (!wanted.entries->nelts) {
        return NULL;
    }
    err = ubal_db_select(&rows, cache->db, cache->pool, UBAL_SQL_SUMS_BALANCES,
                         ubal_array_end(&wanted.users));
    return err ? err : take(&wanted, rows);
}

static const ubal_sums_entry_t *find(const ubal_sums_cache_t *cache,
                                     const ubal_sums_user_t *user,
                                     const ubal_item_t *item, int level)
{
    ubal_sums_place_t place = {user, level, 0};

    if (level < 0) {
        return &user->balance;
    }
    place.bucket = ubal_tree_bucket(level, item->created_at);
    return apr_hash_get(cache->stretches, &place, sizeof(place));
}

/* Wants the item's stretch of a level where the wider one that it is part of
 * has parts. */
static void want_part(wanted_t *wanted, ubal_sums_cache_t *cache,
                      const ubal_item_t *item, int level)
{
    ubal_sums_user_t *user =
        apr_hash_get(cache->users, item->user_id, APR_HASH_KEY_STRING);
    const ubal_sums_entry_t *whole = find(cache, user, item, level - 1);

    if (whole && whole->n > UBAL_TREE_LEAF &&
        !find(cache, user, item, level)) {
        ubal_sums_place_t place = {user, level,
                                   ubal_tree_bucket(level, item->created_at)};

        want(wanted, ubal_sums_add_stretch(cache, user, &place));
    }
}

/* The stretches of one level; `*is_last` where the page has none there. */
static ubal_error_t *load_level(int *is_last, ubal_sums_cache_t *cache,
                                const ubal_page_t *page, int level)
{
    const ubal_item_t *items = (const void *)page->items->elts;
    apr_int64_t number = level;
    wanted_t wanted = want_none(cache);
    ubal_rows_t *rows;
    ubal_error_t *err;
    int i;

    for (i = 0; i < page->items->nelts; i++) {
        if (!items[i].fault) {
            want_part(&wanted, cache, &items[i], level);
        }
    }
    *is_last = !wanted.entries->nelts;
    if (*is_last) {
        return NULL;
    }
    err =
        ubal_db_select(&rows, cache->db, cache->pool, UBAL_SQL_SUMS_STRETCHES,
                       ubal_array_end(&wanted.users),
                       ubal_array_end(&wanted.buckets), &number);
    return err ? err : take(&wanted, rows);
}

ubal_error_t *ubal_sums_load(ubal_sums_cache_t *cache, const ubal_page_t *page)
{
    ubal_error_t *err = load_balances(cache, page);
    int level, is_last = 0;

    for (level = 0; !err && !is_last && level < UBAL_TREE_LEVELS; level++) {
        err = load_level(&is_last, cache, page, level);
    }
    cache->is_loaded = !err;
    return err;
}

/* Sums that have changed, column by column. */
typedef struct columns_t {
    ubal_array_t users, levels, buckets, of[UBAL_TYPE_COUNT], n;
} columns_t;

static columns_t make_columns(apr_pool_t *pool)
{
    columns_t columns = {.users = ubal_array_make(pool),
                         .levels = ubal_array_make(pool),
                         .buckets = ubal_array_make(pool),
                         .n = ubal_array_make(pool)};
    int i;

    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        columns.of[i] = ubal_array_make(pool);
    }
    return columns;
}

static void put(columns_t *columns, ubal_sums_entry_t *entry)
{
    int i;

    if (!entry->is_changed) {
        return;
    }
    entry->is_changed = 0;
    ubal_array_add_text(&columns->users, entry->place.user->id);
    ubal_array_add_int(&columns->levels, entry->place.level);
    ubal_array_add_int(&columns->buckets, entry->place.bucket);
    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        ubal_array_add_int(&columns->of[i], entry->sums.of[i]);
    }
    ubal_array_add_int(&columns->n, entry->n);
}

static ubal_error_t *set_balances(const ubal_sums_cache_t *cache, columns_t *c,
                                  apr_int64_t at)
{
    if (!c->users.count) {
        return NULL;
    }
    return ubal_db_run(
        cache->db, NULL, cache->pool, UBAL_SQL_SUMS_SET_BALANCES, &at,
        ubal_array_end(&c->users), ubal_array_end(&c->of[UBAL_TYPE_EARNED]),
        ubal_array_end(&c->of[UBAL_TYPE_SPENT]),
        ubal_array_end(&c->of[UBAL_TYPE_PAYOUT]),
        ubal_array_end(&c->of[UBAL_TYPE_PAID_OUT]), ubal_array_end(&c->n));
}

static ubal_error_t *set_stretches(const ubal_sums_cache_t *cache,
                                   columns_t *c)
{
    if (!c->users.count) {
        return NULL;
    }
    return ubal_db_run(
        cache->db, NULL, cache->pool, UBAL_SQL_SUMS_SET_STRETCHES,
        ubal_array_end(&c->users), ubal_array_end(&c->levels),
        ubal_array_end(&c->buckets), ubal_array_end(&c->of[UBAL_TYPE_EARNED]),
        ubal_array_end(&c->of[UBAL_TYPE_SPENT]),
        ubal_array_end(&c->of[UBAL_TYPE_PAYOUT]),
        ubal_array_end(&c->of[UBAL_TYPE_PAID_OUT]), ubal_array_end(&c->n));
}

ubal_error_t *ubal_sums_write(ubal_sums_cache_t *cache, apr_int64_t at)
{
    columns_t balances = make_columns(cache->pool);
    columns_t stretches = make_columns(cache->pool);
    ubal_sums_user_t **user;
    ubal_sums_entry_t *entry;
    ubal_error_t *err;

    for (user = ubal_sums_sort(cache); *user; user++) {
        put(&balances, &(*user)->balance);
        for (entry = (*user)->stretches; entry; entry = entry->next) {
            put(&stretches, entry);
        }
    }
    err = set_balances(cache, &balances, at);
    return err ? err : set_stretches(cache, &stretches);
}
