/* The transactions of a page in few statements, where each statement is a way
 * to a server and back: what is stored under the page's ids is read at once,
 * what is new is kept in memory and written at once. Inside one transaction of
 * the owner, who alone writes. Knows ids and transactions of PostgreSQL. */
#ifndef UBAL_STORE_PARCEL_H
#define UBAL_STORE_PARCEL_H

#include "core/item.h"
#include "store/db.h"

/* What is stored under an id. */
typedef struct ubal_content_t {
    const char *user_id;
    apr_int64_t created_at, type, amount;
    apr_int64_t commit_seq; /* of the commit that stored it */
} ubal_content_t;

typedef struct ubal_parcel_t ubal_parcel_t;

/* Reads what is stored under the ids of `page` of a vendor. */
ubal_error_t *ubal_parcel_read(ubal_parcel_t **parcel, ubal_db_t *db,
                               apr_int64_t vendor, const ubal_page_t *page,
                               apr_pool_t *pool);

/* What is stored under an id of the page, written or still to be; NULL. */
const ubal_content_t *ubal_parcel_find(const ubal_parcel_t *parcel,
                                       const char *id);

/* Adds a sound item of the page that is not stored, as of commit `seq`. */
void ubal_parcel_add(ubal_parcel_t *parcel, const ubal_item_t *item,
                     apr_int64_t seq);

/* Writes what was added since the last time; UBAL_ERR_DB where another has
 * stored one of the ids since they were read. */
ubal_error_t *ubal_parcel_write(ubal_parcel_t *parcel);

/* The open dead letters of what was added since the last time are closed. */
ubal_error_t *ubal_parcel_supersede(ubal_parcel_t *parcel);

#endif
