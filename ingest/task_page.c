/* A page that was read: everything that follows from it in one transaction,
 * the items, the window, coverage and the slot's end. */
#include <apr_strings.h>

#include "core/time.h"
#include "log.h"
#include "store/backfill.h"
#include "store/page.h"
#include "store/slot.h"
#include "store/vendor_row.h"
#include "store/window.h"
#include "task.h"

typedef struct work_t {
    ubal_task_t *task;
    const ubal_page_t *page;
    ubal_told_t told;
    ubal_verdict_t verdict;
    ubal_counts_t counts;
} work_t;

/* Whether the vendor has listed what lies beyond what it was asked for, or
 * left away what lies within a second of it. */
static int is_coarse(const work_t *work)
{
    const ubal_item_t *items = (const void *)work->page->items->elts;
    const ubal_step_t *step = &work->task->step;
    int i;

    for (i = 0; i < work->page->items->nelts; i++) {
        if (!items[i].fault && (items[i].created_at < step->from ||
                                items[i].created_at > step->to)) {
            return 1;
        }
    }
    return ubal_pace_is_cut(&work->task->plan.pace);
}

/* Judges the page. The keys of a pass are kept from its second page on, and
 * those of the first once there is to be a second. */
static ubal_error_t *judge(work_t *work)
{
    ubal_task_t *task = work->task;
    const ubal_window_t *window = &task->step.window;
    ubal_error_t *err = NULL;
    ubal_keys_t keys;

    if (work->told.page > 1) {
        err = ubal_window_add_keys(&keys, task->daemon->db, window, work->page,
                                   task->pool);
    } else {
        ubal_window_count_keys(&keys, window, work->page);
    }
    if (!err) {
        work->told.distinct = keys.distinct;
        work->told.early = keys.early;
        work->told.late = keys.late;
        work->told.is_coarse = is_coarse(work);
        ubal_plan_judge(&work->verdict, &task->plan, window, &work->told,
                        task->pool);
    }
    return err;
}

/* Whether a window that was read again says the same as before. */
static int is_same(const work_t *work)
{
    const ubal_window_t *before = &work->task->step.window;

    return work->verdict.window.state == UBAL_WINDOW_DONE &&
           work->verdict.window.accepted == before->accepted;
}

/* A window that reconciliation had read again: what two readings left
 * unexplained is accepted. */
static void accept_drift(work_t *work)
{
    ubal_task_t *task = work->task;
    ubal_verdict_t *verdict = &work->verdict;
    apr_int64_t drift =
        ubal_recon_drift(&task->plan.recon, verdict->window.id, is_same(work));

    if (drift) {
        verdict->window.drift += drift;
        verdict->reason = apr_psprintf(
            task->pool,
            "the vendor's total is %" APR_INT64_T_FMT " above what it lists; "
            "confirmed twice, not looked at again",
            drift);
    }
}

static ubal_error_t *save_window(work_t *work)
{
    ubal_task_t *task = work->task;
    ubal_verdict_t *verdict = &work->verdict;
    ubal_window_t *window = &verdict->window;
    ubal_db_t *db = task->daemon->db;
    ubal_error_t *err = NULL;
    ubal_keys_t keys;

    if (verdict->is_removed) {
        return window->id ? ubal_window_remove(db, window->id, task->pool)
                          : NULL;
    }
    accept_drift(work);
    err = ubal_window_save(db, task->row.id, window, task->pool);
    if (!err && window->next_page == 2) {
        err = ubal_window_add_keys(&keys, db, window, work->page, task->pool);
        window->distinct = keys.distinct;
    }
    return err;
}

/* Backfill has a window more, or one less that is open. */
static ubal_error_t *save_backfill(work_t *work)
{
    ubal_task_t *task = work->task;
    ubal_db_t *db = task->daemon->db;
    ubal_error_t *err = NULL;

    if (task->step.backfill) {
        err = ubal_backfill_advance(db, task->step.backfill,
                                    task->step.window.from, task->pool);
    }
    if (!err && task->step.window.to <= task->plan.since) {
        err = ubal_backfill_finish(db, task->row.id, task->pool);
    }
    return err;
}

static ubal_error_t *save_windows(work_t *work)
{
    ubal_task_t *task = work->task;
    ubal_window_t *parts = (void *)work->verdict.parts->elts;
    ubal_error_t *err = save_window(work);
    int i;

    for (i = 0; !err && i < work->verdict.parts->nelts; i++) {
        err = ubal_window_save(task->daemon->db, task->row.id, &parts[i],
                               task->pool);
    }
    if (!err && work->verdict.take_back) {
        err = ubal_window_take_back(&work->verdict.take_back, task->daemon->db,
                                    task->row.id, task->pool);
    }
    return err;
}

/* Live windows can begin elsewhere only until the first is done. */
static ubal_error_t *save_vendor(work_t *work)
{
    ubal_task_t *task = work->task;
    ubal_vendor_row_t row = task->row;
    ubal_db_t *db = task->daemon->db;
    ubal_error_t *err =
        ubal_vendor_row_note_page(db, row.id, work->told.items, task->pool);

    if (!err && work->told.is_coarse && !task->plan.pace.is_coarse) {
        err = ubal_vendor_row_note_coarse(db, row.id, task->pool);
    }
    if (!err && work->verdict.since != task->plan.since) {
        row.since = work->verdict.since;
        err = ubal_vendor_row_save(db, &row, task->pool);
    }
    return err;
}

static ubal_error_t *close_slot(work_t *work)
{
    ubal_task_t *task = work->task;
    ubal_outcome_t outcome = {.ended = task->ended,
                              .status = 200,
                              .ms = (task->ended - task->began) / 1000,
                              .counts = work->counts};

    if (!work->verdict.is_removed) {
        outcome.window = work->verdict.window.id;
    }
    return ubal_slot_close(task->daemon->db, task->slot, &outcome, task->pool);
}

static ubal_error_t *store_all(work_t *work)
{
    ubal_task_t *task = work->task;
    ubal_db_t *db = task->daemon->db;
    ubal_error_t *err =
        ubal_page_store(&work->counts, db, task->row.id, task->slot,
                        ubal_owner_wall(), work->page, task->pool);

    if (!err) {
        err = judge(work);
    }
    if (!err) {
        err = save_windows(work);
    }
    if (!err) {
        err = save_backfill(work);
    }
    if (!err) {
        err = save_vendor(work);
    }
    if (!err) {
        err = ubal_meta_update_coverage(db, task->pool);
    }
    if (!err) {
        err = close_slot(work);
    }
    return err ? err : ubal_db_commit(db, task->pool);
}

static const char *say_next(const work_t *work)
{
    const ubal_verdict_t *verdict = &work->verdict;

    if (verdict->parts->nelts) {
        return apr_psprintf(work->task->pool, "split into %d: %s",
                            verdict->parts->nelts, verdict->reason);
    }
    if (verdict->window.state == UBAL_WINDOW_PARKED) {
        return apr_psprintf(work->task->pool, "parked: %s", verdict->reason);
    }
    if (verdict->reason) {
        return verdict->reason;
    }
    return verdict->window.state == UBAL_WINDOW_DONE ? "done" : "more";
}

static void log_page(const work_t *work)
{
    const ubal_task_t *task = work->task;
    const ubal_counts_t *c = &work->counts;

    ubal_log_line(
        work->verdict.reason ? UBAL_LOG_WARN : UBAL_LOG_INFO,
        "%s: seen %d new %d duplicate %d dead %d conflict %d ignored "
        "%d in %" APR_INT64_T_FMT " ms: %s",
        ubal_task_name(task), c->seen, c->stored, c->duplicate, c->dead,
        c->conflict, c->ignored, (task->ended - task->began) / 1000,
        say_next(work));
    if (work->page->contradiction) {
        ubal_log_line(UBAL_LOG_WARN, "%s: %s", ubal_task_name(task),
                      work->page->contradiction);
    }
}

/* What the page tells of the vendor's clock, and of how it compares. */
static void learn_instants(work_t *work)
{
    const ubal_item_t *items = (const void *)work->page->items->elts;
    const ubal_window_t *window = &work->task->step.window;
    ubal_plan_t *plan = &work->task->plan;
    int i, is_live = window->state == UBAL_WINDOW_OPEN &&
                     window->from >= plan->since;

    for (i = 0; i < work->page->items->nelts; i++) {
        if (!items[i].fault) {
            ubal_pace_instant(&plan->pace, items[i].created_at);
            if (is_live) {
                ubal_pace_part(&plan->pace, window->from, window->to,
                               items[i].created_at);
            }
        }
    }
    if (is_live && work->verdict.window.state == UBAL_WINDOW_DONE &&
        !work->verdict.is_removed) {
        ubal_pace_parts(&plan->pace, window->from, window->to);
    }
}

/* The plan follows what is committed. */
static void apply(work_t *work)
{
    ubal_task_t *task = work->task;
    const ubal_window_t *before = &task->step.window;
    ubal_plan_t *plan = &task->plan;

    learn_instants(work);
    if (task->step.backfill) {
        ubal_plan_backfilled(plan, task->step.backfill, before->from);
    }
    if (before->state == UBAL_WINDOW_RECHECK) {
        plan->recon.requests++;
        plan->recon.found += work->counts.stored;
        ubal_recon_asked(&plan->recon, task->ended);
    }
    if (before->state == UBAL_WINDOW_RECHECK &&
        work->verdict.window.state != UBAL_WINDOW_RECHECK) {
        ubal_recon_reread(&plan->recon, before->id, before->from, before->to,
                          is_same(work));
    }
    if (work->verdict.take_back) {
        ubal_task_forget_ranges(task);
    }
    ubal_plan_apply(plan, &work->verdict, &work->told, task->ended);
    task->row.since = work->verdict.since;
    task->row.largest_page = plan->largest_page;
    task->step.window = work->verdict.window;
}

ubal_error_t *ubal_task_store(int *is_busy, ubal_task_t *task,
                              const ubal_page_t *page)
{
    const ubal_reply_t *reply = ubal_fetch_reply(task->fetch);
    work_t work = {.task = task, .page = page};
    ubal_error_t *err;

    work.told = (ubal_told_t){.date = reply->date,
                              .took = task->ended - task->sent,
                              .items = page->items->nelts,
                              .total = page->total,
                              .page = task->step.page,
                              .is_contradiction = page->contradiction != 0};
    err = ubal_task_begin(is_busy, task);
    if (err || *is_busy) {
        return err;
    }
    err = store_all(&work);
    if (err) {
        ubal_db_rollback(task->daemon->db, task->pool);
        return ubal_task_wait(is_busy, task, err);
    }
    task->busy = 0;
    apply(&work);
    log_page(&work);
    return NULL;
}
