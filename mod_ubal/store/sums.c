/* Balances and daily sums of a page's users. Knows the two tables and that
 * both hold one sum a type. See sums.h. */
#include "store/sums.h"

#include <stdlib.h>

#include <apr_hash.h>

#include "core/money.h"
#include "core/time.h"
#include "store/hot.h"
#include "store/page.h"

typedef struct entry_t {
    struct entry_t *next; /* an earlier day of the same user */
    apr_int64_t day;      /* -1: the user's balance */
    ubal_sums_t sums;
    int is_changed;
} entry_t;

typedef struct user_t {
    const char *id;
    entry_t balance;
    entry_t *days; /* the one that was looked at last comes first */
} user_t;

struct ubal_sums_cache_t {
    ubal_hot_t *hot;
    apr_pool_t *pool;
    apr_hash_t *users;      /* by id */
    user_t *user;           /* of the item checked last */
    entry_t *balance, *day; /* the same */
};

ubal_sums_cache_t *ubal_sums_make(ubal_db_t *db, apr_pool_t *pool)
{
    ubal_sums_cache_t *cache = apr_pcalloc(pool, sizeof(*cache));

    cache->hot = ubal_hot_of(db);
    cache->pool = pool;
    cache->users = apr_hash_make(pool);
    return cache;
}

static ubal_error_t *read_sums(ubal_sums_cache_t *cache, const char *user_id,
                               entry_t *entry)
{
    apr_int64_t *of = entry->sums.of;
    int has_row;

    return entry->day < 0
               ? ubal_hot_read(cache->hot, &has_row, of, UBAL_TYPE_COUNT,
                               cache->pool, UBAL_SQL_BALANCE_GET, user_id)
               : ubal_hot_read(cache->hot, &has_row, of, UBAL_TYPE_COUNT,
                               cache->pool, UBAL_SQL_DAY_GET, user_id,
                               &entry->day);
}

static ubal_error_t *find_user(ubal_sums_cache_t *cache, const char *id)
{
    user_t *user = apr_hash_get(cache->users, id, APR_HASH_KEY_STRING);
    ubal_error_t *err;

    if (!user) {
        user = apr_pcalloc(cache->pool, sizeof(*user));
        user->id = id;
        user->balance.day = -1;
        err = read_sums(cache, id, &user->balance);
        if (err) {
            return err;
        }
        apr_hash_set(cache->users, id, APR_HASH_KEY_STRING, user);
    }
    cache->user = user;
    cache->balance = &user->balance;
    return NULL;
}

/* Finds the day among those of the user, few in what comes together, and puts
 * it first. */
static ubal_error_t *find_day(ubal_sums_cache_t *cache, apr_int64_t day)
{
    entry_t **place = &cache->user->days, *entry;
    ubal_error_t *err;

    while (*place && (*place)->day != day) {
        place = &(*place)->next;
    }
    entry = *place;
    if (entry) {
        *place = entry->next;
    } else {
        entry = apr_pcalloc(cache->pool, sizeof(*entry));
        entry->day = day;
        err = read_sums(cache, cache->user->id, entry);
        if (err) {
            return err;
        }
    }
    entry->next = cache->user->days;
    cache->user->days = cache->day = entry;
    return NULL;
}

static int can_add(const entry_t *entry, const ubal_item_t *item)
{
    apr_int64_t sum;

    return ubal_money_add(&sum, entry->sums.of[item->type], item->amount) &&
           sum <= UBAL_PAGE_SUM_MAX && sum >= -UBAL_PAGE_SUM_MAX;
}

ubal_error_t *ubal_sums_check(int *fits, ubal_sums_cache_t *cache,
                              const ubal_item_t *item)
{
    ubal_error_t *err = find_user(cache, item->user_id);

    if (!err) {
        err = find_day(cache, item->created_at / UBAL_TIME_DAY);
    }
    *fits = !err && can_add(cache->balance, item) && can_add(cache->day, item);
    return err;
}

void ubal_sums_add(ubal_sums_cache_t *cache, const ubal_item_t *item)
{
    cache->balance->sums.of[item->type] += item->amount;
    cache->balance->is_changed = 1;
    cache->day->sums.of[item->type] += item->amount;
    cache->day->is_changed = 1;
}

static ubal_error_t *write_sums(ubal_sums_cache_t *cache, const char *user_id,
                                entry_t *entry, apr_int64_t at)
{
    const apr_int64_t *of = entry->sums.of;

    if (!entry->is_changed) {
        return NULL;
    }
    entry->is_changed = 0;
    if (entry->day < 0) {
        return ubal_hot_run(
            cache->hot, NULL, cache->pool, UBAL_SQL_BALANCE_SET, user_id,
            &of[UBAL_TYPE_EARNED], &of[UBAL_TYPE_SPENT], &of[UBAL_TYPE_PAYOUT],
            &of[UBAL_TYPE_PAID_OUT], &at);
    }
    return ubal_hot_run(cache->hot, NULL, cache->pool, UBAL_SQL_DAY_SET,
                        user_id, &entry->day, &of[UBAL_TYPE_EARNED],
                        &of[UBAL_TYPE_SPENT], &of[UBAL_TYPE_PAYOUT],
                        &of[UBAL_TYPE_PAID_OUT]);
}

static int compare(const void *left, const void *right)
{
    return strcmp((*(user_t *const *)left)->id, (*(user_t *const *)right)->id);
}

/* In the order of the tables' keys: neighbours lie on one page of them. */
static user_t **sort(const ubal_sums_cache_t *cache)
{
    user_t **sorted = apr_palloc(
        cache->pool, (apr_hash_count(cache->users) + 1) * sizeof(*sorted));
    apr_hash_index_t *i;
    size_t count = 0;

    for (i = apr_hash_first(cache->pool, cache->users); i;
         i = apr_hash_next(i)) {
        sorted[count++] = apr_hash_this_val(i);
    }
    qsort(sorted, count, sizeof(*sorted), compare);
    sorted[count] = NULL;
    return sorted;
}

static ubal_error_t *write_user(ubal_sums_cache_t *cache, user_t *user,
                                apr_int64_t at)
{
    ubal_error_t *err = write_sums(cache, user->id, &user->balance, at);
    entry_t *day;

    for (day = user->days; !err && day; day = day->next) {
        err = write_sums(cache, user->id, day, at);
    }
    return err;
}

ubal_error_t *ubal_sums_flush_last(ubal_sums_cache_t *cache, apr_int64_t at)
{
    return cache->user ? write_user(cache, cache->user, at) : NULL;
}

ubal_error_t *ubal_sums_flush(ubal_sums_cache_t *cache, apr_int64_t at)
{
    user_t **users = sort(cache), **user;
    ubal_error_t *err = NULL;

    for (user = users; !err && *user; user++) {
        err = write_user(cache, *user, at);
    }
    return err;
}
