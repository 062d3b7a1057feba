/* Tags. Knows Linux's extended attributes. See db_tag.h. */
#include "store/db_tag.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include <apr_strings.h>

#include "store/db_driver.h"

#define NAME "user.ubal.database"

/* A tag is the identity of the file and that of the -shm itself: one that was
 * copied with its -shm says nothing of the copy. */
static const char *tag_of(ubal_file_t file, ubal_file_t index,
                          apr_pool_t *pool)
{
    return apr_psprintf(pool,
                        "%" APR_UINT64_T_HEX_FMT ":%" APR_UINT64_T_HEX_FMT
                        " %" APR_UINT64_T_HEX_FMT ":%" APR_UINT64_T_HEX_FMT,
                        index.device, index.inode, file.device, file.inode);
}

/* 1 where both are of the same -shm. */
static int is_comparable(const char *tag, const char *other)
{
    apr_size_t length = strcspn(tag, " ");

    return length == strcspn(other, " ") && !memcmp(tag, other, length);
}

static int has_bytes(const char *path)
{
    struct stat file;

    return !stat(path, &file) && file.st_size;
}

/* Whether a log would be read into the file: not an empty one, which a reader
 * can have made beside the old file in the moment before another took its
 * place; nor beside an empty file, where SQLite itself removes it. */
static int is_log_read(const char *path, apr_pool_t *pool)
{
    return has_bytes(path) && has_bytes(apr_pstrcat(pool, path, "-wal", NULL));
}

ubal_error_t *ubal_db_tag_check(const char *path, ubal_file_t file,
                                apr_pool_t *pool)
{
    const char *index_path = apr_pstrcat(pool, path, "-shm", NULL);
    const char *tag = tag_of(file, ubal_db_file_of(index_path), pool);
    char found[128] = "";
    ssize_t length = getxattr(index_path, NAME, found, sizeof(found) - 1);

    if (length <= 0 || !strcmp(found, tag) || !is_comparable(found, tag) ||
        !is_log_read(path, pool)) {
        return NULL;
    }
    return ubal_error_make(UBAL_ERR_DB, pool,
                           "%s was replaced, but its -wal and -shm are still "
                           "those of the file before it: remove both",
                           path);
}

void ubal_db_tag_put(const ubal_db_t *db, apr_pool_t *pool)
{
    const char *tag;
    char path[64];
    struct stat index;

    if (db->index_fd < 0 || fstat(db->index_fd, &index)) {
        return;
    }
    tag = tag_of(
        db->file,
        (ubal_file_t){(apr_uint64_t)index.st_dev, (apr_uint64_t)index.st_ino},
        pool);
    /* what is known, and not what has its name by now */
    snprintf(path, sizeof(path), "/proc/self/fd/%d", db->index_fd);
    setxattr(path, NAME, tag, strlen(tag), 0);
    if (ubal_db_was_replaced(db)) {
        removexattr(path, NAME);
    }
}
