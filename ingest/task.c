/* One vendor's turn: plan, start a request, and hand its end to the files that
 * know what to do with it. Whether it may be sent, task_gate.c decides. */
#include "task.h"

#include <string.h>

#include <apr_strings.h>

#include "core/time.h"
#include "log.h"
#include "page.h"
#include "store/window.h"

/* How long a database that is locked is waited for between two tries. */
#define BUSY_PAUSE APR_INT64_C(250000)

/* A Date this much behind the last ones is not believed at once. */
#define STALE_DATE (60 * UBAL_TIME_SECOND)

/* So many lists that were empty twice, without a total: that is how this
 * vendor says that there is nothing. */
#define BARE_ENOUGH 3

const char *ubal_task_name(const ubal_task_t *task)
{
    const ubal_window_t *window = &task->step.window;
    const char *id =
        window->id ? apr_psprintf(task->pool, "%" APR_INT64_T_FMT, window->id)
                   : "new";

    if (task->step.is_count) {
        return apr_psprintf(task->pool, "vendor %s: count of [%s, %s)",
                            task->vendor->name,
                            ubal_time_print(window->from, task->pool),
                            ubal_time_print(window->to, task->pool));
    }
    return apr_psprintf(
        task->pool, "vendor %s: window %s [%s, %s) page %d",
        task->vendor->name, id, ubal_time_print(window->from, task->pool),
        ubal_time_print(window->to, task->pool), task->step.page);
}

static ubal_error_t *start(ubal_task_t *task, apr_int64_t now)
{
    ubal_query_t query = {.from = task->step.from,
                          .to = task->step.to,
                          .page = task->step.page,
                          .limit = task->vendor->page_size};

    if (task->step.is_count) {
        query.limit = 1;
    }

    task->slot = task->ended = 0;
    task->began = now;
    task->at = ubal_owner_wall();
    return ubal_fetch_start(&task->fetch, task->daemon->loop, task->vendor,
                            &query, ubal_task_gate, task, task->pool);
}

static ubal_error_t *plan_turn(apr_int64_t *wake, ubal_task_t *task,
                               int may_start)
{
    apr_int64_t when, *frees, now = ubal_owner_now();
    ubal_error_t *err;
    int is_busy = 0;

    apr_pool_clear(task->pool);
    err = ubal_task_ready(&is_busy, task, now);
    if (!err) {
        err = ubal_task_when(&when, &frees, task, task->pool);
    }
    if (err) {
        return err;
    }
    task->plan.frees = frees;
    task->plan.slots = task->vendor->rate_count;
    ubal_plan_next(&task->step, &task->plan, now, when);
    if (!task->step.is_fetch) {
        *wake = task->step.until;
        return NULL;
    }
    *wake = APR_INT64_MAX;
    return may_start ? start(task, now) : NULL;
}

static ubal_error_t *lacks(ubal_task_t *task, const char *what)
{
    return ubal_error_make(UBAL_ERR_VENDOR, task->pool, "the reply lacks %s",
                           what);
}

/* A Date far behind the vendor's clock as it has been known: one that says so
 * alone (a cache, a node that is wrong) would take coverage back; the next one
 * is believed. */
static int is_stale(ubal_task_t *task, const ubal_reply_t *reply)
{
    const ubal_plan_t *plan = &task->plan;
    apr_int64_t known = ubal_plan_vendor_time(plan, task->ended);

    if (!plan->is_time_theirs || reply->date >= known - STALE_DATE) {
        task->stale_dates = 0;
        return 0;
    }
    return task->stale_dates++ == 0;
}

/* A first page without the total that earlier ones had: one that is empty may
 * leave it out, if it does so twice, and a vendor that gives none any more is
 * taken at its word in the end. */
static int lacks_total(ubal_task_t *task)
{
    const ubal_page_t *page = task->page;

    if (task->step.page != 1 || page->total >= 0 || !task->plan.has_totals) {
        task->totals_missing = 0;
        return 0;
    }
    task->totals_missing++;
    if (page->items->nelts == 0 && !task->step.is_count &&
        (task->totals_missing > 1 || task->bare_empties >= BARE_ENOUGH)) {
        task->bare_empties += task->bare_empties < BARE_ENOUGH;
        task->totals_missing = 0;
        task->page->total = 0;
        return 0;
    }
    if (task->totals_missing > task->vendor->retries) {
        ubal_log_line(UBAL_LOG_WARN, "vendor %s: it gives no totals any more",
                      task->vendor->name);
        task->plan.has_totals = 0;
        return 0;
    }
    return 1;
}

/* A page that is not to be trusted with the end of a window: without a Date
 * nobody knows how far the vendor's list goes, and a vendor that has given
 * totals and gives none has not given all. */
static ubal_error_t *find_lack(ubal_task_t *task, const ubal_reply_t *reply)
{
    if (!reply->date) {
        return lacks(task, "a Date");
    }
    if (is_stale(task, reply)) {
        return lacks(task, "a Date that goes on from earlier ones");
    }
    return lacks_total(task) ? lacks(task, "the total that earlier ones had")
                             : NULL;
}

ubal_error_t *ubal_task_read(ubal_page_t **page, const ubal_task_t *task,
                             const ubal_reply_t *reply)
{
    ubal_error_t *err = ubal_page_read(
        page, reply->body, reply->length, task->step.page,
        task->vendor->mapping, task->daemon->settings->scale, task->pool);

    if (err && ubal_vendor_is_echoed(task->vendor, reply->body, reply->length,
                                     task->pool)) {
        err = ubal_error_make(
            UBAL_ERR_VENDOR, task->pool,
            "the reply is no page; it is not shown, as it repeats the "
            "credentials");
    }
    return err;
}

/* Reads what came, once: a database that is busy has it ended again. */
static void read_reply(ubal_task_t *task, const ubal_reply_t *reply)
{
    task->ended = ubal_owner_now();
    task->plan.latency =
        (3 * task->plan.latency + task->ended - task->began) / 4;
    task->page = NULL;
    task->fault = reply->err;
    if (!task->fault) {
        task->fault = ubal_task_read(&task->page, task, reply);
    }
    if (!task->fault) {
        task->fault = find_lack(task, reply);
    }
}

/* Ends the request that is over: 1 in `*is_busy` to be asked again. */
static ubal_error_t *end(int *is_busy, ubal_task_t *task,
                         const ubal_reply_t *reply)
{
    if (!task->ended) {
        read_reply(task, reply);
    }
    if (task->fault && task->fault->kind == UBAL_ERR_FENCED) {
        return task->fault;
    }
    if (task->fault) {
        return ubal_task_fail(is_busy, task, reply, task->fault);
    }
    return task->step.is_count ? ubal_task_count(is_busy, task, task->page)
                               : ubal_task_store(is_busy, task, task->page);
}

ubal_error_t *ubal_task_turn(apr_int64_t *wake, ubal_task_t *task,
                             int may_start)
{
    const ubal_reply_t *reply;
    ubal_error_t *err;
    int is_busy = 0;

    *wake = task->not_before;
    if (task->not_before > ubal_owner_now()) {
        return NULL;
    }
    *wake = APR_INT64_MAX;
    if (task->fetch) {
        reply = ubal_fetch_reply(task->fetch);
        if (!reply) {
            return NULL;
        }
        err = end(&is_busy, task, reply);
        if (err) {
            return err;
        }
        if (is_busy) {
            task->busy++;
            *wake = task->not_before = ubal_owner_now() + BUSY_PAUSE;
            return NULL;
        }
        task->fetch = NULL;
    }
    return plan_turn(wake, task, may_start);
}

int ubal_task_is_passing(const ubal_error_t *err)
{
    return err->kind == UBAL_ERR_DB &&
           (strstr(err->message, "locked") || strstr(err->message, "is full"));
}

ubal_error_t *ubal_task_wait(int *is_busy, ubal_task_t *task,
                             ubal_error_t *err)
{
    if (!ubal_task_is_passing(err)) {
        return err;
    }
    if (task->busy == 0) {
        ubal_log_line(UBAL_LOG_WARN, "%s: waiting for the database: %s",
                      ubal_task_name(task), err->message);
    }
    *is_busy = 1;
    return NULL;
}

ubal_error_t *ubal_task_begin(int *is_busy, ubal_task_t *task)
{
    ubal_error_t *err =
        ubal_meta_begin(task->daemon->db, &task->daemon->owner, task->pool);

    return err ? ubal_task_wait(is_busy, task, err) : NULL;
}
