/* What a vendor asked for beside its limit, with Retry-After or a bare 429:
 * kept in the database under the account, so that it holds for whoever
 * fetches or checks next, too. */
#ifndef UBAL_HOLD_H
#define UBAL_HOLD_H

#include "fetch.h"
#include "store/db.h"

/* Stores how long `reply`, over at `ended` (us of CLOCK_BOOTTIME of `boot`),
 * asks to be left alone; nothing where it does not ask. A 429 asks for
 * `period` at least. Inside a transaction of the owner. */
ubal_error_t *ubal_hold_save(ubal_db_t *db, const char *account,
                             const char *boot, apr_int64_t ended,
                             const ubal_reply_t *reply, apr_int64_t period,
                             apr_pool_t *pool);

/* Sets `*until` to the time (us of CLOCK_BOOTTIME of `boot`) before which the
 * account is not to be used; 0: none is known. What was stored in another boot
 * goes by the wall clock, and for no longer than was asked. */
ubal_error_t *ubal_hold_read(apr_int64_t *until, ubal_db_t *db,
                             const char *account, const char *boot,
                             apr_pool_t *pool);

#endif
