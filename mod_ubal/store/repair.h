/* Balances and daily sums made again from the transactions, piece by piece: a
 * piece is some days of one user, and right for good once it is committed,
 * since what comes later is added to it. Knows no verb and no output. */
#ifndef UBAL_STORE_REPAIR_H
#define UBAL_STORE_REPAIR_H

#include <apr_tables.h>

#include "core/type.h"
#include "store/db.h"

/* Transactions that one piece has at most, but for a day that has more. */
#define UBAL_REPAIR_PIECE 20000

/* How far it is. All zeros is the beginning. */
typedef struct ubal_repair_t {
    const char *user; /* the one at work, or the last one; NULL: none yet */
    int is_within;    /* of that user, days before next_day are right */
    apr_int64_t next_day;
    int has_overflow; /* one of its days could not be stored */
} ubal_repair_t;

/* What was found wrong, and set right. */
typedef struct ubal_repaired_t {
    const char *user;
    int is_day; /* else the balance */
    apr_int64_t day;
    int had, has; /* whether there was a row, and is one now */
    ubal_sums_t before, after;
    int is_overflow; /* nothing was changed: the sums are beyond what can be
                      * stored */
} ubal_repaired_t;

/* Does the next piece, inside a transaction of the owner: adds what it changed
 * to `changes` (of ubal_repaired_t) and moves `repair` on, its texts in
 * `pool`;
 * `*is_over` where no user is left. `at` (us) is when balances changed. */
ubal_error_t *ubal_repair_next(int *is_over, apr_array_header_t *changes,
                               ubal_repair_t *repair, ubal_db_t *db,
                               apr_int64_t at, apr_pool_t *pool);

#endif
