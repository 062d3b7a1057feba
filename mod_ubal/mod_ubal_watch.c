/* A child's watch over the daemon of one database. Knows when a daemon is to
 * be started, not how (mod_ubal_spawn.c) nor what it does. */
#include "mod_ubal_watch.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <http_log.h>

#include <ap_mmn.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "core/signals.h"
#include "mod_ubal_spawn.h"
#include "store/lock.h"

APLOG_USE_MODULE(ubal);

#if !AP_MODULE_MAGIC_AT_LEAST(20120211, 122)
#define ap_thread_create apr_thread_create
#endif

#define PARENT_POLL_MS 200
#define LOCK_RETRY APR_INT64_C(1000000)
#define LOCK_RETRY_MAX APR_INT64_C(30000000)

/* A thread: one database. In a pool of its own that is never destroyed,
 * because exit() takes httpd's while the thread still runs. */
typedef struct watcher_t {
    ubal_watch_child_t *child;
    ubal_spawn_t *spawn;
    const char *lock_path;
    server_rec *server;
    int last_errno; /* of the lock file, logged once */
} watcher_t;

static void say(watcher_t *watcher, int level, apr_status_t rv,
                const char *format, ...) __attribute__((format(printf, 4, 5)));

static void say(watcher_t *watcher, int level, apr_status_t rv,
                const char *format, ...)
{
    char text[512];
    va_list args;

    va_start(args, format);
    apr_vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    pthread_mutex_lock(&watcher->child->lock);
    if (!watcher->child->is_stopping) {
        ap_log_error(APLOG_MARK, level, rv, watcher->server, "%s", text);
    }
    pthread_mutex_unlock(&watcher->child->lock);
}

/* Waits `timeout` us, or until this child has no daemon to start any more:
 * its generation is over, its parent gone, or it ends itself. Returns
 * whether that is so. Without a pidfd the parent is asked for from time to
 * time: a pipe alone would not tell where another process (mod_cgid's) has
 * inherited its other end. */
static int is_over(const ubal_watch_child_t *child, apr_int64_t timeout)
{
    struct pollfd fds[] = {{child->generation_fd, POLLIN, 0},
                           {child->wake_fd, POLLIN, 0},
                           {child->parent_fd, POLLIN, 0}};
    apr_int64_t left = (timeout + 999) / 1000;

    do {
        int slice = (int)left;

        if (child->parent_fd < 0) {
            if (getpid() != child->parent && getppid() != child->parent) {
                return 1;
            }
            slice = slice < PARENT_POLL_MS ? slice : PARENT_POLL_MS;
        }
        if (poll(fds, 3, slice) > 0) {
            return 1;
        }
        left -= slice;
    } while (left > 0);
    return 0;
}

/* Waits for the lock: its descriptor, or -1 with errno. The wait is the
 * kernel's, without a wake-up until it is over. */
static int take_lock(const watcher_t *watcher)
{
    for (;;) {
        int fd = ubal_lock_open(watcher->lock_path);
        int rv;

        if (fd < 0) {
            return -1;
        }
        do {
            rv = flock(fd, LOCK_EX);
        } while (rv && errno == EINTR);
        if (rv) {
            rv = errno;
            close(fd);
            errno = rv;
            return -1;
        }
        if (ubal_lock_is_at(fd, watcher->lock_path) ||
            is_over(watcher->child, 0)) {
            return fd;
        }
        close(fd); /* removed or replaced while we waited */
    }
}

static void say_end(watcher_t *watcher, pid_t pid, int status)
{
    if (WIFSIGNALED(status)) {
        say(watcher, APLOG_ERR, 0, "ubal-ingest (pid %ld) ended by signal %d",
            (long)pid, WTERMSIG(status));
    } else if (WEXITSTATUS(status)) {
        say(watcher, APLOG_ERR, 0, "ubal-ingest (pid %ld) ended with code %d",
            (long)pid, WEXITSTATUS(status));
    } else {
        say(watcher, APLOG_INFO, 0, "ubal-ingest (pid %ld) ended", (long)pid);
    }
}

/* Reaps the daemon, by its pid alone: other children of this process are
 * other modules'. */
static void attend(watcher_t *watcher, pid_t pid)
{
    pid_t ended;
    int status;

    say(watcher, APLOG_INFO, 0, "ubal-ingest (pid %ld) started for %s",
        (long)pid, watcher->lock_path);
    do {
        ended = waitpid(pid, &status, 0);
    } while (ended < 0 && errno == EINTR);
    if (ended == pid) {
        say_end(watcher, pid, status);
    }
}

/* Each start and restart of httpd makes a pipe, with a number of its own. */
static apr_int64_t generation_of(const ubal_watch_child_t *child)
{
    struct stat pipe;

    return fstat(child->generation_fd, &pipe) ? 0 : (apr_int64_t)pipe.st_ino;
}

/* Starts a daemon as the holder of `lock_fd`, which is closed: from then on
 * the daemon's own descriptor holds the lock. A daemon that ended at once is
 * waited after with the lock held, so that no other child starts one. */
static void serve(watcher_t *watcher, int lock_fd)
{
    ubal_lock_start_t start;
    apr_int64_t delay =
        ubal_lock_delay(&start, lock_fd, generation_of(watcher->child));
    pid_t pid = 0;
    int rv;

    if (delay) {
        say(watcher, APLOG_WARNING, 0,
            "ubal-ingest ended soon after its start, %ld times in a row: the "
            "next start is in %.1f s",
            (long)start.failures, (double)delay / 1e6);
    }
    if (is_over(watcher->child, delay)) {
        ubal_lock_note_end(lock_fd); /* whoever is next need not wait */
        close(lock_fd);
        return;
    }
    ubal_lock_note_start(lock_fd, &start);
    rv = ubal_spawn_start(&pid, watcher->spawn, lock_fd);
    close(lock_fd);
    if (rv) {
        say(watcher, APLOG_ERR, rv, "cannot start %s",
            watcher->spawn->program);
    } else {
        attend(watcher, pid);
    }
}

/* The lock file cannot be opened (yet): said once for each reason, tried
 * again more and more rarely. */
static apr_int64_t miss_lock(watcher_t *watcher, int error, apr_int64_t delay)
{
    if (error != watcher->last_errno) {
        watcher->last_errno = error;
        say(watcher, APLOG_ERR, error,
            "cannot take the lock %s: no ubal-ingest is started",
            watcher->lock_path);
    }
    return 2 * delay < LOCK_RETRY_MAX ? 2 * delay : LOCK_RETRY_MAX;
}

static void *APR_THREAD_FUNC watch(apr_thread_t *thread, void *data)
{
    watcher_t *watcher = data;
    apr_int64_t delay = LOCK_RETRY;

    (void)thread;
    while (!is_over(watcher->child, 0)) {
        int fd = take_lock(watcher);

        if (fd < 0) {
            delay = miss_lock(watcher, errno, delay);
            is_over(watcher->child, delay);
            continue;
        }
        delay = LOCK_RETRY;
        watcher->last_errno = 0;
        serve(watcher, fd);
    }
    return NULL;
}

static apr_status_t start_thread(watcher_t *watcher, apr_pool_t *pool)
{
    apr_threadattr_t *attributes;
    apr_thread_t *thread;
    sigset_t before;
    apr_status_t rv;

    apr_threadattr_create(&attributes, pool);
    apr_threadattr_detach_set(attributes, 1);
    ubal_signals_block(&before);
    rv = ap_thread_create(&thread, attributes, watch, watcher, pool);
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    return rv;
}

apr_status_t ubal_watch_start(ubal_watch_child_t *child,
                              const ubal_database_t *database)
{
    watcher_t *watcher;
    apr_pool_t *pool;
    apr_status_t rv = apr_pool_create_unmanaged_ex(&pool, NULL, NULL);

    if (rv != APR_SUCCESS) {
        return rv;
    }
    watcher = apr_pcalloc(pool, sizeof(*watcher));
    watcher->child = child;
    watcher->spawn = ubal_spawn_prepare(database, pool);
    watcher->spawn->generation_fd = child->generation_fd;
    watcher->spawn->parent_fd = child->parent_fd;
    watcher->spawn->parent = apr_ltoa(pool, (long)child->parent);
    watcher->lock_path = apr_pstrdup(pool, database->settings->lock);
    watcher->server = database->server;
    return start_thread(watcher, pool);
}
