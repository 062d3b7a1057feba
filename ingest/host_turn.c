/* Waiting for the turn of this host. Knows the daemon and the lock; must not
 * know what is done when it comes. See host_turn.h. */
#include "host_turn.h"

#include <apr_strings.h>
#include <apr_time.h>

#include "log.h"
#include "store/host_lock.h"

/* How long a command waits: for a session that the server has not noticed to
 * be dead, or whose companion is ending. */
#define TRIES 50
#define PAUSE APR_INT64_C(100000)

/* " of host NAME", as the last owner has written it; "" where none has. */
static const char *owner_of(ubal_db_t *db, apr_pool_t *pool)
{
    const char *host = NULL;
    ubal_error_t *err = ubal_meta_get(&host, db, "owner_host", pool);

    return !err && host ? apr_pstrcat(pool, " of host ", host, NULL) : "";
}

ubal_error_t *ubal_host_turn_by_hand(ubal_db_t *db, apr_pool_t *pool)
{
    int i, is_ours = 0;
    ubal_error_t *err = ubal_host_lock_try(&is_ours, db, pool);

    for (i = 0; !err && !is_ours && i < TRIES; i++) {
        apr_sleep(PAUSE);
        err = ubal_host_lock_try(&is_ours, db, pool);
    }
    return err || is_ours
               ? err
               : ubal_error_make(UBAL_ERR_FENCED, pool,
                                 "a companion%s fetches into this database: "
                                 "give the command there, or stop it first",
                                 owner_of(db, pool));
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

static ubal_error_t *wait_for_turn(const ubal_daemon_t *daemon,
                                   apr_pool_t *pool)
{
    int is_ours = 0, tries = 0;
    apr_pool_t *turn;
    ubal_error_t *err;

    apr_pool_create(&turn, pool);
    for (;;) {
        apr_pool_clear(turn);
        err = ubal_host_lock_try(&is_ours, daemon->db, turn);
        if (err || is_ours) {
            return err;
        }
        if (!tries++) {
            ubal_log_line(UBAL_LOG_INFO,
                          "another session%s fetches into this database: "
                          "waiting for it to end",
                          owner_of(daemon->db, turn));
        }
        if (wait_awhile(daemon, turn)) {
            return ubal_error_make(UBAL_ERR_FENCED, pool,
                                   "another host fetches into this database");
        }
    }
}

ubal_error_t *ubal_host_turn_take(ubal_daemon_t *daemon, apr_pool_t *pool)
{
    ubal_error_t *err = ubal_host_lock_set_up(daemon->db, pool);

    if (!err) {
        err = daemon->loop ? wait_for_turn(daemon, pool)
                           : ubal_host_turn_by_hand(daemon->db, pool);
    }
    return err ? ubal_error_wrap(err, pool, "the lock of all hosts") : NULL;
}
