/* Ranges of windows that are done, as reconciliation looks at them: what they
 * held, where to halve them, which to read again. Knows the windows' table. */
#ifndef UBAL_STORE_RANGE_H
#define UBAL_STORE_RANGE_H

#include <apr_tables.h>

#include "core/window.h"
#include "store/db.h"

/* What the windows of a range held. A vendor that is asked for [from - tick,
 * to) as its first and last window were has to say `expected`. */
typedef struct ubal_range_t {
    apr_int64_t windows;  /* how many there are */
    apr_int64_t expected; /* total, what lies beyond its borders included */
    apr_int64_t own;      /* items within its borders */
    apr_int64_t tick;     /* us that its first window was asked from earlier */
    apr_int64_t middle;   /* a border that halves it; 0: one window, or none */
} ubal_range_t;

/* Sets [*from, *to) to the latest range of whole windows that end within it
 * and are covered without a hole, done and counted, so that they can be
 * compared with a total; `*to` 0: there is none. */
ubal_error_t *ubal_range_find(apr_int64_t *from, apr_int64_t *to,
                              ubal_db_t *db, apr_int64_t vendor,
                              apr_pool_t *pool);

/* Sums up the windows of [from, to), which are borders of some. */
ubal_error_t *ubal_range_sum(ubal_range_t *range, ubal_db_t *db,
                             apr_int64_t vendor, apr_int64_t from,
                             apr_int64_t to, apr_pool_t *pool);

/* Has the window that ends at `to` read again: its state becomes
 * UBAL_WINDOW_RECHECK, and it is set in `*window`; id 0 where no such window
 * is done. Inside a transaction of the owner. */
ubal_error_t *ubal_range_recheck(ubal_window_t *window, ubal_db_t *db,
                                 apr_int64_t vendor, apr_int64_t to,
                                 apr_pool_t *pool);

/* Has the done windows from `from` (a border) on that hold about `items`
 * together read again, as one: `*window` as above, ending by `to`. Inside a
 * transaction of the owner. */
ubal_error_t *ubal_range_reread(ubal_window_t *window, ubal_db_t *db,
                                apr_int64_t vendor, apr_int64_t from,
                                apr_int64_t to, apr_int64_t items,
                                apr_pool_t *pool);

/* Has the first windows after `after` whose borders lie within a second read
 * again, as one between whole seconds: `*window` as above, id 0 where there
 * are none, or not all of them are done. Inside a transaction of the owner. */
ubal_error_t *ubal_range_round(ubal_window_t *window, ubal_db_t *db,
                               apr_int64_t vendor, apr_int64_t after,
                               apr_pool_t *pool);

/* Reads the latest windows that are done, newest first, into an array of
 * ubal_window_t of which from, to, own and accepted are set. */
ubal_error_t *ubal_range_recent(apr_array_header_t **windows, ubal_db_t *db,
                                apr_int64_t vendor, apr_pool_t *pool);

#endif
