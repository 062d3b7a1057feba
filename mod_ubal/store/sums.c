/* Balances and sums over time of a page's users. Knows the two tables and that
 * both hold one sum a type and how many transactions they are of. See sums.h;
 * sums_bulk.c reads and writes many at once.
 */
#include "store/sums.h"

#include <stdlib.h>

#include "core/money.h"
#include "store/page.h"
#include "store/sums_cache.h"

typedef ubal_sums_entry_t entry_t;
typedef ubal_sums_place_t place_t;
typedef ubal_sums_user_t user_t;

ubal_sums_cache_t *ubal_sums_make(ubal_db_t *db, apr_pool_t *pool)
{
    ubal_sums_cache_t *cache = apr_pcalloc(pool, sizeof(*cache));

    cache->db = db;
    cache->pool = pool;
    cache->users = apr_hash_make(pool);
    cache->stretches = apr_hash_make(pool);
    return cache;
}

static ubal_error_t *read_sums(ubal_sums_cache_t *cache, entry_t *entry)
{
    apr_int64_t row[UBAL_TYPE_COUNT + 1] = {0};
    const char *id = entry->place.user->id;
    ubal_error_t *err;
    int has_row;

    if (cache->is_loaded) {
        return NULL;
    }
    err = entry->place.level < 0
              ? ubal_db_read(cache->db, &has_row, row, UBAL_TYPE_COUNT + 1,
                             cache->pool, UBAL_SQL_BALANCE_GET, id)
              : ubal_db_read(cache->db, &has_row, row, UBAL_TYPE_COUNT + 1,
                             cache->pool, UBAL_SQL_SUM_GET, id,
                             &entry->place.level, &entry->place.bucket);
    memcpy(entry->sums.of, row, sizeof(entry->sums.of));
    entry->n = row[UBAL_TYPE_COUNT];
    return err;
}

user_t *ubal_sums_add_user(ubal_sums_cache_t *cache, const char *id)
{
    user_t *user = apr_pcalloc(cache->pool, sizeof(*user));

    user->id = id;
    user->balance.place = (place_t){user, -1, 0};
    apr_hash_set(cache->users, id, APR_HASH_KEY_STRING, user);
    return user;
}

static ubal_error_t *find_user(ubal_sums_cache_t *cache, const char *id)
{
    cache->user = apr_hash_get(cache->users, id, APR_HASH_KEY_STRING);
    if (cache->user) {
        return NULL;
    }
    cache->user = ubal_sums_add_user(cache, id);
    return read_sums(cache, &cache->user->balance);
}

static entry_t *find_stretch(ubal_sums_cache_t *cache, const place_t *place)
{
    return apr_hash_get(cache->stretches, place, sizeof(*place));
}

entry_t *ubal_sums_add_stretch(ubal_sums_cache_t *cache, user_t *user,
                               const place_t *place)
{
    entry_t *entry = apr_pcalloc(cache->pool, sizeof(*entry));

    entry->place = *place;
    entry->next = user->stretches;
    user->stretches = entry;
    apr_hash_set(cache->stretches, &entry->place, sizeof(entry->place), entry);
    return entry;
}

/* The stretch of a level that the instant is in, read where it was not yet. */
static ubal_error_t *get_stretch(entry_t **entry, ubal_sums_cache_t *cache,
                                 int level, apr_int64_t created_at)
{
    user_t *user = cache->user;
    place_t place = {user, level, ubal_tree_bucket(level, created_at)};

    *entry = level < user->depth ? user->path[level] : NULL;
    if (*entry && (*entry)->place.bucket == place.bucket) {
        return NULL;
    }
    *entry = find_stretch(cache, &place);
    if (*entry) {
        return NULL;
    }
    *entry = ubal_sums_add_stretch(cache, user, &place);
    return read_sums(cache, *entry);
}

/* Finds the stretches that are to have the item, the widest first. */
static ubal_error_t *find_path(ubal_sums_cache_t *cache,
                               const ubal_item_t *item)
{
    user_t *user = cache->user;
    const entry_t *last = &user->balance;
    ubal_error_t *err = NULL;
    int level;

    for (level = 0;
         !err && level < UBAL_TREE_LEVELS && last->n > UBAL_TREE_LEAF;
         level++) {
        err = get_stretch(&user->path[level], cache, level, item->created_at);
        last = user->path[level];
    }
    user->depth = level;
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
    ubal_error_t *err = find_user(cache, item->user_id);
    int level;

    if (!err) {
        err = find_path(cache, item);
    }
    *fits = !err && can_add(&cache->user->balance, item);
    for (level = 0; *fits && level < cache->user->depth; level++) {
        *fits = can_add(cache->user->path[level], item);
    }
    return err;
}

static void add(entry_t *entry, apr_int64_t type, apr_int64_t amount)
{
    entry->sums.of[type] += amount;
    entry->n++;
    entry->is_changed = 1;
}

static ubal_error_t *split(ubal_sums_cache_t *cache, const entry_t *whole);

/* Splits those parts of a stretch that have all of it, or nearly, too. */
static ubal_error_t *split_parts(ubal_sums_cache_t *cache,
                                 const entry_t *whole)
{
    const entry_t *part = cache->user->stretches;
    apr_int64_t level = whole->place.level + 1;
    ubal_error_t *err = NULL;

    for (; !err && part; part = part->next) {
        if (part->place.level == level && part->n > UBAL_TREE_LEAF &&
            (whole->place.level < 0 ||
             part->place.bucket * ubal_tree_width((int)level) /
                     ubal_tree_width((int)whole->place.level) ==
                 whole->place.bucket)) {
            err = split(cache, part);
        }
    }
    return err;
}

static void add_to_part(ubal_sums_cache_t *cache, int level,
                        apr_int64_t created_at, apr_int64_t type,
                        apr_int64_t amount)
{
    place_t place = {cache->user, level, ubal_tree_bucket(level, created_at)};
    entry_t *part = find_stretch(cache, &place);

    add(part ? part : ubal_sums_add_stretch(cache, cache->user, &place), type,
        amount);
}

/* Those of the page that the database does not have yet. */
static void add_waiting(ubal_sums_cache_t *cache, int level, apr_int64_t from,
                        apr_int64_t to)
{
    const apr_array_header_t *waiting = cache->user->waiting;
    int i;

    for (i = 0; waiting && i < waiting->nelts; i++) {
        const ubal_item_t *item =
            APR_ARRAY_IDX(waiting, i, const ubal_item_t *);

        if (item->created_at >= from && item->created_at < to) {
            add_to_part(cache, level, item->created_at, item->type,
                        item->amount);
        }
    }
}

/* Makes the parts of what has just come to have more than a leaf: one
 * transaction more, so that no part's sum can be too large. */
static ubal_error_t *split(ubal_sums_cache_t *cache, const entry_t *whole)
{
    int level = (int)whole->place.level + 1;
    apr_int64_t from = 0, to = APR_INT64_MAX;
    ubal_rows_t *rows;
    ubal_error_t *err;
    int has_row;

    if (level > 0) {
        from = whole->place.bucket * ubal_tree_width(level - 1);
        to = from + ubal_tree_width(level - 1);
    }
    err = ubal_db_select(&rows, cache->db, cache->pool, UBAL_SQL_SUM_PART,
                         cache->user->id, &from, &to);
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        add_to_part(cache, level, ubal_rows_int(rows, 0, 0),
                    ubal_rows_int(rows, 1, 0), ubal_rows_int(rows, 2, 0));
    }
    if (err) {
        return err;
    }
    add_waiting(cache, level, from, to);
    return level + 1 == UBAL_TREE_LEVELS ? NULL : split_parts(cache, whole);
}

/* What is written at the end of the page is not in the database before. */
static void note_waiting(ubal_sums_cache_t *cache, const ubal_item_t *item)
{
    user_t *user = cache->user;

    if (!user->waiting) {
        user->waiting =
            apr_array_make(cache->pool, 4, sizeof(const ubal_item_t *));
    }
    APR_ARRAY_PUSH(user->waiting, const ubal_item_t *) = item;
}

ubal_error_t *ubal_sums_add(ubal_sums_cache_t *cache, const ubal_item_t *item)
{
    user_t *user = cache->user;
    const entry_t *last = /* the smallest of what is to have it */
        user->depth ? user->path[user->depth - 1] : &user->balance;
    int level;

    if (cache->is_loaded) {
        note_waiting(cache, item);
    }
    add(&user->balance, item->type, item->amount);
    for (level = 0; level < user->depth; level++) {
        add(user->path[level], item->type, item->amount);
    }
    return last->n > UBAL_TREE_LEAF && user->depth < UBAL_TREE_LEVELS
               ? split(cache, last)
               : NULL;
}

static ubal_error_t *write_sums(ubal_sums_cache_t *cache, entry_t *entry,
                                apr_int64_t at)
{
    const apr_int64_t *of = entry->sums.of;
    const char *id = entry->place.user->id;

    if (!entry->is_changed) {
        return NULL;
    }
    entry->is_changed = 0;
    if (entry->place.level < 0) {
        return ubal_db_run(cache->db, NULL, cache->pool, UBAL_SQL_BALANCE_SET,
                           id, &of[UBAL_TYPE_EARNED], &of[UBAL_TYPE_SPENT],
                           &of[UBAL_TYPE_PAYOUT], &of[UBAL_TYPE_PAID_OUT],
                           &entry->n, &at);
    }
    return ubal_db_run(cache->db, NULL, cache->pool, UBAL_SQL_SUM_SET, id,
                       &entry->place.level, &entry->place.bucket,
                       &of[UBAL_TYPE_EARNED], &of[UBAL_TYPE_SPENT],
                       &of[UBAL_TYPE_PAYOUT], &of[UBAL_TYPE_PAID_OUT],
                       &entry->n);
}

static int compare(const void *left, const void *right)
{
    return strcmp((*(user_t *const *)left)->id, (*(user_t *const *)right)->id);
}

user_t **ubal_sums_sort(ubal_sums_cache_t *cache)
{
    unsigned int count = apr_hash_count(cache->users), at = 0;
    apr_hash_index_t *i;

    if (cache->sorted && cache->sorted_count == count) {
        return cache->sorted;
    }
    cache->sorted =
        apr_palloc(cache->pool, (count + 1) * sizeof(*cache->sorted));
    for (i = apr_hash_first(cache->pool, cache->users); i;
         i = apr_hash_next(i)) {
        cache->sorted[at++] = apr_hash_this_val(i);
    }
    qsort(cache->sorted, count, sizeof(*cache->sorted), compare);
    cache->sorted[count] = NULL;
    cache->sorted_count = count;
    return cache->sorted;
}

static ubal_error_t *write_user(ubal_sums_cache_t *cache, user_t *user,
                                apr_int64_t at)
{
    ubal_error_t *err = write_sums(cache, &user->balance, at);
    entry_t *entry;

    for (entry = user->stretches; !err && entry; entry = entry->next) {
        err = write_sums(cache, entry, at);
    }
    return err;
}

ubal_error_t *ubal_sums_flush_last(ubal_sums_cache_t *cache, apr_int64_t at)
{
    return cache->user && !cache->is_loaded
               ? write_user(cache, cache->user, at)
               : NULL;
}

ubal_error_t *ubal_sums_flush(ubal_sums_cache_t *cache, apr_int64_t at)
{
    user_t **users, **user;
    ubal_error_t *err = NULL;

    if (cache->is_loaded) {
        return ubal_sums_write(cache, at);
    }
    users = ubal_sums_sort(cache);
    for (user = users; !err && *user; user++) {
        err = write_user(cache, *user, at);
    }
    return err;
}
