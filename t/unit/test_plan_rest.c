/* The plan beside live rounds: history, reconciliation, whole pages under
 * load, and windows that are read again. */
#include "plan_fixture.h"
#include "plan_step.h"

/* A plan that has covered up to START + `covered` and knows the vendor's time
 * to be settle beyond that. */
static ubal_plan_t covered_plan(apr_int64_t covered)
{
    ubal_plan_t plan = make_plan();

    plan.end = START + covered;
    plan.vendor_time = plan.end + plan.settle;
    plan.backfills = apr_array_make(pool, 2, sizeof(ubal_plan_backfill_t));
    ubal_recon_make(&plan.recon, pool);
    plan.recon.next_at = APR_INT64_MAX;
    return plan;
}

static void want(ubal_plan_t *plan, apr_int64_t id, apr_int64_t from,
                 apr_int64_t to)
{
    ubal_plan_backfill_t *b = apr_array_push(plan->backfills);

    *b = (ubal_plan_backfill_t){id, from, to, to};
}

static void check_history(void)
{
    ubal_plan_t plan = covered_plan(100 * SECOND);
    apr_int64_t day = UBAL_TIME_DAY;
    ubal_window_t old = make_window(START - 2 * day, START - day);
    ubal_step_t step;

    want(&plan, 7, START - 10 * day, START);
    want(&plan, 8, START - 90 * day, START - 20 * day);
    ubal_plan_next(&step, &plan, 0, 0);
    tap_ok(step.is_fetch && step.backfill == 7 && step.window.to == START &&
               step.window.from == START - day,
           "history: the newest day first, of the newest range");
    ubal_plan_backfilled(&plan, 7, START - 10 * day);
    ubal_plan_next(&step, &plan, 0, 0);
    tap_ok(step.backfill == 8 && step.window.to == START - 20 * day,
           "then the older range");
    add_open(&plan, &old);
    plan.end = START + 100 * SECOND;
    ubal_plan_next(&step, &plan, 0, 0);
    tap_is_int(step.window.id, old.id, "an open window of it before new ones");
    plan.failures = 1;
    plan.windows->nelts = 0;
    ubal_plan_next(&step, &plan, 0, 0);
    tap_ok(!step.is_fetch, "while requests fail no more history is begun");
    plan.failures = 0;
    plan.history.items = 100000;
    plan.history.us = (double)(3600 * SECOND);
    ubal_plan_next(&step, &plan, 0, 0);
    tap_ok(step.window.to - step.window.from < 360 * SECOND &&
               step.window.to - step.window.from > 300 * SECOND,
           "windows of ten pages where there is much");
    plan.end -= 30 * SECOND;
    ubal_plan_next(&step, &plan, 0, 0);
    tap_ok(step.is_fetch && step.window.from == plan.end,
           "a live round goes before history");
}

static void check_spare(void)
{
    ubal_plan_t plan = covered_plan(100 * SECOND);
    apr_int64_t frees[5] = {0, 0, 20060000, 40060000, 60060000};
    ubal_step_t step;

    plan.frees = frees;
    plan.slots = 5;
    want(&plan, 7, START - UBAL_TIME_DAY, START);
    ubal_plan_next(&step, &plan, 100000, 0);
    tap_is_int(step.backfill, 7, "history takes a slot that no round wants");
    frees[1] = 30 * SECOND;
    frees[2] = 35 * SECOND;
    ubal_plan_next(&step, &plan, 100000, 0);
    tap_ok(!step.is_fetch && step.until == 20 * SECOND,
           "but not the last before the next round");
    plan.interval = 60 * SECOND;
    plan.end = START + 90 * SECOND;
    ubal_plan_next(&step, &plan, 100000, 0);
    tap_is_int(step.backfill, 7, "unless the round comes after another frees");
}

static void check_recon(void)
{
    ubal_plan_t plan = covered_plan(100 * SECOND);
    apr_int64_t frees[2] = {0, 90 * SECOND};
    ubal_step_t step;

    want(&plan, 7, START - UBAL_TIME_DAY, START);
    ubal_recon_add(&plan.recon, START, START + 100 * SECOND);
    ubal_recon_top(&plan.recon)->middle = START + 100 * SECOND;
    ubal_recon_top(&plan.recon)->tick = 1000;
    ubal_plan_next(&step, &plan, 0, 0);
    tap_ok(step.is_count && step.from == START - 1000 &&
               step.to == START + 100 * SECOND && !step.backfill,
           "a count goes before history, asked as its first window was");
    ubal_recon_asked(&plan.recon, 1);
    ubal_plan_next(&step, &plan, 2, 0);
    tap_is_int(step.backfill, 7, "but history has its turn after it");
    plan.frees = frees;
    plan.slots = 2;
    ubal_plan_next(&step, &plan, 2, 0);
    tap_ok(!step.is_fetch, "it leaves live rounds their slots");
    plan.recon.last_at = -UBAL_RECON_FLOOR;
    ubal_plan_next(&step, &plan, 2, 0);
    tap_ok(step.is_count, "but for one in ten minutes");
    plan.vendor_time = START + 240 * SECOND;
    plan.not_before = 0;
    add_open(&plan, &(ubal_window_t){.id = 99,
                                     .from = START + 100 * SECOND,
                                     .to = START + 120 * SECOND,
                                     .next_page = 1});
    ((ubal_plan_window_t *)plan.windows->elts)[0].not_before = APR_INT64_MAX;
    plan.end = START + 230 * SECOND;
    ubal_plan_next(&step, &plan, 2, 0);
    tap_ok(!step.is_count, "and waits while live windows lag");
}

static void check_pages(void)
{
    ubal_plan_t plan = covered_plan(100 * SECOND);
    ubal_step_t step;
    int i;

    for (i = 0; i < 40; i++) {
        ubal_pace_window(&plan.pace, 1500, 20 * SECOND);
        ubal_pace_instant(&plan.pace, START + (apr_int64_t)i * 123457000);
    }
    for (i = 0; i < 100; i++) {
        ubal_pace_instant(&plan.pace, START + (apr_int64_t)i * 123457000);
    }
    plan.vendor_time += 20 * SECOND;
    ubal_plan_next(&step, &plan, 0, 0);
    tap_ok(step.window.to - step.window.from < 13340000 &&
               step.window.to - step.window.from > 13000000,
           "one whole page where a page and a half is waiting");
    tap_is_int(
        step.window.from - step.from, 1000,
        "asked from a millisecond before, as finely as items are dated");
    plan.vendor_time += 60 * SECOND;
    ubal_plan_next(&step, &plan, 0, 0);
    tap_ok(step.window.to - step.window.from < 40000000 &&
               step.window.to - step.window.from > 39000000,
           "three whole pages under load");
    plan.vendor_time += UBAL_TIME_DAY;
    ubal_plan_next(&step, &plan, 0, 0);
    tap_ok(step.window.to - step.window.from < 266667000 &&
               step.window.to - step.window.from > 260000000,
           "twenty of a long backlog");
}

static ubal_window_t recheck_window(apr_int64_t accepted)
{
    ubal_window_t w = make_window(START, START + 10 * SECOND);

    w.state = UBAL_WINDOW_RECHECK;
    w.accepted = accepted;
    w.pass_total = w.pass_distinct = -1;
    return w;
}

static void check_recheck(void)
{
    ubal_plan_t plan = covered_plan(100 * SECOND);
    ubal_window_t w = recheck_window(5), changed;
    ubal_told_t told = {.date = START + 200 * SECOND,
                        .items = 6,
                        .distinct = 6,
                        .total = 6,
                        .early = 1,
                        .late = 2,
                        .page = 1};
    ubal_verdict_t v;

    ubal_plan_add(&plan, &w);
    v = tell(&plan, &w, told, 0);
    tap_ok(v.window.state == UBAL_WINDOW_DONE && v.window.accepted == 6 &&
               v.window.own == 3 && v.window.early == 1 && v.window.late == 2,
           "read again, with one that came late: done with what it holds");
    w = recheck_window(8);
    ubal_plan_add(&plan, &w);
    v = tell(&plan, &w, told, 0);
    tap_ok(v.window.state == UBAL_WINDOW_RECHECK && v.window.vanished == 0,
           "fewer than before: it is read once more");
    v = tell(&plan, &v.window, told, 0);
    tap_ok(v.window.state == UBAL_WINDOW_DONE && v.window.vanished == 2 &&
               v.window.accepted == 6,
           "fewer twice: they have vanished, and that is all");
    w = recheck_window(8);
    ubal_plan_add(&plan, &w);
    w.failures = 100;
    ubal_plan_failed(&changed, &plan, &w);
    tap_is_int(changed.state, UBAL_WINDOW_RECHECK,
               "what is read again is never parked: it stays covered");
}

static void check_recheck_tick(void)
{
    ubal_plan_t plan = covered_plan(100 * SECOND);
    ubal_window_t w = recheck_window(5);
    ubal_step_t step = {0};
    int i;

    for (i = 0; i < 140; i++) {
        ubal_pace_instant(&plan.pace, START + (apr_int64_t)i * 123457000);
    }
    w.tick = SECOND;
    ubal_step_fetch(&step, &plan, &w);
    tap_is_int(w.from - step.from, SECOND,
               "read again from where it was read, though the vendor's tick "
               "is known to be finer now");
    w.state = UBAL_WINDOW_OPEN;
    ubal_step_fetch(&step, &plan, &w);
    tap_is_int(w.from - step.from, 1000, "a pass of another is as fine");
}

static void check_estimates(void)
{
    ubal_plan_t plan = covered_plan(100 * SECOND);
    ubal_window_t w = make_window(START, START + SECOND);
    ubal_told_t first = {.date = START + 200 * SECOND,
                         .items = 3,
                         .distinct = 3,
                         .total = 5,
                         .page = 1},
                second = {.date = START + 200 * SECOND,
                          .distinct = 3,
                          .total = 5,
                          .page = 2};
    ubal_verdict_t v;
    int i;

    w.pass_total = w.pass_distinct = -1;
    add_open(&plan, &w);
    v = tell(&plan, &w, first, 0);
    v = tell(&plan, &v.window, second, 0);
    tap_ok(v.is_failure && v.window.state == UBAL_WINDOW_OPEN,
           "a second whose list ends before its total is read once more");
    v = tell(&plan, &v.window, first, 0);
    v = tell(&plan, &v.window, second, 0);
    tap_ok(v.window.state == UBAL_WINDOW_DONE && v.window.drift == 2 &&
               v.reason,
           "the same twice: that is all there is, and it is said");
    for (i = 0; i < 3; i++) {
        w = make_window(START, START + SECOND);
        w.next_page = 2;
        w.distinct = 3;
        w.total = 5;
        plan.windows->nelts = 0;
        add_open(&plan, &w);
        tell(&plan, &w, second, 0);
    }
    tap_ok(!ubal_plan_has_trust(&plan),
           "five in a row: the totals are no counts");
    w = make_window(START, START + 10 * SECOND);
    plan.windows->nelts = 0;
    plan.largest_page = 1000;
    add_open(&plan, &w);
    v = tell(&plan, &w, first, 0);
    tap_is_int(v.window.state, UBAL_WINDOW_DONE,
               "from then on a short page ends a window");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    check_history();
    check_spare();
    check_recon();
    check_pages();
    check_recheck();
    check_recheck_tick();
    check_estimates();
    apr_terminate();
    return tap_done();
}
