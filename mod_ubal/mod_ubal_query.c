/* Takes query strings apart. Knows no route. See mod_ubal_query.h. */
#include "mod_ubal_query.h"

#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "core/time.h"

/* The longest part of a parameter's name that an answer repeats. */
#define NAME_SHOWN 64

static int digit_of(char c)
{
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'a' && c <= 'f' ? c - 'a' + 10
           : c >= 'A' && c <= 'F' ? c - 'A' + 10
                                  : -1;
}

const char *ubal_query_decode(const char *text, apr_size_t length,
                              apr_pool_t *pool)
{
    const char *end = text + length;
    char *decoded = apr_palloc(pool, length + 1);
    char *out = decoded;
    int high, low;

    for (; text < end; text++) {
        if (*text != '%') {
            *out++ = *text == '+' ? ' ' : *text;
            continue;
        }
        high = end - text > 2 ? digit_of(text[1]) : -1;
        low = high < 0 ? -1 : digit_of(text[2]);
        if (low < 0 || high + low == 0) {
            return NULL;
        }
        *out++ = (char)(high << 4 | low);
        text += 2;
    }
    *out = '\0';
    return decoded;
}

/* "d" stands for a digit, a capital for itself in either case, all else for
 * itself. */
static const char *skip(const char *at, const char *pattern)
{
    for (; *pattern; at++, pattern++) {
        if (*pattern == 'd' ? *at < '0' || *at > '9'
                            : *at != *pattern && (*pattern < 'A' ||
                                                  *at != (*pattern | 0x20))) {
            return NULL;
        }
    }
    return at;
}

/* The decimals of a second, none finer than what is stored. */
static const char *skip_decimals(const char *at)
{
    const char *begin = at;

    while (*at >= '0' && *at <= (at - begin < 6 ? '9' : '0')) {
        at++;
    }
    return at > begin ? at : NULL;
}

/* RFC 3339, section 5.6, alone: what core/time also takes from vendors (no
 * zone, bare numbers) leaves open which instant is meant. */
static int is_rfc3339(const char *text)
{
    const char *at = skip(text, "dddd-dd-ddTdd:dd:dd");

    if (at && *at == '.') {
        at = skip_decimals(at + 1);
    }
    if (!at) {
        return 0;
    }
    at = *at == '+' || *at == '-' ? skip(at + 1, "dd:dd") : skip(at, "Z");
    return at && !*at;
}

static const char *read_instant(ubal_query_value_t *value,
                                const ubal_query_parameter_t *parameter,
                                apr_pool_t *pool)
{
    ubal_error_t *err;

    if (!is_rfc3339(value->text)) {
        return apr_psprintf(
            pool, "is no instant such as 2026-03-01T00:00:00Z%s",
            strchr(value->text, ' ') ? "; a plus sign is written %2B" : "");
    }
    (void)parameter;
    err = ubal_time_parse(&value->number, value->text, strlen(value->text),
                          pool);
    return err ? err->message : NULL;
}

static const char *read_integer(ubal_query_value_t *value,
                                const ubal_query_parameter_t *parameter,
                                apr_pool_t *pool)
{
    const char *at = value->text;

    while (*at >= '0' && *at <= '9') {
        at++;
    }
    /* Eighteen digits fit into the number. */
    value->number = strtoll(value->text, NULL, 10);
    if (*at || at - value->text > 18 || value->number < parameter->least ||
        value->number > parameter->most) {
        return apr_psprintf(pool,
                            "is no whole number from %" APR_INT64_T_FMT
                            " to %" APR_INT64_T_FMT,
                            parameter->least, parameter->most);
    }
    return NULL;
}

static const char *read_word(ubal_query_value_t *value,
                             const ubal_query_parameter_t *parameter,
                             apr_pool_t *pool)
{
    const char *const *words = parameter->words;
    const char *list = "";
    int i;

    for (i = 0; words[i]; i++) {
        if (!strcmp(words[i], value->text)) {
            value->number = i;
            return NULL;
        }
        list = apr_pstrcat(pool, list, i ? ", " : "", words[i], NULL);
    }
    return apr_pstrcat(pool, "is none of ", list, NULL);
}

static const char *read_value(ubal_query_value_t *value,
                              const ubal_query_parameter_t *parameter,
                              const char *text, apr_pool_t *pool)
{
    if (value->text) {
        return "is given twice";
    }
    if (!*text) {
        return "is empty";
    }
    value->text = parameter->kind == UBAL_QUERY_RAW
                      ? text
                      : ubal_query_decode(text, strlen(text), pool);
    if (!value->text) {
        return "has a '%' that begins no byte, or byte 0";
    }
    switch (parameter->kind) {
    case UBAL_QUERY_INSTANT:
        return read_instant(value, parameter, pool);
    case UBAL_QUERY_INTEGER:
        return read_integer(value, parameter, pool);
    case UBAL_QUERY_WORD:
        return read_word(value, parameter, pool);
    case UBAL_QUERY_TEXT:
    case UBAL_QUERY_RAW:
        break;
    }
    return NULL;
}

/* One "name=value"; without a "=" the value is empty. */
static const char *read_pair(ubal_query_value_t *values,
                             const ubal_query_parameter_t *parameters,
                             const char *pair, apr_pool_t *pool)
{
    apr_size_t length = strcspn(pair, "=");
    const char *text = pair[length] ? pair + length + 1 : "";
    const char *name = ubal_query_decode(pair, length, pool);
    const char *fault;
    int i;

    for (i = 0; name && parameters && parameters[i].name; i++) {
        if (!strcmp(parameters[i].name, name)) {
            fault = read_value(&values[i], &parameters[i], text, pool);
            return fault ? apr_psprintf(pool, "parameter '%s' %s", name, fault)
                         : NULL;
        }
    }
    if (!name) {
        name = apr_pstrmemdup(pool, pair, length);
    }
    return apr_psprintf(pool, "unknown parameter '%.*s'", NAME_SHOWN, name);
}

const char *ubal_query_read(ubal_query_value_t *values,
                            const ubal_query_parameter_t *parameters,
                            const char *args, apr_pool_t *pool)
{
    const char *fault = NULL;
    apr_size_t length;

    memset(values, 0, UBAL_QUERY_MAX * sizeof(*values));
    while (args && *args && !fault) {
        length = strcspn(args, "&");
        if (length) {
            fault = read_pair(values, parameters,
                              apr_pstrmemdup(pool, args, length), pool);
        }
        args += length + (args[length] != '\0');
    }
    return fault;
}
