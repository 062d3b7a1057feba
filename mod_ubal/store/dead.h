/* Dead letters: items that could not be stored, kept as they came, and what
 * becomes of them. All writes inside a transaction of the owner. */
#ifndef UBAL_STORE_DEAD_H
#define UBAL_STORE_DEAD_H

#include "core/item.h"
#include "store/db.h"

/* What a letter says beside its item. */
typedef struct ubal_dead_t {
    apr_int64_t vendor;
    apr_int64_t request; /* the slot it came with */
    apr_int64_t at;      /* wall clock, us */
    int is_conflict;     /* its id is stored with other content */
    const char *reason;
} ubal_dead_t;

/* Keeps `item`, unless a letter of the same key and bytes is there already,
 * whatever was decided about that. */
ubal_error_t *ubal_dead_add(ubal_db_t *db, const ubal_dead_t *dead,
                            const ubal_item_t *item, apr_pool_t *pool);

/* Closes the open letters of kind "dead" about an item that is stored now. */
ubal_error_t *ubal_dead_supersede(ubal_db_t *db, apr_int64_t vendor,
                                  const char *item_id, apr_pool_t *pool);

/* A letter as it is kept. */
typedef struct ubal_letter_t {
    apr_int64_t id;
    apr_int64_t vendor;
    const char *vendor_name;
    const char *item_id; /* NULL: it has no usable one */
    const char *key;     /* as in ubal_item_t */
    int is_conflict;
    const char *reason;
    const char *raw;   /* as in ubal_item_t */
    apr_int64_t at;    /* wall clock when it came first, us */
    const char *state; /* open, superseded, replayed or dropped */
} ubal_letter_t;

/* Reads open letters whose id is above `after`, at most `limit`, by id into an
 * array of ubal_letter_t. */
ubal_error_t *ubal_dead_list(apr_array_header_t **letters, ubal_db_t *db,
                             apr_int64_t after, int limit, apr_pool_t *pool);

/* Reads a letter in any state; its id is 0 where there is none. */
ubal_error_t *ubal_dead_get(ubal_letter_t *letter, ubal_db_t *db,
                            apr_int64_t id, apr_pool_t *pool);

/* Reads what is stored under the letter's item id: `*exists` 0 where nothing
 * is. Sets user_id, created_at, type and amount of `item`. */
ubal_error_t *ubal_dead_stored(ubal_item_t *item, int *exists, ubal_db_t *db,
                               const ubal_letter_t *letter, apr_pool_t *pool);

/* Sets the state of a letter. One that is no longer open stays as what keeps
 * the same bytes, seen again, from being reported again. */
ubal_error_t *ubal_dead_decide(ubal_db_t *db, apr_int64_t id,
                               const char *state, apr_pool_t *pool);

/* Says anew what is wrong with an open letter. */
ubal_error_t *ubal_dead_restate(ubal_db_t *db, apr_int64_t id, int is_conflict,
                                const char *reason, apr_pool_t *pool);

#endif
