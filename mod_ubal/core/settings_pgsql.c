/* What may stand in a PostgreSQL params string, a connection string as libpq
 * has it
 * (https://www.postgresql.org/docs/15/libpq-connect.html#LIBPQ-CONNSTRING).
 * Connects to nothing; what libpq's keys mean is libpq's. */
#include <apr_escape.h>
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>

#include "core/vendor.h"

static ubal_error_t *fault(apr_pool_t *pool, const char *what)
{
    return ubal_error_make(UBAL_ERR_INPUT, pool,
                           "the parameters of PostgreSQL "
                           "%s",
                           what);
}

/* Parameters are printed by httpd, and are seen in /proc: no word of them is
 * repeated here. */
static ubal_error_t *refuse_password(apr_pool_t *pool)
{
    return fault(pool, "hold a password; write passfile=/path/of/pgpass, or "
                       "service=NAME and the password in that file");
}

static int is_password(const char *key, apr_size_t length)
{
    static const char *const names[] = {"password", "sslpassword", NULL};
    int i;

    for (i = 0; names[i]; i++) {
        if (strlen(names[i]) == length && !strncmp(key, names[i], length)) {
            return 1;
        }
    }
    return 0;
}

/* A key of a URI, which may be written as %XX. */
static int is_escaped_password(const char *key, apr_pool_t *pool)
{
    const char *escaped = apr_pstrmemdup(pool, key, strcspn(key, "=&"));
    const char *plain = apr_punescape_url(pool, escaped, NULL, NULL, 0);

    return plain && is_password(plain, strlen(plain));
}

/* postgresql://user:password@host/name?key=value&key=value; libpq takes what
 * is before an @ for a user, whatever else but a slash be in it. */
static ubal_error_t *check_uri(const char *rest, apr_pool_t *pool)
{
    const char *host_end = rest + strcspn(rest, "/");
    const char *at = memchr(rest, '@', (apr_size_t)(host_end - rest));
    const char *key = strchr(at ? at : rest, '?');

    if (at && memchr(rest, ':', (apr_size_t)(at - rest))) {
        return refuse_password(pool);
    }
    while (key) {
        key++;
        if (is_escaped_password(key, pool)) {
            return refuse_password(pool);
        }
        key = strchr(key, '&');
    }
    return NULL;
}

static const char *skip_space(const char *at)
{
    while (apr_isspace(*at)) {
        at++;
    }
    return at;
}

/* Behind a value, with or without quotes; NULL where a quote is not closed. */
static const char *skip_value(const char *at)
{
    int is_quoted = *at == '\'';

    for (at += is_quoted; *at; at++) {
        if (*at == '\\' && at[1]) {
            at++;
        } else if (is_quoted ? *at == '\'' : apr_isspace(*at)) {
            return at + is_quoted;
        }
    }
    return is_quoted ? NULL : at;
}

/* key = value key='a value' ... */
static ubal_error_t *check_pairs(const char *at, apr_pool_t *pool)
{
    apr_size_t length;

    while (at && *(at = skip_space(at))) {
        length = strcspn(at, "= \t\r\n\v\f");
        if (is_password(at, length)) {
            return refuse_password(pool);
        }
        at = skip_space(at + length);
        if (!length || *at != '=') {
            return fault(pool,
                         "are not key=value; write: host=/run/postgresql "
                         "dbname=ubal");
        }
        at = skip_value(skip_space(at + 1));
    }
    return at ? NULL : fault(pool, "have a quote that is not closed");
}

ubal_error_t *ubal_settings_pgsql_check(const char *params, apr_pool_t *pool)
{
    static const char *const schemes[] = {"postgresql://", "postgres://",
                                          NULL};
    int i;

    for (i = 0; schemes[i]; i++) {
        if (!strncmp(params, schemes[i], strlen(schemes[i]))) {
            return check_uri(params + strlen(schemes[i]), pool);
        }
    }
    return check_pairs(params, pool);
}
