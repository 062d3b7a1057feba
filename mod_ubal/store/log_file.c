/* A VFS between SQLite and its own. It knows databases, for their locks, and
 * their logs; other files are SQLite's own altogether. See log_file.h. */
#include "store/log_file.h"

#include <string.h>

#include <sqlite3.h>

/* Bytes that are gathered at most. */
#define ROOM (64 * 1024)

/* Where SQLite locks who may write: WAL_WRITE_LOCK of "WAL-mode File Format"
 * in its documentation. */
#define WRITE_LOCK 0

typedef struct file_t {
    sqlite3_file seen;    /* what SQLite sees */
    sqlite3_file *own;    /* SQLite's, which follows this in memory */
    struct file_t *other; /* a database's log, a log's database; or NULL */
    sqlite3_int64 begin;  /* of a log: where the gathered bytes go */
    int length;
    unsigned char *bytes; /* NULL: nothing was written yet */
} file_t;

static file_t *of(sqlite3_file *file)
{
    return (file_t *)(void *)file;
}

/* SQLite's own way for what is asked of a file. */
#define OWN(file, method, ...) \
    of(file)->own->pMethods->method(of(file)->own, ##__VA_ARGS__)

/* What fails stays gathered, and is tried again: a commit syncs, which then
 * fails, or all is where it belongs. */
static int hand_on(file_t *log)
{
    int rc = SQLITE_OK;

    if (log && log->length) {
        rc = OWN(&log->seen, xWrite, log->bytes, log->length, log->begin);
    }
    if (log && rc == SQLITE_OK) {
        log->length = 0;
    }
    return rc;
}

/* --- logs ---------------------------------------------------------------- */

static int write_log(sqlite3_file *file, const void *bytes, int length,
                     sqlite3_int64 at)
{
    file_t *log = of(file);
    int rc = SQLITE_OK;

    if (at != log->begin + log->length || length > ROOM - log->length) {
        rc = hand_on(log);
    }
    if (!log->bytes) {
        log->bytes = sqlite3_malloc(ROOM);
    }
    if (rc != SQLITE_OK) {
        return rc;
    }
    if (!log->bytes || length > ROOM) {
        return OWN(file, xWrite, bytes, length, at);
    }
    if (!log->length) {
        log->begin = at;
    }
    memcpy(log->bytes + log->length, bytes, (size_t)length);
    log->length += length;
    return SQLITE_OK;
}

/* --- databases ----------------------------------------------------------- */

static int lock_index(sqlite3_file *file, int offset, int count, int flags)
{
    file_t *log = of(file)->other;

    if (log && (flags & SQLITE_SHM_UNLOCK) && offset <= WRITE_LOCK &&
        WRITE_LOCK < offset + count) {
        hand_on(log);
        log->length = 0; /* where that failed it was no commit's */
    }
    return OWN(file, xShmLock, offset, count, flags);
}

/* Between the two copies of the index's header, of which both must tell of a
 * commit. */
static void pass_barrier(sqlite3_file *file)
{
    hand_on(of(file)->other);
    OWN(file, xShmBarrier);
}

static int write_database(sqlite3_file *file, const void *bytes, int length,
                          sqlite3_int64 at)
{
    return OWN(file, xWrite, bytes, length, at);
}

static int map_index(sqlite3_file *file, int piece, int size, int is_extended,
                     volatile void **mapped)
{
    return OWN(file, xShmMap, piece, size, is_extended, mapped);
}

static int unmap_index(sqlite3_file *file, int is_deleted)
{
    return OWN(file, xShmUnmap, is_deleted);
}

/* --- both ---------------------------------------------------------------- */

/* Of a database nothing is ever gathered: there is nothing to hand on. */

static int read_file(sqlite3_file *file, void *bytes, int length,
                     sqlite3_int64 at)
{
    file_t *log = of(file);
    int rc = at < log->begin + log->length && log->begin < at + length
                 ? hand_on(log)
                 : SQLITE_OK;

    return rc ? rc : OWN(file, xRead, bytes, length, at);
}

static int truncate_file(sqlite3_file *file, sqlite3_int64 size)
{
    int rc = hand_on(of(file));

    return rc ? rc : OWN(file, xTruncate, size);
}

static int sync_file(sqlite3_file *file, int flags)
{
    int rc = hand_on(of(file));

    return rc ? rc : OWN(file, xSync, flags);
}

static int measure_file(sqlite3_file *file, sqlite3_int64 *size)
{
    int rc = hand_on(of(file));

    return rc ? rc : OWN(file, xFileSize, size);
}

/* Nothing is gathered by now: the lock to write is not held. */
static int close_file(sqlite3_file *file)
{
    if (of(file)->other) {
        of(file)->other->other = NULL;
    }
    sqlite3_free(of(file)->bytes);
    of(file)->bytes = NULL;
    return OWN(file, xClose);
}

static int lock_file(sqlite3_file *file, int level)
{
    return OWN(file, xLock, level);
}

static int unlock_file(sqlite3_file *file, int level)
{
    return OWN(file, xUnlock, level);
}

static int check_lock(sqlite3_file *file, int *is_reserved)
{
    return OWN(file, xCheckReservedLock, is_reserved);
}

static int control_file(sqlite3_file *file, int what, void *value)
{
    return OWN(file, xFileControl, what, value);
}

static int sector_size(sqlite3_file *file)
{
    return OWN(file, xSectorSize);
}

static int characteristics(sqlite3_file *file)
{
    return OWN(file, xDeviceCharacteristics);
}

/* Version 2: it is not mapped. */
static const sqlite3_io_methods of_database = {
    .iVersion = 2,
    .xClose = close_file,
    .xRead = read_file,
    .xWrite = write_database,
    .xTruncate = truncate_file,
    .xSync = sync_file,
    .xFileSize = measure_file,
    .xLock = lock_file,
    .xUnlock = unlock_file,
    .xCheckReservedLock = check_lock,
    .xFileControl = control_file,
    .xSectorSize = sector_size,
    .xDeviceCharacteristics = characteristics,
    .xShmMap = map_index,
    .xShmLock = lock_index,
    .xShmBarrier = pass_barrier,
    .xShmUnmap = unmap_index};

static const sqlite3_io_methods of_log = {.iVersion = 1,
                                          .xClose = close_file,
                                          .xRead = read_file,
                                          .xWrite = write_log,
                                          .xTruncate = truncate_file,
                                          .xSync = sync_file,
                                          .xFileSize = measure_file,
                                          .xLock = lock_file,
                                          .xUnlock = unlock_file,
                                          .xCheckReservedLock = check_lock,
                                          .xFileControl = control_file,
                                          .xSectorSize = sector_size,
                                          .xDeviceCharacteristics =
                                              characteristics};

/* --- the VFS ------------------------------------------------------------- */

static int open_seen(sqlite3_vfs *own, const char *name, file_t *file,
                     int flags, int *out_flags,
                     const sqlite3_io_methods *methods)
{
    int rc;

    memset(file, 0, sizeof(*file));
    file->own = (sqlite3_file *)(void *)(file + 1);
    rc = own->xOpen(own, name, file->own, flags, out_flags);
    if (!file->own->pMethods) {
        return rc;
    }
    file->seen.pMethods = methods;
    if (rc == SQLITE_OK && file->own->pMethods->iVersion < methods->iVersion) {
        OWN(&file->seen, xClose);
        file->seen.pMethods = NULL;
        rc = SQLITE_CANTOPEN;
    }
    return rc;
}

/* A log is SQLite's own where its database is: then nobody would say when the
 * lock is given back. */
static int open_file(sqlite3_vfs *self, const char *name, sqlite3_file *file,
                     int flags, int *out_flags)
{
    sqlite3_vfs *own = self->pAppData;
    sqlite3_file *database =
        flags & SQLITE_OPEN_WAL ? sqlite3_database_file_object(name) : NULL;
    int rc;

    if (flags & SQLITE_OPEN_MAIN_DB) {
        return open_seen(own, name, of(file), flags, out_flags, &of_database);
    }
    if (!database || database->pMethods != &of_database) {
        return own->xOpen(own, name, file, flags, out_flags);
    }
    rc = open_seen(own, name, of(file), flags, out_flags, &of_log);
    if (rc == SQLITE_OK) {
        of(file)->other = of(database);
        of(database)->other = of(file);
    }
    return rc;
}

const char *ubal_log_file_vfs(void)
{
    static sqlite3_vfs vfs;
    sqlite3_vfs *own = sqlite3_vfs_find(NULL);

    if (!vfs.zName && own) {
        vfs = *own;
        vfs.pNext = NULL;
        vfs.zName = "ubal";
        vfs.pAppData = own;
        vfs.szOsFile = own->szOsFile + (int)sizeof(file_t);
        vfs.xOpen = open_file;
        if (sqlite3_vfs_register(&vfs, 0) != SQLITE_OK) {
            vfs.zName = NULL;
        }
    }
    return vfs.zName;
}
