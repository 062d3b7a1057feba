/* Which file a -shm is of: an extended attribute of the -shm says it, so that
 * a restore that left the old file's -wal and -shm there is noticed. SQLite
 * itself would read the new file by the old one's log, and find anything. */
#ifndef UBAL_STORE_DB_TAG_H
#define UBAL_STORE_DB_TAG_H

#include "store/db.h"

/* UBAL_ERR_DB where there is a log beside `path` that is known to be of
 * another file than `file`, which is there now. */
ubal_error_t *ubal_db_tag_check(const char *path, ubal_file_t file,
                                apr_pool_t *pool);

/* Has the -shm of a connection, which took its first look, say which file it
 * is of, where its file system keeps such things. */
void ubal_db_tag_put(const ubal_db_t *db, apr_pool_t *pool);

#endif
