/* Checkpoints between the rounds. See tidy.h. */
#include "tidy.h"

#include "log.h"
#include "store/checkpoint.h"

/* Bytes in the log from which on it is worth the syncs, and from which on it
 * cannot wait for a quiet moment. */
#define ENOUGH (APR_INT64_C(1) << 20)
#define TOO_MUCH (UBAL_CHECKPOINT_MOST / 2)

/* The least time that is left before the next request (us). */
#define QUIET APR_INT64_C(250000)

static int is_due(const ubal_daemon_t *daemon, int in_flight, apr_int64_t wake)
{
    apr_int64_t waiting = ubal_checkpoint_waiting(daemon->db);

    if (waiting < ENOUGH) {
        return 0;
    }
    return waiting >= TOO_MUCH ||
           (!in_flight && wake - ubal_owner_now() >= QUIET);
}

ubal_error_t *ubal_tidy_turn(const ubal_daemon_t *daemon, int in_flight,
                             apr_int64_t wake, apr_pool_t *pool)
{
    ubal_error_t *err;

    if (!is_due(daemon, in_flight, wake)) {
        return NULL;
    }
    err = ubal_checkpoint_run(daemon->db, pool);
    if (err && ubal_task_is_passing(err)) {
        ubal_log_line(UBAL_LOG_WARN, "the database's log has to wait: %s",
                      err->message);
        return NULL;
    }
    return err;
}
