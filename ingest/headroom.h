/* When a vendor can be asked next, for people: worked out of the ledger as the
 * daemon does it, but without its secret. */
#ifndef UBAL_HEADROOM_H
#define UBAL_HEADROOM_H

#include "core/vendor.h"
#include "store/db.h"

typedef struct ubal_headroom_t {
    apr_int64_t at; /* wall clock us from which on a request may be sent; 0:
                     * now; UBAL_BUDGET_NEVER: when one under way has ended */
    int is_foreign; /* a slot that counts is of another boot or host, whose
                     * times say nothing here: `at` is 0 */
    int is_held;    /* `at` is what the vendor asked for, beyond its limit */
} ubal_headroom_t;

/* Reads what is known of the account that `vendor` was asked with last. */
ubal_error_t *ubal_headroom_read(ubal_headroom_t *headroom, ubal_db_t *db,
                                 const ubal_vendor_t *vendor,
                                 apr_pool_t *pool);

#endif
