/* The windows of a vendor. All writes inside a transaction of the owner. */
#ifndef UBAL_STORE_WINDOW_H
#define UBAL_STORE_WINDOW_H

#include "core/item.h"
#include "core/window.h"
#include "store/db.h"

/* Reads the vendor's windows that are open or parked, oldest first, into an
 * array of ubal_window_t, and in `*end` the latest `to` of any (0: none). */
ubal_error_t *ubal_window_load(apr_array_header_t **windows, apr_int64_t *end,
                               ubal_db_t *db, apr_int64_t vendor,
                               apr_pool_t *pool);

/* Reads a row that gives all columns of a window as window_load does. */
void ubal_window_read(ubal_window_t *window, ubal_rows_t *rows);

/* Forgets the keys of each window that a statement names, by id and begin;
 * `*earliest` becomes the earliest begin where that is before it. */
ubal_error_t *ubal_window_forget_keys(apr_int64_t *earliest, ubal_db_t *db,
                                      ubal_rows_t *rows, apr_pool_t *pool);

/* Stores a window: inserts it where its id is 0 (and sets it), else updates
 * all of it. Leaving a pass (next_page 1, or not open) forgets the pass's
 * keys. */
ubal_error_t *ubal_window_save(ubal_db_t *db, apr_int64_t vendor,
                               ubal_window_t *window, apr_pool_t *pool);

/* Removes a window (taken back whole, or split). */
ubal_error_t *ubal_window_remove(ubal_db_t *db, apr_int64_t id,
                                 apr_pool_t *pool);

/* Takes all windows of the vendor back to `*end`: those that begin at or
 * beyond it are removed; so is a done one that straddles it, for it was read
 * before that time, and `*end` becomes where it began. An open or parked one
 * ends there; its pass begins anew. */
ubal_error_t *ubal_window_take_back(apr_int64_t *end, ubal_db_t *db,
                                    apr_int64_t vendor, apr_pool_t *pool);

/* How many different keys a pass has, and of those that a page brought the
 * ones whose items lie before the window and from its end on. */
typedef struct ubal_keys_t {
    apr_int64_t distinct, early, late;
} ubal_keys_t;

/* Adds the page's keys to those of the window's pass. */
ubal_error_t *ubal_window_add_keys(ubal_keys_t *keys, ubal_db_t *db,
                                   const ubal_window_t *window,
                                   const ubal_page_t *page, apr_pool_t *pool);

/* Counts the same of a page by itself, the first of its pass. */
void ubal_window_count_keys(ubal_keys_t *keys, const ubal_window_t *window,
                            const ubal_page_t *page);

#endif
