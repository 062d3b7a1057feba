/* The vendor's budget. Why it holds: the vendor sees request k between its
 * sending and its end. Requests are numbered in the order of their sending,
 * so of any N+1 that it sees, the last was sent no earlier than the N-th after
 * the first, and that one P or more after the first had ended. */
#include "budget.h"

apr_int64_t ubal_budget_distance(apr_int64_t period)
{
    const apr_int64_t least = 50000;
    apr_int64_t margin = period / 1000;

    return period + (margin > least ? margin : least);
}

apr_int64_t ubal_budget_when(const apr_int64_t *ends, int count, int limit,
                             apr_int64_t period)
{
    if (count < limit) {
        return 0;
    }
    if (ends[limit - 1] == 0) {
        return UBAL_BUDGET_NEVER;
    }
    return ends[limit - 1] + ubal_budget_distance(period);
}

apr_int64_t ubal_budget_given_up(apr_int64_t now, apr_int64_t period)
{
    return now + period;
}
