/* The file that an SQLite params string names. Knows SQLite's file: URIs as
 * its documentation says (https://www.sqlite.org/uri.html), opens nothing. */
#include <apr_escape.h>
#include <apr_strings.h>
#include <string.h>

#include "core/vendor.h"

static ubal_error_t *correct(apr_pool_t *pool, const char *params,
                             const char *what, const char *path)
{
    return ubal_error_make(UBAL_ERR_INPUT, pool,
                           "'%s' %s; write: DBDParams \"file:%s?mode=ro\"",
                           params, what, path);
}

/* SQLite takes the last mode there is. */
static int has_mode_ro(const char *query)
{
    int is_ro = 0;

    while (query && *query) {
        if (strncmp(query, "mode=", 5) == 0) {
            is_ro = strcspn(query + 5, "&") == 2 &&
                    strncmp(query + 5, "ro", 2) == 0;
        }
        query = strchr(query, '&');
        query += query != NULL;
    }
    return is_ro;
}

/* Cuts "file:" and an authority that is empty or localhost off; the path with
 * its escapes, and what follows "?" in `*query`. */
static char *cut_uri(const char *params, const char **query, apr_pool_t *pool)
{
    const char *at = params + 5;
    char *path, *mark;

    if (strncmp(at, "//localhost/", 12) == 0) {
        at += 11;
    } else if (strncmp(at, "///", 3) == 0) {
        at += 2;
    }
    path = apr_pstrdup(pool, at);
    path[strcspn(path, "#")] = '\0';
    mark = strchr(path, '?');
    *query = mark ? mark + 1 : NULL;
    if (mark) {
        *mark = '\0';
    }
    return path;
}

/* A bare path as a URI has it: what has a meaning there is %XX. */
static const char *escape(const char *path, apr_pool_t *pool)
{
    char *text = apr_palloc(pool, 3 * strlen(path) + 1), *to = text;

    for (; *path; path++) {
        if (strchr("?#%", *path)) {
            to += apr_snprintf(to, 4, "%%%02X", (unsigned int)*path);
        } else {
            *to++ = *path;
        }
    }
    *to = '\0';
    return text;
}

/* 1 where it is absolute and not the root, and no host's ("//host/path"). */
static int is_file(const char *path)
{
    return path[0] == '/' && path[1] && path[1] != '/';
}

static ubal_error_t *bare_path(const char **path, const char *params,
                               int reader, apr_pool_t *pool)
{
    if (!is_file(params)) {
        return correct(pool, params, "is no absolute path of a file",
                       *params && *params != '/'
                           ? apr_pstrcat(pool, "/var/lib/ubal/",
                                         escape(params, pool), NULL)
                           : "/var/lib/ubal/ubal.db");
    }
    if (reader) {
        return correct(pool, params,
                       "is a bare path, which creates an empty database "
                       "where there is none",
                       escape(params, pool));
    }
    *path = apr_pstrdup(pool, params);
    return NULL;
}

ubal_error_t *ubal_settings_sqlite_path(const char **path, const char *params,
                                        int reader, apr_pool_t *pool)
{
    const char *query = NULL;
    char *escaped, *plain;
    apr_status_t rv = APR_NOTFOUND;

    if (strncmp(params, "file:", 5) != 0) {
        return bare_path(path, params, reader, pool);
    }
    escaped = cut_uri(params, &query, pool);
    plain = apr_pcalloc(pool, strlen(escaped) + 1);
    if (*escaped) {
        rv = apr_unescape_url(plain, escaped, APR_ESCAPE_STRING, NULL, NULL, 0,
                              NULL);
    }
    if ((rv != APR_SUCCESS && rv != APR_NOTFOUND) || !is_file(plain)) {
        return correct(pool, params, "is no absolute path of a file",
                       "/var/lib/ubal/ubal.db");
    }
    if (reader && !has_mode_ro(query)) {
        return correct(pool, params, "lacks mode=ro", escaped);
    }
    if (reader && (strstr(query, "immutable") || strchr(query, '%'))) {
        return correct(pool, params,
                       "has an escape, or immutable, under which what a "
                       "writer commits is not seen",
                       escaped);
    }
    *path = plain;
    return NULL;
}
