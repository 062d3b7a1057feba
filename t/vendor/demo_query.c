/* What a request to the demo vendor asks for, see demo_query.h. Knows APR's
 * tables, no httpd. Parameters that it does not know are ignored, as vendors
 * do. */
#include "demo_query.h"

#include <apr_strings.h>
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "demo_time.h"

static int hex(char c)
{
    return isdigit((unsigned char)c) ? c - '0' : (c | 0x20) - 'a' + 10;
}

/* Decodes `text` where it stands. */
static char *decode(char *text)
{
    char *to = text, *from;

    for (from = text; *from; from++) {
        if (*from == '%' && isxdigit((unsigned char)from[1]) &&
            isxdigit((unsigned char)from[2])) {
            *to++ = (char)(hex(from[1]) << 4 | hex(from[2]));
            from += 2;
        } else {
            *to++ = *from == '+' ? ' ' : *from;
        }
    }
    *to = '\0';
    return text;
}

apr_table_t *demo_query_read(const char *query, apr_pool_t *pool)
{
    apr_table_t *args = apr_table_make(pool, 8);
    char *rest, *name, *value;

    name = apr_strtok(apr_pstrdup(pool, query ? query : ""), "&", &rest);
    for (; name; name = apr_strtok(NULL, "&", &rest)) {
        value = strchr(name, '=');
        if (value) {
            *value++ = '\0';
        }
        apr_table_addn(args, decode(name), value ? decode(value) : "");
    }
    return args;
}

int demo_query_time(int64_t *time, apr_table_t *args, const char *name,
                    int64_t otherwise)
{
    const char *text = apr_table_get(args, name);

    *time = otherwise;
    return !text || !*text || demo_time_parse(time, text);
}

int demo_query_number(int64_t *number, apr_table_t *args, const char *name,
                      int64_t least, int64_t otherwise)
{
    const char *text = apr_table_get(args, name);
    char *end;

    *number = otherwise;
    if (!text || !*text) {
        return 1;
    }
    *number = strtoll(text, &end, 10);
    return !*end && *number >= least && *number <= INT64_C(1000000000000);
}

const char *demo_query_list(demo_query_t *query, apr_table_t *args,
                            int64_t now)
{
    if (!demo_query_time(&query->from, args, "startDate", 0)) {
        return "startDate";
    }
    /* One past now: what exists at this instant is listed. */
    if (!demo_query_time(&query->to, args, "endDate", now + 1)) {
        return "endDate";
    }
    if (!demo_query_number(&query->page, args, "page", 1, 1)) {
        return "page";
    }
    if (!demo_query_number(&query->limit, args, "limit", 1,
                           DEMO_QUERY_LIMIT)) {
        return "limit";
    }
    if (query->limit > DEMO_QUERY_LIMIT) {
        query->limit = DEMO_QUERY_LIMIT;
    }
    return NULL;
}
