/* The transactions of a page in few statements, where each statement is a way
 * to a server and back: the page's ids are stored at once, which says whether
 * they are new, and what is stored under those that are not is read at once;
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

/* Takes the ids of the items of `page` of a vendor that are sound and not from
 * before `since`; reads what is stored under those that are not new, and under
 * those of items with a fault. UBAL_ERR_DB where an id is there and its
 * transaction is not. */
ubal_error_t *ubal_parcel_read(ubal_parcel_t **parcel, ubal_db_t *db,
                               apr_int64_t vendor, const ubal_page_t *page,
                               apr_int64_t since, apr_pool_t *pool);

/* Those of these items that are not stored, const ubal_item_t *: before any is
 * added. Of one id there can be several. */
apr_array_header_t *ubal_parcel_new_items(int *are_ids_distinct,
                                          const ubal_parcel_t *parcel);

/* What is stored under an id of the page, written or still to be; NULL. */
const ubal_content_t *ubal_parcel_find(const ubal_parcel_t *parcel,
                                       const char *id);

/* Adds a sound item of the page that is not stored, as of commit `seq`. */
void ubal_parcel_add(ubal_parcel_t *parcel, const ubal_item_t *item,
                     apr_int64_t seq);

/* Writes what was added, and gives back the ids that were taken and not added:
 * after the last was. */
ubal_error_t *ubal_parcel_write(ubal_parcel_t *parcel);

/* The open dead letters of what was added since the last time are closed. */
ubal_error_t *ubal_parcel_supersede(ubal_parcel_t *parcel);

#endif
