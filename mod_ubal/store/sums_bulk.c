/* The sums of a page's users, many in one statement. Knows the two tables as
 * PostgreSQL has them. See sums.h, sums_cache.h. */
#include <string.h>

#include "store/array.h"
#include "store/page.h"
#include "store/sums_cache.h"

/* A page's amounts of a user, without sign, that can be added to a balance
 * before it is known. */
#define MOVED_MAX (UBAL_PAGE_SUM_MAX / 3)

/* Sums of many, column by column. */
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

static void add_row(columns_t *columns, const ubal_sums_place_t *place,
                    const ubal_sums_t *sums, apr_int64_t n)
{
    int i;

    ubal_array_add_text(&columns->users, place->user->id);
    ubal_array_add_int(&columns->levels, place->level);
    ubal_array_add_int(&columns->buckets, place->bucket);
    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        ubal_array_add_int(&columns->of[i], sums->of[i]);
    }
    ubal_array_add_int(&columns->n, n);
}

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

/* Adds the items' users, with what is coming to each. */
static void add_users(ubal_sums_cache_t *cache,
                      const apr_array_header_t *items)
{
    int i;

    for (i = 0; i < items->nelts; i++) {
        const ubal_item_t *item = APR_ARRAY_IDX(items, i, const ubal_item_t *);
        ubal_sums_user_t *user =
            apr_hash_get(cache->users, item->user_id, APR_HASH_KEY_STRING);

        if (!user) {
            user = ubal_sums_add_user(cache, item->user_id);
        }
        if (item->amount < -MOVED_MAX || item->amount > MOVED_MAX ||
            user->moved > MOVED_MAX) {
            user->moved = MOVED_MAX + 1;
            continue;
        }
        user->moved += item->amount < 0 ? -item->amount : item->amount;
        user->coming.of[item->type] += item->amount;
        user->coming_n++;
    }
}

/* What an added balance has come to be; before, it was without that. */
static ubal_error_t *take_added(const ubal_sums_cache_t *cache,
                                ubal_rows_t *rows)
{
    ubal_error_t *err;
    int has_row, i;

    while (!(err = ubal_rows_next(rows, &has_row)) && has_row) {
        ubal_sums_user_t *user = apr_hash_get(
            cache->users, ubal_rows_text(rows, 0), APR_HASH_KEY_STRING);

        for (i = 0; i < UBAL_TYPE_COUNT; i++) {
            user->stored.of[i] = ubal_rows_int(rows, 1 + i, 0);
            user->balance.sums.of[i] = user->stored.of[i] - user->coming.of[i];
        }
        user->stored_n = ubal_rows_int(rows, 1 + UBAL_TYPE_COUNT, 0);
        user->balance.n = user->stored_n - user->coming_n;
    }
    return err;
}

/* Adds what is coming to the balances that it cannot make too large, whatever
 * of it comes: each sum then stays within UBAL_PAGE_SUM_MAX. */
static ubal_error_t *add_balances(ubal_sums_cache_t *cache, apr_int64_t at)
{
    columns_t c = make_columns(cache->pool);
    apr_int64_t most = UBAL_PAGE_SUM_MAX - MOVED_MAX;
    ubal_sums_user_t **user;
    ubal_rows_t *rows;
    ubal_error_t *err;

    for (user = ubal_sums_sort(cache); *user; user++) {
        if ((*user)->moved <= MOVED_MAX) {
            add_row(&c, &(*user)->balance.place, &(*user)->coming,
                    (*user)->coming_n);
        }
    }
    if (!c.users.count) {
        return NULL;
    }
    err = ubal_db_select(
        &rows, cache->db, cache->pool, UBAL_SQL_SUMS_ADD_BALANCES, &at,
        ubal_array_end(&c.users), ubal_array_end(&c.of[UBAL_TYPE_EARNED]),
        ubal_array_end(&c.of[UBAL_TYPE_SPENT]),
        ubal_array_end(&c.of[UBAL_TYPE_PAYOUT]),
        ubal_array_end(&c.of[UBAL_TYPE_PAID_OUT]), ubal_array_end(&c.n),
        &most);
    return err ? err : take_added(cache, rows);
}

/* Reads the balances that were not added to. */
static ubal_error_t *read_balances(ubal_sums_cache_t *cache)
{
    wanted_t wanted = want_none(cache);
    ubal_sums_user_t **users = ubal_sums_sort(cache), **user;
    ubal_rows_t *rows;
    ubal_error_t *err;

    for (user = users; *user; user++) {
        if (!(*user)->stored_n) {
            want(&wanted, &(*user)->balance);
        }
    }
    if (!wanted.entries->nelts) {
        return NULL;
    }
    err = ubal_db_select(&rows, cache->db, cache->pool, UBAL_SQL_SUMS_BALANCES,
                         ubal_array_end(&wanted.users));
    if (!err) {
        err = take(&wanted, rows);
    }
    for (user = users; !err && *user; user++) {
        if (!(*user)->stored_n) {
            (*user)->stored = (*user)->balance.sums;
            (*user)->stored_n = (*user)->balance.n;
        }
    }
    return err;
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

/* The stretches of one level; `*is_last` where there are none. */
static ubal_error_t *load_level(int *is_last, ubal_sums_cache_t *cache,
                                const apr_array_header_t *items, int level)
{
    apr_int64_t number = level;
    wanted_t wanted = want_none(cache);
    ubal_rows_t *rows;
    ubal_error_t *err;
    int i;

    for (i = 0; i < items->nelts; i++) {
        want_part(&wanted, cache, APR_ARRAY_IDX(items, i, const ubal_item_t *),
                  level);
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

ubal_error_t *ubal_sums_load(ubal_sums_cache_t *cache,
                             const apr_array_header_t *items, int are_sure,
                             apr_int64_t at)
{
    ubal_error_t *err;
    int level, is_last = 0;

    add_users(cache, items);
    err = are_sure ? add_balances(cache, at) : NULL;
    if (!err) {
        err = read_balances(cache);
    }
    for (level = 0; !err && !is_last && level < UBAL_TREE_LEVELS; level++) {
        err = load_level(&is_last, cache, items, level);
    }
    cache->is_loaded = !err;
    return err;
}

/* Puts the balance where it is not what the database has. */
static void put_balance(columns_t *columns, ubal_sums_user_t *user)
{
    const ubal_sums_entry_t *balance = &user->balance;

    if (balance->n != user->stored_n ||
        memcmp(&balance->sums, &user->stored, sizeof(user->stored)) != 0) {
        add_row(columns, &balance->place, &balance->sums, balance->n);
        user->stored = balance->sums;
        user->stored_n = balance->n;
    }
}

static void put_stretches(columns_t *columns, ubal_sums_user_t *user)
{
    ubal_sums_entry_t *entry;

    for (entry = user->stretches; entry; entry = entry->next) {
        if (entry->is_changed) {
            add_row(columns, &entry->place, &entry->sums, entry->n);
            entry->is_changed = 0;
        }
    }
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
    ubal_error_t *err;

    for (user = ubal_sums_sort(cache); *user; user++) {
        put_balance(&balances, *user);
        put_stretches(&stretches, *user);
    }
    err = set_balances(cache, &balances, at);
    return err ? err : set_stretches(cache, &stretches);
}
