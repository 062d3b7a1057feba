/* What the administrator wrote: the configuration of each server and, worked
 * out of it, of each database. Knows httpd's configuration; no request. */
#ifndef MOD_UBAL_CONFIG_H
#define MOD_UBAL_CONFIG_H

#include <httpd.h>

#include <http_config.h>

#include <apr_atomic.h>

#include "core/vendor.h"

/* A database: one driver and one set of parameters, however many servers name
 * it. What the supervisor runs one daemon for. Lives as long as pconf. */
typedef struct ubal_database_t {
    server_rec *server;        /* the first that uses it, and logs for it */
    const char *driver;        /* DBDriver: "sqlite3" or "pgsql" */
    const char *path;          /* of the SQLite file that is read, or NULL */
    ubal_settings_t *settings; /* vendors included; their secrets are read
                                * where ingest is on */
    const char *program;       /* path of ubal-ingest */
    int is_ingest_on;
    volatile apr_uint32_t is_seen; /* the file was there once */
    int cache_entries;             /* UbalCache */
    struct ubal_cache_t *cache;    /* a child's own; NULL: it keeps none */
    struct ubal_linger_t *linger;  /* a child's own; NULL: it has none */
} ubal_database_t;

/* A directive's value and where it stands; `at` is NULL where it was not
 * given. */
typedef struct ubal_given_t {
    const ap_directive_t *at;
    const char *text;
    const char *text2; /* UbalIngestDB's parameters */
    int number;
} ubal_given_t;

/* A <UbalVendor> section. */
typedef struct ubal_section_t {
    ubal_vendor_t *vendor;
    const ap_directive_t *at;
} ubal_section_t;

/* What one server (the main one or a vhost) says itself. Nothing is merged:
 * a value belongs to the database in force where it stands, and what a vhost
 * inherits is decided in mod_ubal_database.c, where all servers are known. */
typedef struct ubal_server_t {
    server_rec *server;
    apr_array_header_t *sections; /* of ubal_section_t */
    ubal_given_t ingest, program, log, ingest_db, scale, cache;
    ubal_vendor_t *open; /* of the section being read; else NULL */

    /* Worked out when the whole configuration is known. */
    apr_array_header_t *mounts;    /* of ubal_mount_t: its own and the main
                                    * server's, longest path first */
    ubal_database_t *database;     /* NULL: nothing of ours here */
    apr_array_header_t *databases; /* of ubal_database_t *, all of them; of
                                    * the main server only */
} ubal_server_t;

extern const command_rec ubal_config_directives[];

/* httpd's create_server_config. */
void *ubal_config_create(apr_pool_t *pool, server_rec *s);

/* The configuration of `s`, made where it has none of its own: httpd lets a
 * vhost without a directive of ours share the main server's. Only while the
 * configuration is read and checked; `pool` is pconf. */
ubal_server_t *ubal_config_of(server_rec *s, apr_pool_t *pool);

/* httpd's child_init: makes what a child keeps for each database. */
void ubal_config_child_init(apr_pool_t *pchild, server_rec *s);

/* The decimal places of amounts in the database of the request's server,
 * which has one. */
int ubal_config_scale(request_rec *r);

/* The answers that this child keeps of that database; NULL where it keeps
 * none. */
struct ubal_cache_t *ubal_config_cache(request_rec *r);

/* All servers as server_rec *, the main one first, vhosts in the order they
 * stand: httpd's own list has the last first. */
apr_array_header_t *ubal_config_servers(server_rec *main_server,
                                        apr_pool_t *pool);

#endif
