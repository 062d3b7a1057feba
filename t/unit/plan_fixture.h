/* A plan of a vendor at its defaults, and pages told to it as the daemon does.
 * For the tests of the planner. */
#ifndef UBAL_T_PLAN_FIXTURE_H
#define UBAL_T_PLAN_FIXTURE_H

#include "plan.h"

#include <apr_general.h>
#include <stdlib.h>

#include "core/time.h"
#include "tap.h"

#define SECOND UBAL_TIME_SECOND
#define START (APR_INT64_C(1767225600) * SECOND)

static apr_pool_t *pool;
static apr_int64_t last_id;

static inline ubal_plan_t make_plan(void)
{
    ubal_plan_t plan = {.interval = 20 * SECOND,
                        .settle = 5 * SECOND,
                        .tick = SECOND,
                        .period = 60 * SECOND,
                        .page_size = 1000,
                        .retries = 10,
                        .since = START,
                        .end = START,
                        .vendor_time = START};

    plan.windows = apr_array_make(pool, 4, sizeof(ubal_plan_window_t));
    return plan;
}

static inline ubal_window_t make_window(apr_int64_t from, apr_int64_t to)
{
    return (ubal_window_t){.id = ++last_id,
                           .from = from,
                           .to = to,
                           .next_page = 1,
                           .total = -1,
                           .accepted = -1};
}

static inline void add_open(ubal_plan_t *plan, const ubal_window_t *window)
{
    ubal_plan_window_t *w = apr_array_push(plan->windows);

    *w = (ubal_plan_window_t){.window = *window};
    plan->end = window->to;
}

/* Judges and applies, as the daemon does once it has stored the verdict. */
static inline ubal_verdict_t tell(ubal_plan_t *plan,
                                  const ubal_window_t *window,
                                  ubal_told_t told, apr_int64_t now)
{
    ubal_verdict_t verdict;
    int i;

    ubal_plan_judge(&verdict, plan, window, &told, pool);
    if (!verdict.window.id) {
        verdict.window.id = ++last_id;
    }
    for (i = 0; i < verdict.parts->nelts; i++) {
        ((ubal_window_t *)verdict.parts->elts)[i].id = ++last_id;
    }
    ubal_plan_apply(plan, &verdict, &told, now);
    return verdict;
}

#endif
