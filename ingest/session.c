/* A call of a verb, step by step. See session.h. */
#include "session.h"

#define BUSY_PAUSE APR_INT64_C(250000)
#define BUSY_MOST 120

void ubal_session_begin(ubal_running_t **running, ubal_daemon_t *daemon,
                        const apr_array_header_t *tasks,
                        const apr_array_header_t *words, apr_pool_t *pool)
{
    ubal_running_t *made;
    apr_pool_t *own;

    apr_pool_create(&own, pool);
    made = apr_pcalloc(own, sizeof(*made));
    made->session = (ubal_session_t){
        .daemon = daemon, .tasks = tasks, .words = words, .pool = own};
    apr_pool_create(&made->session.step, own);
    made->session.lines = apr_array_make(own, 4, sizeof(apr_array_header_t *));
    made->verb = ubal_verb_find(APR_ARRAY_IDX(words, 0, const char *));
    if (made->verb) {
        made->next = made->verb->needs_idle ? UBAL_VERB_IDLE : UBAL_VERB_MORE;
    } else {
        made->is_over = 1;
        made->err = ubal_error_make(UBAL_ERR_INPUT, own, "no such verb: %s",
                                    APR_ARRAY_IDX(words, 0, const char *));
    }
    *running = made;
}

static int is_worth_a_wait(ubal_running_t *running, const ubal_error_t *err)
{
    return ubal_task_is_passing(err) && ++running->busy < BUSY_MOST;
}

void ubal_session_step(ubal_running_t *running, const ubal_frame_t *frame)
{
    ubal_session_t *session = &running->session;
    ubal_verb_next_e next = UBAL_VERB_DONE;
    ubal_error_t *err;

    apr_pool_clear(session->step);
    apr_array_clear(session->lines);
    session->frame = frame;
    session->keeps_plan = 0;
    err = running->verb->step(&next, session);
    if (err) {
        apr_array_clear(session->lines); /* nothing of it has happened */
    }
    if (err && is_worth_a_wait(running, err)) {
        running->not_before = ubal_owner_now() + BUSY_PAUSE;
        return;
    }
    running->busy = 0;
    running->not_before = 0;
    running->next = next;
    running->is_over = err || next == UBAL_VERB_DONE;
    if (err) {
        running->err =
            ubal_error_make(err->kind, session->pool, "%s", err->message);
    }
}
