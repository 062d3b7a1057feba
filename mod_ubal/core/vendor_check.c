/* What a vendor is before its directives are read, and what is checked when
 * all of them are. Knows no directive's syntax. */
#include <apr_escape.h>
#include <apr_lib.h>
#include <apr_strings.h>

#include "core/time.h"
#include "core/vendor.h"
#include "core/vendor_url.h"

#define VENDOR_NAME_MAX 32

ubal_vendor_t *ubal_vendor_make(const char *name, apr_pool_t *pool)
{
    ubal_vendor_t *vendor = apr_pcalloc(pool, sizeof(*vendor));

    vendor->name = apr_pstrdup(pool, name);
    vendor->headers = apr_table_make(pool, 2);
    vendor->params = apr_table_make(pool, 2);
    vendor->rate_count = 5;
    vendor->rate_period = 60 * UBAL_TIME_SECOND;
    vendor->interval = 20 * UBAL_TIME_SECOND;
    vendor->timeout = 15 * UBAL_TIME_SECOND;
    vendor->max_body = (apr_size_t)16 * 1024 * 1024;
    vendor->page_size = 1000;
    vendor->page_size_param = "limit";
    vendor->settle = 5 * UBAL_TIME_SECOND;
    vendor->tick = UBAL_TIME_SECOND;
    vendor->lookback = 3600 * UBAL_TIME_SECOND;
    vendor->reconcile = UBAL_TIME_DAY;
    vendor->retries = 10;
    vendor->mapping = ubal_mapping_make(pool);
    return vendor;
}

/* The name of a URL's parameter that begins at `at`, unescaped where it can
 * be. */
static const char *param_name(const char *at, apr_pool_t *pool)
{
    const char *name = apr_pstrmemdup(pool, at, strcspn(at, "=&#"));
    char *plain = apr_pcalloc(pool, strlen(name) + 1);

    return *name && apr_unescape_url(plain, name, APR_ESCAPE_STRING, NULL,
                                     NULL, 1, NULL) == APR_SUCCESS
               ? plain
               : name;
}

static int is_in_url(const char *url, const char *name, apr_pool_t *pool)
{
    const char *at = strchr(url, '?');

    while (at && strcmp(param_name(at + 1, pool), name)) {
        at = strchr(at + 1, '&');
    }
    return at != NULL;
}

/* The directive that sets `name` beside what every request says; NULL where
 * none does. */
static const char *who_sets(const ubal_vendor_t *vendor, const char *name,
                            apr_pool_t *pool)
{
    const apr_table_entry_t *param =
        (const void *)apr_table_elts(vendor->params)->elts;
    int i;

    if (is_in_url(vendor->url, name, pool)) {
        return "UbalURL";
    }
    for (i = 0; i < apr_table_elts(vendor->params)->nelts; i++) {
        if (!strcmp(param[i].key, name)) {
            return "UbalParam";
        }
    }
    return vendor->auth == UBAL_AUTH_QUERY && !strcmp(vendor->auth_name, name)
               ? "UbalAuth"
               : NULL;
}

/* What every request says itself, and would be said twice. */
static const char *find_taken(const char **directive,
                              const ubal_vendor_t *vendor, apr_pool_t *pool)
{
    const char *ours[] = {UBAL_VENDOR_FROM, UBAL_VENDOR_TO, UBAL_VENDOR_PAGE,
                          vendor->page_size_param};
    int i;

    *directive = NULL;
    for (i = 0; !*directive && i < 4; i++) {
        *directive = who_sets(vendor, ours[i], pool);
        if (!*directive && i < 3 && !strcmp(ours[i], ours[3])) {
            *directive = "UbalPageSize";
        }
    }
    return *directive ? apr_psprintf(pool,
                                     "has an %s that sets %s=, which each "
                                     "request says itself; leave it out",
                                     *directive, ours[i - 1])
                      : NULL;
}

ubal_error_t *ubal_vendor_check(const char **directive,
                                const ubal_vendor_t *vendor, apr_pool_t *pool)
{
    const char *what = NULL;

    *directive = NULL;
    if (!vendor->url) {
        what = "has no UbalURL";
    } else if (vendor->timeout >= UBAL_TIME_DAY) {
        *directive = "UbalTimeout";
        what = "has an UbalTimeout that is not shorter than a day";
    } else if (vendor->settle < vendor->tick) {
        *directive = "UbalWindow";
        what = "has an UbalWindow with settle= shorter than tick=";
    } else {
        what = find_taken(directive, vendor, pool);
    }
    return what ? ubal_error_make(UBAL_ERR_INPUT, pool, "<UbalVendor %s> %s",
                                  vendor->name, what)
                : NULL;
}

static int is_equal(const char *a, const char *b)
{
    return a && b ? !strcmp(a, b) : a == b;
}

int ubal_vendor_is_twin(const ubal_vendor_t *a, const ubal_vendor_t *b,
                        apr_pool_t *pool)
{
    return a->auth == b->auth && is_equal(a->auth_name, b->auth_name) &&
           is_equal(a->secret_source, b->secret_source) && a->url && b->url &&
           !strcmp(ubal_vendor_url_origin(a->url, pool),
                   ubal_vendor_url_origin(b->url, pool));
}

const char *ubal_vendor_name_fault(const char *name)
{
    const char *at = name;

    if (!apr_isalpha(*at)) {
        return "does not begin with a letter";
    }
    for (; apr_isalnum(*at) || *at == '_' || *at == '-'; at++) {
    }
    if (*at) {
        return "has something else than letters, digits, - and _";
    }
    if (!strcmp(name, "opening")) {
        return "is what opening balances are stored under";
    }
    return at - name > VENDOR_NAME_MAX ? "is longer than 32 bytes" : NULL;
}
