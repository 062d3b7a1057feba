/* Checks the invariants 1 to 5 of a database, in one snapshot. */
#ifndef UBAL_STORE_VERIFY_H
#define UBAL_STORE_VERIFY_H

#include "store/db.h"

/* One check: its number, what it states. */
typedef struct ubal_verify_check_t {
    int number;        /* of the invariant, 1 to 5 */
    const char *title; /* "balances are the sums of the transactions" */
} ubal_verify_check_t;

/* The checks in the order they run, and how many. */
extern const ubal_verify_check_t ubal_verify_checks[];
extern const int ubal_verify_count;

/* Runs check `index`: `*finding` is NULL where it holds, else one sentence
 * that names the first row that breaks it. The caller holds a transaction
 * (ubal_db_begin_read) over all checks. `scale` is the configured one. */
ubal_error_t *ubal_verify_run(const char **finding, ubal_db_t *db, int index,
                              int scale, apr_pool_t *pool);

#endif
