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

void ubal_budget_frees(apr_int64_t *frees, const apr_int64_t *ends, int count,
                       int limit, apr_int64_t period)
{
    int i, j;

    for (i = 0; i < limit; i++) {
        apr_int64_t at = 0;

        if (i < count) {
            at = ends[i] ? ends[i] + ubal_budget_distance(period)
                         : UBAL_BUDGET_NEVER;
        }
        for (j = i; j > 0 && frees[j - 1] > at; j--) {
            frees[j] = frees[j - 1];
        }
        frees[j] = at;
    }
}

/* What is sent from now on holds its slot until `hold` from now at least: up
 * to then the k-th demand finds the k-th slot that frees. */
int ubal_budget_is_spare(const apr_int64_t *frees, int limit, apr_int64_t now,
                         apr_int64_t hold, apr_int64_t due,
                         apr_int64_t interval, apr_int64_t pages,
                         apr_int64_t patience)
{
    apr_int64_t demand = 1; /* the one that is asked about was the first */
    apr_int64_t at;

    if (limit < 1 || frees[0] > now) {
        return 0;
    }
    due = due > now ? due : now;
    for (at = due; at < now + hold; at += interval) {
        apr_int64_t i;

        for (i = 0; i < pages; i++, demand++) {
            if (demand >= limit || frees[demand] > at + patience) {
                return 0;
            }
        }
    }
    return 1;
}

apr_int64_t ubal_budget_given_up(apr_int64_t now, apr_int64_t period)
{
    return now + period;
}
