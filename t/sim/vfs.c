/* SQLite's files, with what can happen to them: no room, an error, a lock held
 * by someone else, and a process that is killed in the middle of a write. The
 * rest is the system's own. */
#include <sqlite3.h>
#include <string.h>

#include "sim.h"

/* The lock that a writer of a WAL database takes in its -shm. */
#define WAL_WRITER 0

typedef struct file_t {
    sqlite3_file base;
    sqlite3_file *real; /* lies behind this struct */
} file_t;

static sqlite3_vfs *real_vfs;

static sqlite3_file *real(sqlite3_file *file)
{
    return ((file_t *)(void *)file)->real;
}

/* What a write meets; SQLITE_OK for nothing. */
static int trouble(void)
{
    if (sim_world_write()) {
        return SQLITE_IOERR_WRITE;
    }
    if (sim.is_inside && sim.now < sim.full_until) {
        sim_fault_count(SIM_DISK_FULL);
        sim.may_fail |= !sim.is_up; /* which a later start heals */
        return SQLITE_FULL;
    }
    if (sim.is_inside && sim.has_disk_error) {
        sim.has_disk_error = 0;
        sim.may_fail = 1;
        sim_fault_count(SIM_DISK_ERROR);
        sim_ring_note("a write to the database fails");
        return SQLITE_IOERR_WRITE;
    }
    return SQLITE_OK;
}

static int v_close(sqlite3_file *f)
{
    return real(f)->pMethods ? real(f)->pMethods->xClose(real(f)) : SQLITE_OK;
}

static int v_read(sqlite3_file *f, void *to, int n, sqlite3_int64 at)
{
    return real(f)->pMethods->xRead(real(f), to, n, at);
}

/* Of the write in which the process is killed, half reaches the file. */
static int v_write(sqlite3_file *f, const void *from, int n, sqlite3_int64 at)
{
    int was_dead = sim_world_is_dead(), code = trouble();

    if (code == SQLITE_IOERR_WRITE && !was_dead && sim_world_is_dead()) {
        real(f)->pMethods->xWrite(real(f), from, n / 2, at);
    }
    return code ? code : real(f)->pMethods->xWrite(real(f), from, n, at);
}

static int v_truncate(sqlite3_file *f, sqlite3_int64 size)
{
    return sim_world_is_dead() ? SQLITE_IOERR_TRUNCATE
                               : real(f)->pMethods->xTruncate(real(f), size);
}

static int v_sync(sqlite3_file *f, int flags)
{
    (void)f, (void)flags; /* no power is cut here */
    return sim_world_write() ? SQLITE_IOERR_FSYNC : SQLITE_OK;
}

static int v_size(sqlite3_file *f, sqlite3_int64 *size)
{
    return real(f)->pMethods->xFileSize(real(f), size);
}

static int v_lock(sqlite3_file *f, int level)
{
    return real(f)->pMethods->xLock(real(f), level);
}

static int v_unlock(sqlite3_file *f, int level)
{
    return real(f)->pMethods->xUnlock(real(f), level);
}

static int v_reserved(sqlite3_file *f, int *is_held)
{
    return real(f)->pMethods->xCheckReservedLock(real(f), is_held);
}

static int v_control(sqlite3_file *f, int op, void *arg)
{
    return real(f)->pMethods->xFileControl(real(f), op, arg);
}

static int v_sector(sqlite3_file *f)
{
    return real(f)->pMethods->xSectorSize(real(f));
}

static int v_device(sqlite3_file *f)
{
    return real(f)->pMethods->xDeviceCharacteristics(real(f));
}

static int v_shm_map(sqlite3_file *f, int page, int size, int extend,
                     void volatile **to)
{
    return real(f)->pMethods->xShmMap(real(f), page, size, extend, to);
}

static int v_shm_lock(sqlite3_file *f, int offset, int n, int flags)
{
    const int taking = SQLITE_SHM_LOCK | SQLITE_SHM_EXCLUSIVE;

    if (sim.is_inside && offset == WAL_WRITER && (flags & taking) == taking &&
        sim.now < sim.locked_until) {
        sim_fault_count(SIM_LOCKED);
        sim.may_fail |= !sim.is_up;
        return SQLITE_BUSY;
    }
    return real(f)->pMethods->xShmLock(real(f), offset, n, flags);
}

static void v_shm_barrier(sqlite3_file *f)
{
    real(f)->pMethods->xShmBarrier(real(f));
}

static int v_shm_unmap(sqlite3_file *f, int remove)
{
    return real(f)->pMethods->xShmUnmap(real(f), remove);
}

static const sqlite3_io_methods methods = {
    2,        v_close,   v_read,     v_write,       v_truncate,  v_sync,
    v_size,   v_lock,    v_unlock,   v_reserved,    v_control,   v_sector,
    v_device, v_shm_map, v_shm_lock, v_shm_barrier, v_shm_unmap, NULL,
    NULL};

static int v_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file,
                  int flags, int *out)
{
    file_t *f = (void *)file;
    int code;

    (void)vfs;
    f->real = (void *)(f + 1);
    code = real_vfs->xOpen(real_vfs, name, f->real, flags, out);
    f->base.pMethods = f->real->pMethods ? &methods : NULL;
    return code;
}

static int v_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    (void)vfs;
    return sim_world_is_dead() ? SQLITE_IOERR_DELETE
                               : real_vfs->xDelete(real_vfs, name, sync);
}

/* SQLite asks once a process, so this must be no seed's own sequence. */
static int v_random(sqlite3_vfs *vfs, int n, char *to)
{
    (void)vfs;
    memset(to, 1, (size_t)n);
    return n;
}

void sim_vfs_register(void)
{
    static sqlite3_vfs vfs;

    sqlite3_initialize();
    real_vfs = sqlite3_vfs_find(NULL);
    vfs = *real_vfs;
    vfs.zName = "sim";
    vfs.pNext = NULL;
    vfs.szOsFile = (int)sizeof(file_t) + real_vfs->szOsFile;
    vfs.xOpen = v_open;
    vfs.xDelete = v_delete;
    vfs.xRandomness = v_random;
    sqlite3_vfs_register(&vfs, 1);
}
