/* Starting a daemon: what it is given and what it is not. */
#ifndef MOD_UBAL_SPAWN_H
#define MOD_UBAL_SPAWN_H

#include <sys/types.h>

#include "mod_ubal_config.h"

/* All that a start needs, made beforehand: the thread that starts a daemon
 * must not use httpd's memory, which may be going. */
typedef struct ubal_spawn_t {
    const char *program;
    const char *settings; /* text, with its closing line */
    const char *secrets;  /* "name NUL secret NUL" each */
    apr_size_t secrets_length;
    const char *level; /* of the daemon's log */
    int generation_fd;
    int parent_fd;      /* pidfd of httpd's parent; -1: none */
    const char *parent; /* its pid, in digits */
} ubal_spawn_t;

/* Prepares the starts for `database`; everything is copied into `pool`. The
 * descriptors and the parent are the caller's to fill in. */
ubal_spawn_t *ubal_spawn_prepare(const ubal_database_t *database,
                                 apr_pool_t *pool);

/* Starts the daemon and hands it a duplicate of `lock_fd`; the caller closes
 * its own afterwards and waits for `*pid`. Returns 0 or an errno. Uses no
 * pool. */
int ubal_spawn_start(pid_t *pid, const ubal_spawn_t *spawn, int lock_fd);

#endif
