/* The directives inside <UbalVendor>: one setter each, found by the table that
 * vendor.h spells. Knows text and limits; reads no file. */
#include "core/vendor.h"

#include <apr_lib.h>
#include <apr_strings.h>
#include <string.h>
#include <strings.h>

#include "core/time.h"
#include "core/vendor_url.h"
#include "core/vendor_words.h"

typedef ubal_error_t *setter_t(ubal_vendor_t *vendor, const ubal_words_t *w);

/* --- a setter for each directive ----------------------------------------- */

static ubal_error_t *set_UbalURL(ubal_vendor_t *vendor, const ubal_words_t *w)
{
    const char *url = w->word[0];
    const char *what = ubal_vendor_url_fault(url, w->pool);

    if (what) { /* before an "@" and after a "?" there may be secrets */
        return ubal_words_refuse_one(w, strpbrk(url, "@?") ? "..." : url,
                                     what);
    }
    vendor->url = apr_pstrdup(w->pool, url);
    return NULL;
}

static const struct {
    const char *name;
    ubal_auth_e auth;
    int words; /* the secret's source included */
} auths[] = {
    {"none", UBAL_AUTH_NONE, 1},   {"bearer", UBAL_AUTH_BEARER, 2},
    {"basic", UBAL_AUTH_BASIC, 3}, {"header", UBAL_AUTH_HEADER, 3},
    {"query", UBAL_AUTH_QUERY, 3},
};
#define AUTHS (sizeof(auths) / sizeof(auths[0]))

/* Where a secret is, never what it is: no message shows a word of UbalAuth,
 * which may be a secret after all. */
static ubal_error_t *read_source(ubal_vendor_t *vendor, const ubal_words_t *w,
                                 const char *source)
{
    int is_file = strncmp(source, "file:/", 6) == 0;
    int is_env =
        strncmp(source, "env:", 4) == 0 && ubal_words_is_token(source + 4);

    if (ubal_words_has_control(source) || (!is_file && !is_env)) {
        return ubal_words_refuse(
            w, "the secret is given as file:/absolute/path or "
               "env:NAME, never itself");
    }
    vendor->secret_source = apr_pstrdup(w->pool, source);
    return NULL;
}

static ubal_error_t *set_UbalAuth(ubal_vendor_t *vendor, const ubal_words_t *w)
{
    size_t i;

    for (i = 0; i < AUTHS && strcasecmp(auths[i].name, w->word[0]); i++) {
    }
    if (i == AUTHS) {
        return ubal_words_refuse(
            w, "the first word is none of none, bearer, basic, "
               "header, query");
    }
    if (auths[i].words != w->count) {
        return ubal_error_make(UBAL_ERR_INPUT, w->pool,
                               "%s: %s takes %d words after it", w->directive,
                               auths[i].name, auths[i].words - 1);
    }
    vendor->auth = auths[i].auth;
    if (w->count == 3) {
        const char *name = w->word[1];

        if (!*name || ubal_words_has_control(name) ||
            (vendor->auth == UBAL_AUTH_BASIC && strchr(name, ':')) ||
            (vendor->auth == UBAL_AUTH_HEADER && !ubal_words_is_token(name))) {
            return ubal_error_make(UBAL_ERR_INPUT, w->pool,
                                   "%s: the second word is no name for %s",
                                   w->directive, auths[i].name);
        }
        vendor->auth_name = apr_pstrdup(w->pool, name);
    }
    return w->count > 1 ? read_source(vendor, w, w->word[w->count - 1]) : NULL;
}

static ubal_error_t *set_UbalHeader(ubal_vendor_t *vendor,
                                    const ubal_words_t *w)
{
    static const char *const ours[] = {
        "Host",       "Content-Length",  "Transfer-Encoding",
        "Connection", "Accept-Encoding", "Expect",
        "TE",         "Upgrade",         "Range",
        "Cookie"};
    size_t i;

    if (!ubal_words_is_token(w->word[0])) {
        return ubal_words_refuse_one(w, w->word[0], "is no name of a header");
    }
    if (ubal_words_has_control(w->word[1])) { /* which may be secret */
        return ubal_words_refuse_one(w, w->word[0], "has a control character");
    }
    if (strcasecmp(w->word[0], "Authorization") == 0) {
        return ubal_words_refuse(w, "credentials are given with UbalAuth");
    }
    for (i = 0; i < sizeof(ours) / sizeof(ours[0]); i++) {
        if (strcasecmp(ours[i], w->word[0]) == 0) {
            return ubal_words_refuse_one(w, w->word[0], "cannot be set");
        }
    }
    apr_table_add(vendor->headers, w->word[0], w->word[1]);
    return NULL;
}

static ubal_error_t *set_UbalParam(ubal_vendor_t *vendor,
                                   const ubal_words_t *w)
{
    if (!*w->word[0] || ubal_words_has_control(w->word[0]) ||
        ubal_words_has_control(w->word[1])) {
        return ubal_words_refuse_one(w, w->word[0], "is no query parameter");
    }
    apr_table_add(vendor->params, w->word[0], w->word[1]);
    return NULL;
}

static ubal_error_t *set_UbalRate(ubal_vendor_t *vendor, const ubal_words_t *w)
{
    apr_int64_t count;
    ubal_error_t *err = ubal_words_number(&count, w, w->word[0], 1, 10000);

    if (!err) {
        err = ubal_words_duration(&vendor->rate_period, w, w->word[1], 0);
    }
    if (!err) {
        vendor->rate_count = (int)count;
    }
    return err;
}

static ubal_error_t *set_UbalInterval(ubal_vendor_t *vendor,
                                      const ubal_words_t *w)
{
    return ubal_words_duration(&vendor->interval, w, w->word[0], 0);
}

static ubal_error_t *set_UbalTimeout(ubal_vendor_t *vendor,
                                     const ubal_words_t *w)
{
    return ubal_words_duration(&vendor->timeout, w, w->word[0], 0);
}

static ubal_error_t *set_UbalMaxBody(ubal_vendor_t *vendor,
                                     const ubal_words_t *w)
{
    apr_int64_t bytes;
    ubal_error_t *err =
        ubal_words_number(&bytes, w, w->word[0], 1024, APR_INT64_C(1) << 30);

    if (!err) {
        vendor->max_body = (apr_size_t)bytes;
    }
    return err;
}

static ubal_error_t *set_UbalPageSize(ubal_vendor_t *vendor,
                                      const ubal_words_t *w)
{
    apr_int64_t size;
    ubal_error_t *err = ubal_words_number(&size, w, w->word[0], 1, 100000);

    if (err) {
        return err;
    }
    vendor->page_size = (int)size;
    if (w->count == 2) {
        if (!*w->word[1] || ubal_words_has_control(w->word[1])) {
            return ubal_words_refuse_one(w, w->word[1],
                                         "is no query parameter");
        }
        vendor->page_size_param = apr_pstrdup(w->pool, w->word[1]);
    }
    return NULL;
}

static ubal_error_t *set_UbalWindow(ubal_vendor_t *vendor,
                                    const ubal_words_t *w)
{
    const struct {
        const char *name;
        apr_int64_t *value;
        int may_be_off;
    } parts[] = {{"settle=", &vendor->settle, 0},
                 {"tick=", &vendor->tick, 0},
                 {"lookback=", &vendor->lookback, 1}};
    unsigned int given = 0;
    ubal_error_t *err = NULL;
    int i, j;

    for (i = 0; !err && i < w->count; i++) {
        for (j = 0; j < 3 && strncasecmp(w->word[i], parts[j].name,
                                         strlen(parts[j].name));
             j++) {
        }
        if (j == 3) {
            return ubal_words_refuse_one(w, w->word[i],
                                         "is none of settle=TIME, tick=TIME, "
                                         "lookback=TIME|off");
        }
        if (given & 1u << j) {
            return ubal_words_refuse_one(w, w->word[i], "is given twice");
        }
        given |= 1u << j;
        vendor->has_lookback |= parts[j].value == &vendor->lookback;
        err = ubal_words_duration(parts[j].value, w,
                                  w->word[i] + strlen(parts[j].name),
                                  parts[j].may_be_off);
    }
    return err;
}

static ubal_error_t *set_UbalReconcile(ubal_vendor_t *vendor,
                                       const ubal_words_t *w)
{
    ubal_error_t *err =
        ubal_words_duration(&vendor->reconcile, w, w->word[0], 1);

    if (!err && vendor->reconcile > UBAL_TIME_DAY) {
        return ubal_words_refuse_one(w, w->word[0],
                                     "is more than 24h: longer ranges are "
                                     "compared by command");
    }
    return err;
}

static ubal_error_t *set_UbalMap(ubal_vendor_t *vendor, const ubal_words_t *w)
{
    const char *what = ubal_mapping_set_field(
        vendor->mapping, w->word[0], w->count - 1, w->word + 1, w->pool);

    return what ? ubal_words_refuse(w, what) : NULL;
}

static ubal_error_t *set_UbalType(ubal_vendor_t *vendor, const ubal_words_t *w)
{
    const char *what = NULL;
    int i;

    for (i = 1; !what && i < w->count; i++) {
        what = ubal_mapping_add_type(vendor->mapping, w->word[0], w->word[i],
                                     w->pool);
    }
    return what ? ubal_words_refuse(w, what) : NULL;
}

static ubal_error_t *set_UbalSince(ubal_vendor_t *vendor,
                                   const ubal_words_t *w)
{
    ubal_error_t *err = ubal_time_parse(&vendor->since, w->word[0],
                                        strlen(w->word[0]), w->pool);

    if (err) {
        return ubal_words_refuse_one(w, w->word[0], err->message);
    }
    if (vendor->since < UBAL_TIME_SECOND) {
        vendor->since = UBAL_TIME_SECOND; /* 0 is the first start */
    }
    return NULL;
}

static ubal_error_t *set_UbalRetries(ubal_vendor_t *vendor,
                                     const ubal_words_t *w)
{
    apr_int64_t count;
    ubal_error_t *err = ubal_words_number(&count, w, w->word[0], 1, 100000);

    if (!err) {
        vendor->retries = (int)count;
    }
    return err;
}

/* --- the table -------------------------------------------------------------
 */

#define ROW(name, least, most, syntax) \
    {#name, least, most, set_##name, syntax},

static const struct {
    const char *name;
    int least, most;
    setter_t *set;
    const char *syntax;
} rows[] = {UBAL_VENDOR_DIRECTIVES(ROW)};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static int may_repeat(const char *directive)
{
    return strcmp(directive, "UbalHeader") == 0 ||
           strcmp(directive, "UbalParam") == 0 ||
           strcmp(directive, "UbalMap") == 0 ||
           strcmp(directive, "UbalType") == 0;
}

ubal_error_t *ubal_vendor_set(ubal_vendor_t *vendor, const char *directive,
                              int argc, const char *const *argv,
                              apr_pool_t *pool)
{
    ubal_words_t w = {directive, argc, argv, pool};
    size_t i;

    for (i = 0; i < ROWS && strcasecmp(rows[i].name, directive); i++) {
    }
    if (i == ROWS) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "%s is no directive of <UbalVendor>",
                               directive);
    }
    w.directive = rows[i].name;
    if (argc < rows[i].least || argc > rows[i].most) {
        return ubal_error_make(UBAL_ERR_INPUT, pool, "%s takes %s",
                               w.directive, rows[i].syntax);
    }
    if ((vendor->given & 1u << i) && !may_repeat(w.directive)) {
        return ubal_words_refuse(&w, "is given twice");
    }
    vendor->given |= 1u << i;
    /* an error holds copies, nothing of w */
    /* cppcheck-suppress returnDanglingLifetime */
    return rows[i].set(vendor, &w);
}
