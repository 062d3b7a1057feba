/* One request to a vendor by hand. Knows the ledger and the way of a request;
 * stores no item, moves no window. */
#include "check.h"

#include "budget.h"
#include "core/time.h"
#include "hold.h"
#include "log.h"
#include "store/slot.h"
#include "store/vendor_row.h"

static ubal_error_t *find_row(ubal_task_t *task)
{
    ubal_db_t *db = task->daemon->db;
    ubal_error_t *err = ubal_meta_begin(db, &task->daemon->owner, task->pool);

    if (err) {
        return err;
    }
    err =
        ubal_vendor_row_settle(&task->row, db, task->vendor->name, task->pool);
    if (!err) {
        err = ubal_db_commit(db, task->pool);
    }
    if (err) {
        ubal_db_rollback(db, task->pool);
    }
    return err;
}

static ubal_error_t *wait_for_slot(ubal_task_t *task)
{
    for (;;) {
        apr_int64_t now = ubal_owner_now(), when, *frees;
        ubal_error_t *err = ubal_task_when(&when, &frees, task, task->pool);

        if (err || when <= now) {
            return err;
        }
        ubal_log_line(UBAL_LOG_INFO, "vendor %s: it can be asked in %.1f s",
                      task->vendor->name, (double)(when - now) / 1e6);
        err = ubal_loop_wait(task->daemon->loop, NULL, 0, when - now,
                             task->pool);
        if (err) {
            return err;
        }
    }
}

static ubal_error_t *ask(const ubal_reply_t **reply, ubal_task_t *task)
{
    apr_int64_t now = ubal_owner_wall();
    ubal_query_t query = {.from = now - UBAL_TIME_DAY,
                          .to = now - task->vendor->settle,
                          .page = 1,
                          .limit = task->vendor->page_size};
    ubal_error_t *err;

    task->at = now;
    task->step.page = 1;
    task->began = ubal_owner_now();
    err = ubal_fetch_start(&task->fetch, task->daemon->loop, task->vendor,
                           &query, ubal_task_gate, task, task->pool);
    while (!err && !(*reply = ubal_fetch_reply(task->fetch))) {
        err = ubal_loop_wait(task->daemon->loop, NULL, 0, -1, task->pool);
    }
    task->ended = ubal_owner_now();
    return err;
}

static ubal_error_t *close_slot(ubal_task_t *task, const ubal_check_t *check,
                                const ubal_reply_t *reply)
{
    ubal_db_t *db = task->daemon->db;
    ubal_outcome_t outcome = {.ended = task->ended,
                              .status = check->status,
                              .ms = check->ms,
                              .fault =
                                  check->err ? check->err->message : NULL};
    ubal_error_t *err;

    if (!task->slot) {
        return NULL;
    }
    if (!reply->is_over) {
        outcome.ended =
            ubal_budget_given_up(task->ended, task->vendor->rate_period);
    }
    err = ubal_meta_begin(db, &task->daemon->owner, task->pool);
    if (err) {
        return err;
    }
    err = ubal_slot_close(db, task->slot, &outcome, task->pool);
    if (!err) {
        err =
            ubal_hold_save(db, task->account, task->daemon->boot, task->ended,
                           reply, task->vendor->rate_period, task->pool);
    }
    if (!err) {
        err = ubal_db_commit(db, task->pool);
    }
    if (err) {
        ubal_db_rollback(db, task->pool);
    }
    return err;
}

ubal_error_t *ubal_check_vendor(ubal_check_t *check, ubal_daemon_t *daemon,
                                const ubal_vendor_t *vendor, apr_pool_t *pool)
{
    ubal_task_t task = {.daemon = daemon, .vendor = vendor, .pool = pool};
    const ubal_reply_t *reply = NULL;
    ubal_error_t *err;

    task.account =
        ubal_vendor_account(vendor, daemon->owner.account_key, pool);
    err = find_row(&task);
    if (!err) {
        err = wait_for_slot(&task);
    }
    if (!err) {
        err = ask(&reply, &task);
    }
    if (err) {
        return err;
    }
    *check = (ubal_check_t){.err = reply->err,
                            .status = reply->status,
                            .ms = (task.ended - task.began) / 1000};
    if (!check->err) {
        check->err = ubal_task_read(&check->page, &task, reply);
    }
    return close_slot(&task, check, reply);
}
