/* What the daemon does for its database while it waits: checkpoints. Knows
 * when there is time; store/checkpoint.h knows how. */
#ifndef UBAL_TIDY_H
#define UBAL_TIDY_H

#include "task.h"

/* To be called between the turns of the tasks, `in_flight` requests being
 * under way and nothing to do before boot time `wake` (us): moves what commits
 * have left in SQLite's log to the database if there is enough of it and time
 * for it, or too much of it. A disk without room is no error. */
ubal_error_t *ubal_tidy_turn(const ubal_daemon_t *daemon, int in_flight,
                             apr_int64_t wake, apr_pool_t *pool);

#endif
