/* Folders' times. See folder.h. */
#include "store/folder.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <apr_strings.h>

/* Seconds. File systems have the time of a change by the second (ext3) or by
 * the clock's tick. */
#define SETTLED 2
#define KEPT 1

/* statfs(2): whose kernels set a folder's time in the very call that changes
 * a name in it. */
static const unsigned long telling[] = {
    0xef53,     /* ext2, ext3, ext4 */
    0x58465342, /* XFS */
    0x9123683e, /* Btrfs */
    0x01021994, /* tmpfs */
};

static int is_telling(const char *path)
{
    struct statfs fs;
    size_t i;

    for (i = 0; i < sizeof(telling) / sizeof(telling[0]); i++) {
        if (!statfs(path, &fs) && (unsigned long)fs.f_type == telling[i]) {
            return 1;
        }
    }
    return 0;
}

void ubal_folder_begin(ubal_folder_t *folder, const char *path,
                       apr_pool_t *pool)
{
    const char *slash = strrchr(path, '/');
    struct stat file;

    memset(folder, 0, sizeof(*folder));
    if (slash && !lstat(path, &file) && S_ISREG(file.st_mode)) {
        folder->path =
            apr_pstrmemdup(pool, path, (apr_size_t)(slash - path) + 1);
    }
    if (folder->path && !is_telling(folder->path)) {
        folder->path = NULL;
    }
}

static int look_at(ubal_folder_look_t *look, const char *path)
{
    struct stat folder;

    if (clock_gettime(CLOCK_REALTIME_COARSE, &look->at) ||
        clock_gettime(CLOCK_MONOTONIC_COARSE, &look->tick) ||
        stat(path, &folder)) {
        return 0;
    }
    look->device = folder.st_dev;
    look->inode = folder.st_ino;
    look->changed = folder.st_ctim;
    return 1;
}

static int is_like(const ubal_folder_look_t *a, const ubal_folder_look_t *b)
{
    return a->inode == b->inode && a->device == b->device &&
           a->changed.tv_sec == b->changed.tv_sec &&
           a->changed.tv_nsec == b->changed.tv_nsec;
}

int ubal_folder_is_same(ubal_folder_t *folder)
{
    if (!folder->path) {
        return 0;
    }
    if (!look_at(&folder->last, folder->path)) {
        memset(&folder->last, 0, sizeof(folder->last)); /* is not kept */
    }
    return folder->is_known && is_like(&folder->last, &folder->known) &&
           folder->last.tick.tv_sec - folder->known.tick.tv_sec <= KEPT;
}

void ubal_folder_keep(ubal_folder_t *folder)
{
    folder->is_known =
        folder->path &&
        folder->last.at.tv_sec - folder->last.changed.tv_sec > SETTLED;
    folder->known = folder->last;
}
