/* What verdict.c decides on and verdict_window.c carries out. Pure. */
#ifndef UBAL_VERDICT_WINDOW_H
#define UBAL_VERDICT_WINDOW_H

#include "plan.h"

/* A page that is judged. */
typedef struct ubal_judge_t {
    ubal_verdict_t *verdict;
    const ubal_plan_t *plan;
    const ubal_window_t *window;
    const ubal_told_t *told;
    apr_pool_t *pool;
} ubal_judge_t;

apr_int64_t ubal_judge_ceil_div(apr_int64_t a, apr_int64_t b);

/* How many items one page of this vendor holds, judged by this one. */
apr_int64_t ubal_judge_page_holds(const ubal_judge_t *j);

/* There is a page more to read. */
void ubal_judge_read_on(const ubal_judge_t *j);

/* The pass is whole: the vendor's total (-1: none) and the rows there were. */
void ubal_judge_finish(const ubal_judge_t *j, apr_int64_t total,
                       apr_int64_t rows);

/* Splits the window into `count` parts of whole grains; `share` (of one) is
 * how much of it each but the last has, 0 for equal ones. With `is_single`
 * each is to be one page. What cannot be split is read again. */
void ubal_judge_split(const ubal_judge_t *j, apr_int64_t count, double share,
                      int is_single, const char *reason);

/* Splits it into windows of one page each, which have no paging faults: its
 * pass did not agree, as `what` says. */
void ubal_judge_split_single(const ubal_judge_t *j, const char *what);

#endif
