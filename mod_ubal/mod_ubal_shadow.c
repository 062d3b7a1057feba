/* Compares the ProxyPass directives with the mounts. Knows mod_proxy's order:
 * a Location's own first, then the vhost's, then the main server's; the first
 * that matches decides, also where it is an exception ("!"). */
#include "mod_ubal_shadow.h"

#include <apr_strings.h>

#include "mod_ubal_mount.h"
#include "mod_ubal_tree.h"

typedef struct search_t {
    ubal_report_t *report;
    server_rec *server; /* whose requests */
    const ubal_mount_t *mount;
    const ap_directive_t *by_location, *by_server, *by_main;
} search_t;

/* As mod_proxy matches: segment-wise, a slash at the end or not. */
static int covers(const char *prefix, const char *path, apr_pool_t *pool)
{
    apr_size_t length = strlen(prefix);

    while (length && prefix[length - 1] == '/') {
        length--;
    }
    return prefix[0] == '/' &&
           ubal_tree_is_below(path, apr_pstrmemdup(pool, prefix, length));
}

static void look_at(void *baton, const ap_directive_t *at)
{
    search_t *search = baton;
    apr_pool_t *pool = search->report->pool;
    server_rec *main_server = search->report->main_server;
    const ap_directive_t *section;
    const char *prefix;
    server_rec *s;

    if (!ubal_tree_is(at, "ProxyPass")) {
        return;
    }
    section = ubal_tree_section(at);
    s = ubal_tree_server(at, main_server);
    prefix = section ? ubal_tree_location(section, pool)
                     : ubal_tree_argument(at, 0, pool);
    if (!prefix || (s != search->server && s != main_server) ||
        !covers(*prefix ? prefix : "/", search->mount->path, pool)) {
        return;
    }
    if (section) {
        search->by_location = at; /* the last to be merged is in force */
    } else if (s == search->server) {
        search->by_server = search->by_server ? search->by_server : at;
    } else {
        search->by_main = search->by_main ? search->by_main : at;
    }
}

static int is_exception(const ap_directive_t *at, apr_pool_t *pool)
{
    const char *target =
        ubal_tree_argument(at, ubal_tree_section(at) ? 0 : 1, pool);

    return target && !strcmp(target, "!");
}

void ubal_shadow_warn(ubal_report_t *report)
{
    const ap_directive_t *at;
    ubal_server_t *server;
    server_rec *s;
    int i;

    for (s = report->main_server; s; s = s->next) {
        server = ubal_config_of(s, report->pool);
        for (i = 0; i < server->mounts->nelts; i++) {
            search_t search = {report, s, NULL, NULL, NULL, NULL};

            search.mount = &APR_ARRAY_IDX(server->mounts, i, ubal_mount_t);
            ubal_tree_walk(look_at, &search);
            at = search.by_location ? search.by_location
                 : search.by_server ? search.by_server
                                    : search.by_main;
            if (at && !is_exception(at, report->pool)) {
                ubal_report_warn(
                    report, at,
                    "this ProxyPass takes every request of <Location "
                    "\"%s\"> (%s:%d); write before it: ProxyPass %s !",
                    *search.mount->path ? search.mount->path : "/",
                    search.mount->at->filename, search.mount->at->line_num,
                    *search.mount->path ? search.mount->path : "/");
            }
        }
    }
}
