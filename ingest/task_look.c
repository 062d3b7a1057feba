/* Windows that are read again though no count has found a difference: what the
 * lookback has come to, and what was cut within a second. */
#include "core/time.h"
#include "log.h"
#include "store/range.h"
#include "task.h"

/* A lookback's window is to be this much of a page: items that came late need
 * room. */
#define LOOKBACK_FILL 0.8

/* Ends a transaction that did `err`: committed, or rolled back and, where it
 * passes, waited for. */
ubal_error_t *ubal_task_finish(int *is_busy, ubal_task_t *task,
                               ubal_error_t *err)
{
    ubal_db_t *db = task->daemon->db;

    if (!err) {
        err = ubal_db_commit(db, task->pool);
    }
    if (!err) {
        return NULL;
    }
    ubal_db_rollback(db, task->pool);
    return ubal_task_wait(is_busy, task, err);
}

/* Has a window read again, which reconciliation has found or the lookback has
 * come to. */
void ubal_task_read_again(ubal_task_t *task, const ubal_window_t *window)
{
    ubal_plan_add(&task->plan, window);
    ubal_log_line(UBAL_LOG_INFO,
                  "vendor %s: window %" APR_INT64_T_FMT
                  " [%s, %s) is read again",
                  task->vendor->name, window->id,
                  ubal_time_print(window->from, task->pool),
                  ubal_time_print(window->to, task->pool));
}

/* Without totals, some of what is not long ago is read again. */
ubal_error_t *ubal_task_look_back(int *is_busy, ubal_task_t *task,
                                  apr_int64_t now)
{
    ubal_recon_t *recon = &task->plan.recon;
    apr_int64_t to = ubal_plan_vendor_time(&task->plan, now);
    apr_int64_t from = to - recon->lookback;
    apr_int64_t items =
        (apr_int64_t)(LOOKBACK_FILL * (double)task->plan.page_size);
    ubal_window_t window = {0};
    ubal_error_t *err;

    err = ubal_range_find(&from, &to, task->daemon->db, task->row.id,
                          task->pool);
    if (err || !to) {
        return err;
    }
    from = recon->cursor > from && recon->cursor < to ? recon->cursor : from;
    err = ubal_task_begin(is_busy, task);
    if (err || *is_busy) {
        return err;
    }
    err = ubal_range_reread(&window, task->daemon->db, task->row.id, from, to,
                            items > 0 ? items : 1, task->pool);
    err = ubal_task_finish(is_busy, task, err);
    if (!err && !*is_busy && window.id) {
        recon->cursor = window.to;
        ubal_task_read_again(task, &window);
    }
    return err;
}

/* Windows that were cut within a second, before the vendor was known to
 * compare by whole ones, are read again as one between whole seconds. */
ubal_error_t *ubal_task_round(int *is_busy, ubal_task_t *task)
{
    ubal_window_t window = {0};
    ubal_error_t *err = ubal_task_begin(is_busy, task);

    if (err || *is_busy) {
        return err;
    }
    err = ubal_range_round(&window, task->daemon->db, task->row.id,
                           task->plan.end - 2 * UBAL_TIME_DAY, task->pool);
    err = ubal_task_finish(is_busy, task, err);
    if (!err && !*is_busy && window.id) {
        ubal_task_read_again(task, &window);
    }
    return err;
}
