/* What a page means for its window: done, read on, split, or taken back.
 * Pure; see plan.h. */
#include <apr_strings.h>

#include "core/time.h"
#include "plan.h"

/* Pages a window may have: more are split by the first page's total. Behind,
 * windows are longer, so that half-empty last pages cost little. */
#define PAGES_LIVE 10
#define PAGES_BEHIND 20
/* Where there are no totals to split by, a pass ends here. */
#define PAGES_MOST (3 * PAGES_BEHIND)
/* A window is split into no more parts at once: a total that is far off, once,
 * is not to leave a day in seconds. */
#define PARTS_MOST 256

typedef struct judge_t {
    ubal_verdict_t *verdict;
    const ubal_plan_t *plan;
    const ubal_window_t *window;
    const ubal_told_t *told;
    apr_pool_t *pool;
} judge_t;

static apr_int64_t ceil_div(apr_int64_t a, apr_int64_t b)
{
    return a / b + (a % b != 0);
}

/* How many items one page of this vendor holds, judged by this one: where
 * more were to come, as many as it has. */
static apr_int64_t page_holds(const judge_t *j)
{
    apr_int64_t items = j->told->items;

    if (j->told->total > items && items > 0) {
        return items;
    }
    if (items <= j->plan->page_size) {
        items = j->plan->page_size;
    }
    return items > 0 ? items : 1;
}

/* Whether what lies within the window can be told: not where its borders are
 * finer than what the vendor compares by. */
static int is_countable(const judge_t *j)
{
    return !(j->told->is_coarse || j->plan->pace.is_coarse) ||
           (j->window->from % UBAL_TIME_SECOND == 0 &&
            j->verdict->window.to % UBAL_TIME_SECOND == 0);
}

static void done(const judge_t *j, apr_int64_t total, apr_int64_t rows)
{
    ubal_window_t *window = &j->verdict->window;
    apr_int64_t early = window->early, late = window->late;

    ubal_plan_restart(window);
    window->state = UBAL_WINDOW_DONE;
    window->failures = 0;
    window->accepted = total;
    window->drift = total >= 0 ? total - rows : 0;
    window->early = early;
    window->late = late;
    window->own = is_countable(j) ? rows - early - late : -1;
    window->pass_total = window->pass_distinct = -1;
}

/* A grain that cannot be split, and whose pass did not agree: it is read once
 * more, and where the whole pass says the same again, that is all there is. */
static void read_again(const judge_t *j)
{
    ubal_verdict_t *v = j->verdict;
    apr_int64_t total = j->told->total, distinct = j->told->distinct;

    if (v->is_exhausted && v->window.pass_distinct == distinct &&
        v->window.pass_total == total) {
        done(j, total, distinct);
        v->reason = apr_psprintf(j->pool,
                                 "two passes gave %" APR_INT64_T_FMT
                                 " ids, though the total is %" APR_INT64_T_FMT
                                 ": accepted",
                                 distinct, total);
        return;
    }
    ubal_plan_restart(&v->window);
    v->is_failure = 1;
    v->window.pass_total = total;
    v->window.pass_distinct = distinct;
    v->window.passes++;
    if (++v->window.failures >= j->plan->retries &&
        v->window.state == UBAL_WINDOW_OPEN) {
        v->window.state = UBAL_WINDOW_PARKED;
    }
}

/* Splits the window into `count` parts of whole grains; `share` (of one) is
 * how much of it each but the last has, 0 for equal ones. */
static void split(const judge_t *j, apr_int64_t count, double share,
                  int is_single, const char *reason)
{
    ubal_verdict_t *v = j->verdict;
    apr_int64_t unit = ubal_plan_grain(j->plan);
    apr_int64_t from = j->window->from;
    apr_int64_t units = ceil_div(j->window->to - from, unit);
    apr_int64_t i;

    v->reason = reason;
    if (units < 2) {
        read_again(j);
        return;
    }
    ubal_plan_restart(&v->window);
    if (count > PARTS_MOST) {
        count = PARTS_MOST;
        share = 0;
    }
    count = count < 2 ? 2 : count > units ? units : count;
    if (share <= 0 || (double)units * share < 1 ||
        share * (double)(count - 1) >= 1) {
        share = 0;
    }
    for (i = 1; i <= count; i++) {
        ubal_window_t *part = apr_array_push(v->parts);
        apr_int64_t at = share > 0
                             ? (apr_int64_t)((double)units * share * (double)i)
                             : units * i / count;

        *part = v->window;
        part->id = 0;
        part->is_single = is_single;
        part->passes = part->failures = 0;
        part->accepted = part->pass_total = part->pass_distinct = -1;
        part->from = from;
        part->to = i == count ? j->window->to : j->window->from + at * unit;
        from = part->to;
    }
    v->is_removed = 1;
}

/* A pass that did not agree is not repeated but split into windows of one
 * page each, which have no paging faults. */
static void split_single(const judge_t *j, const char *what)
{
    apr_int64_t items = j->told->total;
    const char *reason = apr_psprintf(
        j->pool, "%s: %" APR_INT64_T_FMT " ids, total %" APR_INT64_T_FMT, what,
        j->told->distinct, j->told->total);

    if (items < j->told->distinct) {
        items = j->told->distinct;
    }
    split(j, ceil_div(items + items / 4, page_holds(j)), 0, 1, reason);
}

static void read_on(const judge_t *j)
{
    ubal_window_t *window = &j->verdict->window;

    window->next_page = j->told->page + 1;
    if (!window->passes) {
        window->failures = 0; /* it makes progress */
    }
    window->distinct = j->told->distinct;
    window->total = j->told->page == 1 ? j->told->total : window->total;
}

/* A window that was read again: where the vendor lists fewer items than it
 * did, a second whole pass must say so too. What vanished there stays here. */
static void done_again(const judge_t *j, apr_int64_t total, apr_int64_t rows)
{
    ubal_window_t *window = &j->verdict->window;
    apr_int64_t before = window->accepted;

    if (total < 0 || total >= before) {
        done(j, total, rows);
    } else if (window->pass_total == total) {
        done(j, total, rows);
        window->vanished += before - total;
        j->verdict->reason =
            apr_psprintf(j->pool,
                         "%" APR_INT64_T_FMT " of %" APR_INT64_T_FMT
                         " items are not listed any more; they are kept",
                         before - total, before);
    } else {
        ubal_plan_restart(window);
        window->pass_total = total;
        window->pass_distinct = rows;
        window->passes++;
        j->verdict->reason = "the vendor lists fewer items than it did; read "
                             "once more";
    }
}

/* The pass is whole: the vendor's total and the rows there were. */
static void finish(const judge_t *j, apr_int64_t total, apr_int64_t rows)
{
    if (j->window->state == UBAL_WINDOW_RECHECK) {
        done_again(j, total, rows);
    } else {
        done(j, total, rows);
    }
}

/* Behind, either because newer windows wait or because this one is wide. */
static int is_behind(const judge_t *j)
{
    apr_int64_t lag = j->plan->vendor_time - j->window->from;

    return lag > 4 * j->plan->interval + j->plan->settle;
}

/* The first page says how many there are: too many for a window, or for one
 * that is to be a single page? A part is wanted as full as it may be, and may
 * be a fifth fuller, since items are never spread evenly: splitting again
 * would cost more than the pages it saves. */
static int is_too_much(const judge_t *j, apr_int64_t *count, double *share)
{
    int pages = is_behind(j) ? PAGES_BEHIND : PAGES_LIVE;
    apr_int64_t total = j->told->total;
    apr_int64_t most = page_holds(j) * pages, spare = most / 5;

    /* whole pages but for the last part, two per cent short of full ones */
    *share = 0.98 * (double)most / (double)(total > 0 ? total : 1);
    *count = (apr_int64_t)(1 / *share) + 1;
    if (j->window->is_single) {
        most = page_holds(j);
        spare = 0;
        *share = 0;
        *count = ceil_div(total + total / 10, most);
    }
    /* a second cannot be split: it is read page by page after all */
    return j->told->page == 1 && total > most + spare &&
           j->window->to - j->window->from > ubal_plan_grain(j->plan);
}

/* Whether the page has just as many items as were asked for: with more, the
 * vendor keeps to no page size. */
static int is_full(const judge_t *j)
{
    return j->told->items == j->plan->page_size;
}

/* Whether a page is the last, by what this vendor's pages have: as many as
 * were asked for or, where that is less, the most that it ever gave. */
static int is_short(const judge_t *j)
{
    return j->told->items < j->plan->page_size &&
           j->told->items < j->plan->largest_page;
}

/* All rows there are, in one reply: there is no paging that could go wrong,
 * even where the vendor lists an id twice. A page that is full may be all that
 * a total tells of. */
static int is_whole(const judge_t *j)
{
    const ubal_told_t *told = j->told;

    return told->page == 1 && told->items == told->total &&
           !told->is_contradiction && !is_full(j);
}

/* The pass has reached its total, and a page that is not full, or that brings
 * nothing more, says that this is all. */
static int is_reached(const judge_t *j)
{
    const ubal_told_t *told = j->told;

    return told->distinct == told->total &&
           (!is_full(j) ||
            (told->page > 1 && told->distinct == j->window->distinct));
}

/* A page that is empty: there is no more. */
static int is_exhausted(const judge_t *j)
{
    return j->told->items == 0 && !j->told->is_contradiction;
}

static void judge_by_total(const judge_t *j)
{
    const ubal_told_t *told = j->told;
    apr_int64_t count;
    double share;

    if (is_whole(j)) {
        finish(j, told->total, told->items);
    } else if (told->is_contradiction || told->distinct > told->total) {
        split_single(j, "the page contradicts its meta");
    } else if (told->page > 1 && told->total != j->window->total) {
        split_single(j, "the total changed within the pass");
    } else if (is_reached(j)) {
        finish(j, told->total, told->distinct);
    } else if (told->distinct == told->total) {
        read_on(j);
    } else if (is_too_much(j, &count, &share)) {
        split(j, count, share, j->window->is_single,
              apr_psprintf(j->pool, "%" APR_INT64_T_FMT " items are too many",
                           told->total));
    } else if (told->distinct == (told->page > 1 ? j->window->distinct : 0) ||
               told->page >= PAGES_MOST) {
        j->verdict->is_exhausted = is_exhausted(j);
        split_single(j, "the pass does not reach its total");
    } else {
        read_on(j);
    }
}

static void judge_without_total(const judge_t *j)
{
    const ubal_told_t *told = j->told;
    apr_int64_t before = told->page > 1 ? j->window->distinct : 0;

    if (told->is_contradiction) {
        split_single(j, "the page contradicts its meta");
    } else if (told->items == 0 || is_short(j)) {
        finish(j, -1, told->distinct);
    } else if (told->distinct == before) {
        split_single(j, "the pass repeats itself");
    } else if (told->page >= PAGES_MOST) {
        split(j, 4, 0, 0, "the pass has no end");
    } else {
        read_on(j);
    }
}

/* The vendor's clock is behind where we took it to be: what we cover must end
 * in its past. */
static void take_back(const judge_t *j)
{
    ubal_verdict_t *v = j->verdict;
    apr_int64_t past = j->told->date - j->plan->settle;
    apr_int64_t end = past - past % ubal_plan_grain(j->plan);

    v->reason = "the vendor's clock is behind what was asked for";
    if (j->plan->is_since_open && j->plan->end == j->plan->since &&
        j->told->date < v->since) {
        v->since = j->told->date - j->told->date % ubal_plan_grain(j->plan);
    }
    v->take_back = end > v->since ? end : v->since;
    ubal_plan_restart(&v->window);
    if (v->take_back <= v->window.from) {
        v->is_removed = 1;
    } else if (v->take_back < v->window.to) {
        v->window.to = v->take_back;
    }
}

/* Whether `end` lies ahead of the reply's own Date. Where it was our clock
 * that said what to ask for, what the vendor needs to settle must have passed,
 * too; a Date is cut to its second. */
static int is_too_early(const judge_t *j, apr_int64_t end)
{
    apr_int64_t date = j->told->date;

    return date &&
           (date < end || (!j->plan->is_time_theirs &&
                           date + UBAL_TIME_SECOND < end + j->plan->settle));
}

void ubal_plan_judge(ubal_verdict_t *verdict, const ubal_plan_t *plan,
                     const ubal_window_t *window, const ubal_told_t *told,
                     apr_pool_t *pool)
{
    ubal_told_t known = *told;
    judge_t j = {verdict, plan, window, &known, pool};
    apr_int64_t end = window->to > plan->end ? window->to : plan->end;

    *verdict = (ubal_verdict_t){.window = *window, .since = plan->since};
    verdict->parts = apr_array_make(pool, 4, sizeof(ubal_window_t));
    verdict->is_recheck = window->state == UBAL_WINDOW_RECHECK;
    verdict->window.early = told->early;
    verdict->window.late = told->late;
    if (told->page > 1) {
        verdict->window.early += window->early;
        verdict->window.late += window->late;
    }
    if (told->page > 1 && told->total < 0) {
        known.total = window->total; /* what its first page has promised */
    }
    if (is_too_early(&j, end)) {
        take_back(&j);
    } else if (known.total >= 0 && ubal_plan_has_trust(plan)) {
        judge_by_total(&j);
    } else {
        judge_without_total(&j);
    }
}
