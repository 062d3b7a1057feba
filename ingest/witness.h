/* What the lock file, which only owners on this host write, proves of the
 * ledger of requests in the database: that it lacks none. */
#ifndef UBAL_WITNESS_H
#define UBAL_WITNESS_H

#include "task.h"

/* Writes the witness: the owner's latest slot. After each commit that added a
 * row to the ledger, or the next owner takes it for a foreign one. */
ubal_error_t *ubal_witness_write(ubal_daemon_t *daemon, apr_int64_t slot,
                                 apr_pool_t *pool);

/* 1 where it names the database's last owner and last slot, in this boot (or
 * where both are new). */
int ubal_witness_is_owner(const ubal_witness_t *witness,
                          const ubal_daemon_t *daemon);

/* 1 where another host can have sent something since. One that took the
 * database over has waited for two periods before; when these are over, a
 * ledger that names nobody else may be one that was put back to what it was
 * before (a restore, a standby promoted). */
int ubal_witness_is_stale(const ubal_witness_t *witness,
                          const ubal_daemon_t *daemon, apr_int64_t period);

/* The first, and not the second for any vendor. */
int ubal_witness_is_enough(const ubal_witness_t *witness,
                           const ubal_daemon_t *daemon);

/* Sets `*found` to 1 where one of the account's last `count` slots, which the
 * budget looks at, is of another boot. */
ubal_error_t *ubal_witness_find_foreign(int *found,
                                        const ubal_daemon_t *daemon,
                                        const char *account, int count,
                                        apr_pool_t *pool);

#endif
