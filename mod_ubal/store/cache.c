/* A table of sets, as a processor's cache has them. See cache.h. */
#include "store/cache.h"

#include <string.h>

#include <apr_hash.h>
#include <apr_thread_mutex.h>

/* Answers to a set: any of them may take a user's. */
#define WAYS 8

/* Threads meet at one only where their sets share it. */
#define LOCKS 64

/* With its zero byte. */
#define ID_ROOM 56

typedef struct entry_t {
    ubal_stamp_t stamp;
    char user_id[ID_ROOM]; /* "": none */
    ubal_answer_t answer;
} entry_t;

typedef struct set_t {
    unsigned int hashes[WAYS]; /* of the ids, in one place to look at */
    unsigned int turn;         /* which was replaced last */
    entry_t of[WAYS];
} set_t;

struct ubal_cache_t {
    set_t *sets;
    unsigned int count;
    apr_thread_mutex_t *locks[LOCKS];
};

_Static_assert(sizeof(set_t) / WAYS <= UBAL_CACHE_ENTRY,
               "an entry takes what is said");

ubal_cache_t *ubal_cache_make(int entries, apr_pool_t *pool)
{
    ubal_cache_t *cache = apr_pcalloc(pool, sizeof(*cache));
    int i;

    cache->count = ((unsigned int)entries + WAYS - 1) / WAYS;
    cache->sets = apr_pcalloc(pool, cache->count * sizeof(set_t));
    for (i = 0; i < LOCKS; i++) {
        if (apr_thread_mutex_create(&cache->locks[i], APR_THREAD_MUTEX_DEFAULT,
                                    pool) != APR_SUCCESS) {
            return NULL;
        }
    }
    return cache->sets ? cache : NULL;
}

static unsigned int hash_of(const char *user_id)
{
    apr_ssize_t length = APR_HASH_KEY_STRING;

    return apr_hashfunc_default(user_id, &length);
}

static int is_of(const set_t *set, int way, const char *user_id,
                 unsigned int hash)
{
    return set->hashes[way] == hash && !strcmp(set->of[way].user_id, user_id);
}

/* The set that may have the user's answer, locked. */
static set_t *lock_set(apr_thread_mutex_t **lock, ubal_cache_t *cache,
                       unsigned int hash)
{
    unsigned int i = hash % cache->count;

    *lock = cache->locks[i % LOCKS];
    return apr_thread_mutex_lock(*lock) == APR_SUCCESS ? &cache->sets[i]
                                                       : NULL;
}

int ubal_cache_find(ubal_answer_t *answer, ubal_cache_t *cache,
                    const ubal_stamp_t *stamp, const char *user_id)
{
    apr_thread_mutex_t *lock;
    unsigned int hash = hash_of(user_id);
    set_t *set = lock_set(&lock, cache, hash);
    int i, is_found = 0;

    if (!set) {
        return 0;
    }
    for (i = 0; i < WAYS && !is_found; i++) {
        const entry_t *entry = &set->of[i];

        if (is_of(set, i, user_id, hash) &&
            ubal_stamp_is_equal(&entry->stamp, stamp)) {
            *answer = entry->answer;
            is_found = 1;
        }
    }
    apr_thread_mutex_unlock(lock);
    return is_found;
}

/* The user's own place, or else one that is free or outdated, or the next in
 * turn. */
static entry_t *find_place(set_t *set, const ubal_stamp_t *stamp,
                           const char *user_id, unsigned int hash)
{
    entry_t *free = NULL;
    int i;

    for (i = 0; i < WAYS; i++) {
        entry_t *entry = &set->of[i];

        if (is_of(set, i, user_id, hash)) {
            return entry;
        }
        if (!entry->user_id[0] || !ubal_stamp_is_equal(&entry->stamp, stamp)) {
            free = entry;
        }
    }
    return free ? free : &set->of[set->turn++ % WAYS];
}

void ubal_cache_keep(ubal_cache_t *cache, const ubal_stamp_t *stamp,
                     const char *user_id, const ubal_answer_t *answer)
{
    size_t length = strlen(user_id);
    unsigned int hash = hash_of(user_id);
    apr_thread_mutex_t *lock;
    set_t *set;
    entry_t *entry;

    if (length >= ID_ROOM) {
        return;
    }
    set = lock_set(&lock, cache, hash);
    if (set) {
        entry = find_place(set, stamp, user_id, hash);
        set->hashes[entry - set->of] = hash;
        entry->stamp = *stamp;
        entry->answer = *answer;
        memcpy(entry->user_id, user_id, length + 1);
        apr_thread_mutex_unlock(lock);
    }
}
