/* The users who have something still to be paid, by id. */
#ifndef UBAL_STORE_OUTSTANDING_H
#define UBAL_STORE_OUTSTANDING_H

#include <apr_tables.h>

#include "store/read.h"

typedef struct ubal_outstanding_t {
    const char *user_id;
    ubal_sums_t sums; /* payout and paid_out alone */
} ubal_outstanding_t;

typedef struct ubal_outstanding_page_t {
    ubal_coverage_t coverage;
    apr_array_header_t *users; /* of ubal_outstanding_t */
    int has_more;
} ubal_outstanding_page_t;

/* Reads the first `limit` users whose id comes after `after` ("": any), in one
 * snapshot, into `page`, all in `pool`. Errors as for ubal_read_user. */
ubal_error_t *ubal_outstanding_read(ubal_outstanding_page_t *page,
                                    ubal_db_t *db, const char *after,
                                    apr_int64_t limit, int scale,
                                    apr_pool_t *pool);

#endif
