/* The sums that a page changes, held in memory while it is stored: each
 * user's balance and stretches of time (store/tree.h) are read once and
 * written once a flush. */
#ifndef UBAL_STORE_SUMS_H
#define UBAL_STORE_SUMS_H

#include <apr_tables.h>

#include "core/item.h"
#include "store/db.h"

typedef struct ubal_sums_cache_t ubal_sums_cache_t;

/* Makes an empty cache that lives as long as `pool`. Inside one transaction
 * of the owner, from here to the flush. */
ubal_sums_cache_t *ubal_sums_make(ubal_db_t *db, apr_pool_t *pool);

/* Reads what `items` (const ubal_item_t *) can change in few statements, where
 * each is a way to a server and back: of no other items is anything asked
 * then. What is added then need not be in the database before the flush.
 * `are_sure`: all are to be added unless they do not fit, so that most are
 * added to their balances there as these are read; the flush puts right what
 * has become otherwise. `at` as for the flush. */
ubal_error_t *ubal_sums_load(ubal_sums_cache_t *cache,
                             const apr_array_header_t *items, int are_sure,
                             apr_int64_t at);

/* Sets `*fits` to whether the item's amount can be added to its user's sums
 * without any going beyond UBAL_PAGE_SUM_MAX. Adds nothing. */
ubal_error_t *ubal_sums_check(int *fits, ubal_sums_cache_t *cache,
                              const ubal_item_t *item);

/* Adds an item that was found to fit and is inserted (without a load before,
 * in the database by now), with nothing added since. It is to live as long as
 * the cache. */
ubal_error_t *ubal_sums_add(ubal_sums_cache_t *cache, const ubal_item_t *item);

/* Writes what was added to the user of the item that was checked last, while
 * what was read of it is at hand; more can be added afterwards. */
ubal_error_t *ubal_sums_flush_last(ubal_sums_cache_t *cache, apr_int64_t at);

/* Writes all that was added to; `at` (us) is when the balances changed. */
ubal_error_t *ubal_sums_flush(ubal_sums_cache_t *cache, apr_int64_t at);

#endif
