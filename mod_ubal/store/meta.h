/* What the database is: schema, scale, owner; its vendors; the one row that
 * says what is covered. */
#ifndef UBAL_STORE_META_H
#define UBAL_STORE_META_H

#include "core/vendor.h"
#include "store/db.h"

#define UBAL_TOKEN_LENGTH 32

/* The daemon that may fetch and write. */
typedef struct ubal_owner_t {
    char token[UBAL_TOKEN_LENGTH + 1]; /* random, in hex, of this take-over */
    char previous[UBAL_TOKEN_LENGTH + 1]; /* the token before; "" if none */
    apr_int64_t last_slot; /* the highest slot found at take-over; 0 none */
    unsigned char account_key[16];
} ubal_owner_t;

/* Brings the schema to this program's version, each migration in one
 * transaction; `*before` and `*after` are the versions (0: empty database).
 * UBAL_ERR_CONFIG, naming both versions, where the database's is newer.
 * Only under the lock. */
ubal_error_t *ubal_meta_migrate(ubal_db_t *db, int *before, int *after,
                                apr_pool_t *pool);

/* Makes the caller the owner: a new token, the scale written if it is the
 * first (UBAL_ERR_CONFIG, naming both, where another is stored), `host` and
 * `pid` noted for status. */
ubal_error_t *ubal_meta_take_over(ubal_owner_t *owner, ubal_db_t *db,
                                  int scale, const char *host, long pid,
                                  apr_pool_t *pool);

/* Begins a write transaction as owner: UBAL_ERR_FENCED (and rolled back)
 * where the token in the database is not the owner's. */
ubal_error_t *ubal_meta_begin(ubal_db_t *db, const ubal_owner_t *owner,
                              apr_pool_t *pool);

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
 * retired by ubal_meta_retire, and revived here. */
ubal_error_t *ubal_meta_vendor(ubal_vendor_row_t *row, ubal_db_t *db,
                               const char *name, apr_pool_t *pool);
/* Finds a vendor in use without changing anything; its id is 0 where there is
 * none of that name. */
ubal_error_t *ubal_meta_find_vendor(ubal_vendor_row_t *row, ubal_db_t *db,
                                    const char *name, apr_pool_t *pool);

ubal_error_t *ubal_meta_retire(ubal_db_t *db, const ubal_settings_t *settings,
                               apr_pool_t *pool);

/* Sets `*name` to another vendor than `vendor` that has stored pages fetched
 * with `account`; NULL where there is none. */
ubal_error_t *ubal_meta_former_vendor(const char **name, ubal_db_t *db,
                                      apr_int64_t vendor, const char *account,
                                      apr_pool_t *pool);

/* Notes that a page of the vendor had so many items. Inside a transaction. */
ubal_error_t *ubal_meta_note_page(ubal_db_t *db, apr_int64_t vendor,
                                  apr_int64_t items, apr_pool_t *pool);

/* Notes which fields the ids of `row`'s transactions are made of, `fields`
 * being their paths as UbalMap has them. UBAL_ERR_CONFIG, naming both, where
 * some are stored under ids of other fields: they would be stored once more.
 * Inside a transaction. */
ubal_error_t *ubal_meta_settle_id(ubal_db_t *db, const ubal_vendor_row_t *row,
                                  const char *vendor, const char *fields,
                                  apr_pool_t *pool);

/* Notes what is asked for in a page from now on. Inside a transaction. */
ubal_error_t *ubal_meta_note_page_size(ubal_db_t *db, apr_int64_t vendor,
                                       apr_int64_t size, apr_pool_t *pool);

/* Notes that the vendor compares instants as cut, or rounded. Inside a
 * transaction. */
ubal_error_t *ubal_meta_note_coarse(ubal_db_t *db, apr_int64_t vendor,
                                    apr_pool_t *pool);

/* Stores since and largest_page of `row`. Inside a transaction. */
ubal_error_t *ubal_meta_save_vendor(ubal_db_t *db,
                                    const ubal_vendor_row_t *row,
                                    apr_pool_t *pool);

/* Works out since and as-of of each vendor from its windows (as-of: the
 * earliest `from` that is open or parked, else the latest `to`; since goes
 * back over history that adjoins it), and from all of them and the dead
 * letters the coverage row that replies are made of. Inside a transaction,
 * last before the commit. */
ubal_error_t *ubal_meta_update_coverage(ubal_db_t *db, apr_pool_t *pool);

#endif
