/* A request that gave no page: its slot is closed, its window counts it, and
 * the plan backs off. */
#include <apr_general.h>

#include "budget.h"
#include "core/time.h"
#include "hold.h"
#include "log.h"
#include "store/backfill.h"
#include "store/slot.h"
#include "store/window.h"
#include "task.h"

/* A database that was locked when the slot was to be written: doubled each
 * time, as each try is a connection at the vendor. */
#define GATE_PAUSE APR_INT64_C(250000)
#define DOUBLINGS_MOST 10

static double random_fraction(void)
{
    apr_uint32_t bits = 0;

    if (apr_generate_random_bytes((unsigned char *)&bits, sizeof(bits))) {
        return 1.0; /* the longest wait is always allowed */
    }
    return (double)bits / 4294967296.0;
}

static ubal_error_t *save(ubal_task_t *task, const ubal_reply_t *reply,
                          const ubal_error_t *err, ubal_window_t *window)
{
    ubal_db_t *db = task->daemon->db;
    ubal_outcome_t outcome = {.ended = task->ended,
                              .status = reply->status,
                              .ms = (task->ended - task->began) / 1000,
                              .fault = err->message};
    ubal_error_t *failed = NULL;

    if (!reply->is_over) {
        outcome.ended =
            ubal_budget_given_up(task->ended, task->vendor->rate_period);
    }
    if (!task->step.is_count) {
        failed = ubal_window_save(db, task->row.id, window, task->pool);
        outcome.window = window->id;
    }
    if (!failed && task->step.backfill) {
        failed = ubal_backfill_advance(db, task->step.backfill, window->from,
                                       task->pool);
    }
    if (!failed && task->slot) {
        failed = ubal_slot_close(db, task->slot, &outcome, task->pool);
    }
    if (!failed) {
        failed =
            ubal_hold_save(db, task->account, task->daemon->boot, task->ended,
                           reply, task->vendor->rate_period, task->pool);
    }
    if (!failed) {
        failed = ubal_meta_update_coverage(db, task->pool);
    }
    return failed ? failed : ubal_db_commit(db, task->pool);
}

static void log_failure(const ubal_task_t *task, const ubal_error_t *err,
                        const ubal_window_t *window)
{
    apr_int64_t wait = task->plan.not_before - ubal_owner_now();

    if (window->state == UBAL_WINDOW_PARKED) {
        ubal_log_line(UBAL_LOG_ERROR, "%s: %s; parked after %d failures",
                      ubal_task_name(task), err->message, window->failures);
        return;
    }
    ubal_log_line(UBAL_LOG_WARN, "%s: %s; not tried again before %s",
                  ubal_task_name(task), err->message,
                  ubal_time_print_ms(ubal_owner_wall() + (wait > 0 ? wait : 0),
                                     task->pool));
}

/* In the end no more often than requests may be made. */
static apr_int64_t gate_pause(const ubal_task_t *task)
{
    const ubal_vendor_t *vendor = task->vendor;
    apr_int64_t most = vendor->rate_period / vendor->rate_count;
    apr_int64_t pause = GATE_PAUSE
                        << (task->busy < DOUBLINGS_MOST ? task->busy
                                                        : DOUBLINGS_MOST);

    most = most > GATE_PAUSE ? most : GATE_PAUSE;
    return pause < most ? pause : most;
}

/* The gate said no and nothing was spent: the budget, which tells when to ask
 * again, or a database that is locked or full, which is worth a wait. Any
 * other trouble with the database ends the daemon: the next one recovers. */
static ubal_error_t *refused(ubal_task_t *task, ubal_error_t *err)
{
    int is_busy = 0;
    ubal_error_t *failed;

    if (err->kind == UBAL_ERR_BUDGET) {
        return NULL;
    }
    failed = ubal_task_wait(&is_busy, task, err);
    if (is_busy) {
        task->not_before = ubal_owner_now() + gate_pause(task);
        task->busy++;
    }
    return failed;
}

static int is_of_gate(const ubal_task_t *task, const ubal_error_t *err)
{
    return !task->slot &&
           (err->kind == UBAL_ERR_BUDGET || err->kind == UBAL_ERR_DB);
}

ubal_error_t *ubal_task_fail(int *is_busy, ubal_task_t *task,
                             const ubal_reply_t *reply, ubal_error_t *err)
{
    ubal_failure_t failure = {.status = reply->status,
                              .retry_after = reply->retry_after};
    ubal_window_t window;
    ubal_error_t *failed;

    if (is_of_gate(task, err)) {
        return refused(task, err);
    }
    ubal_plan_failed(&window, &task->plan, &task->step.window);
    failed = ubal_task_begin(is_busy, task);
    if (failed || *is_busy) {
        return failed;
    }
    failed = save(task, reply, err, &window);
    if (failed) {
        ubal_db_rollback(task->daemon->db, task->pool);
        return ubal_task_wait(is_busy, task, failed);
    }
    task->busy = 0;
    failure.random = random_fraction();
    if (task->step.backfill) {
        ubal_plan_backfilled(&task->plan, task->step.backfill, window.from);
    }
    ubal_plan_back_off(&task->plan, task->step.is_count ? NULL : &window,
                       &failure, ubal_owner_now());
    task->step.window = window;
    log_failure(task, err, &window);
    return NULL;
}
