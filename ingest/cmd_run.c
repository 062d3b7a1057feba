/* ubal-ingest run: the daemon, started by httpd or by hand. Knows how it is
 * told to end; what it does in between is run.c's. */
#include "cmd.h"

#include <sys/prctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "log.h"
#include "run.h"
#include "store/lock.h"

/* The surroundings of a daemon: secrets in no core dump and not to be read
 * through /proc by others of the same user, no folder kept busy. */
static ubal_error_t *detach(apr_pool_t *pool)
{
    umask(027);
    prctl(PR_SET_DUMPABLE, 0);
    if (chdir("/")) {
        return ubal_error_make(UBAL_ERR_SYSTEM, pool, "cannot chdir to /");
    }
    return NULL;
}

int ubal_cmd_run(const ubal_cmd_t *cmd)
{
    ubal_watch_t watch = cmd->watch;
    ubal_error_t *err;
    int code;

    if (watch.lock_fd < 0 &&
        (code = ubal_cmd_lock(&watch.lock_fd, cmd)) != UBAL_EXIT_DONE) {
        return code;
    }
    watch.lock_path = cmd->settings->lock;
    err = detach(cmd->pool);
    if (!err) {
        err = ubal_owner_catch_signals(&watch.signal_fd, cmd->pool);
    }
    if (!err) {
        err = ubal_run(cmd->settings, &watch, cmd->pool);
    }
    if (err) {
        ubal_log_line(UBAL_LOG_ERROR, "%s", err->message);
        return UBAL_EXIT_FAILED;
    }
    ubal_lock_note_end(watch.lock_fd);
    return UBAL_EXIT_DONE;
}
