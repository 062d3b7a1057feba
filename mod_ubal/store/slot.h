/* Slots: a row for every request to a vendor, written before it is sent and
 * closed after it ended. The ledger that the budget is proved from. */
#ifndef UBAL_STORE_SLOT_H
#define UBAL_STORE_SLOT_H

#include "core/item.h"
#include "store/db.h"

typedef struct ubal_slot_t {
    apr_int64_t id;      /* ascending over all accounts; 0: not stored yet */
    const char *account; /* ubal_vendor_account() */
    const char *boot;    /* which boot of which host the times are of */
    apr_int64_t started; /* us of CLOCK_BOOTTIME */
    apr_int64_t ended;   /* the same; 0: not ended */
    apr_int64_t vendor;
    apr_int64_t window; /* 0: none (a check by hand) */
    int page;           /* 0: only a total was asked for */
    apr_int64_t at;     /* wall clock at the start, us, for people */
} ubal_slot_t;

/* How a request ended. */
typedef struct ubal_outcome_t {
    apr_int64_t ended; /* us of CLOCK_BOOTTIME */
    int status;        /* HTTP; 0: no reply */
    apr_int64_t ms;
    apr_int64_t window; /* whose page it was, as now stored; 0: none */
    const char *fault;  /* NULL: a page was stored */
    ubal_counts_t counts;
} ubal_outcome_t;

/* The fault of slots that stand for requests which the ledger may lack. */
#define UBAL_SLOT_ASSUMED "assumed: the ledger may lack it"

/* Reads the last `count` slots of `account`, newest first, into an array of
 * ubal_slot_t. */
ubal_error_t *ubal_slot_recent(apr_array_header_t **slots, ubal_db_t *db,
                               const char *account, int count,
                               apr_pool_t *pool);

/* Sets `*id` to the highest slot there is; 0: none. */
ubal_error_t *ubal_slot_last(apr_int64_t *id, ubal_db_t *db, apr_pool_t *pool);

/* Sets `*at` to when the vendor was last asked for a count (a slot whose page
 * is 0), wall clock us; 0: never. */
ubal_error_t *ubal_slot_last_count(apr_int64_t *at, ubal_db_t *db,
                                   apr_int64_t vendor, apr_pool_t *pool);

/* Stores a new slot and sets its id. Inside a transaction of the owner that
 * has checked the budget. */
ubal_error_t *ubal_slot_open(ubal_db_t *db, ubal_slot_t *slot,
                             apr_pool_t *pool);

/* Closes slot `id`. Inside a transaction of the owner. */
ubal_error_t *ubal_slot_close(ubal_db_t *db, apr_int64_t id,
                              const ubal_outcome_t *outcome, apr_pool_t *pool);

/* Closes all that an earlier owner left open as ended `found` (us of
 * CLOCK_BOOTTIME of `boot`), fault "lost". Inside a transaction. */
ubal_error_t *ubal_slot_abandon(int *count, ubal_db_t *db, const char *boot,
                                apr_int64_t found, apr_pool_t *pool);

#endif
