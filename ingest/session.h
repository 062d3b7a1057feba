/* A call of a verb as it goes on, step by step: the same for the daemon and
 * for a command that is the owner itself. Knows no socket. */
#ifndef UBAL_SESSION_H
#define UBAL_SESSION_H

#include "verb.h"

typedef struct ubal_running_t {
    ubal_session_t session; /* session.pool is the call's own */
    const ubal_verb_t *verb;
    ubal_verb_next_e next;  /* what the next step is for */
    apr_int64_t not_before; /* boot time; the database was busy until then */
    int busy;               /* how often in a row */
    int is_over;
    ubal_error_t *err; /* how it ended */
} ubal_running_t;

/* Begins a call with `words` (the verb's name first) in a pool of its own
 * below `pool`; a verb that there is not is an end with UBAL_ERR_INPUT. */
void ubal_session_begin(ubal_running_t **running, ubal_daemon_t *daemon,
                        const apr_array_header_t *tasks,
                        const apr_array_header_t *words, apr_pool_t *pool);

/* Runs one step, with `frame` or NULL; what it said is in session.lines until
 * the next. Where the database was busy nothing has happened: not_before is
 * set, and the step is to be run again with the same frame. */
void ubal_session_step(ubal_running_t *running, const ubal_frame_t *frame);

#endif
