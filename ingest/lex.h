/* The grammar of JSON (RFC 8259), token by token, at any depth and without
 * recursion. Knows no values: neither what a number is worth, nor whether a
 * string is well-formed UTF-8, nor whether a name is given twice. */
#ifndef UBAL_LEX_H
#define UBAL_LEX_H

#include <apr_pools.h>

typedef enum {
    UBAL_LEX_OPEN,   /* { or [ */
    UBAL_LEX_CLOSE,  /* } or ] */
    UBAL_LEX_NAME,   /* a member's name with its quotes; the colon is read */
    UBAL_LEX_STRING, /* with its quotes */
    UBAL_LEX_NUMBER,
    UBAL_LEX_WORD, /* true, false or null */
    UBAL_LEX_END,  /* the text was one whole JSON value */
    UBAL_LEX_BAD   /* it is none: see fault; there are no further tokens */
} ubal_lex_kind_e;

typedef struct ubal_lex_t {
    ubal_lex_kind_e kind; /* of the token read last, ... */
    const char *start;    /* ... which is start[0..length) of the text */
    apr_size_t length;
    apr_size_t depth;  /* containers that are open after it */
    const char *fault; /* what is wrong, a static phrase */
    /* The reader's own. */
    const char *at;
    const char *end;
    unsigned char *nest; /* a bit a level: set in an object */
    enum {
        UBAL_LEX_VALUE,
        UBAL_LEX_FIRST,
        UBAL_LEX_AFTER
    } state;
} ubal_lex_t;

/* Prepares `lex` to read text[0..length), which must stay. Takes length / 8
 * bytes of `pool`. */
void ubal_lex_start(ubal_lex_t *lex, const char *text, apr_size_t length,
                    apr_pool_t *pool);

/* Reads the next token into `lex` and returns its kind. Where the text breaks
 * the grammar `start` is where. Commas and colons are read silently. */
ubal_lex_kind_e ubal_lex_next(ubal_lex_t *lex);

#endif
