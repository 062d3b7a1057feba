/* Whether names in a file's folder have changed, told by one stat() of the
 * folder: where they have not, the file and those beside it are still the
 * same, which would take a stat() each. */
#ifndef UBAL_STORE_FOLDER_H
#define UBAL_STORE_FOLDER_H

#include <time.h>

#include <apr_pools.h>

/* A folder at one time. Its times are in seconds and nanoseconds. */
typedef struct ubal_folder_look_t {
    dev_t device;
    ino_t inode;
    struct timespec changed; /* whenever a name is added, removed or given to
                              * another file; nobody can set it */
    struct timespec at;      /* by the same clock, when it was looked at */
    struct timespec tick;    /* the same by one that is never set */
} ubal_folder_look_t;

typedef struct ubal_folder_t {
    const char *path; /* NULL: it cannot tell */
    int is_known;
    ubal_folder_look_t known, last;
} ubal_folder_t;

/* Begins with the folder of the file at `path`, of which nothing is known.
 * It cannot tell where the path is a link to a file elsewhere, nor on a file
 * system that is not known to keep the time of such a change. */
void ubal_folder_begin(ubal_folder_t *folder, const char *path,
                       apr_pool_t *pool);

/* Looks at the folder; 1 where nothing in it has changed since the look that
 * was kept last. 0 where something has, nothing is kept, that is longer than a
 * second ago (what is mounted over a file changes no folder), or it cannot
 * tell. */
int ubal_folder_is_same(ubal_folder_t *folder);

/* Keeps the last look, after which the caller has looked at the files
 * themselves: not where a change is so recent that the next one may be of the
 * same time. */
void ubal_folder_keep(ubal_folder_t *folder);

#endif
