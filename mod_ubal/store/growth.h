/* How large the database is, how fast it grows, and when its disk is full.
 * Knows the ledger of requests, which says what came when, and the file
 * system under an SQLite file; counts no transactions. */
#ifndef UBAL_STORE_GROWTH_H
#define UBAL_STORE_GROWTH_H

#include "store/db.h"

/* -1 stands for what is not known. */
typedef struct ubal_growth_t {
    apr_int64_t bytes;         /* the database, without SQLite's log */
    apr_int64_t free_bytes;    /* on its disk, for who asks */
    apr_int64_t rows_per_day;  /* at the pace of the last 24 hours */
    apr_int64_t bytes_per_day; /* the same */
    apr_int64_t days_left;     /* at that pace; UBAL_GROWTH_NEVER */
} ubal_growth_t;

#define UBAL_GROWTH_NEVER APR_INT64_MAX

/* Reads it as of wall clock `now` (us), `transactions` being stored. What was
 * imported from files is no pace, what backfill fetches is. */
ubal_error_t *ubal_growth_read(ubal_growth_t *growth, ubal_db_t *db,
                               apr_int64_t transactions, apr_int64_t now,
                               apr_pool_t *pool);

/* The part of it that is reckoned, from bytes and free_bytes: of
 * `transactions` rows, `recent` came in the last `span` us. Less than ten
 * minutes say nothing. Where there are few rows yet, one counts as
 * UBAL_GROWTH_ROW bytes, else as its share of the database. */
void ubal_growth_reckon(ubal_growth_t *growth, apr_int64_t transactions,
                        apr_int64_t recent, apr_int64_t span);

/* Bytes that a transaction takes with its indexes and sums, as measured by
 * t/bench/commits with UUIDs as ids. */
#define UBAL_GROWTH_ROW APR_INT64_C(145)

#endif
