/* A copy of a live SQLite database; see backup.h. SQLite's backup reads from
 * the snapshot of a transaction that is open on its source, and so is not
 * begun anew when others write. */
#include "store/backup.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_file_info.h>
#include <apr_strings.h>
#include <sqlite3.h>

/* Pages that are copied between two looks at what else is to do. */
#define STEP 1024

typedef struct work_t {
    ubal_db_t *db;
    const char *file; /* what it is to be called */
    char *part;       /* what it is called while it is made; NULL: nothing
                       * is there */
    sqlite3 *target;
    ubal_backup_progress_t progress;
    void *baton;
    apr_pool_t *pool;
} work_t;

static ubal_error_t *system_error(const char *doing, const char *path,
                                  apr_pool_t *pool)
{
    char text[128];

    apr_strerror(APR_FROM_OS_ERROR(errno), text, sizeof(text));
    return ubal_error_make(UBAL_ERR_SYSTEM, pool, "cannot %s %s: %s", doing,
                           path, text);
}

static ubal_error_t *exists(const work_t *work)
{
    return ubal_error_make(UBAL_ERR_INPUT, work->pool,
                           "%s is there already: nothing is written over it",
                           work->file);
}

/* Makes the file that is written to: its mode is there from the beginning. */
static ubal_error_t *create_part(work_t *work)
{
    struct stat file;
    char *part =
        apr_pstrcat(work->pool, work->file, ".XXXXXX.incomplete", NULL);
    int fd;

    if (!lstat(work->file, &file)) {
        return exists(work);
    }
    fd = mkostemps(part, (int)sizeof(".incomplete") - 1, O_CLOEXEC);
    if (fd < 0) {
        return system_error("create", part, work->pool);
    }
    work->part = part;
    fchmod(fd, 0640);
    close(fd);
    return NULL;
}

static ubal_error_t *target_error(const work_t *work, int code)
{
    return ubal_error_make(UBAL_ERR_SYSTEM, work->pool, "cannot write %s: %s",
                           work->part, sqlite3_errstr(code));
}

/* Without a journal, and synced by us at the end: an incomplete copy is of no
 * use, and is not kept. */
static ubal_error_t *open_target(work_t *work)
{
    int code = sqlite3_open_v2(work->part, &work->target,
                               SQLITE_OPEN_READWRITE, NULL);

    if (code == SQLITE_OK) {
        code = sqlite3_exec(work->target,
                            "PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF",
                            NULL, NULL, NULL);
    }
    return code == SQLITE_OK ? NULL : target_error(work, code);
}

/* Pages from the snapshot into the target, some at a time. */
static ubal_error_t *copy_pages(work_t *work)
{
    sqlite3 *source = ubal_db_native(work->db);
    sqlite3_backup *backup =
        sqlite3_backup_init(work->target, "main", source, "main");
    int code = SQLITE_OK, is_broken_off = 0, end;

    while (backup && !is_broken_off && code == SQLITE_OK) {
        int all;

        code = sqlite3_backup_step(backup, STEP);
        all = sqlite3_backup_pagecount(backup);
        is_broken_off =
            work->progress &&
            work->progress(work->baton, all - sqlite3_backup_remaining(backup),
                           all);
    }
    end =
        backup ? sqlite3_backup_finish(backup) : sqlite3_errcode(work->target);
    if (is_broken_off) {
        return ubal_error_make(UBAL_ERR_SYSTEM, work->pool,
                               "broken off: there is no copy");
    }
    return code == SQLITE_DONE && end == SQLITE_OK
               ? NULL
               : target_error(work, end == SQLITE_OK ? code : end);
}

/* What the snapshot covers; reading that is also what takes it. */
static ubal_error_t *read_as_of(apr_int64_t *as_of, const work_t *work)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_first(&rows, &has_row, work->db, work->pool,
                                      UBAL_SQL_COVERAGE_AS_OF);

    *as_of = !err && has_row ? ubal_rows_int(rows, 0, 0) : 0;
    return err;
}

static ubal_error_t *copy_snapshot(ubal_backup_t *copied, work_t *work)
{
    ubal_error_t *err = ubal_db_begin_read(work->db, work->pool);

    if (err) {
        return err;
    }
    err = read_as_of(&copied->as_of, work);
    if (!err) {
        err = open_target(work);
    }
    if (!err) {
        err = copy_pages(work);
    }
    ubal_db_rollback(work->db, work->pool);
    return err;
}

static ubal_error_t *sync_path(const char *path, int flags, apr_int64_t *bytes,
                               apr_pool_t *pool)
{
    struct stat file;
    int fd = open(path, flags | O_CLOEXEC);
    ubal_error_t *err = NULL;

    if (fd < 0 || fstat(fd, &file) || fsync(fd)) {
        err = system_error("sync", path, pool);
    } else if (bytes) {
        *bytes = file.st_size;
    }
    if (fd >= 0) {
        close(fd);
    }
    return err;
}

static const char *folder_of(const char *path, apr_pool_t *pool)
{
    const char *slash = strrchr(path, '/');

    return slash == path
               ? "/"
               : apr_pstrmemdup(pool, path, (apr_size_t)(slash - path));
}

/* Gives it its name, where nothing has it. Some file systems have only links
 * for that, others have none. */
static ubal_error_t *publish(work_t *work)
{
    int failed = renameat2(AT_FDCWD, work->part, AT_FDCWD, work->file,
                           RENAME_NOREPLACE);

    if (failed && (errno == EINVAL || errno == ENOSYS)) {
        failed = link(work->part, work->file);
        if (!failed) {
            unlink(work->part);
        }
    }
    if (failed) {
        return errno == EEXIST
                   ? exists(work)
                   : system_error("rename to", work->file, work->pool);
    }
    work->part = NULL;
    return sync_path(folder_of(work->file, work->pool), O_RDONLY | O_DIRECTORY,
                     NULL, work->pool);
}

static ubal_error_t *make(ubal_backup_t *copied, work_t *work)
{
    ubal_error_t *err = create_part(work);
    int code;

    if (!err) {
        err = copy_snapshot(copied, work);
    }
    code = sqlite3_close(work->target);
    if (!err && code != SQLITE_OK) {
        err = target_error(work, code);
    }
    if (!err) {
        err = sync_path(work->part, O_RDWR, &copied->bytes, work->pool);
    }
    if (!err) {
        err = publish(work);
    }
    if (work->part) {
        unlink(work->part);
    }
    return err;
}

ubal_error_t *ubal_backup_make(ubal_backup_t *copied, ubal_db_t *db,
                               const char *file,
                               ubal_backup_progress_t progress, void *baton,
                               apr_pool_t *pool)
{
    work_t work = {
        .db = db, .progress = progress, .baton = baton, .pool = pool};
    char *path;
    apr_status_t rv;

    if (db->dialect != UBAL_DIALECT_SQLITE) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "this makes copies of SQLite databases: use "
                               "pg_dump for PostgreSQL");
    }
    rv = apr_filepath_merge(&path, NULL, file, APR_FILEPATH_TRUENAME, pool);
    if (rv != APR_SUCCESS || !*file) {
        return ubal_error_make(UBAL_ERR_INPUT, pool, "'%s' is no path", file);
    }
    work.file = copied->file = path;
    return make(copied, &work);
}
