/* What arrives at a vendor that only counts: instants, made as time goes on.
 * The same for the same seed everywhere. */
#ifndef UBAL_LOAD_ARRIVALS_H
#define UBAL_LOAD_ARRIVALS_H

#include <apr.h>

typedef struct load_arrivals_t {
    double per_minute;
    int is_random; /* at random; else evenly */
    double next;   /* us UTC of the next */
    apr_uint64_t random;
    apr_int64_t *at; /* us UTC, ascending, from `first` on */
    apr_size_t count, room, first;
} load_arrivals_t;

/* The next fraction of one that the seed (`random`, not 0) gives. */
double load_fraction(load_arrivals_t *arrivals);

/* Makes what arrives before `until` (us UTC), in whole milliseconds. */
void load_arrive(load_arrivals_t *arrivals, apr_int64_t until);

/* How many of those that are kept arrived before an instant, or in [from,
 * to). */
apr_int64_t load_before(const load_arrivals_t *arrivals, apr_int64_t instant);
apr_int64_t load_between(const load_arrivals_t *arrivals, apr_int64_t from,
                         apr_int64_t to);

/* Forgets what arrived before an instant. */
void load_forget(load_arrivals_t *arrivals, apr_int64_t instant);

#endif
