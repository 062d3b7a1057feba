/* What a Location says of its replies: directives in a directory's scope,
 * nested ones inherited. Knows httpd's configuration; no request. */
#ifndef MOD_UBAL_LOCATION_H
#define MOD_UBAL_LOCATION_H

#include <httpd.h>

#include <http_config.h>

#include "core/type.h"

typedef enum {
    UBAL_AMOUNTS_DECIMAL, /* 741.5 */
    UBAL_AMOUNTS_STRING,  /* "741.50" */
    UBAL_AMOUNTS_MINOR    /* 74150 */
} ubal_amounts_e;

/* A section's configuration, whole once httpd has merged what is around it. */
typedef struct ubal_location_t {
    const ubal_weights_t *balance; /* NULL: the default */
    apr_int64_t max_stale;         /* us; 0: off */
    ubal_amounts_e amounts;
    int is_unknown_missing; /* a user without transactions is a 404 */

    /* Whether the section says it itself; the others come from around it. */
    int has_balance, has_max_stale, has_amounts, has_unknown;
} ubal_location_t;

/* httpd's create_dir_config and merge_dir_config. */
void *ubal_location_create(apr_pool_t *pool, char *dir);
void *ubal_location_merge(apr_pool_t *pool, void *around, void *within);

/* What is in force for the request. */
const ubal_location_t *ubal_location_of(request_rec *r);

/* Their directives, for the table in mod_ubal_config.c. */
const char *ubal_location_amounts(cmd_parms *cmd, void *location,
                                  const char *text);
const char *ubal_location_unknown(cmd_parms *cmd, void *location,
                                  const char *text);
const char *ubal_location_max_stale(cmd_parms *cmd, void *location,
                                    const char *text);
const char *ubal_location_balance(cmd_parms *cmd, void *location, int argc,
                                  char *const argv[]);

#endif
