/* Windows as operators see them: those that are not as they should be, and
 * what is decided about them. Writes inside a transaction of the owner; who
 * fetches takes the windows anew after that. */
#ifndef UBAL_STORE_GAP_H
#define UBAL_STORE_GAP_H

#include <apr_tables.h>

#include "core/window.h"
#include "store/db.h"

typedef struct ubal_gap_t {
    ubal_window_t window;
    const char *vendor; /* its name */
    const char *fault;  /* of its last failed request; NULL: none known */
} ubal_gap_t;

/* Reads the windows of all vendors in use that are open after failures,
 * parked, accepted or read again, and those whose vendor lists more or less
 * than it says, oldest first, into an array of ubal_gap_t. */
ubal_error_t *ubal_gap_list(apr_array_header_t **gaps, ubal_db_t *db,
                            apr_pool_t *pool);

/* Reads those that a retry would open, of which only id and state are set,
 * into an array of ubal_window_t. */
ubal_error_t *ubal_gap_waiting(apr_array_header_t **windows, ubal_db_t *db,
                               apr_pool_t *pool);

/* Lets coverage pass a window that is parked, or open after failures.
 * `*found` is the window as it was then, its id 0 where there is none such;
 * one that is accepted already is found and stays so. */
ubal_error_t *ubal_gap_accept(ubal_window_t *found, ubal_db_t *db,
                              apr_int64_t id, apr_pool_t *pool);

/* Opens a window that is parked, accepted or open after failures, to be read
 * from its first page, without failures. `*found` as above; one that is open
 * without failures is found and stays so. */
ubal_error_t *ubal_gap_retry(ubal_window_t *found, ubal_db_t *db,
                             apr_int64_t id, apr_pool_t *pool);

#endif
