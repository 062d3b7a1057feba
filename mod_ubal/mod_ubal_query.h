/* The query string, taken apart against a table of the parameters that a
 * route knows. Knows how they are written; not what they mean. */
#ifndef MOD_UBAL_QUERY_H
#define MOD_UBAL_QUERY_H

#include <apr.h>
#include <apr_pools.h>

/* The most parameters that a route may have. */
#define UBAL_QUERY_MAX 8

typedef enum {
    UBAL_QUERY_TEXT,    /* whatever it is, decoded */
    UBAL_QUERY_RAW,     /* the same not decoded yet: see ubal_query_decode */
    UBAL_QUERY_INSTANT, /* RFC 3339, with its zone */
    UBAL_QUERY_INTEGER, /* digits, from `least` to `most` */
    UBAL_QUERY_WORD     /* one of `words` */
} ubal_query_kind_e;

/* A row of a route's table, which ends with a row without a name. */
typedef struct ubal_query_parameter_t {
    const char *name;
    ubal_query_kind_e kind;
    const char *const *words; /* ends with NULL */
    apr_int64_t least, most;
} ubal_query_parameter_t;

/* What was given for the row of the same index. */
typedef struct ubal_query_value_t {
    const char *text;   /* never ""; NULL where the parameter is not given */
    apr_int64_t number; /* of an instant: us; of a word: its index */
} ubal_query_value_t;

/* Reads `args`, which may be NULL, into values[UBAL_QUERY_MAX] as `parameters`
 * (NULL: there are none) say. Returns NULL, or for the client what is wrong,
 * which names the first parameter that is unknown, repeated, empty or not what
 * its row wants. */
const char *ubal_query_read(ubal_query_value_t *values,
                            const ubal_query_parameter_t *parameters,
                            const char *args, apr_pool_t *pool);

/* Decodes text[0..length) of a query (WHATWG URL, section 5.1): '+' is a space
 * and %xx a byte. NULL where a '%' is followed by anything else, or by 00. */
const char *ubal_query_decode(const char *text, apr_size_t length,
                              apr_pool_t *pool);

#endif
