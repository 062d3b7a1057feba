/* Starting a daemon: the descriptors, environment and signals it is given,
 * and nothing else of httpd's. Knows posix_spawn; must not know when. */
#include "mod_ubal_spawn.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include <http_core.h>
#include <http_log.h>

#include <apr_strings.h>

APLOG_USE_MODULE(ubal);

/* The daemon's descriptors; each is also in its command line. */
enum {
    LOCK_FD = 3,
    SECRETS_FD,
    GENERATION_FD,
    PARENT_FD,
    END_FD
};

/* httpd's levels in the daemon's words. */
static const char *level_name(int level)
{
    if (level <= APLOG_ERR) {
        return "error";
    }
    if (level <= APLOG_NOTICE) {
        return "warn";
    }
    return level <= APLOG_INFO ? "info" : "debug";
}

static void pack_secrets(ubal_spawn_t *spawn, const ubal_settings_t *settings,
                         apr_pool_t *pool)
{
    const apr_array_header_t *vendors = settings->vendors;
    apr_size_t length = 0;
    char *at;
    int i;

    for (i = 0; i < vendors->nelts; i++) {
        const ubal_vendor_t *vendor =
            APR_ARRAY_IDX(vendors, i, const ubal_vendor_t *);

        length += vendor->secret
                      ? strlen(vendor->name) + strlen(vendor->secret) + 2
                      : 0;
    }
    spawn->secrets = at = apr_palloc(pool, length + 1);
    spawn->secrets_length = length;
    for (i = 0; i < vendors->nelts; i++) {
        const ubal_vendor_t *vendor =
            APR_ARRAY_IDX(vendors, i, const ubal_vendor_t *);

        if (vendor->secret) {
            at = stpcpy(at, vendor->name) + 1;
            at = stpcpy(at, vendor->secret) + 1;
        }
    }
}

ubal_spawn_t *ubal_spawn_prepare(const ubal_database_t *database,
                                 apr_pool_t *pool)
{
    ubal_spawn_t *spawn = apr_pcalloc(pool, sizeof(*spawn));

    spawn->program = apr_pstrdup(pool, database->program);
    spawn->settings =
        apr_pstrcat(pool, ubal_settings_print(database->settings, pool),
                    UBAL_SETTINGS_END "\n", NULL);
    pack_secrets(spawn, database->settings, pool);
    spawn->level = level_name(
        ap_get_server_module_loglevel(database->server, APLOG_MODULE_INDEX));
    return spawn;
}

/* A descriptor that reads `bytes`: memory, not a pipe, so that nobody has to
 * write while the daemon reads, however long it is. -1 with errno. */
static int open_text(const char *name, const char *bytes, apr_size_t length)
{
    int fd = memfd_create(name, MFD_CLOEXEC);
    apr_size_t done = 0;

    while (fd >= 0 && done < length) {
        ssize_t written = write(fd, bytes + done, length - done);

        if (written < 0 && errno != EINTR) {
            close(fd);
            return -1;
        }
        done += written > 0 ? (apr_size_t)written : 0;
    }
    if (fd >= 0) {
        lseek(fd, 0, SEEK_SET);
    }
    return fd;
}

/* Moves `from` to `to` in the daemon. The duplicate above all targets, noted
 * in `high` for closing, keeps one move from overwriting what another still
 * needs. */
static int add_fd(posix_spawn_file_actions_t *actions, int *high, int from,
                  int to)
{
    *high = fcntl(from, F_DUPFD_CLOEXEC, END_FD);
    return *high < 0 ? errno
                     : posix_spawn_file_actions_adddup2(actions, *high, to);
}

/* What the daemon has open: its five or six descriptors and standard error,
 * which is httpd's error log. `high` has room for END_FD. */
static int add_fds(posix_spawn_file_actions_t *actions, int *high,
                   const ubal_spawn_t *spawn, int settings_fd, int secrets_fd,
                   int lock_fd)
{
    int rv =
        posix_spawn_file_actions_addopen(actions, 1, "/dev/null", O_WRONLY, 0);

    rv = rv ? rv : add_fd(actions, &high[0], settings_fd, 0);
    rv = rv ? rv : add_fd(actions, &high[LOCK_FD], lock_fd, LOCK_FD);
    rv = rv ? rv : add_fd(actions, &high[SECRETS_FD], secrets_fd, SECRETS_FD);
    rv = rv ? rv
            : add_fd(actions, &high[GENERATION_FD], spawn->generation_fd,
                     GENERATION_FD);
    if (!rv && spawn->parent_fd >= 0) {
        rv = add_fd(actions, &high[PARENT_FD], spawn->parent_fd, PARENT_FD);
    }
#if __GLIBC_PREREQ(2, 34)
    /* Other modules' descriptors; with an older libc the daemon closes them
     * itself. */
    rv = rv ? rv
            : posix_spawn_file_actions_addclosefrom_np(
                  actions, spawn->parent_fd >= 0 ? END_FD : PARENT_FD);
#endif
    return rv;
}

/* Signals as at the start of a process, whatever the MPM blocks or ignores;
 * and a process group of its own, because httpd's is sent signals that are
 * httpd's (and Ctrl-C). */
static int set_attributes(posix_spawnattr_t *attributes)
{
    sigset_t all, none;

    sigfillset(&all);
    sigemptyset(&none);
    posix_spawnattr_setsigdefault(attributes, &all);
    posix_spawnattr_setsigmask(attributes, &none);
    posix_spawnattr_setpgroup(attributes, 0);
    return posix_spawnattr_setflags(attributes, POSIX_SPAWN_SETSIGDEF |
                                                    POSIX_SPAWN_SETSIGMASK |
                                                    POSIX_SPAWN_SETPGROUP);
}

static int run(pid_t *pid, const ubal_spawn_t *spawn,
               const posix_spawn_file_actions_t *actions,
               const posix_spawnattr_t *attributes)
{
    const char *environment[] = {"PATH=/usr/local/bin:/usr/bin:/bin", "LANG=C",
                                 "TZ=UTC", NULL};
    const char *argv[] = {spawn->program,
                          "run",
                          "--lock-fd=3",
                          "--secrets-fd=4",
                          "--generation-fd=5",
                          "--log-level",
                          spawn->level,
                          "--parent-fd=6",
                          NULL,
                          NULL};

    if (spawn->parent_fd < 0) {
        argv[7] = "--parent-pid";
        argv[8] = spawn->parent;
    }
    return posix_spawn(pid, spawn->program, actions, attributes,
                       (char *const *)argv, (char *const *)environment);
}

int ubal_spawn_start(pid_t *pid, const ubal_spawn_t *spawn, int lock_fd)
{
    int high[END_FD] = {-1, -1, -1, -1, -1, -1, -1};
    posix_spawn_file_actions_t actions;
    posix_spawnattr_t attributes;
    int settings_fd, secrets_fd = -1, rv, i;

    settings_fd =
        open_text("ubal-settings", spawn->settings, strlen(spawn->settings));
    if (settings_fd < 0 ||
        (secrets_fd = open_text("ubal-secrets", spawn->secrets,
                                spawn->secrets_length)) < 0) {
        rv = errno;
        if (settings_fd >= 0) {
            close(settings_fd);
        }
        return rv;
    }
    posix_spawn_file_actions_init(&actions);
    posix_spawnattr_init(&attributes);
    rv = add_fds(&actions, high, spawn, settings_fd, secrets_fd, lock_fd);
    rv = rv ? rv : set_attributes(&attributes);
    rv = rv ? rv : run(pid, spawn, &actions, &attributes);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&actions);
    for (i = 0; i < END_FD; i++) {
        if (high[i] >= 0) {
            close(high[i]);
        }
    }
    close(settings_fd);
    close(secrets_fd);
    return rv;
}
