/* What arrives. See load_arrivals.h. */
#include "load_arrivals.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* xorshift64*: the same numbers everywhere. */
double load_fraction(load_arrivals_t *a)
{
    a->random ^= a->random >> 12;
    a->random ^= a->random << 25;
    a->random ^= a->random >> 27;
    return (double)((a->random * UINT64_C(2685821657736338717)) >> 11) /
           9007199254740992.0;
}

static void push(load_arrivals_t *a, apr_int64_t at)
{
    if (a->count == a->room) {
        memmove(a->at, a->at + a->first,
                (a->count - a->first) * sizeof(*a->at));
        a->count -= a->first;
        a->first = 0;
        if (2 * a->count >= a->room) {
            a->room = 2 * a->room + 4096;
            a->at = realloc(a->at, a->room * sizeof(*a->at));
            if (!a->at) {
                exit(2);
            }
        }
    }
    a->at[a->count++] = at;
}

void load_arrive(load_arrivals_t *a, apr_int64_t until)
{
    double gap = 60e6 / a->per_minute;

    while (a->next < (double)until) {
        push(a, (apr_int64_t)a->next / 1000 * 1000);
        a->next += a->is_random ? -log(1 - load_fraction(a)) * gap : gap;
    }
}

apr_int64_t load_before(const load_arrivals_t *a, apr_int64_t instant)
{
    apr_size_t low = a->first, high = a->count;

    while (low < high) {
        apr_size_t middle = (low + high) / 2;

        if (a->at[middle] < instant) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    return (apr_int64_t)low;
}

apr_int64_t load_between(const load_arrivals_t *a, apr_int64_t from,
                         apr_int64_t to)
{
    return load_before(a, to) - load_before(a, from);
}

void load_forget(load_arrivals_t *a, apr_int64_t instant)
{
    a->first = (apr_size_t)load_before(a, instant);
}
