/* What makes this process the one daemon of its database: lock, witness, and
 * the descriptors that tell it to end. Knows Linux; must not know the
 * database, the network or what the daemon does. */
#include "owner.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/file.h>
#include <sys/signalfd.h>
#include <time.h>
#include <unistd.h>

#include <apr_file_io.h>
#include <apr_strings.h>
#include <apr_time.h>

#include "store/lock.h"

#define PARENT_POLL APR_INT64_C(200000)
#define FILE_POLL APR_INT64_C(1000000)

ubal_error_t *ubal_owner_boot(const char **boot, apr_pool_t *pool)
{
    const char *path = "/proc/sys/kernel/random/boot_id";
    char id[40], space[64];
    apr_file_t *file;
    apr_status_t rv;
    ssize_t length;

    rv = apr_file_open(&file, path, APR_FOPEN_READ, 0, pool);
    if (rv == APR_SUCCESS) {
        rv = apr_file_gets(id, sizeof(id), file);
        apr_file_close(file);
    }
    if (rv != APR_SUCCESS) {
        return ubal_error_make(UBAL_ERR_SYSTEM, pool, "cannot read %s: %pm",
                               path, &rv);
    }
    id[strcspn(id, "\n")] = '\0';
    /* Linux before 5.6 has no time namespaces: one clock a boot. */
    length = readlink("/proc/self/ns/time", space, sizeof(space) - 1);
    space[length > 0 ? length : 0] = '\0';
    *boot = apr_pstrcat(pool, id, "/", space, NULL);
    return NULL;
}

apr_int64_t ubal_owner_now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_BOOTTIME, &t);
    return (apr_int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

apr_int64_t ubal_owner_wall(void)
{
    return apr_time_now();
}

static ubal_error_t *lock_error(const char *path, apr_pool_t *pool)
{
    apr_status_t rv = errno;

    return ubal_error_make(UBAL_ERR_SYSTEM, pool, "cannot lock %s: %pm", path,
                           &rv);
}

ubal_error_t *ubal_owner_lock(int *fd, const char *path, apr_pool_t *pool)
{
    for (;;) {
        *fd = ubal_lock_open(path);
        if (*fd < 0) {
            return lock_error(path, pool);
        }
        if (flock(*fd, LOCK_EX | LOCK_NB)) {
            ubal_error_t *err =
                errno == EWOULDBLOCK ? NULL : lock_error(path, pool);

            close(*fd);
            *fd = -1;
            return err;
        }
        if (ubal_lock_is_at(*fd, path)) {
            return NULL;
        }
        close(*fd); /* replaced between open and flock */
    }
}

/* The record in the file has the fields of ubal_witness_t, whose size and
 * padding the compiler fixes for this build; another layout reads as none. */
ubal_error_t *ubal_owner_read_witness(ubal_witness_t *witness, int lock_fd,
                                      apr_pool_t *pool)
{
    (void)pool;
    ubal_lock_read(lock_fd, UBAL_LOCK_WITNESS, witness, sizeof(*witness));
    witness->boot[sizeof(witness->boot) - 1] = '\0';
    witness->token[sizeof(witness->token) - 1] = '\0';
    return NULL;
}

ubal_error_t *ubal_owner_write_witness(int lock_fd,
                                       const ubal_witness_t *witness,
                                       apr_pool_t *pool)
{
    apr_status_t rv;

    if (!ubal_lock_write(lock_fd, UBAL_LOCK_WITNESS, witness,
                         sizeof(*witness))) {
        rv = errno;
        return ubal_error_make(UBAL_ERR_SYSTEM, pool,
                               "cannot write to the lock file: %pm", &rv);
    }
    return NULL;
}

ubal_error_t *ubal_owner_catch_signals(int *signal_fd, apr_pool_t *pool)
{
    sigset_t set;
    apr_status_t rv;

    signal(SIGHUP, SIG_IGN);
    signal(SIGPIPE, SIG_IGN);
    sigemptyset(&set);
    sigaddset(&set, SIGTERM);
    sigaddset(&set, SIGINT);
    sigprocmask(SIG_BLOCK, &set, NULL);
    *signal_fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
    if (*signal_fd < 0) {
        rv = errno;
        return ubal_error_make(UBAL_ERR_SYSTEM, pool,
                               "cannot receive signals: %pm", &rv);
    }
    return NULL;
}

void ubal_owner_fds(ubal_loop_fd_t *fds, const ubal_watch_t *watch)
{
    fds[0].fd = watch->generation_fd;
    fds[1].fd = watch->parent_fd;
    fds[2].fd = watch->signal_fd;
    fds[0].is_ready = fds[1].is_ready = fds[2].is_ready = 0;
}

/* Input and hang-up both count: a generation ends with a byte or with the
 * pipe's end, a pidfd becomes readable. Nothing is ever read. */
static int is_ready(int fd)
{
    struct pollfd p = {fd, POLLIN, 0};

    return fd >= 0 && poll(&p, 1, 0) > 0;
}

static int is_parent_gone(const ubal_watch_t *watch)
{
    if (watch->parent_pid > 0 && kill((pid_t)watch->parent_pid, 0) &&
        errno == ESRCH) {
        return 1;
    }
    return is_ready(watch->parent_fd);
}

ubal_end_e ubal_owner_end(const ubal_watch_t *watch)
{
    if (is_ready(watch->signal_fd) || is_parent_gone(watch)) {
        return UBAL_END_NOW;
    }
    if (!ubal_lock_is_at(watch->lock_fd, watch->lock_path)) {
        return UBAL_END_DISOWNED;
    }
    return is_ready(watch->generation_fd) ? UBAL_END_FINISH : UBAL_END_NOT;
}

apr_int64_t ubal_owner_patience(const ubal_watch_t *watch)
{
    return watch->parent_pid > 0 ? PARENT_POLL : FILE_POLL;
}
