/* A pooled connection of mod_dbd's for the time of one question. Knows
 * mod_dbd; no table and no reply. */
#ifndef MOD_UBAL_DB_H
#define MOD_UBAL_DB_H

#include <httpd.h>

#include "store/db.h"

/* Asks the database and keeps the answer in `baton`. */
typedef ubal_error_t *(*mod_ubal_db_ask_fn)(void *baton, ubal_db_t *db,
                                            apr_pool_t *pool);

/* Calls `ask` with a connection to the database of the request's server, and
 * gives the connection back before it returns: none is held while a client
 * reads. Where the database fails, asks once more on a connection that was
 * checked. UBAL_ERR_NO_SCHEMA where there was never a file, UBAL_ERR_SYSTEM
 * where no connection is to be had: mod_dbd said why. */
ubal_error_t *mod_ubal_db_ask(request_rec *r, mod_ubal_db_ask_fn ask,
                              void *baton);

/* Finds mod_dbd, once all modules are loaded: for the hook
 * optional_fn_retrieve. */
void mod_ubal_db_find_dbd(void);

#endif
