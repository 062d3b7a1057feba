/* The companion's life as httpd sees it: every child waits for the lock of
 * each database, and who gets it starts the daemon. */
#ifndef MOD_UBAL_SUPERVISOR_H
#define MOD_UBAL_SUPERVISOR_H

#include <httpd.h>

#include <apr_tables.h>

/* Opens the generation: what the children and daemons of this configuration
 * live in, and are told by that it is over. `databases` are the
 * ubal_database_t * of `s`; those without ingest are passed over. Once a
 * start or restart (in the second pass, not under -t). OK, or an HTTP code
 * where the system refuses, logged. */
int ubal_supervisor_post_config(apr_array_header_t *databases,
                                apr_pool_t *pconf, apr_pool_t *plog,
                                server_rec *s);

/* httpd's child_init: starts a thread for each database. Errors are logged;
 * a child without them serves all the same. */
void ubal_supervisor_child_init(apr_pool_t *pchild, server_rec *s);

#endif
