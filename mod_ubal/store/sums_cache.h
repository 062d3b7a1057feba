/* What sums.c and sums_bulk.c share: users with their balances and stretches,
 * as they are held in memory. For these two alone. */
#ifndef UBAL_STORE_SUMS_CACHE_H
#define UBAL_STORE_SUMS_CACHE_H

#include <apr_hash.h>
#include <apr_tables.h>

#include "store/sums.h"
#include "store/tree.h"

typedef struct ubal_sums_user_t ubal_sums_user_t;

/* Which stretch of whose time. No bytes between its members: it is hashed. */
typedef struct ubal_sums_place_t {
    const ubal_sums_user_t *user;
    apr_int64_t level, bucket;
} ubal_sums_place_t;

typedef struct ubal_sums_entry_t {
    ubal_sums_place_t place;        /* level -1: the user's balance */
    struct ubal_sums_entry_t *next; /* of the user's stretches */
    ubal_sums_t sums;
    apr_int64_t n;
    int is_changed;
} ubal_sums_entry_t;

struct ubal_sums_user_t {
    const char *id;
    ubal_sums_entry_t balance;
    ubal_sums_t coming;          /* of the items that it is loaded for */
    apr_int64_t coming_n, moved; /* and of their amounts without sign */
    ubal_sums_t stored; /* what the database has as the balance, once loaded */
    apr_int64_t stored_n;
    ubal_sums_entry_t *stretches;
    ubal_sums_entry_t *path[UBAL_TREE_LEVELS]; /* of the item checked last */
    int depth;                                 /* so many of these */
    apr_array_header_t *waiting; /* const ubal_item_t *, added and not in the
                                  * database yet; NULL */
};

struct ubal_sums_cache_t {
    ubal_db_t *db;
    apr_pool_t *pool;
    apr_hash_t *users;         /* by id */
    apr_hash_t *stretches;     /* ubal_sums_entry_t, by place */
    ubal_sums_user_t **sorted; /* the users as they were when last asked for */
    unsigned int sorted_count;
    ubal_sums_user_t *user; /* of the item checked last */
    int is_loaded;          /* all is read before the first item is added, and
                             * the items are written after the last */
};

/* Adds a user without balance, a stretch without sums. */
ubal_sums_user_t *ubal_sums_add_user(ubal_sums_cache_t *cache, const char *id);
ubal_sums_entry_t *ubal_sums_add_stretch(ubal_sums_cache_t *cache,
                                         ubal_sums_user_t *user,
                                         const ubal_sums_place_t *place);

/* The users in the order of the tables' keys, ended by NULL: neighbours lie on
 * one page of them. */
ubal_sums_user_t **ubal_sums_sort(ubal_sums_cache_t *cache);

/* Writes all that was added to, in few statements. */
ubal_error_t *ubal_sums_write(ubal_sums_cache_t *cache, apr_int64_t at);

#endif
