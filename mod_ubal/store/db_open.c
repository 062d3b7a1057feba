/* Opens connections. Knows files, file systems and SQLite's settings, no
 * table. SQLite's are its own: what apr_dbd opens for it could not be opened
 * anew under those who share it, and takes a mutex at each call. See db.h. */
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
#include "store/db_driver.h"
#include "store/db_fault.h"
#include "store/db_pgsql.h"
#include "store/db_tag.h"
#include "store/log_file.h"

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
 * closing it would drop the locks of another connection of this process. A log
 * and index that are left are of a file that is gone: SQLite removes the one
 * and believes the other, as long as anybody has it open. */
static ubal_error_t *create(const char *path, apr_pool_t *pool)
{
    int fd = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0640);

    if (fd >= 0) {
        close(fd);
        unlink(apr_pstrcat(pool, path, "-wal", NULL));
        unlink(apr_pstrcat(pool, path, "-shm", NULL));
    } else if (errno != EEXIST) {
        return system_error("create", path, pool);
    }
    return NULL;
}

/* Whether the path names a file; no error where it names none. */
static ubal_error_t *identify(int *exists, const char *path, apr_pool_t *pool)
{
    struct stat file;

    *exists = !stat(path, &file);
    if (!*exists && errno != ENOENT) {
        return system_error("find", path, pool);
    }
    if (*exists && !S_ISREG(file.st_mode)) {
        return ubal_error_make(UBAL_ERR_CONFIG, pool, "%s is not a file",
                               path);
    }
    return NULL;
}

static apr_status_t close_handle(void *data)
{
    ubal_db_t *db = data;

    return apr_dbd_close(db->driver, db->handle) ? APR_EGENERAL : APR_SUCCESS;
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
static ubal_error_t *open_server(ubal_db_t **db, const char *driver_name,
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
    if (apr_dbd_open_ex(driver, own, ubal_db_pgsql_params(params, own),
                        &handle, &reason)) {
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
        err = ubal_db_pgsql_check_encoding(*db, pool);
    }
    return err;
}

/* The same for a file. Of the threads that use it in turns one does at a time,
 * so that it needs no mutex. */
static ubal_error_t *open_file(ubal_db_t **db, const char *path, int flags,
                               apr_pool_t *owner, apr_pool_t *pool)
{
    sqlite3 *handle = NULL;
    apr_pool_t *own;
    int rc = sqlite3_open_v2(
        path, &handle, flags | SQLITE_OPEN_NOMUTEX,
        flags & SQLITE_OPEN_READWRITE ? ubal_log_file_vfs() : NULL);
    ubal_error_t *err;

    if (rc != SQLITE_OK) {
        err = ubal_error_make(UBAL_ERR_DB, pool, "cannot open %s: %s", path,
                              handle ? sqlite3_errmsg(handle)
                                     : sqlite3_errstr(rc));
        sqlite3_close(handle);
        return err;
    }
    apr_pool_create(&own, owner);
    *db = apr_pcalloc(own, sizeof(**db));
    (*db)->pool = own;
    (*db)->dialect = UBAL_DIALECT_SQLITE;
    ubal_db_sqlite_make(*db, handle);
    return NULL;
}

/* Runs a PRAGMA that answers with one row, which must be `expected`. */
static ubal_error_t *expect(ubal_db_t *db, const char *pragma,
                            const char *expected, apr_pool_t *pool)
{
    sqlite3 *handle = ubal_db_native(db);
    sqlite3_stmt *stmt = NULL;
    const char *answer = NULL;
    int rc = sqlite3_prepare_v2(handle, pragma, -1, &stmt, NULL);
    ubal_error_t *err = NULL;

    if (rc == SQLITE_OK) {
        rc = sqlite3_step(stmt);
    }
    if (rc == SQLITE_ROW) {
        answer = (const char *)sqlite3_column_text(stmt, 0);
    } else if (rc != SQLITE_DONE) {
        err = ubal_db_fault(handle, pragma, pool);
    }
    if (!err && (!answer || strcmp(answer, expected))) {
        err = ubal_error_make(UBAL_ERR_DB, pool, "%s: got %s, not %s", pragma,
                              answer ? answer : "nothing", expected);
    }
    sqlite3_finalize(stmt);
    return err;
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
        err = ubal_db_script(
            db, "PRAGMA synchronous=FULL;PRAGMA cache_size=" UBAL_DB_CACHE,
            pool);
    }
    if (!err) {
        err = expect(db, "PRAGMA synchronous", "2", pool);
    }
    if (!err && sqlite3_file_control(ubal_db_native(db), "main",
                                     SQLITE_FCNTL_PERSIST_WAL, &on)) {
        err = ubal_error_make(UBAL_ERR_DB, pool,
                              "SQLite does not keep its -wal file");
    }
    return err ? err : ubal_checkpoint_set_up(db, pool);
}

ubal_error_t *ubal_db_connect_file(ubal_db_t **db, const char *path, int flags,
                                   apr_pool_t *owner, apr_pool_t *pool)
{
    ubal_file_t before = ubal_db_file_of(path);
    int exists;
    ubal_error_t *err = identify(&exists, path, pool);

    if (!err && !exists) {
        err = ubal_error_make(UBAL_ERR_NO_SCHEMA, pool,
                              "there is no database %s yet", path);
    }
    if (!err) {
        err = ubal_db_tag_check(path, before, pool);
    }
    if (!err) {
        err = open_file(db, path, flags, owner, pool);
    }
    if (err) {
        return err;
    }
    (*db)->path = apr_pstrdup((*db)->pool, path);
    (*db)->file = before;
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
        err =
            ubal_db_connect_file(db, path, SQLITE_OPEN_READWRITE, pool, pool);
    }
    if (err) {
        return err;
    }
    err = set_up_writer(*db, pool);
    if (!err) {
        err = ubal_db_know_index(*db, pool);
    }
    if (!err) {
        err = ubal_db_is_there(*db, pool);
    }
    if (err) {
        apr_pool_destroy((*db)->pool);
    } else {
        ubal_db_tag_put(*db, pool);
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
        err = open_server(db, driver, params, pool);
        if (!err) {
            (*db)->is_writer = !is_reader;
            err = ubal_db_pgsql_tune(*db, pool);
        }
        return err;
    }
    err = ubal_settings_sqlite_path(&path, params, 0, pool);
    if (err) {
        return err;
    }
    return is_reader ? ubal_db_connect_file(db, path, SQLITE_OPEN_READONLY,
                                            pool, pool)
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
