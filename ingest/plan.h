/* The plan of one vendor: which page to ask for next, or until when to wait,
 * and what a page means for its window. Pure: it knows no
 * clock, network or database; instants are handed in. `now` and what is
 * compared with it are us of CLOCK_BOOTTIME, everything else us UTC. */
#ifndef UBAL_PLAN_H
#define UBAL_PLAN_H

#include <apr_tables.h>

#include "core/window.h"
#include "pace.h"
#include "recon.h"

/* A window that is to be fetched, or parked, and what is known of its
 * failures. */
typedef struct ubal_plan_window_t {
    ubal_window_t window;
    apr_int64_t not_before;     /* after a failure; boot time */
    apr_int64_t successes_then; /* the plan's successes at that failure */
} ubal_plan_window_t;

/* A range of history that is wanted, fetched newest first. */
typedef struct ubal_plan_backfill_t {
    apr_int64_t id;
    apr_int64_t from, to; /* us, half-open */
    apr_int64_t cursor;   /* from here to `to` windows exist */
} ubal_plan_backfill_t;

typedef struct ubal_plan_t {
    /* settings */
    apr_int64_t interval, settle, tick, period;
    int page_size;
    int retries;

    /* coverage */
    apr_int64_t since; /* where live windows begin; before it is history */
    int is_since_open; /* nobody asked for it: the vendor's clock may correct
                        * it while nothing is covered */
    apr_int64_t end;   /* where the latest window ends; `since` if none */
    apr_array_header_t *windows;   /* of ubal_plan_window_t, oldest first */
    apr_array_header_t *backfills; /* of ubal_plan_backfill_t; NULL: none */

    /* the vendor */
    apr_int64_t vendor_time; /* its clock (until its first Date: ours) ... */
    apr_int64_t vendor_at;   /* ... at this boot time */
    int is_time_theirs;      /* a Date has been seen */
    apr_int64_t largest_page;
    int has_totals;      /* a first page of it had one */
    int distrust;        /* windows of a page, in a row, that came to their end
                          * without reaching their total */
    apr_int64_t latency; /* how long a request takes, us */
    ubal_pace_t pace;    /* of live windows */
    ubal_pace_t history; /* of older ones */
    ubal_recon_t recon;

    /* the budget */
    const apr_int64_t *frees; /* when each slot frees, ascending, boot time; */
    int slots;                /* how many; 0: the budget is no matter */

    /* failures */
    apr_int64_t not_before; /* after a failure; boot time */
    int failures;           /* in a row */
    apr_int64_t successes;
} ubal_plan_t;

/* What to do now. */
typedef struct ubal_step_t {
    int is_fetch;         /* else wait */
    int is_count;         /* fetch: only the total is wanted; no window */
    apr_int64_t until;    /* wait: boot time; APR_INT64_MAX: for nothing */
    ubal_window_t window; /* fetch: a stored one, or a new one with id 0; for
                           * a count its range */
    apr_int64_t backfill; /* fetch: a new window of this range; 0: of none */
    apr_int64_t from, to; /* fetch: what to ask for */
    int page;             /* fetch: from 1 */
} ubal_step_t;

/* Decides the next step at `now`, when the budget frees a slot at `slot_at`:
 * the oldest live window that may be tried, else a new one when a round is
 * due or more than a round is missing; and where that leaves slots to spare,
 * what reconciliation wants, then history, newest first. */
void ubal_plan_next(ubal_step_t *step, const ubal_plan_t *plan,
                    apr_int64_t now, apr_int64_t slot_at);

/* How far behind the vendor's clock the live windows are that are fetched
 * whole (parked ones aside), us. */
apr_int64_t ubal_plan_lag(const ubal_plan_t *plan, apr_int64_t now);

/* What one page told. */
typedef struct ubal_told_t {
    apr_int64_t date;     /* the reply's Date, us; 0: none */
    apr_int64_t took;     /* from its sending to its end, us */
    apr_int64_t items;    /* on the page */
    apr_int64_t distinct; /* different ids of the pass, this page included */
    apr_int64_t early;    /* items that are new to the pass and lie before */
    apr_int64_t late;     /* or from the end of the window on */
    apr_int64_t total;    /* the vendor's; -1: none */
    int page;
    int is_contradiction; /* its meta contradicts its items */
    int is_coarse;        /* items lie beyond what was asked for */
} ubal_told_t;

/* What follows from it. */
typedef struct ubal_verdict_t {
    ubal_window_t window;      /* as it is to be stored from now on */
    int is_removed;            /* the window is no more: split or taken back */
    apr_array_header_t *parts; /* of ubal_window_t: what it was split into */
    int is_recheck;            /* the window was read again */
    int is_failure;            /* the pass did not agree and cannot be split */
    int is_exhausted;          /* all was read, and the total not reached */
    apr_int64_t take_back;     /* coverage must end here; 0: stays */
    apr_int64_t since;         /* where live windows begin from now on */
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

/* Notes that a reply came at `now` that dates itself `date`. */
void ubal_plan_heard(ubal_plan_t *plan, apr_int64_t date, apr_int64_t now);

/* Notes that backfill `id` has a window down to `cursor`. */
void ubal_plan_backfilled(ubal_plan_t *plan, apr_int64_t id,
                          apr_int64_t cursor);

/* Puts `window` (stored, open or to be read again) in its place. */
void ubal_plan_add(ubal_plan_t *plan, const ubal_window_t *window);

/* How a request failed. */
typedef struct ubal_failure_t {
    int status;              /* HTTP; 0: none */
    apr_int64_t retry_after; /* us from now; -1: none */
    double random;           /* 0 to 1, for the jitter */
} ubal_failure_t;

/* Works out the window (a new one too) as it is to be stored after `failure`
 * of it: one more failure towards parking where others succeeded since its
 * last. One that is read again is never parked: it stays covered. */
void ubal_plan_failed(ubal_window_t *changed, const ubal_plan_t *plan,
                      const ubal_window_t *window);

/* Carries a failure out in `plan`, once the store has `changed` (NULL: it was
 * a count): backoff with full jitter, a budget period at least for 429 and
 * Retry-After, five periods for 401 and 403. */
void ubal_plan_back_off(ubal_plan_t *plan, const ubal_window_t *changed,
                        const ubal_failure_t *failure, apr_int64_t now);

/* Where borders may lie: multiples of a second, unless rounds are shorter than
 * that and the vendor compares as finely as it shows. us. */
apr_int64_t ubal_plan_grain(const ubal_plan_t *plan);

/* Begins a window's pass anew. */
void ubal_plan_restart(ubal_window_t *window);

/* The vendor's clock as estimated for `now`: never ahead of it. */
apr_int64_t ubal_plan_vendor_time(const ubal_plan_t *plan, apr_int64_t now);

/* Whether totals decide: the vendor gives them, and they have proved right. */
int ubal_plan_has_trust(const ubal_plan_t *plan);

#endif
