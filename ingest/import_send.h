/* The command's side of an import: batches to the owner, a few ahead of its
 * answers. Knows the call, not what is sent. */
#ifndef UBAL_IMPORT_SEND_H
#define UBAL_IMPORT_SEND_H

#include "call.h"
#include "import_batch.h"

#define UBAL_SEND_WORDS 8

typedef struct ubal_send_t {
    ubal_call_t *call;
    int ahead;                          /* frames without an answer */
    const char *words[UBAL_SEND_WORDS]; /* of the last answer; "" where it
                                         * has not so many */
    apr_pool_t *line;                   /* of those */
    apr_pool_t *pool;
} ubal_send_t;

/* Calls the verb, and takes its first answer. */
ubal_error_t *ubal_send_open(ubal_send_t *send, const ubal_cmd_t *cmd,
                             const char *const *words, apr_pool_t *pool);

/* Sends a batch; waits for an answer where enough are under way. */
ubal_error_t *ubal_send_batch(ubal_send_t *send, const ubal_batch_t *batch);

/* Waits until all that was sent is answered. */
ubal_error_t *ubal_send_drain(ubal_send_t *send);

/* Sends the end, and takes the last answer. */
ubal_error_t *ubal_send_finish(ubal_send_t *send);

/* The number that is a word of the last answer. */
apr_int64_t ubal_send_number(const ubal_send_t *send, int index);

#endif
