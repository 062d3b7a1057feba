/* The plan of one vendor: which page to ask for next, or until when to wait,
 * and what a page means for its window (design section 6). Pure: it knows no
 * clock, network or database; instants are handed in. `now` and what is
 * compared with it are us of CLOCK_BOOTTIME, everything else us UTC. */
#ifndef UBAL_PLAN_H
#define UBAL_PLAN_H

#include <apr_tables.h>

#include "core/window.h"

/* An open or parked window and what is known of its failures. */
typedef struct ubal_plan_window_t {
    ubal_window_t window;
    apr_int64_t not_before;     /* after a failure; boot time */
    apr_int64_t successes_then; /* the plan's successes at that failure */
} ubal_plan_window_t;

typedef struct ubal_plan_t {
    /* settings */
    apr_int64_t interval, settle, tick, period;
    int page_size;
    int retries;

    /* coverage */
    apr_int64_t since; /* where it begins */
    int is_since_open; /* nobody asked for it: the vendor's clock may correct
                        * it while nothing is covered */
    apr_int64_t end;   /* where the latest window ends; `since` if none */
    apr_array_header_t *windows; /* of ubal_plan_window_t, oldest first */

    /* the vendor */
    apr_int64_t vendor_time; /* its clock (until its first Date: ours) ... */
    apr_int64_t vendor_at;   /* ... at this boot time */
    int is_time_theirs;      /* a Date has been seen */
    apr_int64_t largest_page;
    int has_totals; /* a first page of it had one */

    /* failures */
    apr_int64_t not_before; /* after a failure; boot time */
    int failures;           /* in a row */
    apr_int64_t successes;
} ubal_plan_t;

/* What to do now. */
typedef struct ubal_step_t {
    int is_fetch;         /* else wait */
    apr_int64_t until;    /* wait: boot time; APR_INT64_MAX: for nothing */
    ubal_window_t window; /* fetch: a stored one, or a new one with id 0 */
    apr_int64_t from, to; /* fetch: what to ask for */
    int page;             /* fetch: from 1 */
} ubal_step_t;

/* Decides the next step at `now`, when the budget frees a slot at `slot_at`:
 * the oldest window that may be tried, else a new live one when a round is
 * due or more than a round is missing. */
void ubal_plan_next(ubal_step_t *step, const ubal_plan_t *plan,
                    apr_int64_t now, apr_int64_t slot_at);

/* What one page told. */
typedef struct ubal_told_t {
    apr_int64_t date;     /* the reply's Date, us; 0: none */
    apr_int64_t items;    /* on the page */
    apr_int64_t distinct; /* different ids of the pass, this page included */
    apr_int64_t total;    /* the vendor's; -1: none */
    int page;
    int is_contradiction; /* its meta contradicts its items */
} ubal_told_t;

/* What follows from it. */
typedef struct ubal_verdict_t {
    ubal_window_t window;      /* as it is to be stored from now on */
    int is_removed;            /* the window is no more: split or taken back */
    apr_array_header_t *parts; /* of ubal_window_t: what it was split into */
    int is_failure;            /* the pass did not agree and cannot be split */
    apr_int64_t take_back;     /* coverage must end here; 0: stays */
    apr_int64_t since;         /* where coverage begins from now on */
    const char *reason;        /* for the log; NULL: all is as usual */
} ubal_verdict_t;

/* Judges a page of `window` that is stored whatever the verdict. Changes
 * nothing in `plan`; parts and reason are allocated in `pool`. */
void ubal_plan_judge(ubal_verdict_t *verdict, const ubal_plan_t *plan,
                     const ubal_window_t *window, const ubal_told_t *told,
                     apr_pool_t *pool);

/* Carries a verdict out in `plan`, once the store has committed it (and set
 * the ids of its windows): a page arrived at `now`. */
void ubal_plan_apply(ubal_plan_t *plan, const ubal_verdict_t *verdict,
                     const ubal_told_t *told, apr_int64_t now);

/* How a request failed. */
typedef struct ubal_failure_t {
    int status;              /* HTTP; 0: none */
    apr_int64_t retry_after; /* us from now; -1: none */
    double random;           /* 0 to 1, for the jitter */
} ubal_failure_t;

/* Works out the window (a new one too) as it is to be stored after `failure`
 * of it: one more failure towards parking where others succeeded since its
 * last. */
void ubal_plan_failed(ubal_window_t *changed, const ubal_plan_t *plan,
                      const ubal_window_t *window);

/* Carries a failure out in `plan`, once the store has `changed`: backoff with
 * full jitter, a budget period at least for 429 and Retry-After, five periods
 * for 401 and 403. */
void ubal_plan_back_off(ubal_plan_t *plan, const ubal_window_t *changed,
                        const ubal_failure_t *failure, apr_int64_t now);

/* Where borders may lie: multiples of a second, unless rounds are shorter than
 * that. us. */
apr_int64_t ubal_plan_grain(const ubal_plan_t *plan);

/* Begins a window's pass anew. */
void ubal_plan_restart(ubal_window_t *window);

/* The vendor's clock as estimated for `now`: never ahead of it. */
apr_int64_t ubal_plan_vendor_time(const ubal_plan_t *plan, apr_int64_t now);

#endif
