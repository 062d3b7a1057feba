/* Walks httpd's tree of directives, as mod_info does. Where a handler is
 * mounted can be seen nowhere else: create_dir_config is not called for a
 * section without a directive of ours, and SetHandler is core's. */
#include "mod_ubal_tree.h"

#include <http_core.h>

#include <apr_fnmatch.h>
#include <apr_strings.h>

static void walk(const ap_directive_t *at, ubal_tree_visit_fn visit,
                 void *baton)
{
    for (; at; at = at->next) {
        visit(baton, at);
        walk(at->first_child, visit, baton);
    }
}

void ubal_tree_walk(ubal_tree_visit_fn visit, void *baton)
{
    walk(ap_conftree, visit, baton);
}

int ubal_tree_is(const ap_directive_t *at, const char *name)
{
    return !ap_cstr_casecmp(at->directive, name);
}

const char *ubal_tree_argument(const ap_directive_t *at, int index,
                               apr_pool_t *pool)
{
    const char *rest = at->args;
    const char *word = NULL;
    const char *end;
    int i;

    /* The tree keeps the closing '>' of a section among its arguments. */
    if (at->directive[0] == '<' && (end = strrchr(rest, '>'))) {
        rest = apr_pstrmemdup(pool, rest, (apr_size_t)(end - rest));
    }
    for (i = 0; i <= index; i++) {
        if (!*rest) {
            return NULL;
        }
        word = ap_getword_conf(pool, &rest);
    }
    return word;
}

server_rec *ubal_tree_server(const ap_directive_t *at, server_rec *main_server)
{
    server_rec *s;

    while (at && !ubal_tree_is(at, "<VirtualHost")) {
        at = at->parent;
    }
    for (s = at ? main_server->next : NULL; s; s = s->next) {
        if (s->defn_name && !strcmp(s->defn_name, at->filename) &&
            (int)s->defn_line_number == at->line_num) {
            return s;
        }
    }
    return main_server;
}

const ap_directive_t *ubal_tree_section(const ap_directive_t *at)
{
    static const char *const names[] = {
        "<Location",   "<LocationMatch", "<Files",
        "<FilesMatch", "<Directory",     "<DirectoryMatch",
        "<Proxy",      "<ProxyMatch",    NULL};
    int i;

    for (at = at->parent; at; at = at->parent) {
        for (i = 0; names[i]; i++) {
            if (ubal_tree_is(at, names[i])) {
                return at;
            }
        }
    }
    return NULL;
}

const ap_directive_t *ubal_tree_child(const ap_directive_t *at,
                                      const char *name)
{
    const ap_directive_t *child, *found = NULL;

    for (child = at->first_child; child; child = child->next) {
        found = ubal_tree_is(child, name) ? child : found;
    }
    return found;
}

const char *ubal_tree_location(const ap_directive_t *at, apr_pool_t *pool)
{
    const char *path;
    apr_size_t length;

    if (!at || !ubal_tree_is(at, "<Location")) {
        return NULL;
    }
    path = ubal_tree_argument(at, 0, pool);
    if (!path || path[0] != '/' || apr_fnmatch_test(path)) {
        return NULL; /* "~" begins a regular expression */
    }
    length = strlen(path);
    while (length && path[length - 1] == '/') {
        length--;
    }
    return apr_pstrmemdup(pool, path, length);
}

int ubal_tree_is_below(const char *path, const char *prefix)
{
    apr_size_t length = strlen(prefix);

    return !strncmp(path, prefix, length) &&
           (path[length] == '\0' || path[length] == '/');
}

typedef struct finding_t {
    const char *name;
    server_rec *server, *main_server;
    const ap_directive_t *own, *inherited;
} finding_t;

static void find(void *baton, const ap_directive_t *at)
{
    finding_t *finding = baton;
    server_rec *s;

    if (!ubal_tree_is(at, finding->name) || ubal_tree_section(at)) {
        return;
    }
    s = ubal_tree_server(at, finding->main_server);
    if (s == finding->server) {
        finding->own = at;
    }
    if (s == finding->main_server) {
        finding->inherited = at;
    }
}

const ap_directive_t *ubal_tree_find(const char *name, server_rec *s,
                                     server_rec *main_server)
{
    finding_t finding = {name, s, main_server, NULL, NULL};

    ubal_tree_walk(find, &finding);
    return finding.own ? finding.own : finding.inherited;
}
