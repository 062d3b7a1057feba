/* The companion's life as httpd sees it: generations, and the children that
 * join one. Knows httpd's processes; when a daemon is started is decided in
 * mod_ubal_watch.c. */
#include "mod_ubal_supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/eventfd.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <http_config.h>
#include <http_log.h>

#include <apr_strings.h>

#include "mod_ubal_rundir.h"
#include "mod_ubal_watch.h"

APLOG_USE_MODULE(ubal);

#define GENERATION_KEY "ubal_generation"

/* One configuration in force, from post_config to the end of its pconf. */
typedef struct generation_t {
    apr_array_header_t *databases; /* of ubal_database_t * */
    pid_t pid;                     /* httpd's parent */
    int parent_fd;                 /* its pidfd; -1: not to be had */
    int read_fd, write_fd;
} generation_t;

/* Says to all of this generation that it is over. The byte reaches them also
 * where another process has inherited the writing end. In the parent alone:
 * children run the cleanups of pconf when they exit, too. */
static apr_status_t end_generation(void *data)
{
    generation_t *generation = data;

    if (getpid() == generation->pid) {
        while (write(generation->write_fd, "", 1) < 0 && errno == EINTR) {
        }
        close(generation->write_fd);
        close(generation->read_fd);
        if (generation->parent_fd >= 0) {
            close(generation->parent_fd);
        }
    }
    return APR_SUCCESS;
}

/* Linux before 5.3 has none, some container runtimes forbid it. */
static int open_pidfd(pid_t pid)
{
#ifdef SYS_pidfd_open
    return (int)syscall(SYS_pidfd_open, pid, 0);
#else
    return -1;
#endif
}

static int has_ingest(const apr_array_header_t *databases)
{
    int i;

    for (i = 0; databases && i < databases->nelts; i++) {
        if (APR_ARRAY_IDX(databases, i, ubal_database_t *)->is_ingest_on) {
            return 1;
        }
    }
    return 0;
}

/* A database that lies in no folder in which its lock could. */
static int has_ingest_without_file(const apr_array_header_t *databases)
{
    int i;

    for (i = 0; i < databases->nelts; i++) {
        const ubal_database_t *database =
            APR_ARRAY_IDX(databases, i, ubal_database_t *);

        if (database->is_ingest_on &&
            strcmp(database->settings->driver, "sqlite3")) {
            return 1;
        }
    }
    return 0;
}

int ubal_supervisor_post_config(apr_array_header_t *databases,
                                apr_pool_t *pconf, apr_pool_t *plog,
                                server_rec *s)
{
    generation_t *generation;
    int ends[2];

    (void)plog;
    if (!has_ingest(databases)) {
        return OK;
    }
    if (has_ingest_without_file(databases) &&
        ubal_rundir_make(s, pconf) != APR_SUCCESS) {
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    if (pipe2(ends, O_CLOEXEC | O_NONBLOCK)) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, errno, s,
                     "cannot make a pipe for ubal-ingest");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    generation = apr_pcalloc(pconf, sizeof(*generation));
    generation->databases = databases;
    generation->pid = getpid();
    generation->parent_fd = open_pidfd(generation->pid);
    generation->read_fd = ends[0];
    generation->write_fd = ends[1];
    apr_pool_cleanup_register(pconf, generation, end_generation,
                              apr_pool_cleanup_null);
    apr_pool_userdata_setn(generation, GENERATION_KEY, NULL, pconf);
    return OK;
}

/* Before the child's pool goes: no thread logs after this, and none sleeps
 * on. Those that wait in the kernel for the lock or a daemon end with the
 * process. */
static apr_status_t stop(void *data)
{
    ubal_watch_child_t *child = data;
    uint64_t one = 1;

    pthread_mutex_lock(&child->lock);
    child->is_stopping = 1;
    pthread_mutex_unlock(&child->lock);
    while (write(child->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR) {
    }
    return APR_SUCCESS;
}

static ubal_watch_child_t *make_child(const generation_t *generation,
                                      apr_pool_t *pchild)
{
    ubal_watch_child_t *child;
    apr_pool_t *pool;
    int wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

    if (wake_fd < 0 ||
        apr_pool_create_unmanaged_ex(&pool, NULL, NULL) != APR_SUCCESS) {
        return NULL;
    }
    child = apr_pcalloc(pool, sizeof(*child));
    pthread_mutex_init(&child->lock, NULL);
    child->wake_fd = wake_fd;
    child->parent = generation->pid;
    child->generation_fd = generation->read_fd;
    child->parent_fd = generation->parent_fd;
    apr_pool_pre_cleanup_register(pchild, child, stop);
    return child;
}

/* The generation of `s`, where there is one and this process may take part:
 * not where a child stays root, as mpm-itk's do. */
static generation_t *join_generation(server_rec *s)
{
    void *data = NULL;
    generation_t *generation;

    apr_pool_userdata_get(&data, GENERATION_KEY, s->process->pconf);
    generation = data;
    if (!generation) {
        return NULL;
    }
    /* Else children that still drain would keep the pipe open. */
    if (getpid() != generation->pid) {
        close(generation->write_fd);
    }
    if (geteuid() == 0) {
        ap_log_error(APLOG_MARK, APLOG_ERR, 0, s,
                     "this child runs as root: it starts no ubal-ingest, "
                     "which is never run as root");
        return NULL;
    }
    return generation;
}

void ubal_supervisor_child_init(apr_pool_t *pchild, server_rec *s)
{
    generation_t *generation = join_generation(s);
    ubal_watch_child_t *child;
    int i;

    if (!generation) {
        return;
    }
    child = make_child(generation, pchild);
    for (i = 0; child && i < generation->databases->nelts; i++) {
        const ubal_database_t *database =
            APR_ARRAY_IDX(generation->databases, i, ubal_database_t *);
        apr_status_t rv = !database->is_ingest_on
                              ? APR_SUCCESS
                              : ubal_watch_start(child, database);

        if (rv != APR_SUCCESS) {
            ap_log_error(APLOG_MARK, APLOG_ERR, rv, database->server,
                         "cannot start a thread for ubal-ingest");
        }
    }
    if (!child) {
        ap_log_error(APLOG_MARK, APLOG_ERR, errno, s,
                     "cannot watch over ubal-ingest");
    }
}
