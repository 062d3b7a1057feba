/* Many users' sums in one statement, one snapshot. */
#ifndef UBAL_STORE_BULK_H
#define UBAL_STORE_BULK_H

#include "store/read.h"

typedef struct ubal_bulk_user_t {
    const char *id; /* as ubal_id_fault() allows */
    ubal_sums_t sums;
    int is_known;
} ubal_bulk_user_t;

/* Reads what is covered and fills the sums of users[0..count), which are at
 * least one and differ, as ubal_read_user does for one. Errors as there. */
ubal_error_t *ubal_bulk_read(ubal_coverage_t *coverage,
                             ubal_bulk_user_t *users, int count, ubal_db_t *db,
                             int scale, apr_pool_t *pool);

#endif
