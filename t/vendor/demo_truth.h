/* GET …/truth: what the balances are. */
#ifndef DEMO_TRUTH_H
#define DEMO_TRUTH_H

#include <apr_buckets.h>

#include "demo_stream.h"

/* Prints the sums of the items with from <= createdAt < to that exist at
 * `now`: those of the user called `user`, zeros where there is none; or where
 * `user` is NULL those of all who have any, and the number of items. Knows of
 * no fault. */
void demo_truth_print(apr_bucket_brigade *body, const demo_stream_t *stream,
                      const char *user, int64_t from, int64_t to, int64_t now,
                      apr_pool_t *pool);

#endif
