/* The configuration as it was written, with file and line: httpd's tree of
 * directives. Knows sections of httpd's core; nothing of ours. */
#ifndef MOD_UBAL_TREE_H
#define MOD_UBAL_TREE_H

#include <httpd.h>

#include <http_config.h>

typedef void (*ubal_tree_visit_fn)(void *baton, const ap_directive_t *at);

/* Calls `visit` for every directive and section in force, in the order they
 * stand: what <IfModule> and its kin left out is not in the tree. */
void ubal_tree_walk(ubal_tree_visit_fn visit, void *baton);

/* 1 where the directive's name is `name`, which is written as in httpd's
 * documentation, a section's with its "<". */
int ubal_tree_is(const ap_directive_t *at, const char *name);

/* Argument `index`, from 0, without quotes and a section's closing '>', or
 * NULL where there are fewer. Allocated in `pool`. */
const char *ubal_tree_argument(const ap_directive_t *at, int index,
                               apr_pool_t *pool);

/* The server that `at` stands in: a vhost of `main_server`'s list, or that
 * itself. */
server_rec *ubal_tree_server(const ap_directive_t *at,
                             server_rec *main_server);

/* The nearest <Location>, <Files>, <Directory>, <Proxy> or the Match form of
 * one around `at`; NULL where it stands in a server alone. */
const ap_directive_t *ubal_tree_section(const ap_directive_t *at);

/* The last directive `name` that stands in section `at` itself; NULL where
 * none does. */
const ap_directive_t *ubal_tree_child(const ap_directive_t *at,
                                      const char *name);

/* The path of section `at` where that is a <Location> that names one path: no
 * regular expression, no wildcards. Without a slash at its end: "" for "/".
 * NULL otherwise, also where `at` is NULL. Allocated in `pool`. */
const char *ubal_tree_location(const ap_directive_t *at, apr_pool_t *pool);

/* 1 where `path` is `prefix` or lies below it; segments count, not bytes:
 * /users is not below /user. Both as ubal_tree_location gives them. */
int ubal_tree_is_below(const char *path, const char *prefix);

/* The last directive `name` outside of all sections that is in force for
 * server `s`: its own, or else the main server's; NULL where there is none. */
const ap_directive_t *ubal_tree_find(const char *name, server_rec *s,
                                     server_rec *main_server);

#endif
