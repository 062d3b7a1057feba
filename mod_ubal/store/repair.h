/* Balances and sums over time made again from the transactions, a user at a
 * time: right for good once it is committed, since what comes later is added
 * to it. Knows no verb and no output. */
#ifndef UBAL_STORE_REPAIR_H
#define UBAL_STORE_REPAIR_H

#include <apr_tables.h>

#include "core/type.h"
#include "store/db.h"

/* How far it is. All zeros is the beginning. */
typedef struct ubal_repair_t {
    const char *user; /* the last one that was done; NULL: none yet */
} ubal_repair_t;

/* What was found wrong, and set right. */
typedef struct ubal_repaired_t {
    const char *user;
    apr_int64_t stretches; /* of the user's time that had wrong sums; 0: it is
                            * the balance that was wrong */
    int had, has;          /* whether there was a balance, and is one now */
    ubal_sums_t before, after;
    int is_overflow; /* nothing was changed: the sums are beyond what can be
                      * stored */
} ubal_repaired_t;

/* Does the next user, inside a transaction of the owner: adds what it changed
 * to `changes` (of ubal_repaired_t) and moves `repair` on, its texts in
 * `pool`; `*is_over` where no user is left. `at` (us) is when balances
 * changed.
 */
ubal_error_t *ubal_repair_next(int *is_over, apr_array_header_t *changes,
                               ubal_repair_t *repair, ubal_db_t *db,
                               apr_int64_t at, apr_pool_t *pool);

#endif
