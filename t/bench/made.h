/* Made-up transactions for the benches: the same for the same seed, on every
 * machine. Knows items, no database. */
#ifndef UBAL_T_BENCH_MADE_H
#define UBAL_T_BENCH_MADE_H

#include "core/item.h"

/* What is made, and how far it has come. */
typedef struct made_t {
    int users;            /* how many there are; few of them do the most */
    apr_int64_t step;     /* us from one transaction to the next */
    int is_ordered;       /* ids that begin with the time, else random ones */
    apr_uint64_t random;  /* the seed, then where the generator stands */
    apr_int64_t now;      /* us, of the transaction made last */
    apr_uint64_t counter; /* how many have been made */
} made_t;

/* Makes a page of `count` sound items, allocated in `pool`. */
ubal_page_t *made_page(made_t *made, int count, apr_pool_t *pool);

#endif
