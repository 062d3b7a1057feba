/* A child's watch over the daemon of one database: a thread that waits for
 * the lock and starts a daemon when it gets it. */
#ifndef MOD_UBAL_WATCH_H
#define MOD_UBAL_WATCH_H

#include <pthread.h>
#include <sys/types.h>

#include "mod_ubal_config.h"

/* What the threads of a child share; in memory that is never freed. `lock` is
 * held while one logs, so that none does once the child has begun to end. */
typedef struct ubal_watch_child_t {
    pthread_mutex_t lock;
    int is_stopping;
    int wake_fd;
    int generation_fd; /* ready once the generation is over */
    int parent_fd;     /* pidfd of httpd's parent; -1: none */
    pid_t parent;      /* its pid; under httpd -X this process's own */
} ubal_watch_child_t;

/* Starts the thread for `database`. It needs nothing of httpd's memory but
 * the server to log for, and that not once `child` is stopping. */
apr_status_t ubal_watch_start(ubal_watch_child_t *child,
                              const ubal_database_t *database);

#endif
