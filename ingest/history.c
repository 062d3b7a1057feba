/* What a range of history costs. See history.h. */
#include "history.h"

#include "budget.h"
#include "core/time.h"
#include "core/window.h"
#include "store/range.h"

/* Requests a minute that rounds leave; each slot is held for a period and what
 * it is spaced by. */
static double spare_of(const ubal_vendor_t *vendor, const ubal_pace_t *pace)
{
    const double minute = 60e6;
    double held = (double)ubal_budget_distance(vendor->rate_period);
    double expected = ubal_pace_expect(pace, vendor->interval);
    double pages =
        expected > vendor->page_size ? expected / vendor->page_size : 1;
    double spare = vendor->rate_count * minute / held -
                   pages * minute / (double)vendor->interval;

    return spare > 0 ? spare : 0;
}

ubal_error_t *ubal_history_cost(ubal_pace_cost_t *cost, ubal_db_t *db,
                                apr_int64_t id, const ubal_vendor_t *vendor,
                                apr_int64_t range, apr_pool_t *pool)
{
    ubal_pace_t pace = {0};
    apr_array_header_t *recent;
    ubal_error_t *err = ubal_range_recent(&recent, db, id, pool);
    int i;

    if (err) {
        return err;
    }
    for (i = recent->nelts - 1; i >= 0; i--) {
        const ubal_window_t *w = &((const ubal_window_t *)recent->elts)[i];

        ubal_pace_window(&pace, w->own, w->to - w->from);
    }
    ubal_pace_cost(cost, &pace, range, vendor->page_size,
                   spare_of(vendor, &pace));
    return NULL;
}
