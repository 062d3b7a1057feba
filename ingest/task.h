/* One vendor's work: its plan, and the request in flight. Between the pure
 * planner and the world (curl, the store, the clock). */
#ifndef UBAL_TASK_H
#define UBAL_TASK_H

#include "core/item.h"
#include "core/vendor.h"
#include "fetch.h"
#include "owner.h"
#include "plan.h"
#include "store/meta.h"
#include "store/vendor_row.h"

/* What all tasks of the process share. */
typedef struct ubal_daemon_t {
    const ubal_settings_t *settings;
    const ubal_watch_t *watch;
    const char *boot; /* ubal_owner_boot() */
    ubal_db_t *db;
    ubal_owner_t owner;
    ubal_loop_t *loop;
    apr_int64_t turn_at;    /* boot time of a moment before what is done now */
    int is_ledger_doubtful; /* found not to be this host's own latest, and
                             * not settled: ubal_takeover_by_hand */
} ubal_daemon_t;

typedef struct ubal_task_t {
    ubal_daemon_t *daemon;
    const ubal_vendor_t *vendor;
    const char *account;
    ubal_vendor_row_t row;
    ubal_plan_t plan;

    apr_pool_t *pool;    /* of the request in flight; cleared after it */
    ubal_fetch_t *fetch; /* NULL: none */
    ubal_step_t step;    /* what it fetches */
    apr_int64_t slot;    /* what it cost; 0: nothing yet */
    apr_int64_t began;   /* boot time of its start */
    apr_int64_t sent;    /* boot time at which its slot was committed */
    apr_int64_t ended;   /* boot time its reply was seen; 0: not yet */
    ubal_page_t *page;   /* what was read of it; NULL: `fault` says why */
    ubal_error_t *fault;
    int stale_dates;        /* replies in a row whose Date went back far */
    int totals_missing;     /* first pages in a row that lacked their total */
    int bare_empties;       /* of empty ones, that did so twice */
    int is_history_wanted;  /* UbalSince has been seen to */
    apr_int64_t at;         /* wall clock of its start, us UTC */
    apr_int64_t not_before; /* boot time; the database was busy until then */
    int busy;               /* how often in a row */
} ubal_task_t;

/* Makes the task of `vendor`: finds its row and windows and sets up the plan.
 * Inside a transaction of the owner. `pool` lives as long as the daemon. */
ubal_error_t *ubal_task_make(ubal_task_t **task, ubal_daemon_t *daemon,
                             const ubal_vendor_t *vendor, apr_pool_t *pool);

/* Reads the task's windows and backfills again, after a command has changed
 * them; what is known of the vendor stays. Only while no request is in
 * flight. */
ubal_error_t *ubal_task_reload(ubal_task_t *task);

/* Asks for the history that UbalSince wants and nobody has asked for yet,
 * once live windows exist. Inside a transaction of the owner. */
ubal_error_t *ubal_task_want_history(ubal_task_t *task, apr_pool_t *pool);

/* Checks [from, to) against the vendor, as far as it is covered; `*ranges` is
 * how many ranges that makes. Only while no request is in flight. */
ubal_error_t *ubal_task_reconcile(int *ranges, ubal_task_t *task,
                                  apr_int64_t from, apr_int64_t to,
                                  apr_pool_t *pool);

/* Forgets the ranges that are still to be checked, and says so. */
void ubal_task_forget_ranges(ubal_task_t *task);

/* Goes on: ends a request that is over, or starts the next if it is time and
 * `may_start`. `*wake` is the boot time at which it wants to be asked again
 * (APR_INT64_MAX: when a request is over). An error ends the daemon. */
ubal_error_t *ubal_task_turn(apr_int64_t *wake, ubal_task_t *task,
                             int may_start);

/* Reads the page of a whole reply. The error never repeats the vendor's
 * credentials, even where the vendor does. */
ubal_error_t *ubal_task_read(ubal_page_t **page, const ubal_task_t *task,
                             const ubal_reply_t *reply);

/* The same two ends of a request, in files of their own: a reply that is a
 * page is stored and judged (task_page.c), anything else is a failure to be
 * tried again (task_failure.c). `*is_busy` 1: the database was locked and
 * nothing has happened; to be called again. An error ends the daemon. */
ubal_error_t *ubal_task_store(int *is_busy, ubal_task_t *task,
                              const ubal_page_t *page);
ubal_error_t *ubal_task_fail(int *is_busy, ubal_task_t *task,
                             const ubal_reply_t *reply, ubal_error_t *err);

/* The same for a reply to a count (task_recon.c). */
ubal_error_t *ubal_task_count(int *is_busy, ubal_task_t *task,
                              const ubal_page_t *page);

/* Readies what reconciliation does next: a check that is due, the middle of a
 * range, a window to be read again. `*is_busy` as above. */
ubal_error_t *ubal_task_ready(int *is_busy, ubal_task_t *task,
                              apr_int64_t now);

/* Has some of what is not long ago read again, and windows that were cut
 * within a second, before the vendor was known to compare by whole ones, as
 * one between whole seconds (task_look.c). */
ubal_error_t *ubal_task_look_back(int *is_busy, ubal_task_t *task,
                                  apr_int64_t now);
ubal_error_t *ubal_task_round(int *is_busy, ubal_task_t *task);

/* Ends a transaction that did `err`: committed, or rolled back and, where it
 * passes, waited for. */
ubal_error_t *ubal_task_finish(int *is_busy, ubal_task_t *task,
                               ubal_error_t *err);

/* Puts a window that is to be read again into the plan, and says so. */
void ubal_task_read_again(ubal_task_t *task, const ubal_window_t *window);

/* Sets `*when` to the boot time (us) from which the ledger and what the vendor
 * asked for allow the next request (UBAL_BUDGET_NEVER while it waits for the
 * end of one), and `*frees` to when each of the budget's slots frees,
 * ascending. */
ubal_error_t *ubal_task_when(apr_int64_t *when, apr_int64_t **frees,
                             ubal_task_t *task, apr_pool_t *pool);

/* The gate of its requests (ubal_fetch_gate_t; `baton` is the task): commits
 * a slot, which is in task->slot then. */
ubal_error_t *ubal_task_gate(void *baton, apr_pool_t *pool);

/* 1 where `err` is the database's and passes by itself: locked by someone, or
 * no room on its disk. Whatever was begun has been rolled back whole. */
int ubal_task_is_passing(const ubal_error_t *err);

/* Takes `err` of a transaction that was rolled back: NULL, having logged it
 * once, and `*is_busy` 1 where it passes by itself; else the error. */
ubal_error_t *ubal_task_wait(int *is_busy, ubal_task_t *task,
                             ubal_error_t *err);

/* Begins a transaction of the owner, or waits as ubal_task_wait says. */
ubal_error_t *ubal_task_begin(int *is_busy, ubal_task_t *task);

/* "vendor game: window 12 [from, to) page 1", for the log. */
const char *ubal_task_name(const ubal_task_t *task);

#endif
