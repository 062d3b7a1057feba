/* What an import has to do with coverage: what of its items lies where the
 * vendor's list was read already, and the windows that it makes. Knows
 * windows and what an import counted. */
#ifndef UBAL_STORE_IMPORT_RANGE_H
#define UBAL_STORE_IMPORT_RANGE_H

#include "store/import.h"

/* Sets [*from, *to) to what all windows of the vendor lie in, whatever their
 * state; 0 and 0 where it has none. */
ubal_error_t *ubal_import_hull(apr_int64_t *from, apr_int64_t *to,
                               ubal_db_t *db, apr_int64_t vendor,
                               apr_pool_t *pool);

/* Counts the items of `page` (id and created_at alone are looked at) that lie
 * in covered windows, and those of them whose id is stored; stops at the
 * first of those. */
ubal_error_t *ubal_import_probe(int *covered, int *shared, ubal_db_t *db,
                                apr_int64_t vendor, const ubal_page_t *page,
                                apr_pool_t *pool);

/* UBAL_ERR_INPUT where a backfill of [from, to) is under way. */
ubal_error_t *ubal_import_check_backfill(ubal_db_t *db, apr_int64_t vendor,
                                         apr_int64_t from, apr_int64_t to,
                                         apr_pool_t *pool);

/* Sets `*has_any` to whether an item of the import lies within its range. */
ubal_error_t *ubal_import_has_hours(int *has_any, ubal_db_t *db,
                                    apr_int64_t import, apr_pool_t *pool);

/* Makes done windows of what has none in [*cursor, import->to), of a day and
 * `most` items at most each; goes on for a while and moves `*cursor` to where
 * it came, `*made` is by how many. Inside a transaction of the owner. */
ubal_error_t *ubal_import_cover(apr_int64_t *cursor, int *made, ubal_db_t *db,
                                const ubal_import_t *import, apr_int64_t most,
                                apr_pool_t *pool);

/* Forgets what was counted. Inside a transaction of the owner. */
ubal_error_t *ubal_import_forget(ubal_db_t *db, apr_int64_t import,
                                 apr_pool_t *pool);

#endif
