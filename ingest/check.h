/* One request to a vendor by hand: it costs a slot and stores nothing. */
#ifndef UBAL_CHECK_H
#define UBAL_CHECK_H

#include "core/item.h"
#include "task.h"

typedef struct ubal_check_t {
    ubal_error_t *err; /* NULL: there is a page */
    ubal_page_t *page;
    int status; /* HTTP; 0: no reply */
    apr_int64_t ms;
} ubal_check_t;

/* Asks `vendor` for the first page of the last day, when the ledger allows it
 * (which can take a period), and reads the reply; what is wrong with that is
 * in check->err. The slot is committed before and closed after it, as the
 * daemon does. `daemon` is taken over and has a loop. An error is one of the
 * database. */
ubal_error_t *ubal_check_vendor(ubal_check_t *check, ubal_daemon_t *daemon,
                                const ubal_vendor_t *vendor, apr_pool_t *pool);

#endif
