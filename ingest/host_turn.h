/* The turn of one host, of all that share a database: one fetches, the others
 * wait. */
#ifndef UBAL_HOST_TURN_H
#define UBAL_HOST_TURN_H

#include "takeover.h"

/* Takes the lock of all hosts for the daemon's connection, until that ends.
 * Where another has it, a daemon tries about once a second; a command, which
 * has no loop, does as ubal_host_turn_by_hand(). Errors: UBAL_ERR_FENCED where
 * it is to end before, or is refused; those of the database. */
ubal_error_t *ubal_host_turn_take(ubal_daemon_t *daemon, apr_pool_t *pool);

/* The same for a command's connection, which waits for five seconds: then
 * UBAL_ERR_FENCED, with the host that has it. */
ubal_error_t *ubal_host_turn_by_hand(ubal_db_t *db, apr_pool_t *pool);

#endif
