/* From servers to databases: which there are, and what holds for each. */
#ifndef MOD_UBAL_DATABASE_H
#define MOD_UBAL_DATABASE_H

#include "mod_ubal_config.h"
#include "mod_ubal_report.h"

/* Finds the database of every server that has a vendor or a mount (so the
 * mounts are collected before), sets ubal_server_t.database, and in the main
 * server's configuration `databases`. Reads the secrets where ingest is on.
 * Refuses a database that mod_dbd or SQLite would open otherwise than it
 * looks, and whatever two servers say differently about one. */
void ubal_database_resolve(ubal_report_t *report);

/* How many connections mod_dbd has for a server in each child: DBDMin, DBDKeep
 * and DBDMax, as given or by default. */
typedef struct ubal_connections_t {
    int min, keep, max;
} ubal_connections_t;

/* Sets the connections of `s`; returns 0 where mod_dbd keeps none. */
int ubal_database_connections(ubal_connections_t *connections, server_rec *s);

#endif
