/* Ranges of history that are wanted. Knows their table and that windows may
 * not overlap. */
#ifndef UBAL_STORE_BACKFILL_H
#define UBAL_STORE_BACKFILL_H

#include <apr_tables.h>

#include "store/db.h"

typedef enum {
    UBAL_BACKFILL_OPEN,
    UBAL_BACKFILL_DONE,
    UBAL_BACKFILL_CANCELLED
} ubal_backfill_e;

typedef struct ubal_backfill_t {
    apr_int64_t id;
    const char *vendor;   /* name; only where listed */
    apr_int64_t from, to; /* us, half-open */
    apr_int64_t cursor;   /* from here to `to` it has windows */
    ubal_backfill_e state;
    apr_int64_t at;   /* when it was asked for; wall clock us */
    apr_int64_t open; /* of its windows, how many still wait; where listed */
    apr_int64_t open_us; /* how long they are together; where listed */
} ubal_backfill_t;

/* Reads the vendor's open ones, newest range first, into an array of
 * ubal_backfill_t. */
ubal_error_t *ubal_backfill_load(apr_array_header_t **backfills, ubal_db_t *db,
                                 apr_int64_t vendor, apr_pool_t *pool);

/* The latest hundred of all vendors, newest first. */
ubal_error_t *ubal_backfill_list(apr_array_header_t **backfills, ubal_db_t *db,
                                 apr_pool_t *pool);

/* Finds what of [from, to) has no window yet, was not asked for and is not
 * before the instant of opening balances: an array of ubal_backfill_t with
 * from and to, oldest first. */
ubal_error_t *ubal_backfill_find(apr_array_header_t **pieces, ubal_db_t *db,
                                 apr_int64_t vendor, apr_int64_t from,
                                 apr_int64_t to, apr_pool_t *pool);

/* Asks for what ubal_backfill_find finds; `*added` is how many ranges that
 * is. Inside a transaction of the owner, as all that follows. */
ubal_error_t *ubal_backfill_add(int *added, ubal_db_t *db, apr_int64_t vendor,
                                apr_int64_t from, apr_int64_t to,
                                apr_int64_t at, apr_pool_t *pool);

/* Says whether a range that reaches back to `from` was ever asked for. */
ubal_error_t *ubal_backfill_was_wanted(int *was_wanted, ubal_db_t *db,
                                       apr_int64_t vendor, apr_int64_t from,
                                       apr_pool_t *pool);

/* Notes that `id` has windows down to `cursor`. */
ubal_error_t *ubal_backfill_advance(ubal_db_t *db, apr_int64_t id,
                                    apr_int64_t cursor, apr_pool_t *pool);

/* Ends those of the vendor whose windows are all there and none open. */
ubal_error_t *ubal_backfill_finish(ubal_db_t *db, apr_int64_t vendor,
                                   apr_pool_t *pool);

/* Cancels the vendor's open ones, and removes their windows that are open,
 * before `since` (where its coverage begins); what was fetched stays. */
ubal_error_t *ubal_backfill_cancel(int *cancelled, ubal_db_t *db,
                                   apr_int64_t vendor, apr_int64_t since,
                                   apr_pool_t *pool);

#endif
