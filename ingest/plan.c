/* What to do next, and what failures do to it. Pure; see plan.h. */
#include "plan.h"

#include "core/time.h"

/* A window is not wider than this, however far behind we are. */
#define WIDEST UBAL_TIME_DAY

/* While requests fail, newer windows are begun (one of them may succeed and
 * show that only the older is at fault), but no more than this: an outage is
 * not to leave thousands behind. */
#define OPEN_WHILE_FAILING 8

apr_int64_t ubal_plan_grain(const ubal_plan_t *plan)
{
    return plan->interval < UBAL_TIME_SECOND ? plan->interval
                                             : UBAL_TIME_SECOND;
}

void ubal_plan_restart(ubal_window_t *window)
{
    window->next_page = 1;
    window->total = -1;
    window->distinct = 0;
}

apr_int64_t ubal_plan_vendor_time(const ubal_plan_t *plan, apr_int64_t now)
{
    return plan->vendor_time + (now - plan->vendor_at);
}

/* When the vendor's clock will be far enough for a new live window: at once
 * for the very first, then whenever a whole interval is missing. */
static apr_int64_t live_due(const ubal_plan_t *plan)
{
    apr_int64_t least =
        plan->end == plan->since ? ubal_plan_grain(plan) : plan->interval;
    apr_int64_t until = plan->end + least + plan->settle;

    return plan->vendor_at + (until - plan->vendor_time);
}

static void fetch_window(ubal_step_t *step, const ubal_plan_t *plan,
                         const ubal_window_t *window)
{
    step->is_fetch = 1;
    step->window = *window;
    step->page = window->next_page;
    step->from = window->from - plan->tick;
    step->to = window->to;
}

static void fetch_live(ubal_step_t *step, const ubal_plan_t *plan,
                       apr_int64_t now)
{
    ubal_window_t window = {0};
    apr_int64_t past = ubal_plan_vendor_time(plan, now) - plan->settle;

    window.from = plan->end;
    window.to = past - past % ubal_plan_grain(plan);
    if (window.to - window.from > WIDEST) {
        window.to = window.from + WIDEST;
    }
    window.state = UBAL_WINDOW_OPEN;
    window.next_page = 1;
    window.total = window.accepted = -1;
    fetch_window(step, plan, &window);
}

static apr_int64_t later(apr_int64_t a, apr_int64_t b)
{
    return a > b ? a : b;
}

static int count_open(const ubal_plan_t *plan)
{
    const ubal_plan_window_t *w = (const void *)plan->windows->elts;
    int i, open = 0;

    for (i = 0; i < plan->windows->nelts; i++) {
        open += w[i].window.state == UBAL_WINDOW_OPEN;
    }
    return open;
}

void ubal_plan_next(ubal_step_t *step, const ubal_plan_t *plan,
                    apr_int64_t now, apr_int64_t slot_at)
{
    apr_int64_t ready = later(plan->not_before, slot_at);
    apr_int64_t live = later(ready, live_due(plan));
    const ubal_plan_window_t *w = (const void *)plan->windows->elts;
    int i;

    if (plan->failures && count_open(plan) >= OPEN_WHILE_FAILING) {
        live = APR_INT64_MAX;
    }
    *step = (ubal_step_t){.until = live};
    for (i = 0; i < plan->windows->nelts; i++) {
        apr_int64_t at = later(ready, w[i].not_before);

        if (w[i].window.state != UBAL_WINDOW_OPEN) {
            continue;
        }
        if (at <= now) {
            fetch_window(step, plan, &w[i].window);
            return;
        }
        if (at < step->until) {
            step->until = at;
        }
    }
    if (live <= now) {
        fetch_live(step, plan, now);
    }
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

/* Takes the window `id` out of the list; its place is where parts go. */
static int drop_window(ubal_plan_t *plan, apr_int64_t id)
{
    ubal_plan_window_t *w = (void *)plan->windows->elts;
    int i, kept = 0, place = plan->windows->nelts;

    for (i = 0; i < plan->windows->nelts; i++) {
        if (w[i].window.id == id) {
            place = kept;
        } else {
            w[kept++] = w[i];
        }
    }
    plan->windows->nelts = kept;
    return place < kept ? place : kept;
}

static void insert_window(ubal_plan_t *plan, int place,
                          const ubal_window_t *window)
{
    ubal_plan_window_t *w;
    int i;

    apr_array_push(plan->windows);
    w = (void *)plan->windows->elts;
    for (i = plan->windows->nelts - 1; i > place; i--) {
        w[i] = w[i - 1];
    }
    w[place] = (ubal_plan_window_t){.window = *window};
    w[place].successes_then = plan->successes;
    plan->end = later(plan->end, window->to);
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
}

/* Anything up to a limit that doubles with each failure (full jitter), from
 * `base` to sixteen times that. */
static apr_int64_t jitter(apr_int64_t base, int failures, double random)
{
    int doublings = failures < 4 ? failures : 4;

    return (apr_int64_t)((double)(base << doublings) * random);
}

static void apply_windows(ubal_plan_t *plan, const ubal_verdict_t *verdict,
                          apr_int64_t now)
{
    const ubal_window_t *parts = (const void *)verdict->parts->elts;
    int i, place = drop_window(plan, verdict->window.id);

    for (i = 0; i < verdict->parts->nelts; i++) {
        insert_window(plan, place + i, &parts[i]);
    }
    if (verdict->is_removed) {
        return;
    }
    plan->end = later(plan->end, verdict->window.to);
    if (verdict->window.state == UBAL_WINDOW_OPEN) {
        insert_window(plan, place, &verdict->window);
        if (verdict->is_failure) {
            find_window(plan, verdict->window.id)->not_before =
                now + jitter(plan->interval, verdict->window.failures, 1.0);
        }
    }
}

void ubal_plan_apply(ubal_plan_t *plan, const ubal_verdict_t *verdict,
                     const ubal_told_t *told, apr_int64_t now)
{
    if (told->date) {
        plan->vendor_time = told->date;
        plan->vendor_at = now;
        plan->is_time_theirs = 1;
    }
    plan->largest_page = later(plan->largest_page, told->items);
    plan->has_totals |= told->page == 1 && told->total >= 0;
    plan->successes++;
    plan->failures = 0;
    apply_windows(plan, verdict, now);
    plan->since = verdict->since;
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
    if (changed->failures >= plan->retries) {
        changed->state = UBAL_WINDOW_PARKED;
    }
}

static apr_int64_t delay_of(const ubal_plan_t *plan,
                            const ubal_failure_t *failure, int failures)
{
    apr_int64_t least = later(failure->retry_after, 0);

    if (failure->status == 401 || failure->status == 403) {
        return later(least, 5 * plan->period) +
               jitter(plan->period, 0, failure->random);
    }
    if (failure->status == 429) {
        return later(least, plan->period) +
               jitter(plan->period, failures, failure->random);
    }
    return least + jitter(plan->interval, failures, failure->random);
}

void ubal_plan_back_off(ubal_plan_t *plan, const ubal_window_t *changed,
                        const ubal_failure_t *failure, apr_int64_t now)
{
    ubal_plan_window_t *known = find_window(plan, changed->id);

    if (!known) {
        insert_window(plan, plan->windows->nelts, changed);
        known = find_window(plan, changed->id);
    }
    plan->not_before = now + delay_of(plan, failure, plan->failures);
    plan->failures++;
    known->window = *changed;
    known->not_before =
        later(plan->not_before,
              now + jitter(plan->interval, changed->failures, 1.0));
    known->successes_then = plan->successes;
}
