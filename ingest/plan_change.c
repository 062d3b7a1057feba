/* What pages and failures do to the plan. Pure; see plan.h. */
#include "plan_step.h"

/* A window of a page that came to its end without reaching its total, so many
 * times in a row: the totals are no counts. */
#define DISTRUST_ENOUGH 5

int ubal_plan_has_trust(const ubal_plan_t *plan)
{
    return plan->distrust < DISTRUST_ENOUGH;
}

static ubal_plan_window_t *find_window(const ubal_plan_t *plan, apr_int64_t id)
{
    ubal_plan_window_t *w = (void *)plan->windows->elts;
    int i;

    for (i = 0; i < plan->windows->nelts; i++) {
        if (w[i].window.id == id) {
            return &w[i];
        }
    }
    return NULL;
}

/* Takes the window `id` out of the list. */
static void drop_window(ubal_plan_t *plan, apr_int64_t id)
{
    ubal_plan_window_t *w = (void *)plan->windows->elts;
    int i, kept = 0;

    for (i = 0; i < plan->windows->nelts; i++) {
        if (w[i].window.id != id) {
            w[kept++] = w[i];
        }
    }
    plan->windows->nelts = kept;
}

void ubal_plan_add(ubal_plan_t *plan, const ubal_window_t *window)
{
    ubal_plan_window_t *w;
    int i;

    apr_array_push(plan->windows);
    w = (void *)plan->windows->elts;
    i = plan->windows->nelts - 1;
    for (; i > 0 && w[i - 1].window.from > window->from; i--) {
        w[i] = w[i - 1];
    }
    w[i] = (ubal_plan_window_t){.window = *window};
    w[i].successes_then = plan->successes;
    plan->end = ubal_step_later(plan->end, window->to);
}

/* Ends all windows in the list by `end`. */
static void take_back(ubal_plan_t *plan, apr_int64_t end)
{
    ubal_plan_window_t *w = (void *)plan->windows->elts;
    int i, kept = 0;

    for (i = 0; i < plan->windows->nelts; i++) {
        if (w[i].window.from >= end) {
            continue;
        }
        if (w[i].window.to > end) {
            w[i].window.to = end;
            ubal_plan_restart(&w[i].window);
        }
        w[kept++] = w[i];
    }
    plan->windows->nelts = kept;
    plan->end = end;
    ubal_recon_forget(&plan->recon);
}

void ubal_plan_backfilled(ubal_plan_t *plan, apr_int64_t id,
                          apr_int64_t cursor)
{
    ubal_plan_backfill_t *b = (void *)plan->backfills->elts;
    int i;

    for (i = 0; i < plan->backfills->nelts; i++) {
        if (b[i].id == id) {
            b[i].cursor = cursor;
        }
    }
}

/* Anything up to a limit that doubles with each failure (full jitter), from an
 * eighth of `base` to sixteen times it. */
static apr_int64_t jitter(apr_int64_t base, int failures, double random)
{
    int doublings = failures < 7 ? failures : 7;

    return (apr_int64_t)((double)(base << doublings) / 8 * random);
}

/* What a window that is done tells of the next ones. */
static void learn(ubal_plan_t *plan, const ubal_window_t *window)
{
    if (window->own >= 0) {
        ubal_pace_window(window->to <= plan->since ? &plan->history
                                                   : &plan->pace,
                         window->own, window->to - window->from);
    }
}

static void apply_windows(ubal_plan_t *plan, const ubal_verdict_t *verdict,
                          apr_int64_t now)
{
    const ubal_window_t *parts = (const void *)verdict->parts->elts;
    const ubal_window_t *window = &verdict->window;
    int i;

    drop_window(plan, window->id);
    for (i = 0; i < verdict->parts->nelts; i++) {
        ubal_plan_add(plan, &parts[i]);
    }
    if (verdict->is_removed) {
        return;
    }
    plan->end = ubal_step_later(plan->end, window->to);
    if (window->state == UBAL_WINDOW_DONE && !verdict->is_recheck) {
        learn(plan, window);
    } else if (window->state != UBAL_WINDOW_DONE) {
        ubal_plan_add(plan, window);
        if (verdict->is_failure) {
            find_window(plan, window->id)->not_before =
                now + jitter(plan->interval, window->failures, 1.0);
        }
    }
}

void ubal_plan_heard(ubal_plan_t *plan, apr_int64_t date, apr_int64_t now)
{
    if (date) {
        plan->vendor_time = date;
        plan->vendor_at = now;
        plan->is_time_theirs = 1;
    }
    plan->successes++;
    plan->failures = 0;
}

void ubal_plan_apply(ubal_plan_t *plan, const ubal_verdict_t *verdict,
                     const ubal_told_t *told, apr_int64_t now)
{
    ubal_plan_heard(plan, told->date, now);
    plan->largest_page = ubal_step_later(plan->largest_page, told->items);
    plan->pace.is_coarse |= told->is_coarse;
    plan->has_totals |= told->page == 1 && told->total >= 0;
    if (verdict->is_exhausted && told->page == 2) {
        plan->distrust++;
    } else if (told->total > 0 && verdict->window.state == UBAL_WINDOW_DONE) {
        plan->distrust = 0;
    }
    if (ubal_step_is_history(plan, &verdict->window)) {
        plan->recon.is_history_next = 0;
    }
    plan->since = verdict->since;
    apply_windows(plan, verdict, now);
    if (verdict->take_back) {
        take_back(plan, verdict->take_back);
    }
}

void ubal_plan_failed(ubal_window_t *changed, const ubal_plan_t *plan,
                      const ubal_window_t *window)
{
    const ubal_plan_window_t *known = find_window(plan, window->id);

    *changed = *window;
    if (known && plan->successes > known->successes_then) {
        changed->failures++;
    }
    if (changed->failures >= plan->retries &&
        changed->state == UBAL_WINDOW_OPEN) {
        changed->state = UBAL_WINDOW_PARKED;
    }
}

static apr_int64_t delay_of(const ubal_plan_t *plan,
                            const ubal_failure_t *failure, int failures)
{
    apr_int64_t least = ubal_step_later(failure->retry_after, 0);

    if (failure->status == 401 || failure->status == 403) {
        return ubal_step_later(least, 5 * plan->period) +
               jitter(plan->period, 3, failure->random);
    }
    if (failure->status == 429) {
        return ubal_step_later(least, plan->period) +
               jitter(plan->period, failures, failure->random);
    }
    return least + jitter(plan->interval, failures, failure->random);
}

void ubal_plan_back_off(ubal_plan_t *plan, const ubal_window_t *changed,
                        const ubal_failure_t *failure, apr_int64_t now)
{
    ubal_plan_window_t *known;

    plan->not_before = now + delay_of(plan, failure, plan->failures);
    plan->failures++;
    if (!changed) {
        return;
    }
    known = find_window(plan, changed->id);
    if (!known) {
        ubal_plan_add(plan, changed);
        known = find_window(plan, changed->id);
    }
    known->window = *changed;
    known->not_before =
        ubal_step_later(plan->not_before,
                        now + jitter(plan->interval, changed->failures, 1.0));
    known->successes_then = plan->successes;
}
