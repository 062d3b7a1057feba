/* What to do next: live windows first; what is left of the budget is for
 * plan_rest.c. Pure; see plan.h. */
#include "core/time.h"
#include "plan_step.h"

/* While requests fail, newer windows are begun (one of them may succeed and
 * show that only the older is at fault), but no more than this: an outage is
 * not to leave thousands behind. */
#define OPEN_WHILE_FAILING 8

/* Pages of a window: where more than one is waiting, whole pages are fetched
 * and no half-empty last one; of a long backlog a part. */
#define PAGES_LOADED 3
#define PAGES_BEHIND 20
#define BEHIND_SHARE 3

/* Borders under load, where the vendor shows fractions of a second: a whole
 * second can be more than one per cent of a page. */
#define FINE_GRAIN 10000

apr_int64_t ubal_plan_grain(const ubal_plan_t *plan)
{
    return plan->interval < UBAL_TIME_SECOND && !plan->pace.is_coarse
               ? plan->interval
               : UBAL_TIME_SECOND;
}

void ubal_plan_restart(ubal_window_t *window)
{
    window->next_page = 1;
    window->total = -1;
    window->distinct = 0;
    window->early = window->late = 0;
    window->own = -1;
}

apr_int64_t ubal_plan_vendor_time(const ubal_plan_t *plan, apr_int64_t now)
{
    return plan->vendor_time + (now - plan->vendor_at);
}

apr_int64_t ubal_step_later(apr_int64_t a, apr_int64_t b)
{
    return a > b ? a : b;
}

apr_int64_t ubal_step_earlier(apr_int64_t a, apr_int64_t b)
{
    return a < b ? a : b;
}

const ubal_plan_window_t *ubal_step_window_at(const ubal_plan_t *plan, int i)
{
    return &((const ubal_plan_window_t *)plan->windows->elts)[i];
}

/* A window of history, fetched after everything else. */
int ubal_step_is_history(const ubal_plan_t *plan, const ubal_window_t *window)
{
    return window->to <= plan->since;
}

static int is_live(const ubal_plan_t *plan, const ubal_window_t *window)
{
    return window->state == UBAL_WINDOW_OPEN &&
           !ubal_step_is_history(plan, window);
}

/* When the vendor's clock will be far enough for a new live window: at once
 * for the very first, then whenever a whole interval is missing. */
apr_int64_t ubal_step_live_due(const ubal_plan_t *plan)
{
    apr_int64_t least =
        plan->end == plan->since ? ubal_plan_grain(plan) : plan->interval;
    apr_int64_t until = plan->end + least + plan->settle;

    return plan->vendor_at + (until - plan->vendor_time);
}

apr_int64_t ubal_plan_lag(const ubal_plan_t *plan, apr_int64_t now)
{
    apr_int64_t at = plan->end;
    int i;

    for (i = 0; i < plan->windows->nelts; i++) {
        const ubal_window_t *window = &ubal_step_window_at(plan, i)->window;

        if (is_live(plan, window)) {
            at = ubal_step_earlier(at, window->from);
        }
    }
    return ubal_plan_vendor_time(plan, now) - at;
}

void ubal_step_fetch(ubal_step_t *step, const ubal_plan_t *plan,
                     const ubal_window_t *window)
{
    step->is_fetch = 1;
    step->window = *window;
    step->page = window->next_page;
    if (step->page == 1) {
        step->window.tick = ubal_pace_tick(&plan->pace, plan->tick);
    }
    /* What is read again is compared with what it was done with: of a range
     * that begins later, items would seem to be gone. */
    if (step->page == 1 && window->state == UBAL_WINDOW_RECHECK) {
        step->window.tick = ubal_step_later(step->window.tick, window->tick);
    }
    step->from = window->from - step->window.tick;
    step->to = window->to;
}

ubal_window_t ubal_step_new_window(apr_int64_t from, apr_int64_t to)
{
    ubal_window_t window = {.from = from, .to = to};

    window.state = UBAL_WINDOW_OPEN;
    window.accepted = window.pass_total = window.pass_distinct = -1;
    ubal_plan_restart(&window);
    return window;
}

/* How long a window is to be that begins `past` us ago: all of it, as long as
 * that is less than a page, else whole pages. */
static apr_int64_t live_length(const ubal_plan_t *plan, apr_int64_t past,
                               apr_int64_t *grain)
{
    double pages = ubal_pace_expect(&plan->pace, past) / plan->page_size;
    apr_int64_t most = (apr_int64_t)(pages / BEHIND_SHARE), length;

    if (pages < 1) {
        return past;
    }
    most =
        ubal_step_earlier(ubal_step_later(most, PAGES_LOADED), PAGES_BEHIND);
    most = ubal_step_earlier(most, (apr_int64_t)pages);
    length = ubal_pace_length(&plan->pace, most, plan->page_size);
    if (ubal_pace_tick(&plan->pace, plan->tick) <= FINE_GRAIN) {
        *grain = ubal_step_earlier(*grain, FINE_GRAIN);
    }
    return ubal_step_earlier(length, past);
}

static void fetch_live(ubal_step_t *step, const ubal_plan_t *plan,
                       apr_int64_t now)
{
    apr_int64_t past = ubal_plan_vendor_time(plan, now) - plan->settle;
    apr_int64_t grain = ubal_plan_grain(plan), to;
    ubal_window_t window;

    to = plan->end + live_length(plan, past - plan->end, &grain);
    to = ubal_step_earlier(to - to % grain, plan->end + UBAL_STEP_WIDEST);
    if (to <= plan->end) {
        to = past - past % ubal_plan_grain(plan);
    }
    window = ubal_step_new_window(plan->end, to);
    ubal_step_fetch(step, plan, &window);
}

static int count_open(const ubal_plan_t *plan)
{
    int i, open = 0;

    for (i = 0; i < plan->windows->nelts; i++) {
        open += is_live(plan, &ubal_step_window_at(plan, i)->window);
    }
    return open;
}

/* The live window to be fetched now, NULL if none: the oldest or, with
 * `is_stuck`, the one that has waited longest. `*until` becomes the earliest
 * that another may be. */
static const ubal_plan_window_t *next_live(apr_int64_t *until,
                                           const ubal_plan_t *plan,
                                           apr_int64_t now, apr_int64_t ready,
                                           int is_stuck)
{
    const ubal_plan_window_t *next = NULL;
    int i;

    for (i = 0; i < plan->windows->nelts; i++) {
        const ubal_plan_window_t *w = ubal_step_window_at(plan, i);
        apr_int64_t at = ubal_step_later(ready, w->not_before);

        if (!is_live(plan, &w->window)) {
            continue;
        }
        if (at > now) {
            *until = ubal_step_earlier(*until, at);
        } else if (!next || (is_stuck && w->not_before < next->not_before)) {
            next = w;
        }
    }
    return next;
}

/* Live windows, and a new one when it is due: 1 where there is something to
 * fetch now. Where one failure follows another the others are tried first:
 * whatever succeeds shows that only the older are at fault, and goes on. */
static int plan_live(ubal_step_t *step, const ubal_plan_t *plan,
                     apr_int64_t now, apr_int64_t ready)
{
    apr_int64_t live = ubal_step_later(ready, ubal_step_live_due(plan));
    const ubal_plan_window_t *next;
    int is_stuck = plan->failures > 1;

    if (plan->failures && count_open(plan) >= OPEN_WHILE_FAILING) {
        live = APR_INT64_MAX;
    }
    step->until = live;
    next = next_live(&step->until, plan, now, ready, is_stuck);
    if (live <= now && (is_stuck || !next)) {
        fetch_live(step, plan, now);
        return 1;
    }
    if (next) {
        ubal_step_fetch(step, plan, &next->window);
    }
    return next != NULL;
}

void ubal_plan_next(ubal_step_t *step, const ubal_plan_t *plan,
                    apr_int64_t now, apr_int64_t slot_at)
{
    apr_int64_t ready = ubal_step_later(plan->not_before, slot_at);

    *step = (ubal_step_t){0};
    if (!plan_live(step, plan, now, ready) && plan->end != plan->since) {
        ubal_step_rest(step, plan, now, ready);
    }
}
