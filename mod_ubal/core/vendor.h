/* The settings of a vendor and of a database: one table of directives with
 * defaults and validation, for the module and the daemon alike, and the text
 * in which the one hands them to the other. Knows no httpd. */
#ifndef UBAL_CORE_VENDOR_H
#define UBAL_CORE_VENDOR_H

#include <apr_tables.h>

#include "core/error.h"
#include "core/mapping.h"

typedef enum {
    UBAL_AUTH_NONE,
    UBAL_AUTH_BEARER,
    UBAL_AUTH_BASIC,
    UBAL_AUTH_HEADER,
    UBAL_AUTH_QUERY
} ubal_auth_e;

typedef struct ubal_vendor_t {
    const char *name;
    const char *url;
    ubal_auth_e auth;
    const char *auth_name;     /* user, header or parameter; else NULL */
    const char *secret_source; /* file:PATH or env:NAME; else NULL */
    const char *secret;        /* NULL until read; never printed */
    apr_table_t *headers;      /* UbalHeader, in order, never NULL */
    apr_table_t *params;       /* UbalParam, in order, never NULL */
    int rate_count;            /* N requests ... */
    apr_int64_t rate_period;   /* ... in any P, us */
    apr_int64_t interval;      /* us */
    apr_int64_t timeout;       /* whole request, us */
    apr_size_t max_body;       /* bytes */
    int page_size;
    const char *page_size_param; /* "limit" unless set */
    apr_int64_t settle;          /* UbalWindow settle=, us */
    apr_int64_t tick;            /* UbalWindow tick=, us */
    apr_int64_t lookback;        /* UbalWindow lookback=: how far back is read
                                  * again, us; 0 = off */
    int has_lookback;      /* it was given: also where there are totals */
    apr_int64_t reconcile; /* UbalReconcile: how far back totals are compared,
                            * us; 0 = off */
    ubal_mapping_t *mapping; /* UbalMap and UbalType, never NULL */
    apr_int64_t since;       /* UbalSince, us, from 1 s on; 0 = the
                              * first start */
    int retries;
    unsigned int given; /* which directives were set: a bit for each row of
                         * UBAL_VENDOR_DIRECTIVES */
    int line;           /* that its section begins on; 0: not known */
} ubal_vendor_t;

/* What holds for one database, and its vendors. */
typedef struct ubal_settings_t {
    const char *driver; /* apr_dbd's name of the driver */
    const char *params; /* its parameters, as opened for writing */
    int scale;
    const char *log;             /* UbalIngestLog; NULL = standard error */
    const char *lock;            /* path of the lock file */
    apr_array_header_t *vendors; /* of ubal_vendor_t *, never NULL */
} ubal_settings_t;

/* The directives inside <UbalVendor>, each spelled once, here:
 * X(name, least arguments, most arguments, syntax). vendor.c builds its
 * table of setters of it, the module its command_rec. */
#define UBAL_VENDOR_DIRECTIVES(X)                                            \
    X(UbalURL, 1, 1, "URL of the vendor's list of transactions")             \
    X(UbalAuth, 1, 3,                                                        \
      "none|bearer S|basic USER S|header NAME S|query NAME S, where S is "   \
      "file:PATH or env:NAME")                                               \
    X(UbalHeader, 2, 2, "name and value of a header to send")                \
    X(UbalParam, 2, 2, "name and value of a query parameter to send")        \
    X(UbalRate, 2, 2,                                                        \
      "number of requests and the period they are counted in")               \
    X(UbalInterval, 1, 1, "time between two rounds")                         \
    X(UbalTimeout, 1, 1, "time that one whole request may take")             \
    X(UbalMaxBody, 1, 1, "bytes that one reply may have")                    \
    X(UbalPageSize, 1, 2, "transactions a page and the parameter that asks") \
    X(UbalWindow, 1, 3, "settle=TIME, tick=TIME and lookback=TIME|off")      \
    X(UbalReconcile, 1, 1,                                                   \
      "how far back is compared with the vendor's totals, or off")           \
    X(UbalMap, 2, UBAL_MAPPING_IDS + 1,                                      \
      "a field (id, userId, createdAt, type, amount) and the path to it, "   \
      "several for an id that is made of them")                              \
    X(UbalType, 2, 7, "a type and what the vendor calls it")                 \
    X(UbalSince, 1, 1, "instant that history is wanted from")                \
    X(UbalRetries, 1, 1, "failures beside successes that park a window")

/* Makes a vendor with every directive's default in force. */
ubal_vendor_t *ubal_vendor_make(const char *name, apr_pool_t *pool);

/* Applies one directive line to `vendor`. UBAL_ERR_INPUT names directive and
 * value, but for words that may be secret (UbalAuth's, a header's value, a URL
 * with "@" or "?"); an unknown name, a wrong count of arguments or a directive
 * that is given twice (headers, parameters, fields and types aside) are errors
 * too. */
ubal_error_t *ubal_vendor_set(ubal_vendor_t *vendor, const char *directive,
                              int argc, const char *const *argv,
                              apr_pool_t *pool);

/* The parameters that say what is asked for; vendor->page_size_param is the
 * fourth. */
#define UBAL_VENDOR_FROM "startDate"
#define UBAL_VENDOR_TO "endDate"
#define UBAL_VENDOR_PAGE "page"

/* Checks what only the whole section can show: that there is a UbalURL (http
 * or https, without user info or fragment), that the timeout is shorter than
 * a day, the settle at least the tick, that nothing else sets one of the
 * parameters above. Called at the closing line. With an error `*directive` is
 * the name of the one at fault, NULL where it is missing. */
ubal_error_t *ubal_vendor_check(const char **directive,
                                const ubal_vendor_t *vendor, apr_pool_t *pool);

/* Returns NULL where `name` may name a vendor ([A-Za-z][A-Za-z0-9_-]{0,31}),
 * else what is wrong, a static phrase. */
const char *ubal_vendor_name_fault(const char *name);

/* Whether the two ask one server with the same credentials, by what the
 * configuration says of them. */
int ubal_vendor_is_twin(const ubal_vendor_t *a, const ubal_vendor_t *b,
                        apr_pool_t *pool);

/* Reads the secret that `vendor` names into vendor->secret (trailing line
 * ends cut off). Nothing to do for `none`. UBAL_ERR_INPUT where the file is
 * missing, empty, over 64 KB, has control characters or can be read by
 * others than owner and group; the variable is unset. The message never
 * shows the secret. */
ubal_error_t *ubal_vendor_read_secret(ubal_vendor_t *vendor, apr_pool_t *pool);

/* 1 where text[0..length) repeats the vendor's secret: as it is, with any of
 * its characters as %XX, or as basic credentials. Such text is not to be shown
 * or kept. */
int ubal_vendor_is_echoed(const ubal_vendor_t *vendor, const char *text,
                          apr_size_t length, apr_pool_t *pool);

/* The account that the vendor counts requests of, without secrets: a hex
 * digest (SipHash-2-4 under the 16 bytes of `key`) of the URL's origin
 * (scheme, host in lower case, effective port) and the credentials (a header's
 * name in lower case). */
const char *ubal_vendor_account(const ubal_vendor_t *vendor,
                                const unsigned char key[16], apr_pool_t *pool);

/* The lines around the settings of one database where httpd hands them on;
 * the first goes on with the number of the database, from 1. */
#define UBAL_SETTINGS_BEGIN "# ubal-settings begin "
#define UBAL_SETTINGS_END "# ubal-settings end"

/* Makes settings without vendors: scale 2. */
ubal_settings_t *ubal_settings_make(apr_pool_t *pool);

/* Prints `settings` as lines of configuration, secrets left out:
 *   UbalIngestDB sqlite3 "/var/lib/ubal/ubal.db"
 *   UbalIngestLock /var/lib/ubal/ubal.db.ingest.lock
 *   UbalScale 2
 *   <UbalVendor game>
 *   UbalURL https://vendor.example/transactions
 *   ...
 *   </UbalVendor>
 * Every value that differs from its default is printed; arguments are quoted
 * where they need it, as httpd reads them. */
const char *ubal_settings_print(const ubal_settings_t *settings,
                                apr_pool_t *pool);

/* Reads such text (UTF-8, comments with #, blank lines, names in any case).
 * UBAL_ERR_INPUT, also for a setting that is given twice, begins with
 * "`origin` line N: ". Where UbalIngestLock is
 * absent and the driver is sqlite3, it is derived from the database's path. */
ubal_error_t *ubal_settings_parse(ubal_settings_t **settings, const char *text,
                                  const char *origin, apr_pool_t *pool);

/* The file of an SQLite params string ("file:/path?mode=ro" or "/path"):
 * sets `*path` to the absolute path (percent-decoded). UBAL_ERR_INPUT, with
 * the corrected line in its sentence, where the path is relative or empty.
 * With `reader` set, also where it is bare or without mode=ro. */
ubal_error_t *ubal_settings_sqlite_path(const char **path, const char *params,
                                        int reader, apr_pool_t *pool);

#endif
