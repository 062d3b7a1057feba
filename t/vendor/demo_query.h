/* What a request to the demo vendor asks for. */
#ifndef DEMO_QUERY_H
#define DEMO_QUERY_H

#include <apr_tables.h>
#include <stdint.h>

/* A range of createdAt and a page of it. */
typedef struct {
    int64_t from, to; /* microseconds UTC; [from, to) unless a fault is set */
    int64_t page;     /* from 1 */
    int64_t limit;    /* rows a page, 1 to DEMO_QUERY_LIMIT */
} demo_query_t;

#define DEMO_QUERY_LIMIT 1000

/* The parameters of a query string, which can be NULL, decoded; one without a
 * "=" has the value "". */
apr_table_t *demo_query_read(const char *query, apr_pool_t *pool);

/* Reads startDate, endDate, page and limit of `args` into `*query`; a page of
 * the whole past up to `now` where they are missing. Returns NULL, or the
 * name of the parameter that is wrong. */
const char *demo_query_list(demo_query_t *query, apr_table_t *args,
                            int64_t now);

/* Sets `*time` to the RFC 3339 time called `name`, or to `otherwise` where it
 * is missing or empty. Returns 0 where it is wrong. */
int demo_query_time(int64_t *time, apr_table_t *args, const char *name,
                    int64_t otherwise);

/* The same for a whole number from `least` to 10^12. */
int demo_query_number(int64_t *number, apr_table_t *args, const char *name,
                      int64_t least, int64_t otherwise);

#endif
