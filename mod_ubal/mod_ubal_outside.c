/* Looks at what lies outside of the configuration; see mod_ubal_outside.h. */
#include "mod_ubal_outside.h"

#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <http_core.h>
#include <unixd.h>

#include <apr_strings.h>
#include <apr_time.h>
#include <apr_user.h>

#include "mod_ubal_config.h"
#include "mod_ubal_tree.h"

static int is_configtest(void)
{
    return ap_state_query(AP_SQ_RUN_MODE) == AP_SQ_RM_CONFIG_TEST &&
           !ap_exists_config_define("DUMP_UBAL");
}

static void find(ubal_report_t *report, const ap_directive_t *at,
                 const char *what)
{
    if (is_configtest()) {
        ubal_report_refuse(report, at, "%s", what);
    } else {
        ubal_report_warn(report, at, "%s", what);
    }
}

/* --- rights ----------------------------------------------------------------
 */

static int is_root(void)
{
    return geteuid() == 0 && ap_unixd_config.user_name &&
           ap_unixd_config.user_id != (uid_t)-1;
}

/* Who the children and the companion are: without root, who starts httpd. */
static uid_t user_id(void)
{
    return is_root() ? ap_unixd_config.user_id : geteuid();
}

static const char *user_name(apr_pool_t *pool)
{
    char *name = NULL;

    apr_uid_name_get(&name, user_id(), pool);
    return name ? name : apr_psprintf(pool, "#%lu", (unsigned long)user_id());
}

/* As that user; does not return. */
static void answer_as_user(const char *path, int mode)
{
    if (initgroups(ap_unixd_config.user_name, ap_unixd_config.group_id) ||
        setgid(ap_unixd_config.group_id) || setuid(ap_unixd_config.user_id)) {
        _exit(0);
    }
    _exit(access(path, mode) ? 1 : 0);
}

/* 1 unless httpd's User is known not to have the rights `mode` (of access(2))
 * on what is at `path`. The kernel is asked, in a process that has become that
 * user: mode bits alone know no ACL and no read-only mount. */
static int may_use(const char *path, int mode)
{
    int status = 0;
    pid_t pid;

    if (!is_root()) {
        return faccessat(AT_FDCWD, path, mode, AT_EACCESS) == 0;
    }
    pid = fork();
    if (pid == 0) {
        answer_as_user(path, mode);
    }
    while (pid > 0 && waitpid(pid, &status, 0) < 0 && errno == EINTR) {
    }
    return !(WIFEXITED(status) && WEXITSTATUS(status));
}

/* --- a file and its folder ------------------------------------------------
 */

/* A file that httpd's User is to use. */
typedef struct use_t {
    const ap_directive_t *at; /* that names it */
    const char *what;         /* it is */
    const char *path;
    int mode;    /* access(2)'s, of the file */
    int has_kin; /* others are made beside it, too */
} use_t;

static const char *missing_folder(const use_t *use, const char *folder,
                                  apr_pool_t *pool)
{
    const char *owner = "";

    if (is_root()) {
        owner = apr_psprintf(pool, "-o %s -m 750 ", user_name(pool));
    }
    return apr_psprintf(pool,
                        "the folder of %s is missing; make it: install -d "
                        "%s%s",
                        use->what, owner, folder);
}

static const char *closed_folder(const use_t *use, const char *folder,
                                 apr_pool_t *pool)
{
    return apr_psprintf(pool, "httpd's User %s cannot %s the folder of %s, %s",
                        user_name(pool),
                        use->mode & W_OK ? "make files in" : "enter",
                        use->what, folder);
}

/* What is wrong with it; NULL where nothing is. */
static const char *fault_of(const use_t *use, apr_pool_t *pool)
{
    const char *slash = strrchr(use->path, '/');
    const char *folder = apr_pstrmemdup(
        pool, use->path,
        slash > use->path ? (apr_size_t)(slash - use->path) : 1);
    struct stat info;
    int is_there = stat(use->path, &info) == 0;

    if (stat(folder, &info) && (errno == ENOENT || errno == ENOTDIR)) {
        return missing_folder(use, folder, pool);
    }
    if ((!is_there || use->has_kin) &&
        !may_use(folder, use->mode & W_OK ? W_OK | X_OK : X_OK)) {
        return closed_folder(use, folder, pool);
    }
    if (is_there && !may_use(use->path, use->mode)) {
        return apr_psprintf(
            pool, "httpd's User %s cannot %s %s, %s", user_name(pool),
            use->mode & W_OK ? "write" : "read", use->what, use->path);
    }
    return NULL;
}

static int check_use(ubal_report_t *report, const use_t *use)
{
    const char *fault = fault_of(use, report->pool);

    if (fault) {
        find(report, use->at, fault);
    }
    return !fault;
}

/* --- what a database names -----------------------------------------------
 */

static void check_database(ubal_report_t *report,
                           const ubal_database_t *database)
{
    const ubal_settings_t *settings = database->settings;
    server_rec *main_server = report->main_server;
    const ap_directive_t *db_at =
        ubal_tree_find("UbalIngestDB", database->server, main_server);
    use_t read = {ubal_tree_find("DBDParams", database->server, main_server),
                  "the database", database->path, R_OK, 0};
    use_t log = {
        ubal_tree_find("UbalIngestLog", database->server, main_server),
        "UbalIngestLog", settings->log, W_OK, 0};
    use_t written = {db_at ? db_at : read.at, "the database", NULL,
                     R_OK | W_OK, 1};

    if (strcmp(settings->driver, "sqlite3") || !database->path) {
        return;
    }
    ubal_settings_sqlite_path(&written.path, settings->params, 0,
                              report->pool);
    if (!database->is_ingest_on) {
        check_use(report, &read);
        return;
    }
    if (check_use(report, &written) && strcmp(written.path, read.path)) {
        check_use(report, &read);
    }
    if (log.path) {
        check_use(report, &log);
    }
}

static void check_since(ubal_report_t *report, const ubal_section_t *section)
{
    const ap_directive_t *at = ubal_tree_child(section->at, "UbalSince");

    if (at && section->vendor->since > apr_time_now()) {
        find(report, at,
             apr_psprintf(report->pool,
                          "UbalSince %s lies in the future by this machine's "
                          "clock; leave it out to begin at the first start",
                          at->args));
    }
}

void ubal_outside_check(ubal_report_t *report)
{
    const ubal_server_t *main_server =
        ubal_config_of(report->main_server, report->pool);
    apr_array_header_t *servers =
        ubal_config_servers(report->main_server, report->pool);
    int i, j;

    if (!is_configtest() &&
        ap_state_query(AP_SQ_MAIN_STATE) != AP_SQ_MS_CREATE_PRE_CONFIG) {
        return; /* it was said by the first pass of the start */
    }
    for (i = 0; i < main_server->databases->nelts; i++) {
        check_database(report, APR_ARRAY_IDX(main_server->databases, i,
                                             const ubal_database_t *));
    }
    for (i = 0; i < servers->nelts; i++) {
        const ubal_server_t *server = ubal_config_of(
            APR_ARRAY_IDX(servers, i, server_rec *), report->pool);

        for (j = 0; j < server->sections->nelts; j++) {
            check_since(report,
                        &APR_ARRAY_IDX(server->sections, j, ubal_section_t));
        }
    }
}
