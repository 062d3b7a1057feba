/* The vendor's budget: N requests in any P, proved from when earlier ones
 * ended. Pure: knows no clock, database or network. */
#ifndef UBAL_BUDGET_H
#define UBAL_BUDGET_H

#include <apr.h>

#define UBAL_BUDGET_NEVER APR_INT64_MAX

/* The distance kept between the end of request n-N and the sending of request
 * n: `period` and a margin of 50 ms or a thousandth, the greater. us. */
apr_int64_t ubal_budget_distance(apr_int64_t period);

/* Says from when (us, the clock of `ends`) the next request may be sent.
 * ends[0..count) are the ends of the account's latest requests, the newest
 * first, 0 for one that has not ended. Fewer than `limit` of them: at once
 * (0). UBAL_BUDGET_NEVER while the one that counts has not ended. */
apr_int64_t ubal_budget_when(const apr_int64_t *ends, int count, int limit,
                             apr_int64_t period);

/* Sets frees[0..limit) to when each slot of the budget frees, ascending, on
 * the clock of `ends` (as for ubal_budget_when): 0 for one that was never
 * used, UBAL_BUDGET_NEVER for one whose request has not ended. */
void ubal_budget_frees(apr_int64_t *frees, const apr_int64_t *ends, int count,
                       int limit, apr_int64_t period);

/* Whether a request may take a slot at `now` and `pages` more every `interval`
 * from `due` on still find theirs, `patience` later at most, each slot being
 * held for `hold` (us). frees[0..limit) as from ubal_budget_frees. */
int ubal_budget_is_spare(const apr_int64_t *frees, int limit, apr_int64_t now,
                         apr_int64_t hold, apr_int64_t due,
                         apr_int64_t interval, apr_int64_t pages,
                         apr_int64_t patience);

/* When a request counts as ended that was given up, or found unfinished, at
 * `now`: the vendor may still read it for one period. */
apr_int64_t ubal_budget_given_up(apr_int64_t now, apr_int64_t period);

#endif
