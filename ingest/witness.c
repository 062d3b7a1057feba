/* What the lock file proves. See witness.h. */
#include "witness.h"

#include <apr_strings.h>
#include <string.h>

#include "store/slot.h"

ubal_error_t *ubal_witness_write(ubal_daemon_t *daemon, apr_int64_t slot,
                                 apr_pool_t *pool)
{
    ubal_witness_t witness = {.slot = slot, .at = daemon->turn_at};

    daemon->owner.last_slot = slot;
    if (daemon->is_ledger_doubtful) {
        return NULL; /* and stays so for who fetches next */
    }
    apr_cpystrn(witness.boot, daemon->boot, sizeof(witness.boot));
    apr_cpystrn(witness.token, daemon->owner.token, sizeof(witness.token));
    return ubal_owner_write_witness(daemon->watch->lock_fd, &witness, pool);
}

int ubal_witness_is_owner(const ubal_witness_t *witness,
                          const ubal_daemon_t *daemon)
{
    const ubal_owner_t *owner = &daemon->owner;

    if (!witness->boot[0]) {
        return !owner->previous[0] && owner->last_slot == 0;
    }
    return strcmp(witness->boot, daemon->boot) == 0 &&
           strcmp(witness->token, owner->previous) == 0 &&
           witness->slot == owner->last_slot;
}

int ubal_witness_is_stale(const ubal_witness_t *witness,
                          const ubal_daemon_t *daemon, apr_int64_t period)
{
    return daemon->db->dialect == UBAL_DIALECT_PGSQL && witness->boot[0] &&
           daemon->turn_at - witness->at >= 2 * period;
}

int ubal_witness_is_enough(const ubal_witness_t *witness,
                           const ubal_daemon_t *daemon)
{
    const apr_array_header_t *vendors = daemon->settings->vendors;
    int i;

    if (!ubal_witness_is_owner(witness, daemon) ||
        (!vendors->nelts && ubal_witness_is_stale(witness, daemon, 0))) {
        return 0;
    }
    for (i = 0; i < vendors->nelts; i++) {
        const ubal_vendor_t *vendor =
            APR_ARRAY_IDX(vendors, i, const ubal_vendor_t *);

        if (ubal_witness_is_stale(witness, daemon, vendor->rate_period)) {
            return 0;
        }
    }
    return 1;
}

ubal_error_t *ubal_witness_find_foreign(int *found,
                                        const ubal_daemon_t *daemon,
                                        const char *account, int count,
                                        apr_pool_t *pool)
{
    apr_array_header_t *slots;
    ubal_error_t *err =
        ubal_slot_recent(&slots, daemon->db, account, count, pool);
    int i;

    *found = 0;
    for (i = 0; !err && i < slots->nelts; i++) {
        const ubal_slot_t *slot = &((const ubal_slot_t *)slots->elts)[i];

        *found |= strcmp(slot->boot, daemon->boot) != 0;
    }
    return err;
}
