/* One answer of the simulated vendor, which net.c brings. */
#ifndef UBAL_SIM_NET_H
#define UBAL_SIM_NET_H

#include "sim.h"

typedef struct sim_answer_t {
    apr_int64_t delay; /* from the sending to its end */
    int status;        /* 0: no HTTP came */
    const char *fault; /* what broke; NULL: a whole reply */
    apr_int64_t date_offset;
    char date[64]; /* header lines; "" for none */
    char retry_after[64];
    const char *body;
    apr_size_t length;
    int is_whole; /* a page that can be stored, ... */
    int count;    /* ... with these items */
    const int *items;
} sim_answer_t;

/* What comes of a request that is sent now. */
void sim_answer_make(sim_answer_t *answer, const ubal_query_t *query,
                     apr_pool_t *pool);

/* 1 where a connection that is tried now fails. */
int sim_answer_refuses(void);

#endif
