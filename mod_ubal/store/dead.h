/* Dead letters: items that could not be stored, kept as they came. All
 * inside a transaction of the owner. */
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

/* Sets `*has_any` to whether letters of kind "dead" are open. */
ubal_error_t *ubal_dead_has_any(int *has_any, ubal_db_t *db,
                                apr_int64_t vendor, apr_pool_t *pool);

/* Closes the open letters of kind "dead" about an item that is stored now. */
ubal_error_t *ubal_dead_supersede(ubal_db_t *db, apr_int64_t vendor,
                                  const char *item_id, apr_pool_t *pool);

#endif
