/* The bytes of an item as they are kept, and back. Knows no JSON. */
#ifndef UBAL_RAW_H
#define UBAL_RAW_H

#include "slice.h"

/* The bytes as they came, in a form that any database takes as text: where
 * they are no UTF-8 text without NUL, "base64:" and their encoding. No JSON
 * begins so. */
const char *ubal_raw_keep(const ubal_slice_t *slice, apr_pool_t *pool);

/* The bytes that `raw` was made of by ubal_raw_keep. */
ubal_slice_t ubal_raw_slice(const char *raw, apr_pool_t *pool);

/* A digest of the bytes, in hex. */
const char *ubal_raw_digest(const ubal_slice_t *slice, apr_pool_t *pool);

#endif
