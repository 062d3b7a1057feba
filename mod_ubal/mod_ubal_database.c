/* Works out the databases. A value belongs to the database in force where it
 * stands; where none of a database's own servers gives one, the main server's
 * is inherited, as httpd's administrators expect. */
#include "mod_ubal_database.h"

#include <stdlib.h>

#include <http_core.h>

#include <apr_dbd.h>
#include <apr_strings.h>
#include <mod_dbd.h>

#include "mod_ubal_mount.h"
#include "mod_ubal_settle.h"
#include "mod_ubal_tree.h"

/* What mod_dbd knows of `s`: the first member of its configuration, which is
 * merged by now. NULL where mod_dbd is not loaded. */
static const dbd_cfg_t *dbd_of(server_rec *s)
{
    module *dbd = ap_find_linked_module("mod_dbd.c");
    dbd_cfg_t *const *first;

    first = dbd ? ap_get_module_config(s->module_config, dbd) : NULL;
    return first ? *first : NULL;
}

int ubal_database_connections(ubal_connections_t *connections, server_rec *s)
{
    const dbd_cfg_t *dbd = dbd_of(s);

    if (!dbd || !dbd->persist) {
        return 0;
    }
    connections->min = dbd->nmin;
    connections->keep = dbd->nkeep;
    connections->max = dbd->nmax;
    return 1;
}

/* The directive of `server` that needs a database. */
static const ap_directive_t *need_of(const ubal_server_t *server)
{
    if (server->sections->nelts) {
        return APR_ARRAY_IDX(server->sections, 0, ubal_section_t).at;
    }
    if (server->mounts->nelts) {
        return APR_ARRAY_IDX(server->mounts, 0, ubal_mount_t).at;
    }
    return NULL;
}

/* Two spellings of one file are one database: links are followed as far as
 * there are files. */
static const char *canonical(const char *path, apr_pool_t *pool)
{
    char *real = realpath(path, NULL);
    const char *slash = strrchr(path, '/');
    const char *found;

    if (real) {
        found = apr_pstrdup(pool, real);
    } else {
        real = realpath(
            apr_pstrmemdup(pool, path, (apr_size_t)(slash - path) + 1), NULL);
        found = real ? apr_pstrcat(pool, real, slash, NULL) : path;
    }
    free(real);
    return found;
}

/* A database as mod_dbd is told of it. */
typedef struct source_t {
    const char *driver; /* "sqlite3" or "pgsql" */
    const char *path;   /* of SQLite's file; NULL: another's */
    const char *name;   /* what people call it: that path, or the parameters */
    const char *key;    /* what tells it from others */
} source_t;

static ubal_error_t *read_params(source_t *source, const dbd_cfg_t *dbd,
                                 apr_pool_t *pool)
{
    const char *params = dbd->params ? dbd->params : "";
    ubal_error_t *err;

    source->driver = dbd->name;
    source->path = NULL;
    if (!strcmp(dbd->name, "pgsql")) {
        source->name = params;
        source->key = apr_pstrcat(pool, "pgsql ", params, NULL);
        return ubal_settings_pgsql_check(params, pool);
    }
    err = ubal_settings_sqlite_path(&source->path, params, 1, pool);
    if (!err) {
        source->name = source->path;
        source->key = canonical(source->path, pool);
    }
    return err;
}

/* Finds the database in force for `server`; returns 0 and refuses where there
 * is none, or not one for reading alone. */
static int find_source(source_t *source, ubal_report_t *report,
                       const ubal_server_t *server)
{
    const dbd_cfg_t *dbd = dbd_of(server->server);
    const ap_directive_t *at, *need = need_of(server);
    ubal_error_t *err;

    if (!dbd) {
        ubal_report_refuse(report, need,
                           "mod_ubal needs mod_dbd; write: LoadModule "
                           "dbd_module modules/mod_dbd.so");
        return 0;
    }
    at = ubal_tree_find("DBDriver", server->server, report->main_server);
    if (!at || (strcmp(dbd->name, "sqlite3") && strcmp(dbd->name, "pgsql"))) {
        ubal_report_refuse(report, at ? at : need,
                           "%s; the drivers are sqlite3 and pgsql; write: "
                           "DBDriver sqlite3",
                           at ? "this database cannot be served"
                              : "no DBDriver is in force here");
        return 0;
    }
    at = ubal_tree_find("DBDParams", server->server, report->main_server);
    err = read_params(source, dbd, report->pool);
    if (err) {
        ubal_report_refuse(report, at ? at : need, "DBDParams: %s",
                           err->message);
        return 0;
    }
    return 1;
}

static ubal_group_t *find_group(apr_array_header_t *groups,
                                const source_t *source, apr_pool_t *pool)
{
    ubal_group_t *group;
    int i;

    for (i = 0; i < groups->nelts; i++) {
        group = &APR_ARRAY_IDX(groups, i, ubal_group_t);
        if (!strcmp(group->key, source->key)) {
            return group;
        }
    }
    group = apr_array_push(groups);
    group->key = source->key;
    group->name = source->name;
    group->servers = apr_array_make(pool, 2, sizeof(ubal_server_t *));
    group->database = apr_pcalloc(pool, sizeof(*group->database));
    group->database->driver = source->driver;
    group->database->path = source->path;
    return group;
}

void ubal_database_resolve(ubal_report_t *report)
{
    ubal_server_t *main_server =
        ubal_config_of(report->main_server, report->pool);
    apr_array_header_t *groups =
        apr_array_make(report->pool, 2, sizeof(ubal_group_t));
    ubal_group_t *group;
    ubal_server_t *server;
    apr_array_header_t *servers =
        ubal_config_servers(report->main_server, report->pool);
    source_t source;
    int i;

    for (i = 0; i < servers->nelts; i++) {
        server = ubal_config_of(APR_ARRAY_IDX(servers, i, server_rec *),
                                report->pool);
        if (need_of(server) && find_source(&source, report, server)) {
            group = find_group(groups, &source, report->pool);
            APR_ARRAY_PUSH(group->servers, ubal_server_t *) = server;
            server->database = group->database;
        }
    }
    main_server->databases =
        apr_array_make(report->pool, 2, sizeof(ubal_database_t *));
    for (i = 0; i < groups->nelts; i++) {
        group = &APR_ARRAY_IDX(groups, i, ubal_group_t);
        ubal_settle_group(report, group, main_server);
        APR_ARRAY_PUSH(main_server->databases, ubal_database_t *) =
            group->database;
    }
}
