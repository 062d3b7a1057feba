/* How many items a vendor has in a stretch of time, learned from what windows
 * held, and how long a window is to be so that it fills whole pages. Pure. */
#ifndef UBAL_PACE_H
#define UBAL_PACE_H

#include <apr.h>

/* The parts of a second that windows begin or end with. */
typedef struct ubal_pace_part_t {
    double expected;  /* items, by the pace, of windows that are done */
    apr_int64_t seen; /* items */
} ubal_pace_part_t;

typedef struct ubal_pace_t {
    double items, us;   /* of recent windows, older ones weigh less; us 0:
                         * nothing is known */
    double spread;      /* variance of a window's count over its mean: 1 where
                         * items come at random, 0 where evenly */
    apr_int64_t finest; /* us: the coarsest of 1 s, 100 ms, 10 ms and 1 ms that
                         * all instants seen are multiples of; 0: none seen */
    apr_int64_t instants; /* seen */
    apr_int64_t broken;   /* of them not on a whole second */
    int is_coarse; /* the vendor has listed what lies beyond what it was asked
                    * for: it compares instants as cut, or rounded */
    ubal_pace_part_t first, last; /* of live windows */
} ubal_pace_t;

/* Learns from a window that was fetched whole: `items` in `us` of createdAt.
 */
void ubal_pace_window(ubal_pace_t *pace, apr_int64_t items, apr_int64_t us);

/* Learns from an item's createdAt (us). */
void ubal_pace_instant(ubal_pace_t *pace, apr_int64_t created_at);

/* Learns from an item that a window [from, to) was listed with. */
void ubal_pace_part(ubal_pace_t *pace, apr_int64_t from, apr_int64_t to,
                    apr_int64_t created_at);

/* Learns that [from, to) is done: all of its items were told. */
void ubal_pace_parts(ubal_pace_t *pace, apr_int64_t from, apr_int64_t to);

/* Whether the vendor lists nothing of such parts, though many items are to be
 * expected there: it rounds what it is asked for inwards. */
int ubal_pace_is_cut(const ubal_pace_t *pace);

/* How many items are to be expected in `us`; -1 where nothing is known. */
double ubal_pace_expect(const ubal_pace_t *pace, apr_int64_t us);

/* How long (us) a window is to be that fills `pages` pages of `size` items and
 * seldom one more: where items come unevenly it is shorter. 0 where nothing is
 * known; APR_INT64_MAX where nothing comes. */
apr_int64_t ubal_pace_length(const ubal_pace_t *pace, apr_int64_t pages,
                             apr_int64_t size);

/* The finest step of createdAt that has been seen, us; `standard` (the
 * vendor's UbalWindow tick=) where that is not a second, or until enough
 * items, and most of them, have shown a finer one, and where the vendor does
 * not compare by less than it shows. */
apr_int64_t ubal_pace_tick(const ubal_pace_t *pace, apr_int64_t standard);

/* What a range of history costs. */
typedef struct ubal_pace_cost_t {
    apr_int64_t windows, requests;
    apr_int64_t us; /* how long, at `spare` requests a minute */
} ubal_pace_cost_t;

/* Estimates the cost of fetching `range` us of history in windows of at most
 * ten pages of `size` and a day, with `spare` requests a minute. */
void ubal_pace_cost(ubal_pace_cost_t *cost, const ubal_pace_t *pace,
                    apr_int64_t range, apr_int64_t size, double spare);

#endif
