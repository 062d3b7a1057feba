/* The checks of configtest, and what is said when they pass. */
#ifndef MOD_UBAL_CHECK_H
#define MOD_UBAL_CHECK_H

#include <httpd.h>

/* httpd's check_config, which runs under -t, at the start and before every
 * restart: works out mounts and databases, logs each finding, and returns OK
 * where nothing forbids the start. */
int ubal_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *s);

/* httpd's test_config, which runs under -t alone: logs the summary, and with
 * -D DUMP_UBAL prints each database's settings, secrets left out. */
void ubal_check_test(apr_pool_t *pconf, server_rec *s);

/* Logs at info what will run. */
void ubal_check_summarize(server_rec *s, apr_pool_t *pool);

#endif
