/* Sets up the task of a vendor from what is stored: its plan, where coverage
 * begins, the history that is wanted. */
#include "core/time.h"
#include "log.h"
#include "store/backfill.h"
#include "store/range.h"
#include "store/slot.h"
#include "store/vendor_row.h"
#include "store/window.h"
#include "task.h"

/* What is known of a window beside what is stored; NULL: nothing. */
static const ubal_plan_window_t *find_window(const apr_array_header_t *windows,
                                             const ubal_window_t *window)
{
    int i;

    for (i = 0; i < windows->nelts; i++) {
        const ubal_plan_window_t *w =
            &APR_ARRAY_IDX(windows, i, const ubal_plan_window_t);

        if (w->window.id == window->id &&
            w->window.failures == window->failures) {
            return w;
        }
    }
    return NULL;
}

static ubal_error_t *load_windows(ubal_task_t *task, apr_pool_t *pool)
{
    ubal_plan_t *plan = &task->plan;
    apr_array_header_t *stored, *windows;
    ubal_error_t *err = ubal_window_load(&stored, &plan->end, task->daemon->db,
                                         task->row.id, pool);
    int i;

    if (err) {
        return err;
    }
    windows = apr_array_make(pool, 16, sizeof(ubal_plan_window_t));
    for (i = 0; i < stored->nelts; i++) {
        const ubal_window_t *window =
            &APR_ARRAY_IDX(stored, i, const ubal_window_t);
        const ubal_plan_window_t *known = find_window(plan->windows, window);

        APR_ARRAY_PUSH(windows, ubal_plan_window_t) =
            known ? *known
                  : (ubal_plan_window_t){.window = *window,
                                         .successes_then = plan->successes};
    }
    apr_array_clear(plan->windows);
    apr_array_cat(plan->windows, windows);
    return NULL;
}

static ubal_error_t *load_backfills(ubal_task_t *task, apr_pool_t *pool)
{
    ubal_plan_t *plan = &task->plan;
    apr_array_header_t *stored;
    ubal_error_t *err =
        ubal_backfill_load(&stored, task->daemon->db, task->row.id, pool);
    int i;

    if (err) {
        return err;
    }
    apr_array_clear(plan->backfills);
    for (i = 0; i < stored->nelts; i++) {
        const ubal_backfill_t *s = &((const ubal_backfill_t *)stored->elts)[i];
        ubal_plan_backfill_t *b = apr_array_push(plan->backfills);

        *b = (ubal_plan_backfill_t){
            .id = s->id, .from = s->from, .to = s->to, .cursor = s->cursor};
    }
    return NULL;
}

/* The latest windows tell how many items to expect, and whether the vendor
 * gives totals. */
static ubal_error_t *load_pace(ubal_task_t *task, apr_pool_t *pool)
{
    ubal_plan_t *plan = &task->plan;
    apr_array_header_t *recent;
    ubal_error_t *err =
        ubal_range_recent(&recent, task->daemon->db, task->row.id, pool);
    int i;

    for (i = err ? -1 : recent->nelts - 1; i >= 0; i--) {
        const ubal_window_t *w = &((const ubal_window_t *)recent->elts)[i];

        ubal_pace_window(&plan->pace, w->own, w->to - w->from);
        plan->has_totals = w->accepted >= 0; /* the latest one decides */
    }
    return err;
}

/* Checks go on from when the last was made, so that they come about however
 * often the daemon is started anew. */
static ubal_error_t *load_recon(ubal_task_t *task, apr_pool_t *pool)
{
    ubal_recon_t *recon = &task->plan.recon;
    apr_int64_t at, ago;
    ubal_error_t *err =
        ubal_slot_last_count(&at, task->daemon->db, task->row.id, pool);

    recon->range = task->vendor->reconcile;
    recon->lookback = task->vendor->lookback;
    recon->is_looking_back = task->vendor->has_lookback && recon->lookback;
    ago = ubal_owner_wall() - at;
    if (ago < 0 || ago > UBAL_RECON_FLOOR) {
        ago = at ? UBAL_RECON_FLOOR : 0;
    }
    recon->next_at = ubal_owner_now() + UBAL_RECON_FLOOR - ago;
    return err;
}

/* Where history is wanted, live windows begin a little ago, so that the first
 * need not wait for its settling. */
static apr_int64_t recent_start(const ubal_plan_t *plan, apr_int64_t wanted)
{
    apr_int64_t at =
        plan->vendor_time - plan->settle - 2 * ubal_plan_grain(plan);

    return at > wanted ? at : wanted;
}

/* Where live windows begin: at what is stored, once anything was fetched;
 * until then at this moment, or at a later one that is asked for. */
static ubal_error_t *choose_since(ubal_task_t *task, apr_pool_t *pool)
{
    ubal_plan_t *plan = &task->plan;
    apr_int64_t wanted = task->vendor->since;

    if (plan->end != 0) {
        plan->since = task->row.since;
        return NULL;
    }
    plan->is_since_open = wanted <= plan->vendor_time;
    plan->since = plan->is_since_open ? task->row.since : wanted;
    if (plan->since == 0) {
        plan->since = wanted ? recent_start(plan, wanted) : plan->vendor_time;
    }
    plan->since -= plan->since % ubal_plan_grain(plan);
    plan->end = task->row.since = plan->since;
    return ubal_vendor_row_save(task->daemon->db, &task->row, pool);
}

/* Pages of another size do not go on where those of the last one ended. */
static ubal_error_t *restart_passes(ubal_task_t *task, apr_pool_t *pool)
{
    ubal_plan_window_t *w = (void *)task->plan.windows->elts;
    ubal_db_t *db = task->daemon->db;
    ubal_error_t *err = NULL;
    int i;

    if (task->row.page_size == task->vendor->page_size) {
        return NULL;
    }
    for (i = 0; !err && i < task->plan.windows->nelts; i++) {
        if (w[i].window.next_page > 1) {
            ubal_plan_restart(&w[i].window);
            err = ubal_window_save(db, task->row.id, &w[i].window, pool);
        }
    }
    return err ? err
               : ubal_vendor_row_note_page_size(db, task->row.id,
                                                task->vendor->page_size, pool);
}

static ubal_error_t *load_plan(ubal_task_t *task, apr_pool_t *pool)
{
    ubal_error_t *err = load_windows(task, pool);

    if (!err) {
        err = load_backfills(task, pool);
    }
    if (!err) {
        err = restart_passes(task, pool);
    }
    if (!err) {
        err = load_pace(task, pool);
    }
    return err ? err : load_recon(task, pool);
}

ubal_error_t *ubal_task_make(ubal_task_t **task, ubal_daemon_t *daemon,
                             const ubal_vendor_t *vendor, apr_pool_t *pool)
{
    ubal_task_t *made = apr_pcalloc(pool, sizeof(*made));
    ubal_error_t *err;

    made->daemon = daemon;
    made->vendor = vendor;
    made->account =
        ubal_vendor_account(vendor, daemon->owner.account_key, pool);
    made->plan = (ubal_plan_t){.interval = vendor->interval,
                               .settle = vendor->settle,
                               .tick = vendor->tick,
                               .period = vendor->rate_period,
                               .page_size = vendor->page_size,
                               .retries = vendor->retries,
                               .vendor_time = ubal_owner_wall(),
                               .vendor_at = ubal_owner_now()};
    apr_pool_create(&made->pool, pool);
    made->plan.windows = apr_array_make(pool, 16, sizeof(ubal_plan_window_t));
    made->plan.backfills =
        apr_array_make(pool, 4, sizeof(ubal_plan_backfill_t));
    ubal_recon_make(&made->plan.recon, pool);
    err = ubal_vendor_row_settle(&made->row, daemon->db, vendor->name, pool);
    if (!err) {
        made->plan.largest_page = made->row.largest_page;
        made->plan.pace.is_coarse = made->row.is_coarse;
        err = load_plan(made, pool);
    }
    /* Windows end in the vendor's past: its clock is at least there, however
     * far behind ours is. */
    if (made->plan.vendor_time < made->plan.end + made->plan.settle) {
        made->plan.vendor_time = made->plan.end + made->plan.settle;
    }
    *task = made;
    return err ? err : choose_since(made, pool);
}

ubal_error_t *ubal_task_reload(ubal_task_t *task)
{
    ubal_plan_t *plan = &task->plan;
    ubal_error_t *err;

    apr_pool_clear(task->pool);
    err = load_windows(task, task->pool);
    if (!err && plan->end == 0) {
        plan->end = plan->since; /* nothing was fetched yet */
    }
    return err ? err : load_backfills(task, task->pool);
}

ubal_error_t *ubal_task_want_history(ubal_task_t *task, apr_pool_t *pool)
{
    apr_int64_t wanted = task->vendor->since;
    int was_wanted, added = 0;
    ubal_error_t *err;

    wanted -= wanted % ubal_plan_grain(&task->plan);
    task->is_history_wanted = 1;
    if (!wanted || wanted >= task->plan.since) {
        return NULL;
    }
    err = ubal_backfill_was_wanted(&was_wanted, task->daemon->db, task->row.id,
                                   wanted, pool);
    if (!err && !was_wanted) {
        err = ubal_backfill_add(&added, task->daemon->db, task->row.id, wanted,
                                task->plan.since, ubal_owner_wall(), pool);
    }
    if (!err && added) {
        ubal_log_line(UBAL_LOG_INFO, "vendor %s: history from %s is wanted",
                      task->vendor->name, ubal_time_print(wanted, pool));
    }
    return err ? err : load_backfills(task, pool);
}
