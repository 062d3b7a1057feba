/* What a range of history costs at the budget that live rounds leave. Knows
 * the windows that are stored and the vendor's settings, no plan. */
#ifndef UBAL_HISTORY_H
#define UBAL_HISTORY_H

#include "core/vendor.h"
#include "pace.h"
#include "store/db.h"

/* Estimates the cost of fetching `range` us of history of `vendor`, whose row
 * is `id`: as dense as its latest windows, with the requests that its rounds
 * leave of its UbalRate. cost->us is APR_INT64_MAX where they leave none. */
ubal_error_t *ubal_history_cost(ubal_pace_cost_t *cost, ubal_db_t *db,
                                apr_int64_t id, const ubal_vendor_t *vendor,
                                apr_int64_t range, apr_pool_t *pool);

#endif
