/* Which state an SQLite database is in, told from the index of its write-ahead
 * log, which every commit of every process changes, without a transaction.
 * Knows that index, no table. */
#ifndef UBAL_STORE_STAMP_H
#define UBAL_STORE_STAMP_H

#include "store/db.h"

/* Two that are equal were taken in the same state of the same file. */
typedef struct ubal_stamp_t {
    ubal_file_t file;
    apr_uint64_t index[6]; /* the header of the log's index */
} ubal_stamp_t;

/* Takes the state that the database of `db` is in now, so that what is read of
 * it between two equal stamps is read of that state. Returns 0 where it cannot
 * be told and has to be asked: it is not SQLite's, its log is empty, or it is
 * just being changed or recovered. */
int ubal_stamp_take(ubal_stamp_t *stamp, const ubal_db_t *db);

int ubal_stamp_is_equal(const ubal_stamp_t *a, const ubal_stamp_t *b);

#endif
