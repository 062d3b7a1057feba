/* An import as the owner sees it: what a session keeps, and how its batches
 * become transactions. */
#ifndef UBAL_IMPORTING_H
#define UBAL_IMPORTING_H

#include "import_batch.h"
#include "verb.h"

typedef struct ubal_importing_t {
    const ubal_vendor_t *vendor;
    ubal_import_t import;
    apr_int64_t covered;      /* items that lie where coverage is */
    int is_shared;            /* one of them is stored */
    apr_array_header_t *held; /* items that wait for a transaction */
    int batches;              /* of those */
    apr_pool_t *held_pool;    /* cleared with them */
    apr_int64_t cursor;       /* windows are made up to here */
    apr_int64_t windows;      /* how many were */
} ubal_importing_t;

/* Drops what is held; also where nothing is, to begin with. */
void ubal_importing_forget(ubal_importing_t *state);

/* Takes the batch of this step's frame. In the daemon it is stored at once;
 * in a command's process, where nobody waits, several together make one
 * transaction. Says the counts. */
ubal_error_t *ubal_importing_take(ubal_importing_t *state,
                                  ubal_session_t *session);

/* Stores what is held. */
ubal_error_t *ubal_importing_flush(ubal_importing_t *state,
                                   ubal_session_t *session);

/* Says `what` and how much there was. */
void ubal_importing_say(ubal_session_t *session, const char *what,
                        const ubal_importing_t *state);

const char *ubal_importing_number(apr_int64_t value, apr_pool_t *pool);

#endif
