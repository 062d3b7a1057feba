/* The directives and what they leave in a server's configuration. Knows how
 * httpd hands directives over; what a vendor's mean is core/vendor's. */
#include "mod_ubal_config.h"

#include <http_core.h>
#include <http_log.h>

#include <apr_strings.h>

#include "mod_ubal.h"
#include "mod_ubal_location.h"
#include "mod_ubal_tree.h"
#include "store/cache.h"
#include "store/linger.h"

void *ubal_config_create(apr_pool_t *pool, server_rec *s)
{
    ubal_server_t *server = apr_pcalloc(pool, sizeof(*server));

    server->server = s;
    server->sections = apr_array_make(pool, 1, sizeof(ubal_section_t));
    return server;
}

ubal_server_t *ubal_config_of(server_rec *s, apr_pool_t *pool)
{
    ubal_server_t *server =
        ap_get_module_config(s->module_config, &ubal_module);

    if (!server || server->server != s) {
        server = ubal_config_create(pool, s);
        ap_set_module_config(s->module_config, &ubal_module, server);
    }
    return server;
}

int ubal_config_scale(request_rec *r)
{
    const ubal_server_t *server =
        ap_get_module_config(r->server->module_config, &ubal_module);

    return server->database->settings->scale;
}

ubal_cache_t *ubal_config_cache(request_rec *r)
{
    const ubal_server_t *server =
        ap_get_module_config(r->server->module_config, &ubal_module);

    return server->database->cache;
}

void ubal_config_child_init(apr_pool_t *pchild, server_rec *s)
{
    const ubal_server_t *server =
        ap_get_module_config(s->module_config, &ubal_module);
    ubal_database_t *database;
    int i;

    for (i = 0; server->databases && i < server->databases->nelts; i++) {
        database = APR_ARRAY_IDX(server->databases, i, ubal_database_t *);
        if (database->cache_entries) {
            database->cache = ubal_cache_make(database->cache_entries, pchild);
        }
        /* most answers then need no lock at all */
        if (database->path && !database->cache) {
            database->linger = ubal_linger_make(database->path, pchild);
        }
    }
}

apr_array_header_t *ubal_config_servers(server_rec *main_server,
                                        apr_pool_t *pool)
{
    apr_array_header_t *servers = apr_array_make(pool, 4, sizeof(main_server));
    server_rec *s;
    int last;

    APR_ARRAY_PUSH(servers, server_rec *) = main_server;
    for (s = main_server->next; s; s = s->next) {
        apr_array_push(servers);
    }
    last = servers->nelts - 1;
    for (s = main_server->next; s; s = s->next) {
        APR_ARRAY_IDX(servers, last--, server_rec *) = s;
    }
    return servers;
}

static ubal_server_t *server_of(cmd_parms *cmd)
{
    return ap_get_module_config(cmd->server->module_config, &ubal_module);
}

/* The names of the directives that <UbalVendor> may hold. */
#define NAME(name, least, most, syntax) #name,
static const char *const vendor_directives[] = {UBAL_VENDOR_DIRECTIVES(NAME)
                                                    NULL};
#undef NAME

static int is_vendor_directive(const char *name)
{
    int i;

    for (i = 0; vendor_directives[i]; i++) {
        if (!ap_cstr_casecmp(name, vendor_directives[i])) {
            return 1;
        }
    }
    return 0;
}

static const char *section_name(const char **name, cmd_parms *cmd,
                                const char *args)
{
    const char *end = strrchr(args, '>');
    const char *rest, *fault;

    if (!end) {
        return "<UbalVendor> lacks its closing '>'";
    }
    rest = apr_pstrmemdup(cmd->temp_pool, args, (apr_size_t)(end - args));
    *name = ap_getword_conf(cmd->pool, &rest);
    if (*rest) {
        return "<UbalVendor> takes one name";
    }
    fault = ubal_vendor_name_fault(*name);
    return fault ? apr_psprintf(cmd->pool, "<UbalVendor %s>: the name %s",
                                *name, fault)
                 : NULL;
}

/* Only our own directives may stand inside: httpd would take any, and apply
 * it to the whole server. */
static const char *check_children(cmd_parms *cmd)
{
    const ap_directive_t *child;

    for (child = cmd->directive->first_child; child; child = child->next) {
        if (!is_vendor_directive(child->directive)) {
            cmd->err_directive = child;
            return apr_pstrcat(cmd->pool, child->directive,
                               " is not a directive of <UbalVendor>", NULL);
        }
    }
    return NULL;
}

static const char *open_section(cmd_parms *cmd, void *unused, const char *args)
{
    ubal_server_t *server = server_of(cmd);
    const ap_directive_t *at = cmd->directive;
    ubal_section_t *section;
    const char *name = NULL, *fault, *at_fault;
    ubal_error_t *err;

    (void)unused;
    if ((fault = ap_check_cmd_context(cmd, NOT_IN_DIR_CONTEXT)) ||
        (fault = section_name(&name, cmd, args)) ||
        (fault = check_children(cmd))) {
        return fault;
    }
    section = apr_array_push(server->sections);
    section->at = at;
    section->vendor = server->open = ubal_vendor_make(name, cmd->pool);
    fault = ap_walk_config(at->first_child, cmd, cmd->context);
    server->open = NULL;
    if (fault) {
        return fault;
    }
    err = ubal_vendor_check(&at_fault, section->vendor, cmd->pool);
    if (err) {
        at = at_fault ? ubal_tree_child(at, at_fault) : at;
        cmd->err_directive = at;
        return err->message;
    }
    return NULL;
}

static const char *set_vendor(cmd_parms *cmd, void *unused, int argc,
                              char *const argv[])
{
    ubal_server_t *server = server_of(cmd);
    ubal_error_t *err;

    (void)unused;
    if (!server->open) {
        return apr_pstrcat(cmd->pool, cmd->cmd->name,
                           " belongs inside of <UbalVendor NAME>", NULL);
    }
    err = ubal_vendor_set(server->open, cmd->cmd->name, argc,
                          (const char *const *)argv, cmd->pool);
    return err ? err->message : NULL;
}

/* The value that a directive sets, found by its offset in ubal_server_t. */
static const char *give(ubal_given_t **given, cmd_parms *cmd)
{
    ubal_given_t *found =
        (ubal_given_t *)((char *)server_of(cmd) + (apr_size_t)cmd->info);

    if (found->at) {
        return apr_psprintf(cmd->pool, "%s was given already, at %s:%d",
                            cmd->cmd->name, found->at->filename,
                            found->at->line_num);
    }
    found->at = cmd->directive;
    *given = found;
    return NULL;
}

static const char *set_text(cmd_parms *cmd, void *unused, const char *text)
{
    ubal_given_t *given = NULL;
    const char *fault = give(&given, cmd);

    (void)unused;
    if (!fault) {
        given->text = text;
    }
    return fault;
}

/* A path, taken from ServerRoot where it is relative. */
static const char *set_path(cmd_parms *cmd, void *unused, const char *path)
{
    const char *whole = ap_server_root_relative(cmd->pool, path);

    if (!whole) {
        return apr_pstrcat(cmd->pool, cmd->cmd->name, ": ", path,
                           " is not a path", NULL);
    }
    return set_text(cmd, unused, whole);
}

static const char *set_flag(cmd_parms *cmd, void *unused, int is_on)
{
    ubal_given_t *given = NULL;
    const char *fault = give(&given, cmd);

    (void)unused;
    if (!fault) {
        given->number = is_on;
        given->text = is_on ? "on" : "off";
    }
    return fault;
}

static const char *set_scale(cmd_parms *cmd, void *unused, const char *text)
{
    ubal_given_t *given = NULL;
    const char *fault = give(&given, cmd);

    (void)unused;
    if (fault) {
        return fault;
    }
    if (text[0] < '0' || text[0] > '9' || text[1]) {
        return "UbalScale must be a digit: 0 to 9 decimal places";
    }
    given->number = text[0] - '0';
    given->text = text;
    return NULL;
}

static const char *set_cache(cmd_parms *cmd, void *unused, const char *text)
{
    ubal_given_t *given = NULL;
    const char *fault = give(&given, cmd);
    char *end;
    apr_int64_t entries = apr_strtoi64(text, &end, 10);

    (void)unused;
    if (fault) {
        return fault;
    }
    if (text[0] < '0' || text[0] > '9' || *end || entries > UBAL_CACHE_MOST) {
        return apr_psprintf(cmd->pool,
                            "UbalCache must be a number of entries: 0 (off) "
                            "to %d",
                            UBAL_CACHE_MOST);
    }
    given->number = (int)entries;
    given->text = text;
    return NULL;
}

static const char *set_ingest_db(cmd_parms *cmd, void *unused,
                                 const char *driver, const char *params)
{
    ubal_given_t *given = NULL;
    const char *fault = give(&given, cmd);
    const char *path;
    ubal_error_t *err;

    (void)unused;
    if (fault) {
        return fault;
    }
    if (!strcmp(driver, "pgsql")) {
        err = ubal_settings_pgsql_check(params, cmd->pool);
    } else if (!strcmp(driver, "sqlite3")) {
        err = ubal_settings_sqlite_path(&path, params, 0, cmd->pool);
    } else {
        return "UbalIngestDB: the driver is sqlite3 or pgsql";
    }
    given->text = driver;
    given->text2 = params;
    return err ? apr_pstrcat(cmd->pool, "UbalIngestDB: ", err->message, NULL)
               : NULL;
}

#define VALUE(member) ((void *)APR_OFFSETOF(ubal_server_t, member))
#define VENDOR_DIRECTIVE(name, least, most, syntax) \
    AP_INIT_TAKE_ARGV(#name, set_vendor, NULL, RSRC_CONF, syntax),

/* What says how replies look may stand wherever a Location's may. */
#define IN_REPLIES (RSRC_CONF | ACCESS_CONF)

const command_rec ubal_config_directives[] = {
    AP_INIT_RAW_ARGS("<UbalVendor", open_section, NULL, RSRC_CONF,
                     "a name for the vendor whose settings follow"),
    UBAL_VENDOR_DIRECTIVES(VENDOR_DIRECTIVE)
        AP_INIT_FLAG("UbalIngest", set_flag, VALUE(ingest), RSRC_CONF,
                     "whether to fetch into this database; on where it has a "
                     "vendor"),
    AP_INIT_TAKE1("UbalIngestProgram", set_path, VALUE(program), RSRC_CONF,
                  "path of ubal-ingest"),
    AP_INIT_TAKE1("UbalIngestLog", set_path, VALUE(log), RSRC_CONF,
                  "path of the daemon's log; the error log unless set"),
    AP_INIT_TAKE2("UbalIngestDB", set_ingest_db, VALUE(ingest_db), RSRC_CONF,
                  "driver and parameters for writing; what DBDriver and "
                  "DBDParams say unless set"),
    AP_INIT_TAKE1("UbalScale", set_scale, VALUE(scale), RSRC_CONF,
                  "decimal places of amounts, 0 to 9; 2 unless set"),
    AP_INIT_TAKE1("UbalCache", set_cache, VALUE(cache), RSRC_CONF,
                  "how many users' answers a child may keep in memory; 0, "
                  "none, unless set"),
    AP_INIT_TAKE1("UbalAmounts", ubal_location_amounts, NULL, IN_REPLIES,
                  "how amounts are written: decimal, string or minor"),
    AP_INIT_TAKE1("UbalUnknownUser", ubal_location_unknown, NULL, IN_REPLIES,
                  "status for a user without transactions: 200 or 404"),
    AP_INIT_TAKE1("UbalMaxStale", ubal_location_max_stale, NULL, IN_REPLIES,
                  "how old data may be, in seconds, or off"),
    AP_INIT_TAKE_ARGV("UbalBalance", ubal_location_balance, NULL, IN_REPLIES,
                      "what is added up, each with its sign"),
    {NULL}};
