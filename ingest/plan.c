/* What to do next: live windows first, then what is left of the budget for
 * reconciliation and history. Pure; see plan.h. */
#include "plan.h"

#include "budget.h"
#include "core/time.h"

/* A window is not wider than this, however far behind we are. */
#define WIDEST UBAL_TIME_DAY

/* While requests fail, newer windows are begun (one of them may succeed and
 * show that only the older is at fault), but no more than this: an outage is
 * not to leave thousands behind. */
#define OPEN_WHILE_FAILING 8

/* Pages of a window: where more than one is waiting, whole pages are fetched
 * and no half-empty last one; of a long backlog a part. History has ten. */
#define PAGES_LOADED 3
#define PAGES_BEHIND 20
#define PAGES_HISTORY 10
#define BEHIND_SHARE 3

/* Borders under load, where the vendor shows fractions of a second: a whole
 * second can be more than one per cent of a page. */
#define FINE_GRAIN 10000

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
    window->early = window->late = 0;
    window->own = -1;
}

apr_int64_t ubal_plan_vendor_time(const ubal_plan_t *plan, apr_int64_t now)
{
    return plan->vendor_time + (now - plan->vendor_at);
}

static apr_int64_t later(apr_int64_t a, apr_int64_t b)
{
    return a > b ? a : b;
}

static apr_int64_t earlier(apr_int64_t a, apr_int64_t b)
{
    return a < b ? a : b;
}

static const ubal_plan_window_t *window_at(const ubal_plan_t *plan, int i)
{
    return &((const ubal_plan_window_t *)plan->windows->elts)[i];
}

/* A window of history, fetched after everything else. */
static int is_history(const ubal_plan_t *plan, const ubal_window_t *window)
{
    return window->to <= plan->since;
}

static int is_live(const ubal_plan_t *plan, const ubal_window_t *window)
{
    return window->state == UBAL_WINDOW_OPEN && !is_history(plan, window);
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

apr_int64_t ubal_plan_lag(const ubal_plan_t *plan, apr_int64_t now)
{
    apr_int64_t at = plan->end;
    int i;

    for (i = 0; i < plan->windows->nelts; i++) {
        const ubal_window_t *window = &window_at(plan, i)->window;

        if (is_live(plan, window)) {
            at = earlier(at, window->from);
        }
    }
    return ubal_plan_vendor_time(plan, now) - at;
}

static void fetch_window(ubal_step_t *step, const ubal_plan_t *plan,
                         const ubal_window_t *window)
{
    step->is_fetch = 1;
    step->window = *window;
    step->page = window->next_page;
    if (step->page == 1) {
        step->window.tick = ubal_pace_tick(&plan->pace, plan->tick);
    }
    step->from = window->from - step->window.tick;
    step->to = window->to;
}

static ubal_window_t new_window(apr_int64_t from, apr_int64_t to)
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
    most = earlier(later(most, PAGES_LOADED), PAGES_BEHIND);
    most = earlier(most, (apr_int64_t)pages);
    length = ubal_pace_length(&plan->pace, most, plan->page_size);
    if (ubal_pace_tick(&plan->pace, plan->tick) <= FINE_GRAIN) {
        *grain = earlier(*grain, FINE_GRAIN);
    }
    return earlier(length, past);
}

static void fetch_live(ubal_step_t *step, const ubal_plan_t *plan,
                       apr_int64_t now)
{
    apr_int64_t past = ubal_plan_vendor_time(plan, now) - plan->settle;
    apr_int64_t grain = ubal_plan_grain(plan), to;
    ubal_window_t window;

    to = plan->end + live_length(plan, past - plan->end, &grain);
    to = earlier(to - to % grain, plan->end + WIDEST);
    if (to <= plan->end) {
        to = past - past % ubal_plan_grain(plan);
    }
    window = new_window(plan->end, to);
    fetch_window(step, plan, &window);
}

static int count_open(const ubal_plan_t *plan)
{
    int i, open = 0;

    for (i = 0; i < plan->windows->nelts; i++) {
        open += is_live(plan, &window_at(plan, i)->window);
    }
    return open;
}

/* Live windows, and a new one when it is due: 1 where there is something to
 * fetch now. */
static int plan_live(ubal_step_t *step, const ubal_plan_t *plan,
                     apr_int64_t now, apr_int64_t ready)
{
    apr_int64_t live = later(ready, live_due(plan));
    int i;

    if (plan->failures && count_open(plan) >= OPEN_WHILE_FAILING) {
        live = APR_INT64_MAX;
    }
    step->until = live;
    for (i = 0; i < plan->windows->nelts; i++) {
        const ubal_plan_window_t *w = window_at(plan, i);
        apr_int64_t at = later(ready, w->not_before);

        if (!is_live(plan, &w->window)) {
            continue;
        }
        if (at <= now) {
            fetch_window(step, plan, &w->window);
            return 1;
        }
        step->until = earlier(step->until, at);
    }
    if (live <= now) {
        fetch_live(step, plan, now);
        return 1;
    }
    return 0;
}

/* --- what is left of the budget --------------------------------------------
 */

/* Whether live rounds still find their slots where another request takes one
 * now; else `*again` is when to ask again. */
static int is_spare(const ubal_plan_t *plan, apr_int64_t now,
                    apr_int64_t *again)
{
    apr_int64_t pages = 1;
    double expected = ubal_pace_expect(&plan->pace, plan->interval);
    int i;

    if (!plan->slots) {
        return 1;
    }
    if (expected > plan->page_size) {
        pages = (apr_int64_t)(expected / plan->page_size) + 1;
    }
    if (ubal_budget_is_spare(plan->frees, plan->slots, now,
                             ubal_budget_distance(plan->period) +
                                 plan->latency,
                             live_due(plan), plan->interval, pages)) {
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
           later(UBAL_RECON_LAG, 2 * plan->interval + plan->settle);
}

static void fetch_count(ubal_step_t *step, const ubal_plan_t *plan)
{
    apr_int64_t from, to;

    ubal_recon_ask(&from, &to, &plan->recon);
    step->is_fetch = step->is_count = 1;
    step->page = 1;
    step->window = new_window(from, to);
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
        const ubal_plan_window_t *w = window_at(plan, i);

        if (w->window.state != UBAL_WINDOW_RECHECK) {
            continue;
        }
        if (w->not_before <= now) {
            fetch_window(step, plan, &w->window);
            return 1;
        }
        step->until = earlier(step->until, w->not_before);
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
        const ubal_plan_window_t *w = window_at(plan, i);

        if (w->window.state != UBAL_WINDOW_OPEN ||
            !is_history(plan, &w->window)) {
            continue;
        }
        if (w->not_before <= now) {
            fetch_window(step, plan, &w->window);
            return 1;
        }
        step->until = earlier(step->until, w->not_before);
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
    if (!length || length > WIDEST) {
        length = WIDEST;
    }
    length = later(length - length % grain, grain);
    from = later(backfill->from, backfill->cursor - length);
    window = new_window(from, backfill->cursor);
    fetch_window(step, plan, &window);
    step->backfill = backfill->id;
    return 1;
}

/* What reconciliation and history would do, without regard to the budget. */
static int plan_rest(ubal_step_t *step, const ubal_plan_t *plan,
                     apr_int64_t now, int *is_recon)
{
    *is_recon = !is_far_behind(plan, now) && plan_recon(step, plan, now);
    return *is_recon || plan_history(step, plan, now) ||
           (!plan->failures && plan_backfill(step, plan));
}

/* When the rest may go on: a slot is free and to spare, or reconciliation's
 * floor is reached. */
static apr_int64_t rest_at(const ubal_plan_t *plan, apr_int64_t now,
                           apr_int64_t ready, int is_recon)
{
    apr_int64_t again;

    if (ready > now) {
        return ready;
    }
    if (is_spare(plan, now, &again) || (is_recon && is_floor(plan, now))) {
        return now;
    }
    return is_recon ? earlier(again, plan->recon.last_at + UBAL_RECON_FLOOR)
                    : again;
}

void ubal_plan_next(ubal_step_t *step, const ubal_plan_t *plan,
                    apr_int64_t now, apr_int64_t slot_at)
{
    apr_int64_t ready = later(plan->not_before, slot_at), at;
    ubal_step_t rest;
    int is_recon;

    *step = (ubal_step_t){0};
    if (plan_live(step, plan, now, ready) || plan->end == plan->since) {
        return;
    }
    if (plan->recon.next_at > now && !ubal_recon_top(&plan->recon)) {
        step->until = earlier(step->until, plan->recon.next_at);
    }
    rest = *step;
    if (!plan_rest(&rest, plan, now, &is_recon)) {
        *step = rest;
        return;
    }
    at = rest_at(plan, now, ready, is_recon);
    if (at <= now) {
        *step = rest;
    } else {
        step->until = earlier(step->until, at);
    }
}
