/* What becomes of a window whose page was judged: done, read on, read again or
 * split. Pure; see verdict_window.h. */
#include "verdict_window.h"

#include <apr_strings.h>

#include "core/time.h"

/* A window is split into no more parts at once: a total that is far off, once,
 * is not to leave a day in seconds. */
#define PARTS_MOST 256

apr_int64_t ubal_judge_ceil_div(apr_int64_t a, apr_int64_t b)
{
    return a / b + (a % b != 0);
}

/* How many items one page of this vendor holds, judged by this one: where
 * more were to come, as many as it has. */
apr_int64_t ubal_judge_page_holds(const ubal_judge_t *j)
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
static int is_countable(const ubal_judge_t *j)
{
    return !(j->told->is_coarse || j->plan->pace.is_coarse) ||
           (j->window->from % UBAL_TIME_SECOND == 0 &&
            j->verdict->window.to % UBAL_TIME_SECOND == 0);
}

static void done(const ubal_judge_t *j, apr_int64_t total, apr_int64_t rows)
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
static void read_again(const ubal_judge_t *j)
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
void ubal_judge_split(const ubal_judge_t *j, apr_int64_t count, double share,
                      int is_single, const char *reason)
{
    ubal_verdict_t *v = j->verdict;
    apr_int64_t unit = ubal_plan_grain(j->plan);
    apr_int64_t from = j->window->from;
    apr_int64_t units = ubal_judge_ceil_div(j->window->to - from, unit);
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
void ubal_judge_split_single(const ubal_judge_t *j, const char *what)
{
    apr_int64_t items = j->told->total;
    const char *reason = apr_psprintf(
        j->pool, "%s: %" APR_INT64_T_FMT " ids, total %" APR_INT64_T_FMT, what,
        j->told->distinct, j->told->total);

    if (items < j->told->distinct) {
        items = j->told->distinct;
    }
    ubal_judge_split(
        j, ubal_judge_ceil_div(items + items / 4, ubal_judge_page_holds(j)), 0,
        1, reason);
}

void ubal_judge_read_on(const ubal_judge_t *j)
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
static void done_again(const ubal_judge_t *j, apr_int64_t total,
                       apr_int64_t rows)
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
void ubal_judge_finish(const ubal_judge_t *j, apr_int64_t total,
                       apr_int64_t rows)
{
    if (j->window->state == UBAL_WINDOW_RECHECK) {
        done_again(j, total, rows);
    } else {
        done(j, total, rows);
    }
}
