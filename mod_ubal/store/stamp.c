/* The header of a WAL index as "WAL-mode File Format" of SQLite's
 * documentation has it: twice, 48 bytes each, the second written first. See
 * stamp.h. */
#include "store/stamp.h"

#include <string.h>

#include <sqlite3.h>

/* Bytes of the index's first part, as SQLite maps it. */
#define REGION 32768

/* The one version that there has been. */
#define VERSION 3007000

/* A header in 32-bit words of the machine's own order. */
#define WORDS 12
enum {
    WORD_VERSION = 0,
    WORD_FLAGS = 3, /* its first byte: the index has been set up */
    WORD_FRAMES = 4 /* how many the log has; each has salts of its own log */
};

/* SQLite's own mapping, by its own way: closing a descriptor of ours would
 * drop the locks that this process holds on the file. NULL where there is
 * none. */
static const volatile apr_uint32_t *index_of(sqlite3_file **file,
                                             const ubal_db_t *db)
{
    volatile void *mapped = NULL;

    *file = NULL;
    if (sqlite3_file_control(ubal_db_native(db), "main",
                             SQLITE_FCNTL_FILE_POINTER, file) != SQLITE_OK ||
        !*file || !(*file)->pMethods || (*file)->pMethods->iVersion < 2 ||
        (*file)->pMethods->xShmMap(*file, 0, REGION, 0, &mapped) !=
            SQLITE_OK) {
        return NULL;
    }
    return mapped;
}

static void copy(apr_uint32_t *words, const volatile apr_uint32_t *from)
{
    int i;

    for (i = 0; i < WORDS; i++) {
        words[i] = from[i];
    }
}

/* An empty log has no salts yet: it looks the same in all states. */
static int is_telling(const apr_uint32_t *words)
{
    unsigned char is_set_up;

    memcpy(&is_set_up, &words[WORD_FLAGS], 1);
    return words[WORD_VERSION] == VERSION && is_set_up && words[WORD_FRAMES];
}

int ubal_stamp_take(ubal_stamp_t *stamp, const ubal_db_t *db)
{
    apr_uint32_t first[WORDS], second[WORDS];
    const volatile apr_uint32_t *mapped;
    sqlite3_file *file;

    if (!ubal_db_native(db) || !(mapped = index_of(&file, db))) {
        return 0;
    }
    copy(first, mapped);
    file->pMethods->xShmBarrier(file);
    copy(second, mapped + WORDS);
    if (memcmp(first, second, sizeof(first)) != 0 || !is_telling(first)) {
        return 0;
    }
    stamp->file = db->file;
    memcpy(stamp->index, first, sizeof(first));
    return 1;
}

int ubal_stamp_is_equal(const ubal_stamp_t *a, const ubal_stamp_t *b)
{
    return !memcmp(a->index, b->index, sizeof(a->index)) &&
           a->file.inode == b->file.inode && a->file.device == b->file.device;
}
