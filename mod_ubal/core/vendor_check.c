/* What a vendor is before its directives are read, and what is checked when
 * all of them are. Knows no directive's syntax. */
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

ubal_error_t *ubal_vendor_check(const ubal_vendor_t *vendor, apr_pool_t *pool)
{
    const char *what = NULL;

    if (!vendor->url) {
        what = "has no UbalURL";
    } else if (vendor->timeout >= UBAL_TIME_DAY) {
        what = "has an UbalTimeout that is not shorter than a day";
    } else if (vendor->settle < vendor->tick) {
        what = "has an UbalWindow with settle= shorter than tick=";
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
