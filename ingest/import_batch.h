/* Items as bytes, from the command that read them to the owner that stores
 * them: frames of one machine, not a format of files. Pure. */
#ifndef UBAL_IMPORT_BATCH_H
#define UBAL_IMPORT_BATCH_H

#include "core/error.h"
#include "core/item.h"
#include "store/import.h"

/* What the first byte of a frame says. */
#define UBAL_BATCH_PROBE 'P'  /* items to be looked for, not stored */
#define UBAL_BATCH_PROBED 'Q' /* all of those were sent; no items */
#define UBAL_BATCH_STORE 'S'
#define UBAL_BATCH_FLUSH 'F'  /* what was sent is to be committed */
#define UBAL_BATCH_AFRESH 'A' /* the file is another one than it was */

typedef struct ubal_batch_t {
    char *bytes; /* of UBAL_VERB_FRAME_MAX */
    apr_size_t length;
    int count; /* items */
} ubal_batch_t;

/* Makes an empty one. */
void ubal_batch_make(ubal_batch_t *batch, apr_pool_t *pool);
void ubal_batch_begin(ubal_batch_t *batch, char what);

/* Adds an item; 0 where there is no room for it. A batch that is empty has
 * room for any. */
int ubal_batch_add(ubal_batch_t *batch, const ubal_item_t *item);

/* Where the file is after its items. */
void ubal_batch_set_place(ubal_batch_t *batch, apr_int64_t position,
                          apr_int64_t line, const char *digest);

/* Reads bytes[0..length): sets the place in `import`, and pushes the items on
 * `items`; their texts lie in `bytes`. UBAL_ERR_INPUT where it was not made
 * by these functions. */
ubal_error_t *ubal_batch_read(ubal_import_t *import, apr_array_header_t *items,
                              const char *bytes, apr_size_t length,
                              apr_pool_t *pool);

#endif
