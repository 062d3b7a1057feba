/* Items that no one can store, see demo_dead.h. */
#include "demo_dead.h"

#include <stdio.h>
#include <string.h>

#include "demo_time.h"

/* A kind differs from a sound item where it is not NULL; "" leaves the
 * member out. `after` comes after the members, `id` into the id. */
static const struct {
    const char *name, *id, *user, *created, *type, *amount, *after;
} kinds[] = {
    {"decimals", NULL, NULL, NULL, NULL, "12.345", NULL},
    {"type", NULL, NULL, NULL, "\"bonus\"", NULL, NULL},
    {"user", NULL, "", NULL, NULL, NULL, NULL},
    {"date", NULL, NULL, "\"2026-02-30T10:00:00.000Z\"", NULL, NULL, NULL},
    {"huge", NULL, NULL, NULL, NULL, "1e308", NULL},
    {"digits", NULL, NULL, NULL, NULL, "12345678901234567890", NULL},
    {"twice", NULL, NULL, NULL, NULL, NULL, ",\"amount\":7"},
    {"nul", "\\u0000", NULL, NULL, NULL, NULL, NULL},
    {"null", NULL, NULL, NULL, NULL, "null", NULL},
    {"comma", NULL, NULL, NULL, NULL, "\"12,34\"", NULL},
    {"true", NULL, NULL, NULL, NULL, "true", NULL},
    {"kind", NULL, "[\"12\"]", NULL, NULL, NULL, NULL},
};

#define KINDS ((int64_t)(sizeof(kinds) / sizeof(*kinds)))

static int64_t find(const char *text)
{
    int64_t kind = 0;

    while (kind < KINDS && strcmp(kinds[kind].name, text) != 0) {
        kind++;
    }
    return kind;
}

int64_t demo_dead_count(const char *text)
{
    return find(text) < KINDS ? 1 : KINDS;
}

static void member(apr_bucket_brigade *body, const char *name,
                   const char *value, const char *sound)
{
    value = value ? value : sound;
    if (*value) {
        apr_brigade_printf(body, NULL, NULL, ",\"%s\":%s", name, value);
    }
}

void demo_dead_print(apr_bucket_brigade *body, const char *text, int64_t index,
                     int64_t at)
{
    int64_t kind = find(text) < KINDS ? find(text) : index;
    char created[DEMO_TIME_SIZE], quoted[DEMO_TIME_SIZE + 2];

    snprintf(quoted, sizeof(quoted), "\"%s\"", demo_time_print(created, at));
    apr_brigade_printf(
        body, NULL, NULL, "{\"id\":\"dead-%s-%" APR_INT64_T_FMT "%s\"",
        kinds[kind].name, at, kinds[kind].id ? kinds[kind].id : "");
    member(body, "userId", kinds[kind].user, "\"12\"");
    member(body, "createdAt", kinds[kind].created, quoted);
    member(body, "type", kinds[kind].type, "\"earned\"");
    member(body, "amount", kinds[kind].amount, "10");
    apr_brigade_puts(body, NULL, NULL,
                     kinds[kind].after ? kinds[kind].after : "");
    apr_brigade_puts(body, NULL, NULL, "}");
}
