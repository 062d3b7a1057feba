/* GET …/transactions: one page of the items in a range. */
#ifndef DEMO_LIST_H
#define DEMO_LIST_H

#include <apr_buckets.h>

#include "demo_fault.h"
#include "demo_query.h"
#include "demo_stream.h"

/* Prints the page that `query` asks for, of the items that exist at `now`,
 * as `faults` would have it. Rows are shuffled; the order is the same for
 * every page of one range, once its end is past. */
void demo_list_print(apr_bucket_brigade *body, const demo_stream_t *stream,
                     const demo_query_t *query, int64_t now,
                     const demo_faults_t *faults, apr_pool_t *pool);

#endif
