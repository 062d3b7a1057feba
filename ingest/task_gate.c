/* The gate: whether and when a request may be sent. The one place that spends
 * a slot, committed to the ledger before the request line goes out. */
#include "budget.h"
#include "core/time.h"
#include "hold.h"
#include "store/slot.h"
#include "task.h"
#include "witness.h"

/* Between the slot's commit and the sending; longer means that the process
 * was stopped in between, and nobody knows what has happened since. */
#define GATE_MOST (2 * UBAL_TIME_SECOND)

ubal_error_t *ubal_task_when(apr_int64_t *when, apr_int64_t **frees,
                             ubal_task_t *task, apr_pool_t *pool)
{
    int i, limit = task->vendor->rate_count;
    apr_int64_t period = task->vendor->rate_period;
    apr_size_t room = sizeof(**frees) * (apr_size_t)(limit + 1);
    ubal_daemon_t *daemon = task->daemon;
    apr_array_header_t *slots;
    apr_int64_t *ends, held;
    ubal_error_t *err =
        ubal_slot_recent(&slots, daemon->db, task->account, limit, pool);

    if (!err) {
        err = ubal_hold_read(&held, daemon->db, task->account, daemon->boot,
                             pool);
    }
    if (err) {
        return err;
    }
    ends = apr_pcalloc(pool, room);
    *frees = apr_pcalloc(pool, room);
    for (i = 0; i < slots->nelts; i++) {
        ends[i] = ((const ubal_slot_t *)slots->elts)[i].ended;
    }
    ubal_budget_frees(*frees, ends, slots->nelts, limit, period);
    *when = ubal_budget_when(ends, slots->nelts, limit, period);
    *when = *when < held ? held : *when;
    return NULL;
}

static ubal_error_t *commit_slot(ubal_task_t *task, apr_int64_t now,
                                 apr_pool_t *pool)
{
    ubal_daemon_t *daemon = task->daemon;
    ubal_slot_t slot = {.account = task->account,
                        .boot = daemon->boot,
                        .started = now,
                        .vendor = task->row.id,
                        .window = task->step.window.id,
                        .page = task->step.is_count ? 0 : task->step.page,
                        .at = task->at};
    apr_int64_t when, *frees;
    ubal_error_t *err = ubal_meta_begin(daemon->db, &daemon->owner, pool);

    if (err) {
        return err;
    }
    err = ubal_task_when(&when, &frees, task, pool);
    if (!err && when > now) {
        err = ubal_error_make(UBAL_ERR_BUDGET, pool,
                              "the budget has no slot for it yet");
    }
    if (!err) {
        err = ubal_slot_open(daemon->db, &slot, pool);
    }
    if (!err) {
        err = ubal_db_commit(daemon->db, pool);
    }
    if (err) {
        ubal_db_rollback(daemon->db, pool);
        return err;
    }
    task->slot = slot.id;
    task->sent = now;
    task->busy = 0;
    return NULL;
}

ubal_error_t *ubal_task_gate(void *baton, apr_pool_t *pool)
{
    ubal_task_t *task = baton;
    apr_int64_t now = ubal_owner_now();
    ubal_error_t *err;

    if (ubal_owner_end(task->daemon->watch) == UBAL_END_DISOWNED) {
        return ubal_error_make(UBAL_ERR_FENCED, pool,
                               "the lock file is not ours any more");
    }
    err = commit_slot(task, now, pool);
    if (!err) {
        err = ubal_witness_write(task->daemon, task->slot, pool);
    }
    if (!err && ubal_owner_now() - now > GATE_MOST) {
        err = ubal_error_make(UBAL_ERR_SYSTEM, pool,
                              "more than 2 s passed before it could be sent");
    }
    return err;
}
