/* What the ledger leaves of the limit. See headroom.h. */
#include "headroom.h"

#include <string.h>

#include "budget.h"
#include "core/time.h"
#include "hold.h"
#include "owner.h"
#include "store/slot.h"

/* On the wall clock, in whole seconds: it is a person who waits. */
static apr_int64_t on_the_wall(apr_int64_t when)
{
    apr_int64_t at = ubal_owner_wall() + when - ubal_owner_now();

    return (at / UBAL_TIME_SECOND + 1) * UBAL_TIME_SECOND;
}

static ubal_error_t *read_slots(ubal_headroom_t *headroom, ubal_db_t *db,
                                const ubal_vendor_t *vendor,
                                const char *account, apr_pool_t *pool)
{
    int i, limit = vendor->rate_count;
    apr_int64_t *ends =
        apr_pcalloc(pool, sizeof(*ends) * (apr_size_t)(limit + 1));
    apr_array_header_t *slots;
    apr_int64_t when, held;
    const char *boot;
    ubal_error_t *err = ubal_owner_boot(&boot, pool);

    if (!err) {
        err = ubal_slot_recent(&slots, db, account, limit, pool);
    }
    if (!err) {
        err = ubal_hold_read(&held, db, account, boot, pool);
    }
    if (err) {
        return err;
    }
    for (i = 0; i < slots->nelts; i++) {
        const ubal_slot_t *slot = &APR_ARRAY_IDX(slots, i, const ubal_slot_t);

        ends[i] = slot->ended;
        headroom->is_foreign |= strcmp(slot->boot, boot) != 0;
    }
    when = ubal_budget_when(ends, slots->nelts, limit, vendor->rate_period);
    headroom->is_held = held > when && held > ubal_owner_now();
    when = headroom->is_held ? held : when;
    if (!headroom->is_foreign && when > ubal_owner_now()) {
        headroom->at = when == UBAL_BUDGET_NEVER ? when : on_the_wall(when);
    }
    return NULL;
}

ubal_error_t *ubal_headroom_read(ubal_headroom_t *headroom, ubal_db_t *db,
                                 const ubal_vendor_t *vendor, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(&rows, &has_row, db, pool,
                                      UBAL_SQL_SLOT_ACCOUNT, vendor->name);

    *headroom = (ubal_headroom_t){0};
    return !err && has_row ? read_slots(headroom, db, vendor,
                                        ubal_rows_text(rows, 0), pool)
                           : err;
}
