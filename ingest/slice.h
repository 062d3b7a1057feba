/* Cuts the JSON text of a page so that a parser may read it safely: item by
 * item, without what nobody asks for, numbers as text. Knows tokens only. */
#ifndef UBAL_SLICE_H
#define UBAL_SLICE_H

#include <apr_tables.h>

#include "core/error.h"

/* A range of the page's text, not terminated. */
typedef struct ubal_slice_t {
    const char *text;
    apr_size_t length;
} ubal_slice_t;

/* Checks that text[0..length) is one whole JSON value and writes a reduced
 * copy to out[0..size); its length to `*written`. In the copy
 *   arrays are empty, and so are objects deeper than `levels`: what a hostile
 *   text can make of the parser's memory is bounded by `size`;
 *   strings begin with s, and numbers are strings that begin with n and go on
 *   with their own digits: {"id":7,"type":"spent"} becomes
 *   {"id":"n7","type":"sspent"}, so that no parser rounds or refuses any.
 * Names and the words true, false, null stay. Well-formed UTF-8 and unique
 * names are left for the parser to check. UBAL_ERR_INPUT says where the
 * grammar is broken. A copy that does not fit has `*written` above `size`. */
ubal_error_t *ubal_slice_reduce(apr_size_t *written, char *out,
                                apr_size_t size, const char *text,
                                apr_size_t length, int levels,
                                apr_pool_t *pool);

/* From how many elements on a list must have how many bytes of text for each:
 * shorter ones are no items, and each costs far more than its own bytes. */
#define UBAL_SLICE_DENSE 10000
#define UBAL_SLICE_DENSE_BYTES 32

/* Finds the elements of the array `name` in the object text[0..length), the
 * last where there are several, as an array of ubal_slice_t; NULL where there
 * is none. `name` needs no escapes. The text must have passed
 * ubal_slice_reduce. UBAL_ERR_INPUT for more than UBAL_SLICE_DENSE elements
 * in a text of less than UBAL_SLICE_DENSE_BYTES for each. */
ubal_error_t *ubal_slice_list(apr_array_header_t **elements, const char *name,
                              const char *text, apr_size_t length,
                              apr_pool_t *pool);

#endif
