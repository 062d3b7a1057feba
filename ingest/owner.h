/* What makes this process the one daemon of its database: the lock, the
 * witness kept in the lock file, and the descriptors that tell it to end. */
#ifndef UBAL_OWNER_H
#define UBAL_OWNER_H

#include "core/error.h"
#include "fetch.h"

/* Why the daemon is to end. */
typedef enum {
    UBAL_END_NOT,     /* go on */
    UBAL_END_FINISH,  /* the generation is over: finish the page in flight */
    UBAL_END_NOW,     /* SIGTERM, SIGINT, or the parent is gone */
    UBAL_END_DISOWNED /* the lock file is not ours any more */
} ubal_end_e;

/* The last slot that the last owner of this host committed, written to the
 * lock file (store/lock.h has its layout) after the slot's commit and before
 * the request: what proves that a ledger is the owner's own latest. `at`: a
 * moment of boot time before that commit, as other hosts may own it later. */
typedef struct ubal_witness_t {
    char boot[160]; /* ubal_owner_boot(); "" where there is no record */
    char token[40]; /* the owner's token */
    apr_int64_t slot;
    apr_int64_t at;
} ubal_witness_t;

typedef struct ubal_watch_t {
    int lock_fd;
    const char *lock_path;
    int generation_fd; /* -1: none (run by hand) */
    int parent_fd;     /* pidfd; -1: none, or parent_pid is polled */
    long parent_pid;   /* 0: none */
    int signal_fd;     /* signalfd for TERM and INT */
} ubal_watch_t;

#define UBAL_WATCH_FDS 3

/* Has SIGTERM and SIGINT reported by a descriptor, SIGHUP and SIGPIPE
 * ignored, in this thread and those it starts later. */
ubal_error_t *ubal_owner_catch_signals(int *signal_fd, apr_pool_t *pool);

/* Which boot of which host CLOCK_BOOTTIME is of: the kernel's boot id and the
 * time namespace. Allocated in `pool`. */
ubal_error_t *ubal_owner_boot(const char **boot, apr_pool_t *pool);

/* CLOCK_BOOTTIME in us. */
apr_int64_t ubal_owner_now(void);

/* The wall clock in us since 1970 UTC, for people and for what a vendor is
 * asked before its own clock is known. */
apr_int64_t ubal_owner_wall(void);

/* Takes the lock at `path` (flock, O_NOFOLLOW, mode 0640) for a daemon or
 * command run by hand: `*fd`; -1 where another holds it. */
ubal_error_t *ubal_owner_lock(int *fd, const char *path, apr_pool_t *pool);

/* Reads and writes the witness in the lock file (one pwrite, no fsync: it
 * need not survive the boot it is of). A record that is cut or malformed
 * reads as none. */
ubal_error_t *ubal_owner_read_witness(ubal_witness_t *witness, int lock_fd,
                                      apr_pool_t *pool);
ubal_error_t *ubal_owner_write_witness(int lock_fd,
                                       const ubal_witness_t *witness,
                                       apr_pool_t *pool);

/* Fills fds[0..UBAL_WATCH_FDS) with what ubal_loop_wait is to watch; fds[0] is
 * the generation's. Each stays ready once it is: after UBAL_END_FINISH the
 * caller sets fds[0].fd to -1 to wait for its page. */
void ubal_owner_fds(ubal_loop_fd_t *fds, const ubal_watch_t *watch);

/* Says, without waiting, whether and why the daemon is to end. Where
 * parent_pid is set it is looked at; the lock file's path is compared with
 * the descriptor. */
ubal_end_e ubal_owner_end(const ubal_watch_t *watch);

/* How long the daemon may sleep at most before ubal_owner_end must be asked
 * again, us: a second, as no descriptor tells that the lock
 * file or the database was replaced; 200 ms where a pid must be polled. */
apr_int64_t ubal_owner_patience(const ubal_watch_t *watch);

#endif
