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

static int has_mode_ro(const char *query)
{
    while (query && *query) {
        if (strncmp(query, "mode=ro", 7) == 0 &&
            (query[7] == '\0' || query[7] == '&')) {
            return 1;
        }
        query = strchr(query, '&');
        query += query != NULL;
    }
    return 0;
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

ubal_error_t *ubal_settings_sqlite_path(const char **path, const char *params,
                                        int reader, apr_pool_t *pool)
{
    const char *query = NULL;
    char *escaped, *plain = NULL;

    if (strncmp(params, "file:", 5) != 0) {
        const char *at =
            *params == '/' ? params
                           : apr_pstrcat(pool, "/var/lib/ubal/", params, NULL);

        if (reader || *params != '/') {
            return correct(pool, params,
                           *params == '/'
                               ? "is a bare path, which creates an empty "
                                 "database where there is none"
                               : "is no absolute path",
                           at);
        }
        *path = apr_pstrdup(pool, params);
        return NULL;
    }
    escaped = cut_uri(params, &query, pool);
    if (*escaped) {
        plain = apr_pcalloc(pool, strlen(escaped) + 1);
        apr_unescape_url(plain, escaped, APR_ESCAPE_STRING, NULL, NULL, 0,
                         NULL);
    }
    if (!plain || plain[0] != '/' || plain[1] == '/' || !plain[1]) {
        return correct(pool, params, "is no absolute path",
                       "/var/lib/ubal/ubal.db");
    }
    if (reader && !has_mode_ro(query)) {
        return correct(pool, params, "lacks mode=ro", escaped);
    }
    *path = plain;
    return NULL;
}
