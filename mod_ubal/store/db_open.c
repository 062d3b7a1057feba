/* Opens connections of our own. Knows files, file systems and SQLite's
 * settings, no table. Only the daemon links it, and SQLite with it: the
 * module takes its connections from mod_dbd. See db.h. */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>
#include <unistd.h>

#include <apr_strings.h>
#include <apr_time.h>
#include <sqlite3.h>

#include "core/vendor.h"
#include "store/checkpoint.h"
#include "store/db.h"

/* statfs(2): what file systems call themselves. */
static const struct {
    unsigned long type;
    const char *name;
} foreign[] = {
    {0x6969, "NFS"},      {0xff534d42, "CIFS"},   {0xfe534d42, "SMB2"},
    {0x517b, "SMB"},      {0x5346414f, "AFS"},    {0x6b414653, "AFS"},
    {0x73757245, "Coda"}, {0x00c36400, "Ceph"},   {0x01021997, "9P"},
    {0x564c, "NCP"},      {0x0bd00bd0, "Lustre"}, {0x7461636f, "OCFS2"},
    {0x01161970, "GFS2"},
};

static ubal_error_t *system_error(const char *doing, const char *path,
                                  apr_pool_t *pool)
{
    char text[128];

    apr_strerror(APR_FROM_OS_ERROR(errno), text, sizeof(text));
    return ubal_error_make(UBAL_ERR_SYSTEM, pool, "cannot %s %s: %s", doing,
                           path, text);
}

/* WAL needs memory that all its users share. */
static ubal_error_t *check_file_system(const char *path, apr_pool_t *pool)
{
    struct statfs fs;
    size_t i;

    if (statfs(path, &fs)) {
        return system_error("look at the file system of", path, pool);
    }
    for (i = 0; i < sizeof(foreign) / sizeof(foreign[0]); i++) {
        if (((unsigned long)fs.f_type & 0xffffffffUL) == foreign[i].type) {
            return ubal_error_make(UBAL_ERR_CONFIG, pool,
                                   "%s is on %s, where several processes "
                                   "cannot share an SQLite database: move it "
                                   "to a local disk",
                                   path, foreign[i].name);
        }
    }
    return NULL;
}

/* Makes the file where there is none. One that exists is not opened here:
 * closing it would drop the locks of another connection of this process. */
static ubal_error_t *create(const char *path, apr_pool_t *pool)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

    if (fd >= 0) {
        close(fd);
    } else if (errno != EEXIST) {
        return system_error("create", path, pool);
    }
    return NULL;
}

/* Which file the path names now; no error where it names none. */
static ubal_error_t *identify(struct stat *file, int *exists, const char *path,
                              apr_pool_t *pool)
{
    *exists = !stat(path, file);
    if (!*exists && errno != ENOENT) {
        return system_error("find", path, pool);
    }
    if (*exists && !S_ISREG(file->st_mode)) {
        return ubal_error_make(UBAL_ERR_CONFIG, pool, "%s is not a file",
                               path);
    }
    return NULL;
}

int ubal_db_was_replaced(const ubal_db_t *db)
{
    struct stat now;

    return db->path &&
           (stat(db->path, &now) || (apr_uint64_t)now.st_dev != db->device ||
            (apr_uint64_t)now.st_ino != db->inode);
}

static apr_status_t close_handle(void *data)
{
    ubal_db_t *db = data;

    apr_dbd_close(db->driver, db->handle);
    return APR_SUCCESS;
}

static ubal_error_t *find_driver(const apr_dbd_driver_t **driver,
                                 const char *name, apr_pool_t *pool)
{
    apr_status_t rv = apr_dbd_init(pool);

    if (rv == APR_SUCCESS) {
        rv = apr_dbd_get_driver(pool, name, driver);
    }
    return rv == APR_SUCCESS
               ? NULL
               : ubal_error_make(UBAL_ERR_CONFIG, pool,
                                 "apr_dbd has no driver %s here: its package "
                                 "is missing",
                                 name);
}

/* Connects in a pool of the connection's own, (*db)->pool: a connection that
 * turns out to be no good is closed by destroying that. */
static ubal_error_t *open_handle(ubal_db_t **db, const char *driver_name,
                                 const char *params, apr_pool_t *pool)
{
    const apr_dbd_driver_t *driver = NULL;
    apr_dbd_t *handle;
    apr_pool_t *own;
    const char *reason = NULL;
    ubal_error_t *err = find_driver(&driver, driver_name, pool);

    if (err) {
        return err;
    }
    apr_pool_create(&own, pool);
    if (apr_dbd_open_ex(driver, own, params, &handle, &reason)) {
        err = ubal_error_make(UBAL_ERR_DB, pool,
                              "cannot open the %s database: %s", driver_name,
                              reason ? reason : "no reason given");
        apr_pool_destroy(own);
        return err;
    }
    err = ubal_db_wrap(db, driver, handle, own);
    if (!err) {
        apr_pool_cleanup_register(own, *db, close_handle,
                                  apr_pool_cleanup_null);
    }
    return err;
}

/* Runs a PRAGMA that answers with one row, which must be `expected`. */
static ubal_error_t *expect(ubal_db_t *db, const char *pragma,
                            const char *expected, apr_pool_t *pool)
{
    apr_dbd_results_t *results = NULL;
    apr_dbd_row_t *row = NULL;
    const char *answer = NULL;
    int code =
        apr_dbd_select(db->driver, pool, db->handle, &results, pragma, 0);

    if (code) {
        return ubal_error_make(UBAL_ERR_DB, pool, "%s: %s", pragma,
                               apr_dbd_error(db->driver, db->handle, code));
    }
    while (!apr_dbd_get_row(db->driver, pool, results, &row, -1)) {
        answer = apr_dbd_get_entry(db->driver, row, 0);
    }
    if (!answer || strcmp(answer, expected)) {
        return ubal_error_make(UBAL_ERR_DB, pool, "%s: got %s, not %s", pragma,
                               answer ? answer : "nothing", expected);
    }
    return NULL;
}

/* Another program that opens or closes the database has it locked for a
 * moment, which no busy handler waits for here. */
static ubal_error_t *switch_to_wal(ubal_db_t *db, apr_pool_t *pool)
{
    const int tries = 100;
    ubal_error_t *err = NULL;
    int i;

    for (i = 0; i < tries; i++) {
        err = expect(db, "PRAGMA journal_mode=WAL", "wal", pool);
        if (!err || !strstr(err->message, "locked")) {
            break;
        }
        apr_sleep(50000);
    }
    return err;
}

/* What a writer's connection must be like: commits that survive a power cut,
 * readers undisturbed, and -wal and -shm left there at a clean stop, without
 * which a reader that may not write could not open the database. */
static ubal_error_t *set_up_writer(ubal_db_t *db, apr_pool_t *pool)
{
    int on = 1;
    ubal_error_t *err = switch_to_wal(db, pool);

    if (!err) {
        err = ubal_db_script(db, "PRAGMA synchronous=FULL", pool);
    }
    if (!err) {
        err = expect(db, "PRAGMA synchronous", "2", pool);
    }
    if (!err &&
        sqlite3_file_control(apr_dbd_native_handle(db->driver, db->handle),
                             "main", SQLITE_FCNTL_PERSIST_WAL, &on)) {
        err = ubal_error_make(UBAL_ERR_DB, pool,
                              "SQLite does not keep its -wal file");
    }
    return err ? err : ubal_checkpoint_set_up(db, pool);
}

/* An SQLite URI of an absolute path that only reads. */
static const char *reader_uri(const char *path, apr_pool_t *pool)
{
    char *uri = apr_palloc(pool, 3 * strlen(path) + sizeof("file:?mode=ro"));
    char *end = uri + 5;

    memcpy(uri, "file:", 5);
    for (; *path; path++) {
        if (strchr("%?#", *path)) {
            end += sprintf(end, "%%%02x", (unsigned char)*path);
        } else {
            *end++ = *path;
        }
    }
    memcpy(end, "?mode=ro", sizeof("?mode=ro"));
    return uri;
}

/* Connects to the file, and remembers which one it is. */
static ubal_error_t *connect_file(ubal_db_t **db, const char *path,
                                  const char *params, apr_pool_t *pool)
{
    struct stat file;
    int exists;
    ubal_error_t *err = identify(&file, &exists, path, pool);

    if (!err && !exists) {
        err = ubal_error_make(UBAL_ERR_NO_SCHEMA, pool,
                              "there is no database %s yet", path);
    }
    if (!err) {
        err = open_handle(db, "sqlite3", params, pool);
    }
    if (err) {
        return err;
    }
    (*db)->path = path;
    (*db)->device = (apr_uint64_t)file.st_dev;
    (*db)->inode = (apr_uint64_t)file.st_ino;
    if (ubal_db_was_replaced(*db)) {
        apr_pool_destroy((*db)->pool);
        return ubal_error_make(UBAL_ERR_DB, pool,
                               "%s was replaced while it was opened", path);
    }
    return NULL;
}

static ubal_error_t *open_writer(ubal_db_t **db, const char *path,
                                 apr_pool_t *pool)
{
    ubal_error_t *err = create(path, pool);

    if (!err) {
        err = check_file_system(path, pool);
    }
    if (!err) {
        err = connect_file(db, path, path, pool);
    }
    if (err) {
        return err;
    }
    err = set_up_writer(*db, pool);
    if (err) {
        apr_pool_destroy((*db)->pool);
    }
    return err;
}

/* What a file is opened by; a server is asked for all alike. */
static ubal_error_t *open_any(ubal_db_t **db, const char *driver,
                              const char *params, int is_reader,
                              apr_pool_t *pool)
{
    const char *path;
    ubal_error_t *err;

    if (strcmp(driver, "sqlite3")) {
        return open_handle(db, driver, params, pool);
    }
    err = ubal_settings_sqlite_path(&path, params, 0, pool);
    if (err) {
        return err;
    }
    return is_reader ? connect_file(db, path, reader_uri(path, pool), pool)
                     : open_writer(db, path, pool);
}

ubal_error_t *ubal_db_open(ubal_db_t **db, const char *driver,
                           const char *params, apr_pool_t *pool)
{
    return open_any(db, driver, params, 0, pool);
}

ubal_error_t *ubal_db_open_reader(ubal_db_t **db, const char *driver,
                                  const char *params, apr_pool_t *pool)
{
    return open_any(db, driver, params, 1, pool);
}
