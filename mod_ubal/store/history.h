/* A user's sums as of many instants, in one pass. */
#ifndef UBAL_STORE_HISTORY_H
#define UBAL_STORE_HISTORY_H

#include "store/read.h"

/* Reads what is covered and, for each of `count` ascending instants (us; at
 * least one; all but the last on a whole second), the sums of the
 * transactions of `user_id` before it: each sums[i] is what ubal_instant_read
 * says of ends[i]. One snapshot. The coarser the borders, the less is read:
 * days are the cheapest, then hours. Errors as for ubal_instant_read;
 * UBAL_ERR_INPUT for instants that are none of these. */
ubal_error_t *ubal_history_read(ubal_coverage_t *coverage, ubal_sums_t *sums,
                                int *is_known, ubal_db_t *db,
                                const char *user_id, const apr_int64_t *ends,
                                int count, int scale, apr_pool_t *pool);

#endif
