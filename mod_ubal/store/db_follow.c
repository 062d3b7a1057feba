/* Which file a connection has open, and another in its place where the file
 * was replaced. Knows file identities, no table. See db.h. */
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

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

/* Whether the -shm that is known was removed or another put in its place: it
 * has no name then. Less work than to walk its path. */
static int has_lost_index(const ubal_db_t *db)
{
    struct stat file;

    return db->index_fd < 0 ? ubal_db_file_of(db->index_path).inode != 0
                            : fstat(db->index_fd, &file) || !file.st_nlink;
}

int ubal_db_was_replaced(const ubal_db_t *db)
{
    return db->path && (!is_same(ubal_db_file_of(db->path), db->file) ||
                        (db->index_path && has_lost_index(db)));
}

static apr_status_t close_index(void *data)
{
    const ubal_db_t *db = data;

    close(db->index_fd);
    return APR_SUCCESS;
}

/* O_PATH: closing another descriptor of it would drop the locks that this
 * process holds on the file. */
static void keep_index(ubal_db_t *db, const char *index_path)
{
    db->index_path = index_path;
    db->index_fd = open(index_path, O_PATH | O_CLOEXEC);
    if (db->index_fd >= 0) {
        apr_pool_cleanup_register(db->pool, db, close_index,
                                  apr_pool_cleanup_null);
    }
}

static int is_index(const ubal_db_t *db, ubal_file_t file)
{
    struct stat index;

    return db->index_fd < 0
               ? !file.inode
               : !fstat(db->index_fd, &index) &&
                     is_same(file, (ubal_file_t){(apr_uint64_t)index.st_dev,
                                                 (apr_uint64_t)index.st_ino});
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
    keep_index(db, index_path);
    return is_index(db, before) && !ubal_db_was_replaced(db)
               ? NULL
               : ubal_error_make(UBAL_ERR_DB, pool,
                                 "%s was replaced while it was opened",
                                 db->path);
}

static ubal_error_t *open_now(ubal_db_t **db, const char *path,
                              apr_pool_t *owner, apr_pool_t *pool)
{
    ubal_error_t *err =
        ubal_db_connect_file(db, path, SQLITE_OPEN_READONLY, owner, pool);

    if (!err) {
        err = know_index(*db, pool);
        if (err) {
            apr_pool_destroy((*db)->pool);
        }
    }
    if (err) {
        *db = NULL;
    }
    return err;
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
    err = open_now(db, path, owner, pool);
    /* the first look may have made the -shm */
    return err && err->kind == UBAL_ERR_DB ? open_now(db, path, owner, pool)
                                           : err;
}
