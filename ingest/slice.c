/* Cuts the JSON text of a page. Knows tokens, not what they mean. */
#include "slice.h"

#include <string.h>

#include "lex.h"

/* A copy in the making; it counts on where it does not fit. */
typedef struct copy_t {
    char *out;
    apr_size_t size;
    apr_size_t written;
    char last;
} copy_t;

static void put(copy_t *copy, const char *text, apr_size_t length)
{
    if (copy->written <= copy->size && length <= copy->size - copy->written) {
        memcpy(copy->out + copy->written, text, length);
        copy->written += length;
    } else {
        copy->written = copy->size + 1;
    }
    copy->last = text[length - 1];
}

static void put_token(copy_t *copy, const ubal_lex_t *lex)
{
    switch (lex->kind) {
    case UBAL_LEX_NAME:
        if (copy->last != '{') {
            put(copy, ",", 1);
        }
        put(copy, lex->start, lex->length);
        put(copy, ":", 1);
        break;
    case UBAL_LEX_STRING:
        put(copy, "\"s", 2);
        put(copy, lex->start + 1, lex->length - 1);
        break;
    case UBAL_LEX_NUMBER:
        put(copy, "\"n", 2);
        put(copy, lex->start, lex->length);
        put(copy, "\"", 1);
        break;
    default:
        put(copy, lex->start, lex->length);
    }
}

static ubal_error_t *grammar_error(const ubal_lex_t *lex, const char *text,
                                   apr_pool_t *pool)
{
    return ubal_error_make(UBAL_ERR_INPUT, pool,
                           "is no JSON at byte %" APR_SIZE_T_FMT ": %s",
                           (apr_size_t)(lex->start - text) + 1, lex->fault);
}

ubal_error_t *ubal_slice_reduce(apr_size_t *written, char *out,
                                apr_size_t size, const char *text,
                                apr_size_t length, int levels,
                                apr_pool_t *pool)
{
    copy_t copy = {out, size, 0, '\0'};
    apr_size_t hidden = 0; /* depth of the container being left out */
    ubal_lex_t lex;

    ubal_lex_start(&lex, text, length, pool);
    while (ubal_lex_next(&lex) < UBAL_LEX_END) {
        if (lex.kind == UBAL_LEX_CLOSE && lex.depth + 1 == hidden) {
            hidden = 0;
        }
        if (!hidden) {
            put_token(&copy, &lex);
        }
        if (lex.kind == UBAL_LEX_OPEN && !hidden &&
            (*lex.start == '[' || lex.depth > (apr_size_t)levels)) {
            hidden = lex.depth;
        }
    }
    *written = copy.written;
    return lex.kind == UBAL_LEX_END ? NULL : grammar_error(&lex, text, pool);
}

/* Whether the name just read is `name`. */
static int is_name(const ubal_lex_t *lex, const char *name)
{
    return lex->kind == UBAL_LEX_NAME && lex->length == strlen(name) + 2 &&
           !memcmp(lex->start + 1, name, lex->length - 2);
}

/* Reads on to the end of the value whose first token was just read. */
static void skip_value(ubal_lex_t *lex)
{
    apr_size_t depth = lex->depth;

    if (lex->kind != UBAL_LEX_OPEN) {
        return;
    }
    while (lex->kind != UBAL_LEX_CLOSE || lex->depth >= depth) {
        if (ubal_lex_next(lex) >= UBAL_LEX_END) {
            return;
        }
    }
}

/* Collects the elements of the array whose bracket was just read. */
static ubal_error_t *collect(apr_array_header_t *elements, ubal_lex_t *lex,
                             apr_size_t length, apr_pool_t *pool)
{
    apr_size_t max = length / UBAL_SLICE_DENSE_BYTES;

    if (max < UBAL_SLICE_DENSE) {
        max = UBAL_SLICE_DENSE;
    }
    while (ubal_lex_next(lex) != UBAL_LEX_CLOSE && lex->kind < UBAL_LEX_END) {
        const char *start = lex->start;
        ubal_slice_t *slice;

        if ((apr_size_t)elements->nelts == max) {
            return ubal_error_make(UBAL_ERR_INPUT, pool,
                                   "has more than %" APR_SIZE_T_FMT
                                   " elements in %" APR_SIZE_T_FMT
                                   " bytes: too short for items",
                                   max, length);
        }
        skip_value(lex);
        slice = apr_array_push(elements);
        slice->text = start;
        slice->length = (apr_size_t)(lex->at - start);
    }
    return NULL;
}

ubal_error_t *ubal_slice_list(apr_array_header_t **elements, const char *name,
                              const char *text, apr_size_t length,
                              apr_pool_t *pool)
{
    ubal_error_t *err = NULL;
    ubal_lex_t lex;

    *elements = NULL;
    ubal_lex_start(&lex, text, length, pool);
    ubal_lex_next(&lex);
    while (!err && ubal_lex_next(&lex) == UBAL_LEX_NAME) {
        int is_wanted = is_name(&lex, name);

        ubal_lex_next(&lex);
        if (is_wanted && lex.kind == UBAL_LEX_OPEN && *lex.start == '[') {
            *elements = apr_array_make(pool, 1000, sizeof(ubal_slice_t));
            err = collect(*elements, &lex, length, pool);
        } else {
            skip_value(&lex);
        }
    }
    return err;
}
