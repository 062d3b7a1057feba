/* Balances and daily sums of a page's users. Knows the two tables and that
 * both hold one sum a type. See sums.h. */
#include "store/sums.h"

#include <apr_hash.h>
#include <apr_strings.h>

#include "core/money.h"
#include "core/time.h"
#include "store/page.h"

typedef struct entry_t {
    const char *user_id;
    apr_int64_t day; /* -1: the user's balance */
    ubal_sums_t sums;
    int is_changed;
} entry_t;

struct ubal_sums_cache_t {
    ubal_db_t *db;
    apr_pool_t *pool;
    apr_hash_t *entries;         /* by "day user" */
    apr_array_header_t *ordered; /* of entry_t *, as they came */
    entry_t *balance, *day;      /* of the item checked last */
};

ubal_sums_cache_t *ubal_sums_make(ubal_db_t *db, apr_pool_t *pool)
{
    ubal_sums_cache_t *cache = apr_pcalloc(pool, sizeof(*cache));

    cache->db = db;
    cache->pool = pool;
    cache->entries = apr_hash_make(pool);
    cache->ordered = apr_array_make(pool, 64, sizeof(entry_t *));
    return cache;
}

static ubal_error_t *read_sums(ubal_sums_cache_t *cache, entry_t *entry)
{
    ubal_rows_t *rows;
    int has_row, type;
    ubal_error_t *err =
        entry->day < 0
            ? ubal_db_first(&rows, &has_row, cache->db, cache->pool,
                            UBAL_SQL_BALANCE_GET, entry->user_id)
            : ubal_db_first(&rows, &has_row, cache->db, cache->pool,
                            UBAL_SQL_DAY_GET, entry->user_id, &entry->day);

    for (type = 0; !err && has_row && type < UBAL_TYPE_COUNT; type++) {
        entry->sums.of[type] = ubal_rows_int(rows, type, 0);
    }
    return err;
}

static ubal_error_t *find(entry_t **entry, ubal_sums_cache_t *cache,
                          const char *user_id, apr_int64_t day)
{
    const char *key =
        apr_psprintf(cache->pool, "%" APR_INT64_T_FMT " %s", day, user_id);
    ubal_error_t *err;

    *entry = apr_hash_get(cache->entries, key, APR_HASH_KEY_STRING);
    if (*entry) {
        return NULL;
    }
    *entry = apr_pcalloc(cache->pool, sizeof(**entry));
    (*entry)->user_id = user_id;
    (*entry)->day = day;
    err = read_sums(cache, *entry);
    if (!err) {
        apr_hash_set(cache->entries, key, APR_HASH_KEY_STRING, *entry);
        APR_ARRAY_PUSH(cache->ordered, entry_t *) = *entry;
    }
    return err;
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
    ubal_error_t *err = find(&cache->balance, cache, item->user_id, -1);

    if (!err) {
        err = find(&cache->day, cache, item->user_id,
                   item->created_at / UBAL_TIME_DAY);
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

static ubal_error_t *write_sums(ubal_sums_cache_t *cache, const entry_t *entry,
                                apr_int64_t at)
{
    const apr_int64_t *of = entry->sums.of;

    if (entry->day < 0) {
        return ubal_db_run(cache->db, NULL, cache->pool, UBAL_SQL_BALANCE_SET,
                           entry->user_id, &of[UBAL_TYPE_EARNED],
                           &of[UBAL_TYPE_SPENT], &of[UBAL_TYPE_PAYOUT],
                           &of[UBAL_TYPE_PAID_OUT], &at);
    }
    return ubal_db_run(cache->db, NULL, cache->pool, UBAL_SQL_DAY_SET,
                       entry->user_id, &entry->day, &of[UBAL_TYPE_EARNED],
                       &of[UBAL_TYPE_SPENT], &of[UBAL_TYPE_PAYOUT],
                       &of[UBAL_TYPE_PAID_OUT]);
}

ubal_error_t *ubal_sums_flush(ubal_sums_cache_t *cache, apr_int64_t at)
{
    ubal_error_t *err = NULL;
    int i;

    for (i = 0; !err && i < cache->ordered->nelts; i++) {
        entry_t *entry = APR_ARRAY_IDX(cache->ordered, i, entry_t *);

        if (entry->is_changed) {
            err = write_sums(cache, entry, at);
            entry->is_changed = 0;
        }
    }
    return err;
}
