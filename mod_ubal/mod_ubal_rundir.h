/* Where the lock of a database lies that has no file of its own, with the
 * companion's socket beside it. Knows httpd's DefaultRuntimeDir. */
#ifndef MOD_UBAL_RUNDIR_H
#define MOD_UBAL_RUNDIR_H

#include <httpd.h>

/* The path of the lock for the database that `params` name. */
const char *ubal_rundir_lock(const char *params, apr_pool_t *pool);

/* Makes that folder, for httpd's User alone, where it is missing; it stays.
 * Logs what is in the way, and returns its status. As root, before children
 * start. */
apr_status_t ubal_rundir_make(server_rec *s, apr_pool_t *pool);

#endif
