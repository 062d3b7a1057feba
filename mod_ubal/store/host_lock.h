/* The lock that keeps daemons of several hosts apart, where one database
 * serves them all: a session's advisory lock on PostgreSQL. An SQLite database
 * is of one host, whose lock file is enough. Knows no table. */
#ifndef UBAL_STORE_HOST_LOCK_H
#define UBAL_STORE_HOST_LOCK_H

#include "store/db.h"

/* Makes the server notice within 4 s where this host has gone. UBAL_ERR_CONFIG
 * where `db` is not a session of its own but goes through a pooler, which
 * would share the lock out. */
ubal_error_t *ubal_host_lock_set_up(ubal_db_t *db, apr_pool_t *pool);

/* Takes the lock for as long as the connection of `db` lasts; `*is_ours` 0
 * where another session has it. Taking it twice is taking it once. */
ubal_error_t *ubal_host_lock_try(int *is_ours, ubal_db_t *db,
                                 apr_pool_t *pool);

#endif
