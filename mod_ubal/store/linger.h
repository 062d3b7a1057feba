/* A busy child's hold on SQLite's snapshot lock. Each question takes the lock
 * with one system call and gives it back with another, which together take
 * longer than the rest of a look-up. Connections of a process share the lock:
 * while one of them holds it the others need neither. So where questions come
 * by the thousand a second, a connection of its own holds it for some
 * milliseconds, over and over. What anybody reads is decided by SQLite as
 * ever. Knows no table. */
#ifndef UBAL_STORE_LINGER_H
#define UBAL_STORE_LINGER_H

#include <apr_pools.h>

typedef struct ubal_linger_t ubal_linger_t;

/* The longest that the lock is held at a time (us). A checkpoint that meets it
 * tries again after that: see store/checkpoint.c. */
#define UBAL_LINGER_HOLD 20000

/* Makes what the threads of a child share, for the file at `path`. It has a
 * thread, which sleeps until there is a lock to give back, and ends before
 * `pool` does. NULL where no thread can be had: nothing is held then. */
ubal_linger_t *ubal_linger_make(const char *path, apr_pool_t *pool);

/* Says that a question is about to be asked. Takes the lock where there were
 * many of late; on an error nothing is held, and who asks will meet it. */
void ubal_linger_touch(ubal_linger_t *linger);

#endif
