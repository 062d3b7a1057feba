/* One database: what its servers say about it, made into one answer. */
#ifndef MOD_UBAL_SETTLE_H
#define MOD_UBAL_SETTLE_H

#include "mod_ubal_config.h"
#include "mod_ubal_report.h"

/* The servers of one database. */
typedef struct ubal_group_t {
    const char *key;             /* what tells databases apart */
    const char *name;            /* its file or parameters, as first given */
    apr_array_header_t *servers; /* of ubal_server_t *, main server first */
    ubal_database_t *database;   /* zeroed; to be filled */
} ubal_group_t;

/* Fills group->database, refusing what is said twice and differently, two
 * vendors, and a daemon that could not run: no vendor, program or secret, or
 * a ChrootDir. `main_server` is where values are inherited from. */
void ubal_settle_group(ubal_report_t *report, ubal_group_t *group,
                       const ubal_server_t *main_server);

#endif
