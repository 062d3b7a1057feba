/* Items that no one can store, which the fault `dead` lists. */
#ifndef DEMO_DEAD_H
#define DEMO_DEAD_H

#include <apr_buckets.h>
#include <stdint.h>

/* How many items the fault's text stands for: one where it is the name of a
 * kind, else one of each. */
int64_t demo_dead_count(const char *text);

/* Prints the item number `index` of those, created at `at`. */
void demo_dead_print(apr_bucket_brigade *body, const char *text, int64_t index,
                     int64_t at);

#endif
