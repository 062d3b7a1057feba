/* What a page means for its window: done, read on, split, or taken back. What
 * then becomes of it is verdict_window.c's. Pure; see plan.h. */
#include <apr_strings.h>

#include "core/time.h"
#include "verdict_window.h"

/* Pages a window may have: more are split by the first page's total. Behind,
 * windows are longer, so that half-empty last pages cost little. */
#define PAGES_LIVE 10
#define PAGES_BEHIND 20
/* Where there are no totals to split by, a pass ends here. */
#define PAGES_MOST (3 * PAGES_BEHIND)
/* Behind, either because newer windows wait or because this one is wide. */
static int is_behind(const ubal_judge_t *j)
{
    apr_int64_t lag = j->plan->vendor_time - j->window->from;

    return lag > 4 * j->plan->interval + j->plan->settle;
}

/* The first page says how many there are: too many for a window, or for one
 * that is to be a single page? A part is wanted as full as it may be, and may
 * be a fifth fuller, since items are never spread evenly: splitting again
 * would cost more than the pages it saves. */
static int is_too_much(const ubal_judge_t *j, apr_int64_t *count,
                       double *share)
{
    int pages = is_behind(j) ? PAGES_BEHIND : PAGES_LIVE;
    apr_int64_t total = j->told->total;
    apr_int64_t most = ubal_judge_page_holds(j) * pages, spare = most / 5;

    /* whole pages but for the last part, two per cent short of full ones */
    *share = 0.98 * (double)most / (double)(total > 0 ? total : 1);
    *count = (apr_int64_t)(1 / *share) + 1;
    if (j->window->is_single) {
        most = ubal_judge_page_holds(j);
        spare = 0;
        *share = 0;
        *count = ubal_judge_ceil_div(total + total / 10, most);
    }
    /* a second cannot be split: it is read page by page after all */
    return j->told->page == 1 && total > most + spare &&
           j->window->to - j->window->from > ubal_plan_grain(j->plan);
}

/* Whether the page has just as many items as were asked for: with more, the
 * vendor keeps to no page size. */
static int is_full(const ubal_judge_t *j)
{
    return j->told->items == j->plan->page_size;
}

/* Whether a page is the last, by what this vendor's pages have: as many as
 * were asked for or, where that is less, the most that it ever gave. */
static int is_short(const ubal_judge_t *j)
{
    return j->told->items < j->plan->page_size &&
           j->told->items < j->plan->largest_page;
}

/* All rows there are, in one reply: there is no paging that could go wrong,
 * even where the vendor lists an id twice. A page that is full may be all that
 * a total tells of. */
static int is_whole(const ubal_judge_t *j)
{
    const ubal_told_t *told = j->told;

    return told->page == 1 && told->items == told->total &&
           !told->is_contradiction && !is_full(j);
}

/* The pass has reached its total, and a page that is not full, or that brings
 * nothing more, says that this is all. */
static int is_reached(const ubal_judge_t *j)
{
    const ubal_told_t *told = j->told;

    return told->distinct == told->total &&
           (!is_full(j) ||
            (told->page > 1 && told->distinct == j->window->distinct));
}

/* A page that is empty: there is no more. */
static int is_exhausted(const ubal_judge_t *j)
{
    return j->told->items == 0 && !j->told->is_contradiction;
}

static void judge_by_total(const ubal_judge_t *j)
{
    const ubal_told_t *told = j->told;
    apr_int64_t count;
    double share;

    if (is_whole(j)) {
        ubal_judge_finish(j, told->total, told->items);
    } else if (told->is_contradiction || told->distinct > told->total) {
        ubal_judge_split_single(j, "the page contradicts its meta");
    } else if (told->page > 1 && told->total != j->window->total) {
        ubal_judge_split_single(j, "the total changed within the pass");
    } else if (is_reached(j)) {
        ubal_judge_finish(j, told->total, told->distinct);
    } else if (told->distinct == told->total) {
        ubal_judge_read_on(j);
    } else if (is_too_much(j, &count, &share)) {
        ubal_judge_split(
            j, count, share, j->window->is_single,
            apr_psprintf(j->pool, "%" APR_INT64_T_FMT " items are too many",
                         told->total));
    } else if (told->distinct == (told->page > 1 ? j->window->distinct : 0) ||
               told->page >= PAGES_MOST) {
        j->verdict->is_exhausted = is_exhausted(j);
        ubal_judge_split_single(j, "the pass does not reach its total");
    } else {
        ubal_judge_read_on(j);
    }
}

static void judge_without_total(const ubal_judge_t *j)
{
    const ubal_told_t *told = j->told;
    apr_int64_t before = told->page > 1 ? j->window->distinct : 0;

    if (told->is_contradiction) {
        ubal_judge_split_single(j, "the page contradicts its meta");
    } else if (told->items == 0 || is_short(j)) {
        ubal_judge_finish(j, -1, told->distinct);
    } else if (told->distinct == before) {
        ubal_judge_split_single(j, "the pass repeats itself");
    } else if (told->page >= PAGES_MOST) {
        ubal_judge_split(j, 4, 0, 0, "the pass has no end");
    } else {
        ubal_judge_read_on(j);
    }
}

/* The vendor's clock is behind where we took it to be: what we cover must end
 * in its past. */
static void take_back(const ubal_judge_t *j)
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
static int is_too_early(const ubal_judge_t *j, apr_int64_t end)
{
    apr_int64_t date = j->told->date;

    return date &&
           (date < end || (!j->plan->is_time_theirs &&
                           date + UBAL_TIME_SECOND < end + j->plan->settle));
}

/* Whether what was listed can be older than what the window needs: where it
 * was our clock that said what to ask for, the vendor may have made its list
 * when it was asked, and dated it when it sent it. */
static int may_be_older(const ubal_judge_t *j)
{
    const ubal_told_t *told = j->told;

    return told->date && !j->plan->is_time_theirs &&
           told->date - told->took + UBAL_TIME_SECOND <
               j->window->to + j->plan->settle;
}

void ubal_plan_judge(ubal_verdict_t *verdict, const ubal_plan_t *plan,
                     const ubal_window_t *window, const ubal_told_t *told,
                     apr_pool_t *pool)
{
    ubal_told_t known = *told;
    ubal_judge_t j = {verdict, plan, window, &known, pool};
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
    } else if (may_be_older(&j)) {
        ubal_plan_restart(&verdict->window);
        verdict->reason = "the first reply took long: read once more";
    } else if (known.total >= 0 && ubal_plan_has_trust(plan)) {
        judge_by_total(&j);
    } else {
        judge_without_total(&j);
    }
}
