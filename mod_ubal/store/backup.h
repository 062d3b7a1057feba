/* A copy of an SQLite database as it was at one instant, made while others
 * write. Knows files and SQLite's backup, no command. Only the daemon's
 * program links it, as db_open.c. */
#ifndef UBAL_STORE_BACKUP_H
#define UBAL_STORE_BACKUP_H

#include "store/db.h"

typedef struct ubal_backup_t {
    const char *file;  /* its absolute path */
    apr_int64_t bytes; /* its size */
    apr_int64_t as_of; /* us; what the copy covers; 0: nothing yet */
} ubal_backup_t;

/* Told now and then how many of all pages are copied; another return value
 * than 0 breaks it off. */
typedef int (*ubal_backup_progress_t)(void *baton, int done, int all);

/* Copies the database of `db`, a reader's connection, to `file`, which must
 * not exist: UBAL_ERR_INPUT where it does, and where `db` is no SQLite. The
 * copy is made as file.XXXXXX.incomplete, and gets its name when it is whole
 * and on disk. The snapshot keeps SQLite's -wal from being used anew while it
 * lasts: it grows by what is written then. UBAL_ERR_SYSTEM where it was broken
 * off or the disk is full; nothing is left then. */
ubal_error_t *ubal_backup_make(ubal_backup_t *copied, ubal_db_t *db,
                               const char *file,
                               ubal_backup_progress_t progress, void *baton,
                               apr_pool_t *pool);

#endif
