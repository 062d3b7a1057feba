/* Reconciliation: the search for items that a vendor lists late or lists no
 * more. A count asks for the vendor's total of today over a
 * range; where that differs from what the range's windows held, the range is
 * halved at a window's border, until single windows are left to be read
 * again. Pure: what the store knows of a range is handed in. `now` and
 * what is compared with it are us of CLOCK_BOOTTIME, the rest us UTC. */
#ifndef UBAL_RECON_H
#define UBAL_RECON_H

#include <apr_tables.h>

/* One check begins in so much time at most, and a request of reconciliation
 * may take a slot that live windows could want, as long as they lag by less
 * than UBAL_RECON_LAG or two rounds. */
#define UBAL_RECON_FLOOR APR_INT64_C(600000000)
#define UBAL_RECON_LAG APR_INT64_C(60000000)

/* A range to be looked at. */
typedef struct ubal_recon_range_t {
    apr_int64_t from, to;
    apr_int64_t difference; /* the vendor's total above what was held, */
    int is_known;           /* where it has been counted */
    apr_int64_t middle;     /* the border at which it is halved (its end, for
                             * a single window); 0: the store has not been
                             * asked */
    apr_int64_t tick;       /* us that its first window was asked from before
                             * its begin: so is a count */
} ubal_recon_range_t;

/* A window whose difference a second reading did not explain. */
typedef struct ubal_recon_doubt_t {
    apr_int64_t window;
    apr_int64_t difference;
    int passes; /* that did not explain it */
} ubal_recon_doubt_t;

typedef struct ubal_recon_t {
    apr_int64_t range;    /* how far back by itself, us; 0: not at all */
    apr_int64_t lookback; /* how far back is read again where the vendor
                           * gives no totals, us; 0: not at all */
    int is_looking_back;  /* and where it does: in turn with counts */
    int has_counted;      /* the last check was a count */
    apr_int64_t next_at;  /* when the next check may begin */
    apr_int64_t last_at;  /* when the last request was made; 0: never */
    int is_history_next;  /* the next request that is to spare is history's */
    apr_int64_t cursor;   /* the lookback goes on from here */
    apr_array_header_t
        *ranges; /* of ubal_recon_range_t, a stack; NULL: none */
    apr_array_header_t *doubts; /* of ubal_recon_doubt_t */
    int requests, found;        /* of this check so far, for the log */
} ubal_recon_t;

/* Makes its lists in `pool`. */
void ubal_recon_make(ubal_recon_t *recon, apr_pool_t *pool);

/* Notes a request of it that ended at `now`: where few are to spare, history
 * has the next, or it would never have one. */
void ubal_recon_asked(ubal_recon_t *recon, apr_int64_t now);

/* Adds a range to be checked, at once. */
void ubal_recon_add(ubal_recon_t *recon, apr_int64_t from, apr_int64_t to);

/* The range that comes next; NULL where none is left. */
ubal_recon_range_t *ubal_recon_top(const ubal_recon_t *recon);

/* Takes the next range out: it needs no look any more, or is a window that is
 * now read again. */
void ubal_recon_drop(ubal_recon_t *recon);

/* Notes that the next range is window `window` alone, which is read again
 * now, and takes it out. */
void ubal_recon_read(ubal_recon_t *recon, apr_int64_t window);

/* What to count for the next range: all of it, or, where its difference is
 * known, its first half. Its middle has been set. */
void ubal_recon_ask(apr_int64_t *from, apr_int64_t *to,
                    const ubal_recon_t *recon);

/* The count that ubal_recon_ask asked for has come: the vendor's total is
 * `difference` above what was held. */
void ubal_recon_counted(ubal_recon_t *recon, apr_int64_t difference);

/* How much of a total is to be accepted as never explained, now that `window`
 * was read again whole: the difference, where this reading too `is_same` as
 * the one before; 0: nothing. */
apr_int64_t ubal_recon_drift(const ubal_recon_t *recon, apr_int64_t window,
                             int is_same);

/* Carries that out, once the store has committed it; [from, to) is counted
 * once more where one reading explained nothing. */
void ubal_recon_reread(ubal_recon_t *recon, apr_int64_t window,
                       apr_int64_t from, apr_int64_t to, int is_same);

/* Forgets all ranges: windows are not what they were. */
void ubal_recon_forget(ubal_recon_t *recon);

#endif
