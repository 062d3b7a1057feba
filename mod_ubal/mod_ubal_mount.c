/* Mounts, from the configuration to the request. A request that comes past
 * these hooks ([PT], FallbackResource, a subrequest) is served all the same:
 * they only save the work of looking for a file. */
#include "mod_ubal_mount.h"

#include <http_core.h>
#include <http_request.h>

#include <ap_expr.h>
#include <apr_strings.h>

#include "mod_ubal.h"
#include "mod_ubal_tree.h"

static const struct {
    const char *name;
    const char *example; /* where it is mounted in an example */
} handlers[] = {{UBAL_MOUNT_HANDLER, "/user"},
                {UBAL_MOUNT_PAYOUTS, "/payouts"}};

#define HANDLERS ((int)(sizeof(handlers) / sizeof(handlers[0])))

const char *ubal_mount_handler(const char *name)
{
    int i;

    for (i = 0; name && i < HANDLERS; i++) {
        if (!strcmp(name, handlers[i].name)) {
            return handlers[i].name;
        }
    }
    return NULL;
}

/* What a walk through the configuration gathers. */
typedef struct gathering_t {
    ubal_report_t *report;
    apr_array_header_t *mounts; /* of ubal_mount_t */
} gathering_t;

static void push(gathering_t *gathering, const char *handler,
                 const ap_directive_t *section, const char *path)
{
    ubal_mount_t *mount = apr_array_push(gathering->mounts);

    mount->handler = handler;
    mount->path = path;
    mount->at = section;
    mount->server = ubal_tree_server(section, gathering->report->main_server);
}

/* The index of the handler that is named; -1 where it is none of ours. */
static int find_handler(gathering_t *gathering, const ap_directive_t *at)
{
    const char *name = ubal_tree_argument(at, 0, gathering->report->pool);
    int i;

    for (i = 0; name && i < HANDLERS; i++) {
        if (ap_cstr_casecmp(name, handlers[i].name)) {
            continue;
        }
        if (!strcmp(name, handlers[i].name)) {
            return i;
        }
        ubal_report_refuse(gathering->report, at,
                           "handlers are named in small letters; write: "
                           "SetHandler %s",
                           handlers[i].name);
    }
    return -1;
}

static void gather_handler(gathering_t *gathering, const ap_directive_t *at)
{
    ubal_report_t *report = gathering->report;
    const ap_directive_t *section = ubal_tree_section(at);
    const char *path = ubal_tree_location(section, report->pool);
    int i = find_handler(gathering, at);

    if (i < 0) {
        return;
    }
    if (!path || !ubal_tree_is(at, "SetHandler")) {
        ubal_report_refuse(
            report, at,
            "the handler %s can be mounted only by a Location that names a "
            "path, not by %s; write: <Location \"%s\"> SetHandler %s "
            "</Location>",
            handlers[i].name,
            !ubal_tree_is(at, "SetHandler") ? at->directive
            : section ? apr_pstrcat(report->pool, section->directive, " ",
                                    section->args, NULL)
                      : "a whole server",
            handlers[i].example, handlers[i].name);
        return;
    }
    push(gathering, handlers[i].name, section, path);
}

static void gather(void *baton, const ap_directive_t *at)
{
    if (ubal_tree_is(at, "SetHandler") || ubal_tree_is(at, "AddHandler")) {
        gather_handler(baton, at);
    }
}

static int by_length(const void *a, const void *b)
{
    apr_size_t length_a = strlen(((const ubal_mount_t *)a)->path);
    apr_size_t length_b = strlen(((const ubal_mount_t *)b)->path);

    return length_a < length_b ? 1 : length_a > length_b ? -1 : 0;
}

/* A main server's Location is in force in every vhost. */
static void assign(gathering_t *gathering, server_rec *s)
{
    ubal_report_t *report = gathering->report;
    ubal_server_t *server = ubal_config_of(s, report->pool);
    const ubal_mount_t *mounts = (const ubal_mount_t *)gathering->mounts->elts;
    int i;

    server->mounts = apr_array_make(report->pool, 2, sizeof(ubal_mount_t));
    for (i = 0; i < gathering->mounts->nelts; i++) {
        if (mounts[i].server == s || mounts[i].server == report->main_server) {
            APR_ARRAY_PUSH(server->mounts, ubal_mount_t) = mounts[i];
        }
    }
    qsort(server->mounts->elts, (size_t)server->mounts->nelts,
          sizeof(ubal_mount_t), by_length);
}

void ubal_mount_collect(ubal_report_t *report)
{
    gathering_t gathering;
    server_rec *s;

    gathering.report = report;
    gathering.mounts = apr_array_make(report->pool, 4, sizeof(ubal_mount_t));
    ubal_tree_walk(gather, &gathering);
    for (s = report->main_server; s; s = s->next) {
        assign(&gathering, s);
    }
}

const char *ubal_mount_rest(const ubal_server_t *server, const char *handler,
                            const char *uri)
{
    const ubal_mount_t *mounts = (const ubal_mount_t *)server->mounts->elts;
    int i;

    for (i = 0; i < server->mounts->nelts; i++) {
        if (mounts[i].handler == handler &&
            ubal_tree_is_below(uri, mounts[i].path)) {
            return uri + strlen(mounts[i].path);
        }
    }
    return NULL;
}

/* r->handler is set only later, when types are checked; what SetHandler said
 * is in core's configuration of the Location, which is merged by now. */
static const char *handler_of(request_rec *r)
{
    core_dir_config *core = ap_get_core_module_config(r->per_dir_config);
    const char *err = NULL;
    const char *name = core->handler;

    if (core->expr_handler) {
        name = ap_expr_str_exec(r, core->expr_handler, &err);
    }
    return err ? NULL : ubal_mount_handler(name);
}

int ubal_mount_translate(request_rec *r)
{
    const ubal_server_t *server =
        ap_get_module_config(r->server->module_config, &ubal_module);
    const char *handler;

    if (r->proxyreq || !r->uri || !server->mounts->nelts) {
        return DECLINED;
    }
    handler = handler_of(r);
    if (!handler || !ubal_mount_rest(server, handler, r->uri)) {
        return DECLINED;
    }
    /* Never NULL: mod_negotiation looks for a slash in it. A file to all who
     * ask, or FallbackResource would not come here, and others would look
     * for names like it. */
    r->filename = apr_pstrcat(r->pool, UBAL_MOUNT_HANDLER ":", r->uri, NULL);
    r->finfo.filetype = APR_REG;
    ap_set_module_config(r->request_config, &ubal_module, r->filename);
    return OK;
}

static int is_translated(request_rec *r)
{
    return ap_get_module_config(r->request_config, &ubal_module) != NULL;
}

int ubal_mount_map(request_rec *r)
{
    return is_translated(r) ? OK : DECLINED;
}

int ubal_mount_type(request_rec *r)
{
    const char *handler = is_translated(r) ? handler_of(r) : NULL;

    if (!handler) {
        return DECLINED;
    }
    r->handler = handler;
    return OK;
}
