/* Which file a connection has open, and another in its place where the file
 * was replaced. Knows file identities, no table. See db.h. */
#include <sys/stat.h>

#include <apr_strings.h>
#include <sqlite3.h>

#include "store/db_driver.h"

ubal_file_t ubal_db_file_of(const char *path)
{
    struct stat file;

    return stat(path, &file) ? (ubal_file_t){0, 0}
                             : (ubal_file_t){(apr_uint64_t)file.st_dev,
                                             (apr_uint64_t)file.st_ino};
}

static int is_same(ubal_file_t a, ubal_file_t b)
{
    return a.inode == b.inode && a.device == b.device;
}

int ubal_db_was_replaced(const ubal_db_t *db)
{
    return db->path &&
           (!is_same(ubal_db_file_of(db->path), db->file) ||
            (db->index_path &&
             !is_same(ubal_db_file_of(db->index_path), db->index)));
}

/* Takes a first look, which maps the -shm, and remembers which one that is:
 * where it is removed or replaced, so is the database, if not yet, or else
 * what others commit would not be seen. */
static ubal_error_t *know_index(ubal_db_t *db, apr_pool_t *pool)
{
    const char *index_path = apr_pstrcat(db->pool, db->path, "-shm", NULL);
    ubal_file_t before = ubal_db_file_of(index_path);
    ubal_error_t *err =
        ubal_db_script(db, "SELECT 1 FROM sqlite_schema LIMIT 1", pool);

    if (err) {
        return err;
    }
    db->index = before.inode ? before : ubal_db_file_of(index_path);
    db->index_path = index_path;
    return ubal_db_was_replaced(db)
               ? ubal_error_make(UBAL_ERR_DB, pool,
                                 "%s was replaced while it was opened",
                                 db->path)
               : NULL;
}

ubal_error_t *ubal_db_follow(ubal_db_t **db, const char *path,
                             apr_pool_t *owner, apr_pool_t *pool)
{
    ubal_error_t *err;

    if (*db && !ubal_db_was_replaced(*db)) {
        return NULL;
    }
    if (*db) {
        apr_pool_destroy((*db)->pool);
        *db = NULL;
    }
    err = ubal_db_connect_file(db, path, SQLITE_OPEN_READONLY, owner, pool);
    if (err) {
        *db = NULL;
        return err;
    }
    err = know_index(*db, pool);
    if (err) {
        apr_pool_destroy((*db)->pool);
        *db = NULL;
    }
    return err;
}
