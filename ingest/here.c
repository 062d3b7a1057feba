/* A verb's call in the command's own process. See here.h. */
#include "here.h"

#include <unistd.h>

#include <apr_strings.h>
#include <apr_time.h>

#include "session.h"
#include "takeover.h"

struct ubal_here_t {
    ubal_watch_t watch;
    ubal_daemon_t daemon;
    ubal_running_t *running;
    apr_array_header_t *lines; /* said and not read; copies in `pool` */
    int read;                  /* how many of them were */
    apr_pool_t *pool;          /* of the lines; cleared when all are read */
};

static apr_status_t release(void *data)
{
    ubal_here_t *here = data;

    close(here->watch.lock_fd);
    return APR_SUCCESS;
}

ubal_error_t *ubal_here_open(ubal_here_t **here, const ubal_cmd_t *cmd,
                             int lock_fd, const apr_array_header_t *words,
                             apr_pool_t *pool)
{
    ubal_here_t *made = apr_pcalloc(pool, sizeof(*made));
    ubal_error_t *err;

    made->watch = cmd->watch;
    made->watch.lock_fd = lock_fd;
    made->watch.lock_path = cmd->settings->lock;
    made->daemon =
        (ubal_daemon_t){.settings = cmd->settings, .watch = &made->watch};
    apr_pool_cleanup_register(pool, made, release, apr_pool_cleanup_null);
    err = ubal_takeover_by_hand(&made->daemon, pool);
    if (err) {
        return err;
    }
    apr_pool_create(&made->pool, pool);
    made->lines = apr_array_make(pool, 4, sizeof(apr_array_header_t *));
    ubal_session_begin(&made->running, &made->daemon,
                       apr_array_make(pool, 0, sizeof(ubal_task_t *)), words,
                       pool);
    *here = made;
    return NULL;
}

/* Lines live no longer than their step. */
static void keep_lines(ubal_here_t *here)
{
    const apr_array_header_t *said = here->running->session.lines;
    int i, j;

    for (i = 0; i < said->nelts; i++) {
        const apr_array_header_t *words =
            APR_ARRAY_IDX(said, i, const apr_array_header_t *);
        apr_array_header_t *copy =
            apr_array_make(here->pool, words->nelts, sizeof(const char *));

        for (j = 0; j < words->nelts; j++) {
            APR_ARRAY_PUSH(copy, const char *) =
                apr_pstrdup(here->pool, APR_ARRAY_IDX(words, j, const char *));
        }
        APR_ARRAY_PUSH(here->lines, apr_array_header_t *) = copy;
    }
}

/* Runs one step, as often as it takes while the database is busy. */
static void step(ubal_here_t *here, const ubal_frame_t *frame)
{
    ubal_running_t *running = here->running;

    do {
        apr_int64_t wait = running->not_before - ubal_owner_now();

        if (wait > 0) {
            apr_sleep(wait);
        }
        here->daemon.turn_at = ubal_owner_now();
        ubal_session_step(running, frame);
    } while (running->not_before);
    keep_lines(here);
}

void ubal_here_send(ubal_here_t *here, const ubal_frame_t *frame)
{
    ubal_running_t *running = here->running;

    while (!running->is_over && running->next != UBAL_VERB_FRAME) {
        step(here, NULL);
    }
    if (!running->is_over) {
        step(here, frame);
    }
}

static int has_line(const ubal_here_t *here)
{
    return here->read < here->lines->nelts;
}

ubal_error_t *ubal_here_read(const apr_array_header_t **words,
                             ubal_here_t *here, apr_pool_t *pool)
{
    ubal_running_t *running = here->running;

    if (!has_line(here)) {
        apr_array_clear(here->lines);
        here->read = 0;
        apr_pool_clear(here->pool);
    }
    while (!has_line(here) && !running->is_over) {
        if (running->next == UBAL_VERB_FRAME) {
            return ubal_error_make(UBAL_ERR_SYSTEM, pool,
                                   "nothing was sent that could be answered");
        }
        step(here, NULL);
    }
    *words = has_line(here) ? APR_ARRAY_IDX(here->lines, here->read++,
                                            const apr_array_header_t *)
                            : NULL;
    return *words ? NULL : running->err;
}
