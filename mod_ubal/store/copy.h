/* A copy of an SQLite database in PostgreSQL, as it was at one instant, made
 * while others write. Knows what is copied in which order and what a copy may
 * be made over; rows are copy_rows.c's, the proof is copy_check.c's. Only the
 * daemon's program links it. */
#ifndef UBAL_STORE_COPY_H
#define UBAL_STORE_COPY_H

#include "store/db.h"

typedef struct ubal_copy_t {
    apr_int64_t as_of;        /* us; what the copy covers; 0: nothing yet */
    apr_int64_t transactions; /* in the copy */
    apr_int64_t users;
    apr_int64_t added; /* transactions that an earlier copy did not have */
    int is_again;      /* there was an earlier copy */
} ubal_copy_t;

typedef enum {
    UBAL_COPY_ROWS, /* rows are copied */
    UBAL_COPY_CHECK /* transactions, and what else is checked */
} ubal_copy_phase_e;

/* Told now and then how many of how many are through. */
typedef void (*ubal_copy_progress_t)(void *baton, ubal_copy_phase_e phase,
                                     apr_int64_t done, apr_int64_t total);

/* Copies `source`, a reader's connection to SQLite, into `target`, a writer's
 * to PostgreSQL, whose schema is brought to this program's where it may. All
 * of it is one transaction there, which is committed when the copy is the
 * same for each user and passes all of store/verify.h; else nothing of it is
 * there. An earlier copy of the same database is brought up to date.
 * UBAL_ERR_INPUT where `target` holds anything else, or more;
 * UBAL_ERR_FENCED where another holds it. The snapshot keeps SQLite's -wal
 * from being used anew while it lasts. */
ubal_error_t *ubal_copy_make(ubal_copy_t *copied, ubal_db_t *source,
                             ubal_db_t *target, ubal_copy_progress_t progress,
                             void *baton, apr_pool_t *pool);

#endif
