/* Whether live data stays as fresh as it is to be, and a backlog drains as
 * fast as the limit allows, over simulated weeks: the real planner, verdicts
 * and budget against a vendor that only counts. Knows no store and no items;
 * the simulation with both is t/sim's other program. Prints a line a goal;
 * exits with 1 where one is missed. */
#include <apr_general.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "budget.h"
#include "core/time.h"
#include "load_arrivals.h"
#include "plan.h"

#define SECOND UBAL_TIME_SECOND
#define MINUTE (60 * SECOND)
#define DAY UBAL_TIME_DAY
#define START (APR_INT64_C(1767225600) * SECOND) /* boot time 0, UTC */
#define LIMIT 5
#define PERIOD MINUTE
#define PAGE 1000

typedef struct scenario_t {
    const char *name;
    double per_minute;
    int is_random;         /* arrivals at random; else evenly */
    int is_latency_random; /* from nothing to `latency` */
    double latency;        /* s: as much at most, or always */
    double failures;       /* share of the requests */
    apr_int64_t backlog;   /* us that were missed before the start */
    apr_int64_t history;   /* us of backfill that is wanted */
    apr_int64_t lasts;     /* us */
    double lag_most;       /* s; 0: is not looked at */
    double ceiling_least;  /* share of the ceiling; 0: is not looked at */
} scenario_t;

static const scenario_t scenarios[] = {
    {"4,500/min at random, latency to 1 s, 0.5 % failures", 4500, 1, 1, 1.0,
     0.005, 0, 0, 28 * DAY, 120, 0},
    {"4,900/min evenly, latency to 0.5 s", 4900, 0, 1, 0.5, 0, 0, 0, 14 * DAY,
     120, 0},
    {"a backlog of 12 h at 4,000/min, latency 0.5 s", 4000, 1, 0, 0.5, 0,
     DAY / 2, 0, DAY / 4, 0, 0.98},
    {"a backlog of 3 d at 2,000/min, latency 0.5 s", 2000, 1, 0, 0.5, 0,
     3 * DAY, 0, DAY, 0, 0.98},
    {"caught up, 50/min", 50, 1, 0, 0.5, 0, 0, 0, 7 * DAY, 27, 0},
    {"caught up, 50/min, with a year of history wanted", 50, 1, 0, 0.5, 0, 0,
     365 * DAY, 7 * DAY, 27, 0},
};

typedef struct world_t {
    const scenario_t *scenario;
    apr_pool_t *pool;
    load_arrivals_t arrivals;
    apr_int64_t now; /* boot time, us */
    apr_int64_t ends[LIMIT], frees[LIMIT];
    apr_int64_t requests, counts, failed, items, latency;
    apr_int64_t lag_most, budget_least;
    apr_int64_t busy_since, busy_items; /* while behind by more than an hour */
    apr_int64_t busy_us, busy_latency, busy_requests;
    ubal_plan_t plan;
    apr_int64_t last_id;
} world_t;

/* --- the daemon ------------------------------------------------------------
 */

static void note_request(world_t *w, apr_int64_t latency)
{
    apr_int64_t gap = w->now - w->ends[LIMIT - 1];

    if (w->requests >= LIMIT && gap < w->budget_least) {
        w->budget_least = gap;
    }
    memmove(w->ends + 1, w->ends, sizeof(w->ends) - sizeof(w->ends[0]));
    w->now += latency;
    w->ends[0] = w->now;
    w->requests++;
    w->latency += latency;
}

static apr_int64_t lag(const world_t *w)
{
    return ubal_plan_lag(&w->plan, w->now);
}

static void note_lag(world_t *w)
{
    apr_int64_t behind = lag(w);

    if (behind > w->lag_most) {
        w->lag_most = behind;
    }
}

static void give_ids(world_t *w, ubal_verdict_t *verdict)
{
    ubal_window_t *parts = (void *)verdict->parts->elts;
    int i;

    if (!verdict->window.id) {
        verdict->window.id = ++w->last_id;
    }
    for (i = 0; i < verdict->parts->nelts; i++) {
        parts[i].id = ++w->last_id;
    }
}

static void read_page(world_t *w, const ubal_step_t *step)
{
    const ubal_window_t *window = &step->window;
    apr_int64_t date = (START + w->now) / SECOND * SECOND;
    apr_int64_t total = load_between(&w->arrivals, step->from, step->to);
    apr_int64_t seen = (apr_int64_t)(step->page - 1) * PAGE;
    apr_int64_t here = total - seen < PAGE ? total - seen : PAGE, i;
    ubal_told_t told = {.date = date,
                        .items = here,
                        .distinct = seen + here,
                        .total = total,
                        .page = step->page};
    ubal_verdict_t verdict;

    if (step->page == 1) {
        told.early = load_between(&w->arrivals, step->from, window->from);
    }
    for (i = 0; i < 8 && i < here; i++) {
        ubal_pace_instant(
            &w->plan.pace,
            w->arrivals.at[load_before(&w->arrivals, step->from) + i]);
    }
    ubal_plan_judge(&verdict, &w->plan, window, &told, w->pool);
    give_ids(w, &verdict);
    if (step->backfill) {
        ubal_plan_backfilled(&w->plan, step->backfill, window->from);
    }
    w->items += here;
    ubal_plan_apply(&w->plan, &verdict, &told, w->now);
}

static void fail(world_t *w, const ubal_step_t *step)
{
    ubal_failure_t failure = {.status = 500,
                              .retry_after = -1,
                              .random = load_fraction(&w->arrivals)};
    ubal_window_t changed;

    ubal_plan_failed(&changed, &w->plan, &step->window);
    if (!changed.id) {
        changed.id = ++w->last_id;
    }
    w->failed++;
    ubal_plan_back_off(&w->plan, step->is_count ? NULL : &changed, &failure,
                       w->now);
}

/* A check of the day that passed: always right here, what it costs counts. */
static void count(world_t *w)
{
    w->counts++;
    ubal_recon_asked(&w->plan.recon, w->now);
    ubal_recon_counted(&w->plan.recon, 0);
    ubal_plan_heard(&w->plan, (START + w->now) / SECOND * SECOND, w->now);
}

static void ready(world_t *w)
{
    ubal_recon_t *recon = &w->plan.recon;

    if (recon->next_at <= w->now && !ubal_recon_top(recon)) {
        ubal_recon_add(recon, w->plan.end - DAY, w->plan.end);
        ubal_recon_top(recon)->middle = w->plan.end;
        recon->next_at = w->now + UBAL_RECON_FLOOR;
    }
}

/* While far behind, what is fetched is compared with the ceiling. */
static void note_busy(world_t *w, apr_int64_t began, apr_int64_t items,
                      apr_int64_t latency)
{
    if (w->scenario->backlog && lag(w) > w->scenario->backlog / 10) {
        w->busy_us += w->now - began;
        w->busy_items += w->items - items;
        w->busy_latency += latency;
        w->busy_requests++;
    }
}

static void fetch(world_t *w, const ubal_step_t *step, apr_int64_t began)
{
    const scenario_t *s = w->scenario;
    double share = s->is_latency_random ? load_fraction(&w->arrivals) : 1;
    apr_int64_t latency = (apr_int64_t)(s->latency * share * 1e6);
    apr_int64_t items = w->items;

    note_request(w, latency);
    w->plan.latency = latency;
    load_arrive(&w->arrivals, START + w->now);
    note_lag(w);
    if (load_fraction(&w->arrivals) < s->failures) {
        fail(w, step);
    } else if (step->is_count) {
        count(w);
    } else {
        read_page(w, step);
    }
    note_busy(w, began, items, latency);
}

static void turn(world_t *w, apr_int64_t *began)
{
    ubal_step_t step;
    int used = w->requests < LIMIT ? (int)w->requests : LIMIT;

    ready(w);
    ubal_budget_frees(w->frees, w->ends, used, LIMIT, PERIOD);
    w->plan.frees = w->frees;
    w->plan.slots = LIMIT;
    ubal_plan_next(&step, &w->plan, w->now,
                   ubal_budget_when(w->ends, used, LIMIT, PERIOD));
    if (!step.is_fetch) {
        w->now = step.until > w->now ? step.until : w->now + 1000;
        return;
    }
    fetch(w, &step, *began);
    *began = w->now;
    load_forget(&w->arrivals, START + w->now - lag(w) - 2 * SECOND);
}

static void begin(world_t *w, const scenario_t *scenario, apr_uint64_t seed,
                  apr_pool_t *pool)
{
    apr_int64_t since = START - scenario->backlog;

    *w = (world_t){.scenario = scenario,
                   .pool = pool,

                   .arrivals = {.per_minute = scenario->per_minute,
                                .is_random = scenario->is_random,
                                .next = (double)since,
                                .random = UINT64_C(88172645463325252) * seed},
                   .budget_least = APR_INT64_MAX};
    w->plan = (ubal_plan_t){.interval = 20 * SECOND,
                            .settle = 5 * SECOND,
                            .tick = SECOND,
                            .period = PERIOD,
                            .page_size = PAGE,
                            .retries = 10,
                            .since = since,
                            .end = since,
                            .vendor_time = START};
    w->plan.windows = apr_array_make(pool, 16, sizeof(ubal_plan_window_t));
    w->plan.backfills = apr_array_make(pool, 4, sizeof(ubal_plan_backfill_t));
    ubal_recon_make(&w->plan.recon, pool);
    w->plan.recon.range = DAY;
    w->plan.recon.next_at = UBAL_RECON_FLOOR;
    if (scenario->history) {
        ubal_plan_backfill_t *b = apr_array_push(w->plan.backfills);

        *b =
            (ubal_plan_backfill_t){1, since - scenario->history, since, since};
    }
}

/* --- the report ------------------------------------------------------------
 */

static double ceiling(const world_t *w)
{
    double latency =
        (double)w->busy_latency / (double)(w->busy_requests + 1) / 1e6;

    return LIMIT * PAGE * 60.0 / (60.0 + latency);
}

static int report(const world_t *w)
{
    const scenario_t *s = w->scenario;
    double minutes = (double)s->lasts / (double)MINUTE;
    int is_met = w->budget_least >= PERIOD;

    printf("%s, %.0f days\n", s->name, (double)s->lasts / (double)DAY);
    printf("  requests %.2f a minute, %.1f counts an hour, %ld failed; "
           "budget: never less than %.3f s\n",
           (double)w->requests / minutes, (double)w->counts / minutes * 60,
           (long)w->failed, (double)w->budget_least / 1e6);
    if (s->lag_most > 0) {
        is_met &= (double)w->lag_most / 1e6 < s->lag_most;
        printf("  lag at most %.1f s (goal: under %.0f s)\n",
               (double)w->lag_most / 1e6, s->lag_most);
    }
    if (s->ceiling_least > 0) {
        double rate =
            (double)w->busy_items / ((double)w->busy_us / (double)MINUTE);
        double share = rate / ceiling(w);

        is_met &= share >= s->ceiling_least;
        printf("  drained at %.0f a minute: %.2f %% of the ceiling of %.0f "
               "(goal: %.0f %%)\n",
               rate, 100 * share, ceiling(w), 100 * s->ceiling_least);
    }
    if (s->history) {
        const ubal_plan_backfill_t *b = (const void *)w->plan.backfills->elts;

        printf("  backfill went back %.1f days\n",
               (double)(b->to - b->cursor) / (double)DAY);
    }
    puts(is_met ? "  met" : "  MISSED");
    return is_met;
}

/* load [SEED [SCENARIO]]: an odd seed; a scenario's number, from 1. */
int main(int argc, char **argv)
{
    apr_uint64_t seed = argc > 1 ? strtoull(argv[1], NULL, 10) | 1 : 1;
    size_t only = argc > 2 ? strtoul(argv[2], NULL, 10) : 0;
    size_t i, ran = 0, missed = 0;
    const size_t all = sizeof(scenarios) / sizeof(scenarios[0]);
    apr_pool_t *root, *pool;
    world_t w;

    apr_initialize();
    apr_pool_create(&root, NULL);
    for (i = 0; i < all; i++) {
        apr_int64_t began = 0;

        if (only && i + 1 != only) {
            continue;
        }
        apr_pool_create(&pool, root);
        begin(&w, &scenarios[i], seed, pool);
        apr_pool_create(&w.pool, pool);
        while (w.now < scenarios[i].lasts) {
            turn(&w, &began);
            apr_pool_clear(w.pool);
        }
        ran++;
        missed += !report(&w);
        free(w.arrivals.at);
        apr_pool_destroy(pool);
    }
    printf("%d passed, %d failed\n", (int)(ran - missed), (int)missed);
    return missed != 0;
}
