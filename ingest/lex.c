/* The grammar of JSON, token by token. Knows bytes only: a byte above 0x7f is
 * like any other in a string and wrong elsewhere. */
#include "lex.h"

#include <string.h>

void ubal_lex_start(ubal_lex_t *lex, const char *text, apr_size_t length,
                    apr_pool_t *pool)
{
    memset(lex, 0, sizeof(*lex));
    lex->start = lex->at = text;
    lex->end = text + length;
    /* No text opens more containers than it has bytes. */
    lex->nest = apr_palloc(pool, length / 8 + 1);
    lex->state = UBAL_LEX_VALUE;
}

static ubal_lex_kind_e give(ubal_lex_t *lex, ubal_lex_kind_e kind)
{
    lex->kind = kind;
    lex->length = (apr_size_t)(lex->at - lex->start);
    return kind;
}

static ubal_lex_kind_e refuse(ubal_lex_t *lex, const char *fault)
{
    lex->fault = fault;
    lex->start = lex->at;
    return give(lex, UBAL_LEX_BAD);
}

static void skip_space(ubal_lex_t *lex)
{
    while (lex->at < lex->end && (*lex->at == ' ' || *lex->at == '\n' ||
                                  *lex->at == '\r' || *lex->at == '\t')) {
        lex->at++;
    }
}

static int is_digit(const ubal_lex_t *lex)
{
    return lex->at < lex->end && *lex->at >= '0' && *lex->at <= '9';
}

static int skip_digits(ubal_lex_t *lex)
{
    if (!is_digit(lex)) {
        return 0;
    }
    while (is_digit(lex)) {
        lex->at++;
    }
    return 1;
}

static int skip_byte(ubal_lex_t *lex, const char *any_of)
{
    if (lex->at < lex->end && *lex->at && strchr(any_of, *lex->at)) {
        lex->at++;
        return 1;
    }
    return 0;
}

static int is_in_object(const ubal_lex_t *lex)
{
    apr_size_t level = lex->depth - 1;

    return lex->depth && lex->nest[level / 8] >> level % 8 & 1;
}

static ubal_lex_kind_e open_container(ubal_lex_t *lex)
{
    apr_size_t level = lex->depth++;
    unsigned char bit = (unsigned char)(1u << level % 8);

    if (*lex->at++ == '{') {
        lex->nest[level / 8] |= bit;
    } else {
        lex->nest[level / 8] &= (unsigned char)~bit;
    }
    lex->state = UBAL_LEX_FIRST;
    return give(lex, UBAL_LEX_OPEN);
}

static ubal_lex_kind_e close_container(ubal_lex_t *lex)
{
    lex->at++;
    lex->depth--;
    lex->state = UBAL_LEX_AFTER;
    return give(lex, UBAL_LEX_CLOSE);
}

static int skip_escape(ubal_lex_t *lex)
{
    int i;

    if (skip_byte(lex, "\"\\/bfnrt")) {
        return 1;
    }
    if (!skip_byte(lex, "u")) {
        return 0;
    }
    for (i = 0; i < 4; i++) {
        if (!skip_byte(lex, "0123456789abcdefABCDEF")) {
            return 0;
        }
    }
    return 1;
}

/* Reads a string from its opening quote; returns what is wrong or NULL. */
static const char *skip_string(ubal_lex_t *lex)
{
    lex->at++;
    while (lex->at < lex->end) {
        unsigned char byte = (unsigned char)*lex->at;

        if (byte < 0x20) {
            return "a control character in a string";
        }
        lex->at++;
        if (byte == '"') {
            return NULL;
        }
        if (byte == '\\' && !skip_escape(lex)) {
            return lex->at < lex->end ? "an unknown escape" : "ends too early";
        }
    }
    return "ends too early";
}

static ubal_lex_kind_e read_number(ubal_lex_t *lex)
{
    int is_whole;

    skip_byte(lex, "-");
    is_whole = skip_byte(lex, "0") || skip_digits(lex);
    if (is_whole && skip_byte(lex, ".")) {
        is_whole = skip_digits(lex);
    }
    if (is_whole && skip_byte(lex, "eE")) {
        skip_byte(lex, "+-");
        is_whole = skip_digits(lex);
    }
    if (!is_whole) {
        return refuse(lex, lex->at < lex->end ? "a malformed number"
                                              : "ends too early");
    }
    return give(lex, UBAL_LEX_NUMBER);
}

static ubal_lex_kind_e read_word(ubal_lex_t *lex)
{
    static const char *const words[] = {"true", "false", "null"};
    apr_size_t left = (apr_size_t)(lex->end - lex->at);
    apr_size_t i;

    for (i = 0; i < sizeof(words) / sizeof(*words); i++) {
        apr_size_t length = strlen(words[i]);

        if (left >= length && !memcmp(lex->at, words[i], length)) {
            lex->at += length;
            return give(lex, UBAL_LEX_WORD);
        }
    }
    return refuse(lex, "an unexpected character");
}

static ubal_lex_kind_e read_value(ubal_lex_t *lex)
{
    const char *fault;

    switch (*lex->at) {
    case '{':
    case '[':
        return open_container(lex);
    case '"':
        lex->state = UBAL_LEX_AFTER;
        fault = skip_string(lex);
        return fault ? refuse(lex, fault) : give(lex, UBAL_LEX_STRING);
    default:
        lex->state = UBAL_LEX_AFTER;
        return *lex->at == '-' || is_digit(lex) ? read_number(lex)
                                                : read_word(lex);
    }
}

static ubal_lex_kind_e read_name(ubal_lex_t *lex)
{
    const char *fault;

    if (*lex->at != '"') {
        return refuse(lex, "a name expected");
    }
    fault = skip_string(lex);
    if (fault) {
        return refuse(lex, fault);
    }
    give(lex, UBAL_LEX_NAME);
    skip_space(lex);
    if (!skip_byte(lex, ":")) {
        return refuse(lex, lex->at < lex->end ? "a colon expected"
                                              : "ends too early");
    }
    lex->state = UBAL_LEX_VALUE;
    return UBAL_LEX_NAME;
}

ubal_lex_kind_e ubal_lex_next(ubal_lex_t *lex)
{
    char closing = is_in_object(lex) ? '}' : ']';
    int is_name = is_in_object(lex) && lex->state != UBAL_LEX_VALUE;

    if (lex->fault) {
        return UBAL_LEX_BAD;
    }
    skip_space(lex);
    lex->start = lex->at;
    if (lex->state == UBAL_LEX_AFTER && !lex->depth) {
        return lex->at == lex->end ? give(lex, UBAL_LEX_END)
                                   : refuse(lex, "more text after its end");
    }
    if (lex->at < lex->end && *lex->at == closing &&
        lex->state != UBAL_LEX_VALUE) {
        return close_container(lex);
    }
    if (lex->state == UBAL_LEX_AFTER) {
        if (lex->at < lex->end && !skip_byte(lex, ",")) {
            return refuse(lex, "a comma expected");
        }
        skip_space(lex);
        lex->start = lex->at;
    }
    if (lex->at == lex->end) {
        return refuse(lex, "ends too early");
    }
    return is_name ? read_name(lex) : read_value(lex);
}
