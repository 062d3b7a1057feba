/* Runs the checks in their order and says what they came to. */
#include "mod_ubal_check.h"

#include <stdio.h>

#include <ap_mpm.h>
#include <http_core.h>
#include <http_log.h>

#include <apr_strings.h>

#include "core/time.h"
#include "mod_ubal.h"
#include "mod_ubal_config.h"
#include "mod_ubal_database.h"
#include "mod_ubal_mount.h"
#include "mod_ubal_outside.h"
#include "mod_ubal_report.h"
#include "mod_ubal_require.h"
#include "mod_ubal_shadow.h"
#include "mod_ubal_tree.h"

APLOG_USE_MODULE(ubal);

/* Where the directive stands that is in force for `s`, or else what needs the
 * connections. */
static const ap_directive_t *place_of(const char *directive, server_rec *s,
                                      const ubal_report_t *report)
{
    const ap_directive_t *at =
        ubal_tree_find(directive, s, report->main_server);

    return at ? at
              : APR_ARRAY_IDX(ubal_config_of(s, report->pool)->mounts, 0,
                              ubal_mount_t)
                    .at;
}

/* The connections of a server that answers; 0 where there are none to check.
 */
static int connections_of(ubal_connections_t *connections, server_rec *s,
                          const ubal_report_t *report)
{
    const ubal_server_t *server = ubal_config_of(s, report->pool);

    return server->database && server->mounts->nelts &&
           ubal_database_connections(connections, s);
}

/* Of two numbers that are out of order APR makes no pool, and each request
 * would be answered with 503. */
static void refuse_connections(ubal_report_t *report, server_rec *s)
{
    ubal_connections_t of;

    if (!connections_of(&of, s, report)) {
        return;
    }
    if (of.keep > of.max) {
        int is_given = ubal_tree_find("DBDKeep", s, report->main_server) != 0;

        ubal_report_refuse(
            report, place_of(is_given ? "DBDKeep" : "DBDMax", s, report),
            "DBDKeep %d%s is above DBDMax %d, and mod_dbd makes no "
            "connection; write: DBDKeep %d",
            of.keep, is_given ? "" : ", the default,", of.max, of.max);
    } else if (of.min > of.keep) {
        ubal_report_refuse(report, place_of("DBDMin", s, report),
                           "DBDMin %d is above DBDKeep %d, and mod_dbd makes "
                           "no connection; write: DBDMin %d",
                           of.min, of.keep, of.keep);
    }
}

/* Without a free connection a request waits, without a time limit. */
static void warn_connections(ubal_report_t *report, server_rec *s)
{
    ubal_connections_t of;
    int threads = 0;

    ap_mpm_query(AP_MPMQ_MAX_THREADS, &threads);
    if (connections_of(&of, s, report) && of.max > 0 && of.max < threads) {
        ubal_report_warn(report, place_of("DBDMax", s, report),
                         "%d database connections for %d threads a child: "
                         "requests will wait for one; write: DBDMax %d",
                         of.max, threads, threads);
    }
}

int ubal_check_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                      server_rec *s)
{
    ubal_report_t report = {s, pconf, 0};
    server_rec *each;

    (void)plog, (void)ptemp;
    ubal_mount_collect(&report);
    ubal_require_check(&report);
    ubal_database_resolve(&report);
    ubal_outside_check(&report);
    for (each = s; each; each = each->next) {
        refuse_connections(&report, each);
    }
    /* What is only a warning is said once, not also by the second pass of a
     * start. */
    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        ubal_shadow_warn(&report);
        for (each = s; each; each = each->next) {
            warn_connections(&report, each);
        }
    }
    return report.refused ? HTTP_INTERNAL_SERVER_ERROR : OK;
}

static const char *mounts_of(server_rec *main_server,
                             const ubal_database_t *database, apr_pool_t *pool)
{
    apr_array_header_t *servers = ubal_config_servers(main_server, pool);
    const char *list = "";
    const ubal_server_t *server;
    const ubal_mount_t *mount;
    server_rec *s;
    int i, j;

    for (j = 0; j < servers->nelts; j++) {
        s = APR_ARRAY_IDX(servers, j, server_rec *);
        server = ap_get_module_config(s->module_config, &ubal_module);
        for (i = 0; server->database == database && i < server->mounts->nelts;
             i++) {
            mount = &APR_ARRAY_IDX(server->mounts, i, ubal_mount_t);
            list = apr_psprintf(pool, "%s%s%s%s%s", list, *list ? ", " : "",
                                s->server_hostname ? s->server_hostname : "",
                                *mount->path || !s->server_hostname ? "" : "/",
                                mount->path);
        }
    }
    return *list ? list : "nowhere";
}

static const char *ingest_of(const ubal_database_t *database, apr_pool_t *pool)
{
    const ubal_vendor_t *vendor;

    if (!database->is_ingest_on) {
        return "nothing is fetched into it";
    }
    vendor = APR_ARRAY_IDX(database->settings->vendors, 0, ubal_vendor_t *);
    return apr_psprintf(
        pool, "%s fetches vendor %s from %s, %d requests in %.3g s at most",
        database->program, vendor->name, vendor->url, vendor->rate_count,
        (double)vendor->rate_period / (double)UBAL_TIME_SECOND);
}

void ubal_check_summarize(server_rec *s, apr_pool_t *pool)
{
    const ubal_server_t *server =
        ap_get_module_config(s->module_config, &ubal_module);
    const ubal_database_t *database;
    int i;

    for (i = 0; i < server->databases->nelts; i++) {
        database =
            APR_ARRAY_IDX(server->databases, i, const ubal_database_t *);
        ap_log_error(APLOG_MARK, APLOG_INFO, 0, s,
                     "database %s %s: served at %s; %s",
                     database->settings->driver, database->settings->params,
                     mounts_of(s, database, pool), ingest_of(database, pool));
    }
}

void ubal_check_test(apr_pool_t *pconf, server_rec *s)
{
    const ubal_server_t *server =
        ap_get_module_config(s->module_config, &ubal_module);
    const ubal_database_t *database;
    int i;

    ubal_check_summarize(s, pconf);
    for (i = 0;
         ap_exists_config_define("DUMP_UBAL") && i < server->databases->nelts;
         i++) {
        database =
            APR_ARRAY_IDX(server->databases, i, const ubal_database_t *);
        printf(UBAL_SETTINGS_BEGIN "%d\n%s" UBAL_SETTINGS_END "\n", i + 1,
               ubal_settings_print(database->settings, pconf));
    }
}
