/* Settings as lines of configuration, to be read by ubal_settings_parse() and,
 * but for UbalIngestLock, by httpd. Secrets are not in them. */
#include <apr_strings.h>
#include <string.h>

#include "core/time.h"
#include "core/vendor.h"

/* Lines are gathered here and joined at the end. */
typedef struct printer_t {
    apr_array_header_t *lines;
    apr_pool_t *pool;
} printer_t;

static void line(printer_t *p, const char *text)
{
    APR_ARRAY_PUSH(p->lines, const char *) = text;
    APR_ARRAY_PUSH(p->lines, const char *) = "\n";
}

/* A word as httpd reads it: quoted where it holds more than plain characters.
 */
static const char *quoted(const char *word, apr_pool_t *pool)
{
    char *text, *to;

    if (*word && !strpbrk(word, " \t\v\f\r\"'\\<>#")) {
        return word;
    }
    text = to = apr_palloc(pool, 2 * strlen(word) + 3);
    *to++ = '"';
    for (; *word; word++) {
        if (*word == '"' || *word == '\\') {
            *to++ = '\\';
        }
        *to++ = *word;
    }
    *to++ = '"';
    *to = '\0';
    return text;
}

static void line1(printer_t *p, const char *name, const char *word)
{
    line(p, apr_pstrcat(p->pool, name, " ", quoted(word, p->pool), NULL));
}

static void line2(printer_t *p, const char *name, const char *a, const char *b)
{
    line(p, apr_pstrcat(p->pool, name, " ", quoted(a, p->pool), " ",
                        quoted(b, p->pool), NULL));
}

static const char *duration(apr_int64_t us, apr_pool_t *pool)
{
    return us % UBAL_TIME_SECOND == 0
               ? apr_psprintf(pool, "%" APR_INT64_T_FMT "s",
                              us / UBAL_TIME_SECOND)
               : apr_psprintf(pool, "%" APR_INT64_T_FMT "ms", us / 1000);
}

static const char *duration_or_off(apr_int64_t us, apr_pool_t *pool)
{
    return us ? duration(us, pool) : "off";
}

static void print_duration(printer_t *p, const char *name, apr_int64_t us,
                           apr_int64_t standard)
{
    if (us != standard) {
        line1(p, name, duration_or_off(us, p->pool));
    }
}

static void print_auth(printer_t *p, const ubal_vendor_t *vendor)
{
    static const char *const names[] = {"none", "bearer", "basic", "header",
                                        "query"};
    const char *source = vendor->secret_source;

    if (!source) {
        return;
    }
    if (!vendor->auth_name) {
        line2(p, "UbalAuth", names[vendor->auth], source);
        return;
    }
    line(p, apr_pstrcat(p->pool, "UbalAuth ", names[vendor->auth], " ",
                        quoted(vendor->auth_name, p->pool), " ",
                        quoted(source, p->pool), NULL));
}

static void print_table(printer_t *p, const char *name,
                        const apr_table_t *table)
{
    const apr_array_header_t *entries = apr_table_elts(table);
    const apr_table_entry_t *e = (const void *)entries->elts;
    int i;

    for (i = 0; i < entries->nelts; i++) {
        line2(p, name, e[i].key, e[i].val);
    }
}

static void print_sizes(printer_t *p, const ubal_vendor_t *v,
                        const ubal_vendor_t *standard)
{
    if (v->max_body != standard->max_body) {
        line1(p, "UbalMaxBody",
              apr_psprintf(p->pool, "%" APR_SIZE_T_FMT, v->max_body));
    }
    if (strcmp(v->page_size_param, standard->page_size_param) != 0) {
        line2(p, "UbalPageSize", apr_itoa(p->pool, v->page_size),
              v->page_size_param);
    } else if (v->page_size != standard->page_size) {
        line1(p, "UbalPageSize", apr_itoa(p->pool, v->page_size));
    }
    if (v->retries != standard->retries) {
        line1(p, "UbalRetries", apr_itoa(p->pool, v->retries));
    }
}

static void print_times(printer_t *p, const ubal_vendor_t *v,
                        const ubal_vendor_t *standard)
{
    if (v->rate_count != standard->rate_count ||
        v->rate_period != standard->rate_period) {
        line2(p, "UbalRate", apr_itoa(p->pool, v->rate_count),
              duration(v->rate_period, p->pool));
    }
    print_duration(p, "UbalInterval", v->interval, standard->interval);
    print_duration(p, "UbalTimeout", v->timeout, standard->timeout);
    if (v->settle != standard->settle || v->tick != standard->tick ||
        v->has_lookback) {
        line(p, apr_pstrcat(p->pool,
                            "UbalWindow settle=", duration(v->settle, p->pool),
                            " tick=", duration(v->tick, p->pool),
                            v->has_lookback ? " lookback=" : NULL,
                            duration_or_off(v->lookback, p->pool), NULL));
    }
    print_duration(p, "UbalReconcile", v->reconcile, standard->reconcile);
    if (v->since) {
        line1(p, "UbalSince", ubal_time_print(v->since, p->pool));
    }
}

/* A name a line, whatever a line may hold. */
static void print_mapping(printer_t *p, const ubal_mapping_t *mapping)
{
    int i, j;

    for (i = 0; i < UBAL_MAP_COUNT; i++) {
        const char *name = ubal_mapping_field((ubal_map_e)i);
        int first = ubal_mapping_first(mapping, (ubal_map_e)i);
        int count = i == UBAL_MAP_ID ? mapping->ids : 1;
        const char *text = apr_pstrcat(p->pool, "UbalMap ", name, NULL);

        if (count == 1 && strcmp(mapping->paths[first].text, name) == 0) {
            continue;
        }
        for (j = first; j < first + count; j++) {
            text = apr_pstrcat(p->pool, text, " ",
                               quoted(mapping->paths[j].text, p->pool), NULL);
        }
        line(p, text);
    }
    for (i = 0; i < mapping->types->nelts; i++) {
        const ubal_spelling_t *row =
            &APR_ARRAY_IDX(mapping->types, i, ubal_spelling_t);

        line2(p, "UbalType", ubal_type_name(row->type), row->name);
    }
}

static void print_vendor(printer_t *p, const ubal_vendor_t *vendor)
{
    const ubal_vendor_t *standard = ubal_vendor_make(vendor->name, p->pool);

    line(p, apr_pstrcat(p->pool, "<UbalVendor ", vendor->name, ">", NULL));
    if (vendor->url) {
        line1(p, "UbalURL", vendor->url);
    }
    print_auth(p, vendor);
    print_table(p, "UbalHeader", vendor->headers);
    print_table(p, "UbalParam", vendor->params);
    print_times(p, vendor, standard);
    print_sizes(p, vendor, standard);
    print_mapping(p, vendor->mapping);
    line(p, "</UbalVendor>");
}

const char *ubal_settings_print(const ubal_settings_t *settings,
                                apr_pool_t *pool)
{
    printer_t p = {apr_array_make(pool, 32, sizeof(const char *)), pool};
    int i;

    line2(&p, "UbalIngestDB", settings->driver, settings->params);
    if (settings->lock) {
        line1(&p, "UbalIngestLock", settings->lock);
    }
    if (settings->log) {
        line1(&p, "UbalIngestLog", settings->log);
    }
    if (settings->scale != 2) {
        line1(&p, "UbalScale", apr_itoa(pool, settings->scale));
    }
    for (i = 0; i < settings->vendors->nelts; i++) {
        print_vendor(&p, ((ubal_vendor_t *const *)settings->vendors->elts)[i]);
    }
    return apr_array_pstrcat(pool, p.lines, '\0');
}
