/* What is left of the budget, after live windows: reconciliation, then
 * history, the newest first. Pure; see plan.h. */
#include "budget.h"
#include "core/time.h"
#include "plan_step.h"

/* Pages that a window of history has. */
#define PAGES_HISTORY 10

/* --- what is left of the budget --------------------------------------------
 */

/* A slot is held for its period and a little: a round in step with the period
 * may wait for that little, but for no more than this part of its interval. */
#define PATIENCE_PARTS 10

/* Whether live rounds still find their slots where another request takes one
 * now; else `*again` is when to ask again. */
static int is_spare(const ubal_plan_t *plan, apr_int64_t now,
                    apr_int64_t *again)
{
    apr_int64_t pages = 1, hold, patience;
    double expected = ubal_pace_expect(&plan->pace, plan->interval);
    int i;

    if (!plan->slots) {
        return 1;
    }
    if (expected > plan->page_size) {
        pages = (apr_int64_t)(expected / plan->page_size) + 1;
    }
    hold = ubal_budget_distance(plan->period) + plan->latency;
    patience = ubal_step_earlier(hold - plan->period,
                                 plan->interval / PATIENCE_PARTS);
    if (ubal_budget_is_spare(plan->frees, plan->slots, now, hold,
                             ubal_step_live_due(plan), plan->interval, pages,
                             patience)) {
        return 1;
    }
    *again = APR_INT64_MAX;
    for (i = 0; i < plan->slots; i++) {
        if (plan->frees[i] > now) {
            *again = plan->frees[i];
            break;
        }
    }
    return 0;
}

/* Reconciliation may take a slot although none is to spare. */
static int is_floor(const ubal_plan_t *plan, apr_int64_t now)
{
    const ubal_recon_t *recon = &plan->recon;

    return !recon->last_at || now - recon->last_at >= UBAL_RECON_FLOOR;
}

static int is_far_behind(const ubal_plan_t *plan, apr_int64_t now)
{
    return ubal_plan_lag(plan, now) >
           ubal_step_later(UBAL_RECON_LAG, 2 * plan->interval + plan->settle);
}

static void fetch_count(ubal_step_t *step, const ubal_plan_t *plan)
{
    apr_int64_t from, to;

    ubal_recon_ask(&from, &to, &plan->recon);
    step->is_fetch = step->is_count = 1;
    step->page = 1;
    step->window = ubal_step_new_window(from, to);
    step->from = from - ubal_recon_top(&plan->recon)->tick;
    step->to = to;
}

/* A window that waits to be read again, a count, or nothing. */
static int plan_recon(ubal_step_t *step, const ubal_plan_t *plan,
                      apr_int64_t now)
{
    const ubal_recon_range_t *range = ubal_recon_top(&plan->recon);
    int i;

    for (i = 0; i < plan->windows->nelts; i++) {
        const ubal_plan_window_t *w = ubal_step_window_at(plan, i);

        if (w->window.state != UBAL_WINDOW_RECHECK) {
            continue;
        }
        if (w->not_before <= now) {
            ubal_step_fetch(step, plan, &w->window);
            return 1;
        }
        step->until = ubal_step_earlier(step->until, w->not_before);
    }
    if (range && range->middle) {
        fetch_count(step, plan);
        return 1;
    }
    return 0;
}

/* A window of backfill that is open, the newest first. */
static int plan_history(ubal_step_t *step, const ubal_plan_t *plan,
                        apr_int64_t now)
{
    int i;

    for (i = plan->windows->nelts - 1; i >= 0; i--) {
        const ubal_plan_window_t *w = ubal_step_window_at(plan, i);

        if (w->window.state != UBAL_WINDOW_OPEN ||
            !ubal_step_is_history(plan, &w->window)) {
            continue;
        }
        if (w->not_before <= now) {
            ubal_step_fetch(step, plan, &w->window);
            return 1;
        }
        step->until = ubal_step_earlier(step->until, w->not_before);
    }
    return 0;
}

static const ubal_plan_backfill_t *newest_backfill(const ubal_plan_t *plan)
{
    const ubal_plan_backfill_t *newest = NULL;
    int i;

    for (i = 0; plan->backfills && i < plan->backfills->nelts; i++) {
        const ubal_plan_backfill_t *b =
            &((const ubal_plan_backfill_t *)plan->backfills->elts)[i];

        if (b->cursor > b->from && (!newest || b->cursor > newest->cursor)) {
            newest = b;
        }
    }
    return newest;
}

/* The next window of backfill. */
static int plan_backfill(ubal_step_t *step, const ubal_plan_t *plan)
{
    const ubal_plan_backfill_t *backfill = newest_backfill(plan);
    const ubal_pace_t *pace =
        plan->history.us > 0 ? &plan->history : &plan->pace;
    apr_int64_t length =
        ubal_pace_length(pace, PAGES_HISTORY, plan->page_size);
    apr_int64_t grain = ubal_plan_grain(plan), from;
    ubal_window_t window;

    if (!backfill) {
        return 0;
    }
    if (!length || length > UBAL_STEP_WIDEST) {
        length = UBAL_STEP_WIDEST;
    }
    length = ubal_step_later(length - length % grain, grain);
    from = ubal_step_later(backfill->from, backfill->cursor - length);
    window = ubal_step_new_window(from, backfill->cursor);
    ubal_step_fetch(step, plan, &window);
    step->backfill = backfill->id;
    return 1;
}

static int find_history(ubal_step_t *step, const ubal_plan_t *plan,
                        apr_int64_t now)
{
    return plan_history(step, plan, now) ||
           (!plan->failures && plan_backfill(step, plan));
}

/* What reconciliation and history would do, the one or the other first. */
static int find(ubal_step_t *step, const ubal_plan_t *plan, apr_int64_t now,
                int *is_recon)
{
    apr_int64_t again;

    *is_recon = 0;
    if (plan->recon.is_history_next && is_spare(plan, now, &again) &&
        find_history(step, plan, now)) {
        return 1;
    }
    *is_recon = !is_far_behind(plan, now) && plan_recon(step, plan, now);
    return *is_recon || find_history(step, plan, now);
}

/* When the rest may go on: a slot is free and to spare, or reconciliation's
 * floor is reached. */
static apr_int64_t may_at(const ubal_plan_t *plan, apr_int64_t now,
                          apr_int64_t ready, int is_recon)
{
    apr_int64_t again;

    if (ready > now) {
        return ready;
    }
    if (is_spare(plan, now, &again) || (is_recon && is_floor(plan, now))) {
        return now;
    }
    return is_recon ? ubal_step_earlier(again,
                                        plan->recon.last_at + UBAL_RECON_FLOOR)
                    : again;
}

void ubal_step_rest(ubal_step_t *step, const ubal_plan_t *plan,
                    apr_int64_t now, apr_int64_t ready)
{
    ubal_step_t rest;
    apr_int64_t at;
    int is_recon;

    if (plan->recon.next_at > now && !ubal_recon_top(&plan->recon)) {
        step->until = ubal_step_earlier(step->until, plan->recon.next_at);
    }
    rest = *step;
    if (!find(&rest, plan, now, &is_recon)) {
        *step = rest;
        return;
    }
    at = may_at(plan, now, ready, is_recon);
    if (at <= now) {
        *step = rest;
    } else {
        step->until = ubal_step_earlier(step->until, at);
    }
}
