/* Settings as text: how the module hands them to the daemon, and what
 * --config FILE holds. Knows the lines, not what they mean. */
#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include <strings.h>

#include "core/money.h"
#include "core/time.h"
#include "core/vendor.h"

#define WORDS_MAX 8

ubal_settings_t *ubal_settings_make(apr_pool_t *pool)
{
    ubal_settings_t *settings = apr_pcalloc(pool, sizeof(*settings));

    settings->scale = 2;
    settings->vendors = apr_array_make(pool, 2, sizeof(ubal_vendor_t *));
    return settings;
}

/* --- reading ---------------------------------------------------------------
 */

typedef struct reader_t {
    ubal_settings_t *settings;
    ubal_vendor_t *vendor; /* whose section is open */
    const char *scale;     /* UbalScale's word, where there was one */
    int line;
    apr_pool_t *pool;
} reader_t;

/* Cuts a line into words as httpd does: quoted ones may hold blanks, and \"
 * and
 * \\ stand for the character. -1 for a quote that is not closed. */
static int cut_words(const char **words, char *at)
{
    int count = 0;

    for (;;) {
        char *to, quote = '\0';

        while (apr_isspace(*at)) {
            at++;
        }
        if (!*at) {
            return count;
        }
        if (count == WORDS_MAX) {
            return WORDS_MAX + 1;
        }
        if (*at == '"' || *at == '\'') {
            quote = *at++;
        }
        words[count++] = to = at;
        while (*at && (quote ? *at != quote : !apr_isspace(*at))) {
            if (*at == '\\' && (at[1] == '\\' || (quote && at[1] == quote))) {
                at++;
            }
            *to++ = *at++;
        }
        if (quote && !*at) {
            return -1;
        }
        at += *at != '\0';
        *to = '\0';
    }
}

static ubal_error_t *open_vendor(reader_t *r, int count, const char **words)
{
    char *name = apr_pstrdup(r->pool, count == 2 ? words[1] : "");
    apr_size_t length = strlen(name);
    const char *fault;
    int i;

    if (r->vendor || length < 2 || name[length - 1] != '>') {
        return ubal_error_make(UBAL_ERR_INPUT, r->pool,
                               "a section begins with <UbalVendor NAME>, and "
                               "not within another");
    }
    name[length - 1] = '\0';
    fault = ubal_vendor_name_fault(name);
    if (fault) {
        return ubal_error_make(UBAL_ERR_INPUT, r->pool, "vendor '%s' %s", name,
                               fault);
    }
    for (i = 0; i < r->settings->vendors->nelts; i++) {
        ubal_vendor_t *other =
            ((ubal_vendor_t **)r->settings->vendors->elts)[i];

        if (strcmp(other->name, name) == 0) {
            return ubal_error_make(UBAL_ERR_INPUT, r->pool,
                                   "vendor %s is there twice", name);
        }
    }
    r->vendor = ubal_vendor_make(name, r->pool);
    r->vendor->line = r->line;
    APR_ARRAY_PUSH(r->settings->vendors, ubal_vendor_t *) = r->vendor;
    return NULL;
}

/* What one of the two lists would be stored under both names. */
static ubal_error_t *refuse_twin(const reader_t *r)
{
    int i;

    for (i = 0; i < r->settings->vendors->nelts - 1; i++) {
        const ubal_vendor_t *other =
            APR_ARRAY_IDX(r->settings->vendors, i, const ubal_vendor_t *);

        if (ubal_vendor_is_twin(other, r->vendor, r->pool)) {
            return ubal_error_make(
                UBAL_ERR_INPUT, r->pool,
                "<UbalVendor %s> of line %d has the origin and credentials "
                "of <UbalVendor %s> of line %d: its transactions would be "
                "stored twice; remove one of the two",
                r->vendor->name, r->vendor->line, other->name, other->line);
        }
    }
    return NULL;
}

static ubal_error_t *close_vendor(reader_t *r)
{
    const char *directive;
    ubal_error_t *err;

    if (!r->vendor) {
        return ubal_error_make(UBAL_ERR_INPUT, r->pool,
                               "</UbalVendor> without <UbalVendor>");
    }
    err = ubal_vendor_check(&directive, r->vendor, r->pool);
    if (!err) {
        err = refuse_twin(r);
    }
    r->vendor = NULL;
    return err;
}

static ubal_error_t *set_scale(reader_t *r, const char *text)
{
    if (!apr_isdigit(text[0]) || text[1] ||
        text[0] - '0' > UBAL_MONEY_SCALE_MAX) {
        return ubal_error_make(UBAL_ERR_INPUT, r->pool,
                               "UbalScale: '%s' is no number from 0 to %d",
                               text, UBAL_MONEY_SCALE_MAX);
    }
    r->settings->scale = text[0] - '0';
    return NULL;
}

/* The settings of the database; what is given twice is refused. */
static ubal_error_t *set_database(reader_t *r, int count, const char **words)
{
    ubal_settings_t *settings = r->settings;
    const struct {
        const char *name;
        const char **first, **second; /* where its words go */
    } rows[] = {{"UbalScale", &r->scale, NULL},
                {"UbalIngestLog", &settings->log, NULL},
                {"UbalIngestLock", &settings->lock, NULL},
                {"UbalIngestDB", &settings->driver, &settings->params}};
    size_t i, size = sizeof(rows) / sizeof(rows[0]);

    for (i = 0; i < size && strcasecmp(rows[i].name, words[0]); i++) {
    }
    if (i == size || count != (rows[i].second ? 3 : 2)) {
        return ubal_error_make(UBAL_ERR_INPUT, r->pool,
                               "%s with %d words is no setting here", words[0],
                               count - 1);
    }
    if (*rows[i].first) {
        return ubal_error_make(UBAL_ERR_INPUT, r->pool, "%s is given twice",
                               rows[i].name);
    }
    *rows[i].first = apr_pstrdup(r->pool, words[1]);
    if (rows[i].second) {
        *rows[i].second = apr_pstrdup(r->pool, words[2]);
    }
    return i == 0 ? set_scale(r, words[1]) : NULL;
}

static ubal_error_t *read_line(reader_t *r, char *line)
{
    const char *words[WORDS_MAX];
    int count = cut_words(words, line);

    if (count == 0 || words[0][0] == '#') {
        return NULL;
    }
    if (count < 0 || count > WORDS_MAX) {
        return ubal_error_make(UBAL_ERR_INPUT, r->pool, "%s",
                               count < 0 ? "a quote is not closed"
                                         : "too many words");
    }
    if (strcasecmp(words[0], "<UbalVendor") == 0) {
        return open_vendor(r, count, words);
    }
    if (strcasecmp(words[0], "</UbalVendor>") == 0) {
        return close_vendor(r);
    }
    if (r->vendor) {
        return ubal_vendor_set(r->vendor, words[0], count - 1, words + 1,
                               r->pool);
    }
    return set_database(r, count, words);
}

static ubal_error_t *finish(reader_t *r)
{
    ubal_settings_t *settings = r->settings;
    const char *path;
    ubal_error_t *err;

    if (r->vendor) {
        return ubal_error_make(UBAL_ERR_INPUT, r->pool,
                               "<UbalVendor %s> is not closed",
                               r->vendor->name);
    }
    if (!settings->driver) {
        return ubal_error_make(UBAL_ERR_INPUT, r->pool,
                               "there is no UbalIngestDB");
    }
    if (strcmp(settings->driver, "sqlite3") != 0) {
        return NULL;
    }
    err = ubal_settings_sqlite_path(&path, settings->params, 0, r->pool);
    if (!err && !settings->lock) {
        settings->lock = apr_pstrcat(r->pool, path, ".ingest.lock", NULL);
    }
    return err;
}

ubal_error_t *ubal_settings_parse(ubal_settings_t **settings, const char *text,
                                  const char *origin, apr_pool_t *pool)
{
    reader_t r = {ubal_settings_make(pool), NULL, NULL, 0, pool};
    char *copy = apr_pstrdup(pool, text), *next;
    ubal_error_t *err = NULL;

    while (!err && copy) {
        next = strchr(copy, '\n');
        if (next) {
            *next++ = '\0';
        }
        r.line++;
        err = read_line(&r, copy);
        copy = next;
    }
    if (!err) {
        err = finish(&r);
    }
    *settings = r.settings;
    return err ? ubal_error_wrap(err, pool, "%s line %d", origin, r.line)
               : NULL;
}
