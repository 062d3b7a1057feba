/* Waiting for the turn of this host. Knows the daemon and the lock; must not
 * know what is done when it comes. See host_turn.h. */
#include "host_turn.h"

#include "log.h"
#include "store/host_lock.h"

static void say_waiting(const ubal_daemon_t *daemon, apr_pool_t *pool)
{
    const char *host = NULL;
    ubal_error_t *err = ubal_meta_get(&host, daemon->db, "owner_host", pool);

    ubal_log_line(UBAL_LOG_INFO,
                  "another session fetches into this database%s%s: waiting "
                  "for it to end",
                  !err && host ? ", of host " : "", !err && host ? host : "");
}

/* Sleeps a second at most; returns 1 where the daemon is to end. */
static int wait_awhile(const ubal_daemon_t *daemon, apr_pool_t *pool)
{
    ubal_loop_fd_t fds[UBAL_WATCH_FDS];

    ubal_owner_fds(fds, daemon->watch);
    return ubal_loop_wait(daemon->loop, fds, UBAL_WATCH_FDS,
                          ubal_owner_patience(daemon->watch), pool) ||
           ubal_owner_end(daemon->watch) != UBAL_END_NOT;
}

ubal_error_t *ubal_host_turn_take(ubal_daemon_t *daemon, apr_pool_t *pool)
{
    int is_ours = 0, tries = 0;
    apr_pool_t *turn;
    ubal_error_t *err = ubal_host_lock_set_up(daemon->db, pool);

    apr_pool_create(&turn, pool);
    while (!err) {
        apr_pool_clear(turn);
        err = ubal_host_lock_try(&is_ours, daemon->db, turn);
        if (err || is_ours) {
            break;
        }
        if (!tries++) {
            say_waiting(daemon, turn);
        }
        if (!daemon->loop || wait_awhile(daemon, turn)) {
            return ubal_error_make(UBAL_ERR_FENCED, pool,
                                   "another host fetches into this database");
        }
    }
    return err ? ubal_error_wrap(err, pool, "the lock of all hosts") : NULL;
}
