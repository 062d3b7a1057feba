/* Reconciliation in the daemon: what the store knows of a range is handed to
 * the planner, and what a count told is stored. What to ask for is recon.c's
 * and plan.c's. */
#include <apr_strings.h>

#include "core/time.h"
#include "log.h"
#include "store/page.h"
#include "store/range.h"
#include "store/slot.h"
#include "task.h"

/* Ranges that one command may make; a gap ends a range. */
#define RANGES_MOST 1000
/* And a check by itself. */
#define SECTIONS_MOST 8

/* The next range is one window, and differs. */
static ubal_error_t *recheck(int *is_busy, ubal_task_t *task, apr_int64_t to)
{
    ubal_window_t window;
    ubal_error_t *err = ubal_task_begin(is_busy, task);

    if (err || *is_busy) {
        return err;
    }
    err = ubal_range_recheck(&window, task->daemon->db, task->row.id, to,
                             task->pool);
    err = ubal_task_finish(is_busy, task, err);
    if (err || *is_busy) {
        return err;
    }
    if (window.id) {
        ubal_recon_read(&task->plan.recon, window.id);
        ubal_task_read_again(task, &window);
    } else {
        ubal_recon_drop(&task->plan.recon);
    }
    return NULL;
}

/* Finds the middle of the next range, or has its only window read again. */
static ubal_error_t *ready_range(int *is_busy, ubal_task_t *task)
{
    ubal_recon_t *recon = &task->plan.recon;
    ubal_recon_range_t *range;
    ubal_error_t *err = NULL;

    while (!err && !*is_busy && (range = ubal_recon_top(recon)) != NULL &&
           !range->middle) {
        ubal_range_t sum;

        err = ubal_range_sum(&sum, task->daemon->db, task->row.id, range->from,
                             range->to, task->pool);
        if (err) {
            break;
        }
        if (!sum.windows) {
            ubal_recon_drop(recon);
        } else if (range->is_known && sum.windows == 1) {
            err = recheck(is_busy, task, range->to);
        } else {
            range->middle = sum.windows > 1 ? sum.middle : range->to;
            range->tick = sum.tick;
        }
    }
    return err;
}

/* Adds what of [from, to) can be compared: `most` ranges, the newest. */
static ubal_error_t *add_ranges(int *ranges, ubal_task_t *task,
                                apr_int64_t from, apr_int64_t to, int most,
                                apr_pool_t *pool)
{
    ubal_error_t *err = NULL;

    for (*ranges = 0; *ranges < most && from < to; ++*ranges) {
        apr_int64_t begin = from, end = to;

        err = ubal_range_find(&begin, &end, task->daemon->db, task->row.id,
                              pool);
        if (err || !end) {
            break;
        }
        ubal_recon_add(&task->plan.recon, begin, end);
        to = begin;
    }
    return err;
}

/* Whether this check is to be a count: else it looks back. */
static int is_count(const ubal_plan_t *plan)
{
    const ubal_recon_t *recon = &plan->recon;

    return plan->has_totals && ubal_plan_has_trust(plan) && recon->range &&
           !(recon->is_looking_back && recon->has_counted);
}

static ubal_error_t *begin_check(int *is_busy, ubal_task_t *task,
                                 apr_int64_t now)
{
    ubal_plan_t *plan = &task->plan;
    ubal_recon_t *recon = &plan->recon;
    apr_int64_t to = plan->end;
    ubal_error_t *err = NULL;
    int ranges;

    recon->has_counted = is_count(plan);
    if (!recon->has_counted && recon->lookback &&
        (!plan->has_totals || !ubal_plan_has_trust(plan) ||
         recon->is_looking_back)) {
        err = ubal_task_look_back(is_busy, task, now);
    } else if (recon->has_counted) {
        err = add_ranges(&ranges, task, to - recon->range, to, SECTIONS_MOST,
                         task->pool);
    }
    if (!err && !*is_busy && plan->pace.is_coarse) {
        err = ubal_task_round(is_busy, task);
    }
    if (!err && !*is_busy) {
        recon->next_at = now + UBAL_RECON_FLOOR;
    }
    return err;
}

/* Says what a check has come to, once nothing of it is left. */
static void sum_up(ubal_task_t *task)
{
    ubal_recon_t *recon = &task->plan.recon;

    if (recon->requests > 1 || recon->found) {
        ubal_log_line(UBAL_LOG_INFO,
                      "vendor %s: reconciliation took %d request%s and found "
                      "%d transaction%s that came late",
                      task->vendor->name, recon->requests,
                      recon->requests == 1 ? "" : "s", recon->found,
                      recon->found == 1 ? "" : "s");
    }
    recon->requests = recon->found = 0;
}

static int is_rereading(const ubal_plan_t *plan)
{
    const ubal_plan_window_t *w = (const void *)plan->windows->elts;
    int i;

    for (i = 0; i < plan->windows->nelts; i++) {
        if (w[i].window.state == UBAL_WINDOW_RECHECK) {
            return 1;
        }
    }
    return 0;
}

static ubal_error_t *want_history(int *is_busy, ubal_task_t *task)
{
    ubal_error_t *err = ubal_task_begin(is_busy, task);

    if (err || *is_busy) {
        return err;
    }
    err = ubal_task_want_history(task, task->pool);
    if (!err) {
        err = ubal_meta_update_coverage(task->daemon->db, task->pool);
    }
    err = ubal_task_finish(is_busy, task, err);
    if (*is_busy) {
        task->is_history_wanted = 0;
    }
    return err;
}

ubal_error_t *ubal_task_ready(int *is_busy, ubal_task_t *task, apr_int64_t now)
{
    ubal_plan_t *plan = &task->plan;
    ubal_recon_t *recon = &plan->recon;
    ubal_error_t *err = NULL;

    if (plan->end == plan->since) {
        return NULL;
    }
    if (!task->is_history_wanted) {
        err = want_history(is_busy, task);
    }
    if (!err && !*is_busy && !is_rereading(plan) && !ubal_recon_top(recon)) {
        sum_up(task);
        if (recon->next_at <= now) {
            err = begin_check(is_busy, task, now);
        }
    }
    if (!err && !*is_busy) {
        err = ready_range(is_busy, task);
    }
    return err;
}

ubal_error_t *ubal_task_reconcile(int *ranges, ubal_task_t *task,
                                  apr_int64_t from, apr_int64_t to,
                                  apr_pool_t *pool)
{
    return add_ranges(ranges, task, from, to, RANGES_MOST, pool);
}

void ubal_task_forget_ranges(ubal_task_t *task)
{
    if (ubal_recon_top(&task->plan.recon)) {
        ubal_log_line(UBAL_LOG_WARN,
                      "vendor %s: a comparison with the vendor's totals was "
                      "broken off; what was asked for by command is to be "
                      "asked for again",
                      task->vendor->name);
    }
    ubal_recon_forget(&task->plan.recon);
}

/* The reply's one item is stored like any other: it costs nothing. */
static ubal_error_t *store_count(ubal_task_t *task, const ubal_page_t *page)
{
    ubal_db_t *db = task->daemon->db;
    ubal_outcome_t outcome = {.ended = task->ended,
                              .status = 200,
                              .ms = (task->ended - task->began) / 1000};
    ubal_error_t *err =
        ubal_page_store(&outcome.counts, db, task->row.id, task->slot,
                        ubal_owner_wall(), page, task->pool);

    if (!err) {
        err = ubal_meta_update_coverage(db, task->pool);
    }
    return err ? err : ubal_slot_close(db, task->slot, &outcome, task->pool);
}

/* What the count says to the range that it was asked for. */
static ubal_error_t *judge(ubal_task_t *task, const ubal_page_t *page)
{
    const ubal_window_t *asked = &task->step.window;
    ubal_recon_t *recon = &task->plan.recon;
    ubal_range_t sum;
    ubal_error_t *err = ubal_range_sum(&sum, task->daemon->db, task->row.id,
                                       asked->from, asked->to, task->pool);

    if (err) {
        return err;
    }
    ubal_recon_asked(recon, task->ended);
    if (page->total < 0) {
        ubal_log_line(UBAL_LOG_WARN, "%s: the reply has no total",
                      ubal_task_name(task));
        ubal_task_forget_ranges(task);
        return NULL;
    }
    ubal_recon_counted(recon, page->total - sum.expected);
    ubal_log_line(page->total == sum.expected ? UBAL_LOG_DEBUG : UBAL_LOG_INFO,
                  "%s: the total is %" APR_INT64_T_FMT
                  ", held are %" APR_INT64_T_FMT,
                  ubal_task_name(task), page->total, sum.expected);
    return NULL;
}

ubal_error_t *ubal_task_count(int *is_busy, ubal_task_t *task,
                              const ubal_page_t *page)
{
    const ubal_reply_t *reply = ubal_fetch_reply(task->fetch);
    ubal_error_t *err = ubal_task_begin(is_busy, task);

    if (err || *is_busy) {
        return err;
    }
    err = ubal_task_finish(is_busy, task, store_count(task, page));
    if (err || *is_busy) {
        return err;
    }
    task->busy = 0;
    ubal_plan_heard(&task->plan, reply->date, task->ended);
    return judge(task, page);
}
