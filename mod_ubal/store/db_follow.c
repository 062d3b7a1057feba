/* Which file a connection has open, and another in its place where the file
 * was replaced. Knows file identities, no table. See db.h. */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_strings.h>
#include <sqlite3.h>

#include "store/db_driver.h"
#include "store/db_tag.h"

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

ubal_file_e ubal_db_find_file(const ubal_db_t *db)
{
    ubal_file_t now = db->path ? ubal_db_file_of(db->path) : db->file;

    return is_same(now, db->file) ? UBAL_FILE_SAME
           : now.inode            ? UBAL_FILE_OTHER
                                  : UBAL_FILE_GONE;
}

ubal_error_t *ubal_db_is_there(const ubal_db_t *db, apr_pool_t *pool)
{
    return ubal_db_was_replaced(db)
               ? ubal_error_make(UBAL_ERR_FENCED, pool,
                                 "the database file, or its -shm, was "
                                 "replaced")
               : NULL;
}

static apr_status_t close_index(void *data)
{
    const ubal_db_t *db = data;

    close(db->index_fd);
    return APR_SUCCESS;
}

/* O_PATH: closing another descriptor of it would drop the locks that this
 * process holds on the file. */
ubal_error_t *ubal_db_know_index(ubal_db_t *db, apr_pool_t *pool)
{
    ubal_error_t *err =
        ubal_db_script(db, "SELECT 1 FROM sqlite_schema LIMIT 1", pool);

    db->index_path = apr_pstrcat(db->pool, db->path, "-shm", NULL);
    db->index_fd = open(db->index_path, O_PATH | O_CLOEXEC);
    if (db->index_fd >= 0) {
        apr_pool_cleanup_register(db->pool, db, close_index,
                                  apr_pool_cleanup_null);
    }
    return err;
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

/* Where the connection has its -shm mapped; NULL where it has none. */
static const volatile void *find_mapping(const ubal_db_t *db)
{
    const int size = 32768; /* of each piece that SQLite maps */
    volatile void *mapping = NULL;
    sqlite3_file *file = NULL;

    if (db->index_fd < 0 ||
        sqlite3_file_control(ubal_db_native(db), "main",
                             SQLITE_FCNTL_FILE_POINTER, &file) ||
        !file || !file->pMethods || file->pMethods->iVersion < 2 ||
        file->pMethods->xShmMap(file, 0, size, 0, &mapping)) {
        return NULL;
    }
    return mapping;
}

/* Connections of one process to one file share what the first has mapped,
 * though that -shm was removed since: it says of another log where in it the
 * pages lie, and what is read there is anything. See proc(5) for the words. */
static int is_mapping_removed(const ubal_db_t *db)
{
    unsigned long at = (unsigned long)find_mapping(db), begin, end;
    FILE *maps = at ? fopen("/proc/self/maps", "re") : NULL;
    char line[8192], *rest;
    int is_removed = 0;

    while (maps && !is_removed && fgets(line, sizeof(line), maps)) {
        begin = strtoul(line, &rest, 16);
        end = *rest == '-' ? strtoul(rest + 1, NULL, 16) : 0;
        is_removed =
            at >= begin && at < end && strstr(line, " (deleted)\n") != NULL;
    }
    if (maps) {
        fclose(maps);
    }
    return is_removed;
}

/* The same for a reader, who may meet a restore. */
static ubal_error_t *take_first_look(ubal_db_t *db, apr_pool_t *pool)
{
    ubal_file_t before =
        ubal_db_file_of(apr_pstrcat(pool, db->path, "-shm", NULL));
    ubal_error_t *err = ubal_db_know_index(db, pool);

    if (is_mapping_removed(db)) {
        return ubal_error_make(UBAL_ERR_DB, pool,
                               "%s-shm was removed while it was in use: "
                               "restart httpd gracefully",
                               db->path);
    }
    if (err) {
        return err;
    }
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
        err = take_first_look(*db, pool);
        if (err) {
            apr_pool_destroy((*db)->pool);
        } else {
            ubal_db_tag_put(*db, pool);
            ubal_folder_begin(&(*db)->folder, path, (*db)->pool);
        }
    }
    if (err) {
        *db = NULL;
    }
    return err;
}

/* The same as ubal_db_was_replaced(), with less work for who asks often. */
static int has_changed(ubal_db_t *db)
{
    int is_other;

    if (ubal_folder_is_same(&db->folder)) {
        return 0;
    }
    is_other = ubal_db_was_replaced(db);
    if (!is_other) {
        ubal_folder_keep(&db->folder);
    }
    return is_other;
}

ubal_error_t *ubal_db_follow(ubal_db_t **db, const char *path,
                             apr_pool_t *owner, apr_pool_t *pool)
{
    ubal_error_t *err;

    if (*db && !has_changed(*db)) {
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
