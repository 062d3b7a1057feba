/* The proof that a copy is one: the transactions of each user on both sides,
 * and what must always be true (store/verify.h). */
#ifndef UBAL_STORE_COPY_CHECK_H
#define UBAL_STORE_COPY_CHECK_H

#include "store/copy.h"

/* How many rows the tables have: transactions first, then balances. */
#define UBAL_COPY_COUNTS 12

ubal_error_t *ubal_copy_check_count(apr_int64_t counts[UBAL_COPY_COUNTS],
                                    ubal_db_t *db, apr_pool_t *pool);

/* Compares `target` with `source`, each in a transaction of its own that is
 * open: UBAL_ERR_DB with a sentence on the first difference. `counts` are
 * those of `source`, `scale` what its amounts have. */
ubal_error_t *ubal_copy_check(ubal_db_t *source, ubal_db_t *target,
                              const apr_int64_t *counts, int scale,
                              ubal_copy_progress_t progress, void *baton,
                              apr_pool_t *pool);

#endif
