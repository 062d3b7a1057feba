/* Lists of values as one parameter of a statement: PostgreSQL's arrays as
 * text, '{"a","b"}' or '{1,2}'. Knows no statement. */
#ifndef UBAL_STORE_ARRAY_H
#define UBAL_STORE_ARRAY_H

#include "store/text.h"

typedef struct ubal_array_t {
    ubal_text_t text; /* as far as it is */
    int count;
} ubal_array_t;

/* An empty array whose text will live as long as `pool`. */
ubal_array_t ubal_array_make(apr_pool_t *pool);

/* Adds UTF-8 text without NUL, or a number. */
void ubal_array_add_text(ubal_array_t *array, const char *text);
void ubal_array_add_int(ubal_array_t *array, apr_int64_t number);

/* The parameter. More can be added afterwards, and the text taken again. */
const char *ubal_array_end(ubal_array_t *array);

#endif
