/* Finding the settings through httpd, with -D DUMP_UBAL. */
#ifndef UBAL_ASK_H
#define UBAL_ASK_H

#include "core/vendor.h"

/* Asks httpd: runs the command in the environment's UBAL_HTTPD (split into
 * words), or else the first of apachectl, apache2ctl, httpd and apache2 that
 * is there, with -t -D DUMP_UBAL, and reads what stands between the lines
 * "# ubal-settings begin N" and "# ubal-settings end". Of several databases,
 * `which` chooses one by number or by its (SQLite) path; NULL where there is
 * only one. UBAL_ERR_CONFIG lists them. */
ubal_error_t *ubal_ask_httpd(ubal_settings_t **settings, const char *which,
                             apr_pool_t *pool);

#endif
