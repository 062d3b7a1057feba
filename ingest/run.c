/* The daemon's loop: every vendor takes its turn, then all wait together for
 * a reply, a clock or a word to end. */
#include "run.h"

#include <apr_allocator.h>

#include "control.h"
#include "log.h"
#include "takeover.h"
#include "task.h"
#include "tidy.h"

/* What pools may keep of memory that they have given back (bytes): without an
 * end to it, pages of ever other sizes leave ever more of it. */
#define KEPT_MOST ((apr_size_t)256 * 1024)

static ubal_error_t *make_tasks(apr_array_header_t **tasks,
                                ubal_daemon_t *daemon, apr_pool_t *pool)
{
    const apr_array_header_t *vendors = daemon->settings->vendors;
    ubal_error_t *err = ubal_meta_begin(daemon->db, &daemon->owner, pool);
    int i;

    if (err) {
        return err;
    }
    *tasks = apr_array_make(pool, vendors->nelts, sizeof(ubal_task_t *));
    for (i = 0; !err && i < vendors->nelts; i++) {
        err = ubal_task_make(apr_array_push(*tasks), daemon,
                             ((ubal_vendor_t *const *)vendors->elts)[i], pool);
    }
    if (!err) { /* a vendor's first since is part of it */
        err = ubal_meta_update_coverage(daemon->db, pool);
    }
    if (!err) {
        err = ubal_db_commit(daemon->db, pool);
    }
    if (err) {
        ubal_db_rollback(daemon->db, pool);
    }
    return err;
}

/* Gives each task its turn; `*wake` is the earliest time one wants the next,
 * `*in_flight` how many requests are under way. */
static ubal_error_t *take_turns(apr_int64_t *wake, int *in_flight,
                                apr_array_header_t *tasks, int may_start)
{
    int i;

    *wake = APR_INT64_MAX;
    *in_flight = 0;
    for (i = 0; i < tasks->nelts; i++) {
        ubal_task_t *task = ((ubal_task_t *const *)tasks->elts)[i];
        apr_int64_t at;
        ubal_error_t *err = ubal_task_turn(&at, task, may_start);

        if (err) {
            return ubal_error_wrap(err, task->pool, "vendor %s",
                                   task->vendor->name);
        }
        *in_flight += task->fetch != NULL;
        if (at < *wake) {
            *wake = at;
        }
    }
    return NULL;
}

/* A generation that is over stays over: its descriptor has no more to tell,
 * and would not let us sleep. */
static void ignore_generation(ubal_loop_fd_t *fds, const ubal_watch_t *watch)
{
    int i;

    for (i = 0; i < UBAL_WATCH_FDS; i++) {
        if (fds[i].fd == watch->generation_fd) {
            fds[i].fd = -1;
        }
    }
}

/* Waits until `wake`, for a reply, for a word to end, or for a command (NULL:
 * none is listened to, as one page alone is to be finished). */
static ubal_error_t *wait_for_news(const ubal_daemon_t *daemon,
                                   apr_int64_t wake,
                                   const ubal_control_t *control,
                                   apr_pool_t *pool)
{
    ubal_loop_fd_t fds[UBAL_WATCH_FDS + 1];
    apr_int64_t patience = ubal_owner_patience(daemon->watch);
    apr_int64_t timeout = -1;

    if (wake != APR_INT64_MAX) {
        timeout = wake - ubal_owner_now();
        timeout = timeout > 0 ? timeout : 0;
    }
    if (timeout < 0 || timeout > patience) {
        timeout = patience;
    }
    ubal_owner_fds(fds, daemon->watch);
    fds[UBAL_WATCH_FDS].fd = control ? ubal_control_fd(control) : -1;
    if (!control) {
        ignore_generation(fds, daemon->watch);
    }
    return ubal_loop_wait(daemon->loop, fds, UBAL_WATCH_FDS + 1, timeout,
                          pool);
}

/* Another file in the database's place ends the daemon at once. Where there is
 * none, one may be on its way: who made another one now would be in its way,
 * so that it ends no sooner than at its next write. */
static ubal_error_t *look_at_file(int *is_gone, const ubal_daemon_t *daemon,
                                  apr_pool_t *pool)
{
    ubal_file_e found = ubal_db_find_file(daemon->db);

    if (found == UBAL_FILE_GONE && !*is_gone) {
        ubal_log_line(UBAL_LOG_WARN,
                      "the database file %s was removed: put a copy in its "
                      "place, or a new one is made at the next request",
                      daemon->db->path);
    }
    *is_gone = found == UBAL_FILE_GONE;
    return found == UBAL_FILE_OTHER
               ? ubal_error_make(UBAL_ERR_FENCED, pool,
                                 "the database file was replaced")
               : NULL;
}

/* One turn of all: the tasks', then a command's, which begins nothing while
 * the daemon is ending. */
static ubal_error_t *take_turn(apr_int64_t *wake, int *in_flight,
                               apr_array_header_t *tasks,
                               ubal_control_t *control, int is_finishing)
{
    int may_start = !is_finishing && !ubal_control_wants_idle(control);
    apr_int64_t at = APR_INT64_MAX;
    ubal_error_t *err = take_turns(wake, in_flight, tasks, may_start);

    if (!err && !is_finishing) {
        err = ubal_control_turn(&at, control, *in_flight == 0);
    }
    *wake = at < *wake ? at : *wake;
    return err;
}

/* A generation that is over begins nothing new, but ends what it has begun:
 * frequent reloads are not to stop progress. */
static ubal_error_t *run_tasks(ubal_daemon_t *daemon,
                               apr_array_header_t *tasks,
                               ubal_control_t *control, apr_pool_t *pool)
{
    apr_pool_t *turn;
    ubal_error_t *err = NULL;
    int is_gone = 0;

    apr_pool_create(&turn, pool);
    for (;;) {
        ubal_end_e end = ubal_owner_end(daemon->watch);
        int is_finishing = end == UBAL_END_FINISH, in_flight;
        apr_int64_t wake;

        if (end == UBAL_END_NOW || end == UBAL_END_DISOWNED) {
            break;
        }
        daemon->turn_at = ubal_owner_now();
        err = look_at_file(&is_gone, daemon, pool);
        if (!err) {
            err = take_turn(&wake, &in_flight, tasks, control, is_finishing);
        }
        if (err || (is_finishing && !in_flight)) {
            break;
        }
        apr_pool_clear(turn);
        err = ubal_tidy_turn(daemon, in_flight, wake, turn);
        if (err) {
            break;
        }
        err = wait_for_news(daemon, wake, is_finishing ? NULL : control, turn);
        if (err) {
            break;
        }
    }
    return err;
}

ubal_error_t *ubal_run(const ubal_settings_t *settings,
                       const ubal_watch_t *watch, apr_pool_t *pool)
{
    ubal_daemon_t daemon = {.settings = settings, .watch = watch};
    apr_array_header_t *tasks;
    ubal_control_t *control;
    ubal_error_t *err;

    apr_allocator_max_free_set(apr_pool_allocator_get(pool), KEPT_MOST);
    err = ubal_loop_make(&daemon.loop, pool);
    if (!err) {
        err = ubal_takeover(&daemon, pool);
    }
    /* told to end while another host fetched: that is no fault */
    if (err && err->kind == UBAL_ERR_FENCED &&
        ubal_owner_end(watch) != UBAL_END_NOT) {
        ubal_log_line(UBAL_LOG_INFO, "ending: %s", err->message);
        return NULL;
    }
    if (!err) {
        err = make_tasks(&tasks, &daemon, pool);
    }
    if (!err) {
        err = ubal_control_make(&control, &daemon, tasks, pool);
    }
    if (err) {
        return err;
    }
    ubal_log_line(UBAL_LOG_INFO, "fetching for %d vendor%s (%s, lock %s)",
                  settings->vendors->nelts,
                  settings->vendors->nelts == 1 ? "" : "s", settings->driver,
                  settings->lock);
    err = run_tasks(&daemon, tasks, control, pool);
    ubal_log_line(UBAL_LOG_INFO, "ending");
    ubal_control_end(control);
    return err;
}
