/* Takes the place of ingest/control.c: no socket, but an operator of the
 * simulation's, who has the daemon run the real verbs. */
#include "control.h"

#include <apr_strings.h>
#include <string.h>

#include "core/time.h"
#include "session.h"
#include "sim.h"

struct ubal_control_t {
    ubal_daemon_t *daemon;
    const apr_array_header_t *tasks;
    apr_pool_t *pool;
    ubal_running_t *running; /* NULL: nobody calls */
    int needs_reload;
};

static struct {
    const char *verb; /* that is wanted; NULL: none */
    apr_int64_t from, to;
} wanted;

void sim_control_ask(const char *verb, apr_int64_t from, apr_int64_t to)
{
    wanted.verb = verb;
    wanted.from = from;
    wanted.to = to;
}

ubal_error_t *ubal_control_make(ubal_control_t **control,
                                ubal_daemon_t *daemon,
                                const apr_array_header_t *tasks,
                                apr_pool_t *pool)
{
    *control = apr_pcalloc(pool, sizeof(**control));
    **control =
        (ubal_control_t){.daemon = daemon, .tasks = tasks, .pool = pool};
    sim.is_up = 1;
    return NULL;
}

int ubal_control_fd(const ubal_control_t *control)
{
    (void)control;
    return -1;
}

int ubal_control_wants_idle(const ubal_control_t *control)
{
    return control->needs_reload ||
           (control->running && control->running->next == UBAL_VERB_IDLE);
}

static void begin(ubal_control_t *control)
{
    apr_array_header_t *words =
        apr_array_make(control->pool, 3, sizeof(const char *));

    APR_ARRAY_PUSH(words, const char *) = wanted.verb;
    if (wanted.to) {
        APR_ARRAY_PUSH(words, const char *) =
            apr_psprintf(control->pool, "%" APR_INT64_T_FMT, wanted.from);
        APR_ARRAY_PUSH(words, const char *) =
            apr_psprintf(control->pool, "%" APR_INT64_T_FMT, wanted.to);
    }
    sim_ring_note("an operator asks for %s", wanted.verb);
    wanted.verb = NULL;
    ubal_session_begin(&control->running, control->daemon, control->tasks,
                       words, control->pool);
}

static ubal_error_t *end(ubal_control_t *control)
{
    ubal_error_t *err = control->running->err;

    if (err) {
        sim_ring_note("the operator is told: %s", err->message);
    }
    control->running = NULL;
    return err && err->kind == UBAL_ERR_FENCED ? err : NULL;
}

static ubal_error_t *step(ubal_control_t *control, int is_idle)
{
    ubal_running_t *running = control->running;

    if (running->not_before > ubal_owner_now() ||
        (running->next == UBAL_VERB_IDLE && !is_idle)) {
        return NULL;
    }
    ubal_session_step(running, NULL);
    if (!running->not_before && !running->session.keeps_plan) {
        control->needs_reload = 1;
    }
    return running->is_over ? end(control) : NULL;
}

static ubal_error_t *reload(ubal_control_t *control)
{
    ubal_error_t *err = NULL;
    int i;

    for (i = 0; i < control->tasks->nelts && !err; i++) {
        err =
            ubal_task_reload(APR_ARRAY_IDX(control->tasks, i, ubal_task_t *));
    }
    if (err && ubal_task_is_passing(err)) {
        return NULL;
    }
    control->needs_reload = 0;
    return err;
}

ubal_error_t *ubal_control_turn(apr_int64_t *wake, ubal_control_t *control,
                                int is_idle)
{
    int was_busy = ubal_control_wants_idle(control);
    ubal_error_t *err = NULL;

    *wake = APR_INT64_MAX;
    if (!control->running && wanted.verb && !control->needs_reload) {
        begin(control);
    }
    if (control->running && !control->needs_reload) {
        err = step(control, is_idle);
    }
    if (!err && control->needs_reload && is_idle) {
        err = reload(control);
    }
    if (was_busy || control->running || control->needs_reload) {
        *wake = ubal_owner_now() + (is_idle ? 250000 : SIM_SECOND);
    }
    return err;
}

void ubal_control_end(ubal_control_t *control)
{
    (void)control;
}
