/* One item as the demo vendor writes it. */
#ifndef DEMO_ROW_H
#define DEMO_ROW_H

#include <apr_buckets.h>

#include "demo_fault.h"
#include "demo_stream.h"

/* Prints item number `index` of `stream` as JSON, as `faults` would have
 * it. `variant` is NULL, or names what differs: "user", "type", "time", any
 * other the amount. */
void demo_row_print(apr_bucket_brigade *body, const demo_stream_t *stream,
                    int64_t index, const demo_faults_t *faults,
                    const char *variant);

/* Prints `cents` as a JSON number, 12.5 for 1250. */
void demo_row_money(apr_bucket_brigade *body, int64_t cents);

#endif
