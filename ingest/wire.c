/* Words to lines and back. Knows characters alone. See wire.h. */
#include "wire.h"

#include <string.h>

static const char *const kinds[] = {
    [UBAL_ERR_INPUT] = "input",   [UBAL_ERR_CONFIG] = "config",
    [UBAL_ERR_DB] = "db",         [UBAL_ERR_NO_SCHEMA] = "schema",
    [UBAL_ERR_FENCED] = "fenced", [UBAL_ERR_BUDGET] = "budget",
    [UBAL_ERR_NET] = "net",       [UBAL_ERR_VENDOR] = "vendor",
    [UBAL_ERR_SYSTEM] = "system"};

#define KINDS ((int)(sizeof(kinds) / sizeof(kinds[0])))

static int is_plain(char c)
{
    return c > ' ' && c < 0x7f && c != '%';
}

static char *print_word(char *out, const char *word)
{
    static const char digits[] = "0123456789ABCDEF";

    if (!*word) {
        *out++ = '%';
    }
    for (; *word; word++) {
        unsigned char byte = (unsigned char)*word;

        if (is_plain(*word)) {
            *out++ = *word;
        } else {
            *out++ = '%';
            *out++ = digits[byte >> 4];
            *out++ = digits[byte & 15];
        }
    }
    return out;
}

const char *ubal_wire_print(const apr_array_header_t *words, apr_pool_t *pool)
{
    apr_size_t size = 1;
    char *line, *out;
    int i;

    for (i = 0; i < words->nelts; i++) {
        size += 3 * strlen(APR_ARRAY_IDX(words, i, const char *)) + 2;
    }
    out = line = apr_palloc(pool, size);
    for (i = 0; i < words->nelts; i++) {
        if (i) {
            *out++ = ' ';
        }
        out = print_word(out, APR_ARRAY_IDX(words, i, const char *));
    }
    *out = '\0';
    return line;
}

static int digit(char c)
{
    const char *digits = "0123456789ABCDEF", *at = c ? strchr(digits, c) : 0;

    return at ? (int)(at - digits) : -1;
}

/* The byte that text[0..3) stands for as %XX; 0 where it is none. */
static char escaped(const char *text, apr_size_t left)
{
    int high = left > 2 ? digit(text[1]) : -1;
    int low = left > 2 ? digit(text[2]) : -1;

    return (char)(*text != '%' || high < 0 || low < 0 ? 0 : high << 4 | low);
}

/* Reads a word of `length` bytes; NULL where it is none. */
static const char *parse_word(const char *text, apr_size_t length,
                              apr_pool_t *pool)
{
    char *word = apr_palloc(pool, length + 1), *out = word;

    if (length == 1 && *text == '%') {
        return "";
    }
    while (length) {
        apr_size_t taken = is_plain(*text) ? 1 : 3;

        *out = taken == 1 ? *text : escaped(text, length);
        if (!*out++) {
            return NULL;
        }
        text += taken;
        length -= taken;
    }
    *out = '\0';
    return out > word ? word : NULL;
}

ubal_error_t *ubal_wire_parse(apr_array_header_t **words, const char *line,
                              apr_size_t length, apr_pool_t *pool)
{
    const char *end = line + length;

    *words = apr_array_make(pool, 4, sizeof(const char *));
    for (;;) {
        const char *space = memchr(line, ' ', (apr_size_t)(end - line));
        const char *stop = space ? space : end;
        const char *word = parse_word(line, (apr_size_t)(stop - line), pool);

        if (!word) {
            return ubal_error_make(UBAL_ERR_INPUT, pool,
                                   "word %d of the line is none",
                                   (*words)->nelts + 1);
        }
        APR_ARRAY_PUSH(*words, const char *) = word;
        if (!space) {
            return NULL;
        }
        line = space + 1;
    }
}

apr_array_header_t *ubal_wire_rest(const apr_array_header_t *words,
                                   apr_pool_t *pool)
{
    apr_array_header_t *rest =
        apr_array_make(pool, words->nelts, sizeof(const char *));
    int i;

    for (i = 1; i < words->nelts; i++) {
        APR_ARRAY_PUSH(rest, const char *) =
            APR_ARRAY_IDX(words, i, const char *);
    }
    return rest;
}

const char *ubal_wire_print_end(const ubal_error_t *err, apr_pool_t *pool)
{
    apr_array_header_t *words = apr_array_make(pool, 3, sizeof(const char *));

    APR_ARRAY_PUSH(words, const char *) = err ? "error" : "ok";
    if (err) {
        APR_ARRAY_PUSH(words, const char *) = kinds[err->kind];
        APR_ARRAY_PUSH(words, const char *) = err->message;
    }
    return ubal_wire_print(words, pool);
}

ubal_error_t *ubal_wire_error(const apr_array_header_t *words,
                              apr_pool_t *pool)
{
    int i;

    for (i = 0; i < KINDS && words->nelts == 3; i++) {
        if (!strcmp(APR_ARRAY_IDX(words, 0, const char *), "error") &&
            !strcmp(APR_ARRAY_IDX(words, 1, const char *), kinds[i])) {
            return ubal_error_make((ubal_error_kind_e)i, pool, "%s",
                                   APR_ARRAY_IDX(words, 2, const char *));
        }
    }
    return ubal_error_make(UBAL_ERR_SYSTEM, pool,
                           "the daemon says what this program does not know: "
                           "are they of one version?");
}

void ubal_wire_put_length(unsigned char head[UBAL_WIRE_HEAD],
                          apr_size_t length)
{
    head[0] = (unsigned char)(length >> 24);
    head[1] = (unsigned char)(length >> 16);
    head[2] = (unsigned char)(length >> 8);
    head[3] = (unsigned char)length;
}

apr_size_t ubal_wire_length(const char *head)
{
    const unsigned char *byte = (const unsigned char *)head;

    return (apr_size_t)byte[0] << 24 | (apr_size_t)byte[1] << 16 |
           (apr_size_t)byte[2] << 8 | byte[3];
}
