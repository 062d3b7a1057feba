/* Answers that a child keeps in memory, each with the state of the database
 * that it is of: one is found only while the database is still in that state.
 * Knows answers; no statement, and nothing of what a reply says. */
#ifndef UBAL_STORE_CACHE_H
#define UBAL_STORE_CACHE_H

#include <apr_pools.h>

#include "store/read.h"
#include "store/stamp.h"

typedef struct ubal_cache_t ubal_cache_t;

/* Room for what is said of most users, and for its tag, with their zero
 * bytes. */
#define UBAL_CACHE_TEXT 168
#define UBAL_CACHE_TAG 40

/* What the database says of a user, and what was made of it last. */
typedef struct ubal_answer_t {
    ubal_coverage_t coverage;
    ubal_sums_t sums;
    int is_known;
    unsigned int form; /* which of all texts that can be made; 0: none */
    char text[UBAL_CACHE_TEXT], tag[UBAL_CACHE_TAG];
} ubal_answer_t;

/* The most entries that UbalCache may ask for, and what each takes, in
 * bytes. */
#define UBAL_CACHE_MOST 10000000
#define UBAL_CACHE_ENTRY 408

/* Makes a cache of `entries` answers, all the memory that it ever takes, which
 * the threads of a child may use at once. NULL where there is no such memory.
 */
ubal_cache_t *ubal_cache_make(int entries, apr_pool_t *pool);

/* Returns 1 and the answer about `user_id` in the state that `stamp` tells,
 * where it is kept; else 0. */
int ubal_cache_find(ubal_answer_t *answer, ubal_cache_t *cache,
                    const ubal_stamp_t *stamp, const char *user_id);

/* Keeps an answer that was read in that state, in the place of one that is
 * outdated or else of any. An id that is too long for an entry is not kept. */
void ubal_cache_keep(ubal_cache_t *cache, const ubal_stamp_t *stamp,
                     const char *user_id, const ubal_answer_t *answer);

#endif
