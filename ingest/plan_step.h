/* What the files that decide on the next step share (plan.c, plan_rest.c).
 * Pure; see plan.h. */
#ifndef UBAL_PLAN_STEP_H
#define UBAL_PLAN_STEP_H

#include "core/time.h"
#include "plan.h"

/* A window is not wider than this, however far behind we are. */
#define UBAL_STEP_WIDEST UBAL_TIME_DAY

apr_int64_t ubal_step_later(apr_int64_t a, apr_int64_t b);
apr_int64_t ubal_step_earlier(apr_int64_t a, apr_int64_t b);

const ubal_plan_window_t *ubal_step_window_at(const ubal_plan_t *plan, int i);

/* 1 for a window of history, which is fetched after everything else. */
int ubal_step_is_history(const ubal_plan_t *plan, const ubal_window_t *window);

/* The boot time at which the vendor's clock will be far enough for a new live
 * window. */
apr_int64_t ubal_step_live_due(const ubal_plan_t *plan);

/* An open window of [from, to) that is not stored yet. */
ubal_window_t ubal_step_new_window(apr_int64_t from, apr_int64_t to);

/* Makes `step` fetch the next page of `window`. */
void ubal_step_fetch(ubal_step_t *step, const ubal_plan_t *plan,
                     const ubal_window_t *window);

/* Where no live window is to be fetched at `now`, and a slot is free from
 * `ready` on: reconciliation and history, or an earlier step->until. */
void ubal_step_rest(ubal_step_t *step, const ubal_plan_t *plan,
                    apr_int64_t now, apr_int64_t ready);

#endif
