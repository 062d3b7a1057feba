/* A vendor as it is stored: where its coverage begins and ends, and what was
 * learned of it. */
#ifndef UBAL_STORE_VENDOR_ROW_H
#define UBAL_STORE_VENDOR_ROW_H

#include "core/vendor.h"
#include "store/db.h"

/* A vendor as stored. */
typedef struct ubal_vendor_row_t {
    apr_int64_t id;
    apr_int64_t since;        /* us; start of coverage; 0: not known yet */
    apr_int64_t as_of;        /* us; end of coverage; 0: nothing fetched */
    apr_int64_t largest_page; /* the most items a page of it ever had */
    apr_int64_t page_size;    /* what was last asked for in a page; 0: never */
    int is_coarse;            /* it compares instants as cut, or rounded */
} ubal_vendor_row_t;

/* Finds the vendor by name, adding it where it is new. Inside a transaction
 * of the owner. Vendors of the table that are not in `settings` any more are
 * retired by ubal_vendor_row_retire, and revived here. */
ubal_error_t *ubal_vendor_row_settle(ubal_vendor_row_t *row, ubal_db_t *db,
                                     const char *name, apr_pool_t *pool);

/* Finds a vendor in use without changing anything; its id is 0 where there is
 * none of that name. */
ubal_error_t *ubal_vendor_row_find(ubal_vendor_row_t *row, ubal_db_t *db,
                                   const char *name, apr_pool_t *pool);

/* Retires those that are not in `settings`: they hold as-of back no more.
 * Inside a transaction. */
ubal_error_t *ubal_vendor_row_retire(ubal_db_t *db,
                                     const ubal_settings_t *settings,
                                     apr_pool_t *pool);

/* Sets `*name` to another vendor than `vendor` that has stored pages fetched
 * with `account`; NULL where there is none. */
ubal_error_t *ubal_vendor_row_former(const char **name, ubal_db_t *db,
                                     apr_int64_t vendor, const char *account,
                                     apr_pool_t *pool);

/* Notes that a page of the vendor had so many items. Inside a transaction. */
ubal_error_t *ubal_vendor_row_note_page(ubal_db_t *db, apr_int64_t vendor,
                                        apr_int64_t items, apr_pool_t *pool);

/* Notes which fields the ids of `row`'s transactions are made of, `fields`
 * being their paths as UbalMap has them. UBAL_ERR_CONFIG, naming both, where
 * some are stored under ids of other fields: they would be stored once more.
 * Inside a transaction. */
ubal_error_t *ubal_vendor_row_settle_id(ubal_db_t *db,
                                        const ubal_vendor_row_t *row,
                                        const char *vendor, const char *fields,
                                        apr_pool_t *pool);

/* Notes what is asked for in a page from now on. Inside a transaction. */
ubal_error_t *ubal_vendor_row_note_page_size(ubal_db_t *db, apr_int64_t vendor,
                                             apr_int64_t size,
                                             apr_pool_t *pool);

/* Notes that the vendor compares instants as cut, or rounded. Inside a
 * transaction. */
ubal_error_t *ubal_vendor_row_note_coarse(ubal_db_t *db, apr_int64_t vendor,
                                          apr_pool_t *pool);

/* Stores since and largest_page of `row`. Inside a transaction. */
ubal_error_t *ubal_vendor_row_save(ubal_db_t *db, const ubal_vendor_row_t *row,
                                   apr_pool_t *pool);

#endif
