/* The daemon's end of its socket, beside the lock (<lock>.sock): takes the
 * calls of commands and runs their verbs a step at a time, so that no peer,
 * whatever it does or leaves, holds up a round. */
#ifndef UBAL_CONTROL_H
#define UBAL_CONTROL_H

#include "task.h"

typedef struct ubal_control_t ubal_control_t;

/* Listens at <daemon->watch->lock_path>.sock, mode 0600; what an earlier
 * holder of the lock left there is removed. `tasks` (of ubal_task_t *) are
 * what a verb's sessions see. Where nobody can listen there, that is logged
 * and no command comes. */
ubal_error_t *ubal_control_make(ubal_control_t **control,
                                ubal_daemon_t *daemon,
                                const apr_array_header_t *tasks,
                                apr_pool_t *pool);

/* Breaks off all calls and removes the socket, unless the lock file is not
 * ours any more. */
void ubal_control_end(ubal_control_t *control);

/* A descriptor that is readable when ubal_control_turn has something to do. */
int ubal_control_fd(const ubal_control_t *control);

/* 1 while a verb waits for the requests in flight to end: none is to be
 * started. */
int ubal_control_wants_idle(const ubal_control_t *control);

/* Without waiting, takes what peers have sent, runs one step of one session,
 * sends what was said, and drops peers that are too slow. `is_idle`: no
 * request is in flight. `*wake` is the boot time at which it wants its next
 * turn at the latest (APR_INT64_MAX: when its descriptor is readable). An
 * error ends the daemon. */
ubal_error_t *ubal_control_turn(apr_int64_t *wake, ubal_control_t *control,
                                int is_idle);

#endif
