/* The plan: rounds, order of windows, verdicts on pages, failures. */
#include "plan_fixture.h"

static void check_rounds(void)
{
    ubal_plan_t plan = make_plan();
    ubal_step_t step;
    ubal_verdict_t v;

    ubal_plan_next(&step, &plan, 0, 0);
    tap_ok(!step.is_fetch, "nothing is asked for before it has settled");
    tap_is_int(step.until, 6 * SECOND,
               "the first window waits for the settle and a second");
    ubal_plan_next(&step, &plan, 6 * SECOND, 0);
    tap_ok(step.is_fetch && step.window.id == 0, "then a new window is due");
    tap_is_int(step.window.from, START, "it begins where coverage begins");
    tap_is_int(step.window.to, START + SECOND, "and ends in the past");
    tap_is_int(step.from, START - SECOND, "asked from one tick before");
    v = tell(&plan, &step.window,
             (ubal_told_t){.date = START + 6 * SECOND, .page = 1}, 6 * SECOND);
    tap_is_int(v.window.state, UBAL_WINDOW_DONE, "an empty page is done");
    ubal_plan_next(&step, &plan, 7 * SECOND, 0);
    tap_is_int(step.until, 26 * SECOND, "caught up: the next a round later");
    ubal_plan_next(&step, &plan, 26 * SECOND, 30 * SECOND);
    tap_ok(!step.is_fetch && step.until == 30 * SECOND,
           "the budget's slot is waited for");
    ubal_plan_next(&step, &plan, 300 * SECOND, 30 * SECOND);
    tap_is_int(step.window.to, START + 295 * SECOND,
               "what was missed is one window");
}

static void check_order(void)
{
    ubal_plan_t plan = make_plan();
    ubal_window_t a = make_window(START, START + 10 * SECOND);
    ubal_window_t b = make_window(a.to, a.to + 10 * SECOND);
    ubal_failure_t failure = {.status = 500, .retry_after = -1, .random = 0.5};
    ubal_window_t changed;
    ubal_step_t step;

    add_open(&plan, &a);
    add_open(&plan, &b);
    ubal_plan_next(&step, &plan, 0, 0);
    tap_is_int(step.window.id, a.id, "the oldest window comes first");
    ubal_plan_failed(&changed, &plan, &a);
    tap_is_int(changed.failures, 0, "alone, a failure does not count");
    ubal_plan_back_off(&plan, &changed, &failure, 0);
    ubal_plan_next(&step, &plan, 0, 0);
    tap_ok(!step.is_fetch && step.until == 1250000,
           "after a failure everything backs off");
    ubal_plan_next(&step, &plan, 2 * SECOND, 0);
    tap_is_int(step.window.id, b.id, "then another window has its chance");
    tell(&plan, &b, (ubal_told_t){.date = START + 3600 * SECOND, .page = 1},
         10 * SECOND);
    ubal_plan_failed(&changed, &plan, &a);
    tap_is_int(changed.failures, 1,
               "a failure beside a success counts towards parking");
    a.failures = 9;
    ubal_plan_failed(&changed, &plan, &a);
    tap_is_int(changed.state, UBAL_WINDOW_PARKED, "the tenth parks it");
}

/* Windows that always fail, side by side, do not keep newer ones from their
 * chance: what succeeds then shows that they are at fault, and parks them. */
static void check_poison(void)
{
    ubal_plan_t plan = make_plan();
    ubal_window_t a = make_window(START, START + 10 * SECOND);
    ubal_window_t b = make_window(a.to, a.to + 10 * SECOND);
    ubal_failure_t failure = {.status = 500, .retry_after = -1, .random = 0.5};
    ubal_window_t changed;
    apr_int64_t now = 0;
    int requests = 0, parked = 0;

    plan.retries = 1;
    add_open(&plan, &a);
    add_open(&plan, &b);
    while (requests < 20 && parked < 2) {
        ubal_step_t step;

        ubal_plan_next(&step, &plan, now, 0);
        if (!step.is_fetch) {
            now = step.until;
            continue;
        }
        requests++;
        now += 10000; /* when it is seen to be over */
        if (step.window.id != a.id && step.window.id != b.id) {
            tell(&plan, &step.window,
                 (ubal_told_t){.date = START + 36000 * SECOND, .page = 1},
                 now);
            continue;
        }
        ubal_plan_failed(&changed, &plan, &step.window);
        ubal_plan_back_off(&plan, &changed, &failure, now);
        parked += changed.state == UBAL_WINDOW_PARKED;
    }
    tap_is_int(parked, 2, "two windows at fault are both parked");
    tap_ok(plan.successes > 0, "as newer ones succeed");
}

static void check_backoff(void)
{
    ubal_plan_t plan = make_plan();
    ubal_window_t a = make_window(START, START + 10 * SECOND);
    ubal_failure_t failure = {.status = 429, .retry_after = 90 * SECOND};

    add_open(&plan, &a);
    ubal_plan_back_off(&plan, &a, &failure, 0);
    tap_is_int(plan.not_before, 90 * SECOND, "Retry-After is kept");
    failure.retry_after = -1;
    ubal_plan_back_off(&plan, &a, &failure, 0);
    tap_is_int(plan.not_before, 60 * SECOND,
               "429 without it: a period at least");
    failure.status = 401;
    ubal_plan_back_off(&plan, &a, &failure, 0);
    tap_is_int(plan.not_before, 300 * SECOND, "401 stops the hammering");
    failure = (ubal_failure_t){.retry_after = -1, .random = 1.0};
    plan.failures = 1000;
    ubal_plan_back_off(&plan, &a, &failure, 0);
    tap_is_int(plan.not_before, 320 * SECOND, "backoff has a ceiling");
}

static void check_totals(void)
{
    const apr_int64_t date = START + 7200 * SECOND;
    ubal_plan_t plan = make_plan();
    ubal_window_t a = make_window(START, START + 3600 * SECOND);
    ubal_verdict_t v;

    add_open(&plan, &a);
    v = tell(&plan, &a,
             (ubal_told_t){.date = date,
                           .items = 1000,
                           .distinct = 1000,
                           .total = 1500,
                           .page = 1},
             0);
    tap_ok(v.window.state == UBAL_WINDOW_OPEN && v.window.next_page == 2,
           "a page of two: read on");
    v = tell(&plan, &v.window,
             (ubal_told_t){.date = date,
                           .items = 500,
                           .distinct = 1500,
                           .total = 1500,
                           .page = 2},
             0);
    tap_ok(v.window.state == UBAL_WINDOW_DONE && v.window.accepted == 1500,
           "distinct ids equal the total: done");
    tap_is_int(plan.windows->nelts, 0, "and off the list");
}

static void check_split(const char *what, ubal_told_t told, int next_page,
                        apr_int64_t total, apr_int64_t distinct)
{
    ubal_plan_t plan = make_plan();
    ubal_window_t a = make_window(START, START + 3600 * SECOND);
    ubal_verdict_t v;
    ubal_window_t *parts;
    int i, contiguous = 1;

    a.next_page = next_page;
    a.total = total;
    a.distinct = distinct;
    add_open(&plan, &a);
    told.date = START + 7200 * SECOND;
    v = tell(&plan, &a, told, 0);
    parts = (void *)v.parts->elts;
    tap_ok(v.is_removed && v.parts->nelts >= 2, "%s: split", what);
    for (i = 1; i < v.parts->nelts; i++) {
        contiguous &= parts[i].from == parts[i - 1].to &&
                      parts[i].from < parts[i].to &&
                      parts[i].from % SECOND == 0;
    }
    tap_ok(contiguous && v.parts->nelts && parts[0].from == a.from &&
               parts[v.parts->nelts - 1].to == a.to,
           "%s: the parts are the whole, at whole seconds", what);
    tap_is_int(plan.windows->nelts, v.parts->nelts, "%s: all are planned",
               what);
}

static void check_splits(void)
{
    check_split("ids repeat within the pass",
                (ubal_told_t){
                    .items = 500, .distinct = 1499, .total = 1500, .page = 3},
                3, 1500, 1499);
    check_split("the total changes within the pass",
                (ubal_told_t){
                    .items = 500, .distinct = 1500, .total = 1501, .page = 2},
                2, 1500, 1000);
    check_split(
        "an empty page before the total is reached",
        (ubal_told_t){.items = 0, .distinct = 1000, .total = 1500, .page = 2},
        2, 1500, 1000);
    check_split("meta contradicts the items",
                (ubal_told_t){.items = 10,
                              .distinct = 10,
                              .total = 10,
                              .page = 1,
                              .is_contradiction = 1},
                1, -1, 0);
    check_split(
        "more ids than the total",
        (ubal_told_t){.items = 10, .distinct = 10, .total = 3, .page = 1}, 1,
        -1, 0);
    check_split(
        "a million items",
        (ubal_told_t){
            .items = 1000, .distinct = 1000, .total = 1000000, .page = 1},
        1, -1, 0);
    check_split(
        "without totals, the same page again",
        (ubal_told_t){.items = 1000, .distinct = 1000, .total = -1, .page = 2},
        2, -1, 1000);
}

static void check_one_second(void)
{
    ubal_plan_t plan = make_plan();
    ubal_window_t a = make_window(START, START + SECOND);
    ubal_verdict_t v = {.window = a};
    ubal_told_t told = {.date = START + 60 * SECOND,
                        .items = 10,
                        .distinct = 10,
                        .total = 3,
                        .page = 1};
    int i;

    add_open(&plan, &a);
    v.window = a;
    for (i = 1; i <= 10; i++) {
        v = tell(&plan, &v.window, told, 0);
        tap_ok(v.is_failure && !v.is_removed,
               "a second cannot be split: failure %d", i);
    }
    tap_is_int(v.window.state, UBAL_WINDOW_PARKED, "the tenth parks it");
}

static void check_lies(void)
{
    const apr_int64_t date = START + 2 * UBAL_TIME_DAY;
    ubal_plan_t plan = make_plan();
    ubal_window_t a = make_window(START, START + UBAL_TIME_DAY);
    ubal_verdict_t v;

    add_open(&plan, &a);
    v = tell(&plan, &a,
             (ubal_told_t){.date = date,
                           .items = 1000,
                           .distinct = 1000,
                           .total = APR_INT64_C(1000000000000000),
                           .page = 1},
             0);
    tap_ok(v.is_removed && v.parts->nelts <= 256,
           "an absurd total: no more than 256 parts at once");
    plan = make_plan();
    a = make_window(START, START + 3600 * SECOND);
    a.next_page = 2;
    a.total = 1500;
    a.distinct = 1000;
    add_open(&plan, &a);
    v = tell(
        &plan, &a,
        (ubal_told_t){.date = date, .distinct = 1000, .total = -1, .page = 2},
        0);
    tap_ok(v.window.state != UBAL_WINDOW_DONE && v.is_removed,
           "an empty page without a total does not end a pass that had one");
    plan = make_plan();
    add_open(&plan, &a);
    v = tell(&plan, &a,
             (ubal_told_t){.date = date,
                           .items = 500,
                           .distinct = 1500,
                           .total = -1,
                           .page = 2},
             0);
    tap_ok(v.window.state == UBAL_WINDOW_DONE && v.window.accepted == 1500,
           "what the first page promised does");
}

static void check_no_totals(void)
{
    const apr_int64_t date = START + 7200 * SECOND;
    ubal_plan_t plan = make_plan();
    ubal_window_t a = make_window(START, START + 3600 * SECOND);
    ubal_verdict_t v;

    add_open(&plan, &a);
    v = tell(&plan, &a,
             (ubal_told_t){.date = date,
                           .items = 500,
                           .distinct = 500,
                           .total = -1,
                           .page = 1},
             0);
    tap_is_int(v.window.next_page, 2,
               "the largest page yet is not short: read on");
    v = tell(&plan, &v.window,
             (ubal_told_t){.date = date,
                           .items = 499,
                           .distinct = 999,
                           .total = -1,
                           .page = 2},
             0);
    tap_is_int(v.window.state, UBAL_WINDOW_DONE, "a shorter one ends it");
}

static void check_clock(void)
{
    ubal_plan_t plan = make_plan();
    ubal_window_t a = make_window(START, START + 3600 * SECOND);
    ubal_told_t told = {.date = START + 100 * SECOND, .page = 1};
    ubal_verdict_t v;

    add_open(&plan, &a);
    v = tell(&plan, &a, told, 0);
    tap_ok(v.window.state == UBAL_WINDOW_OPEN &&
               v.window.to == START + 95 * SECOND,
           "a reply dated before the border does not end the window");
    tap_is_int(plan.end, START + 95 * SECOND, "coverage is taken back");

    plan = make_plan();
    a = make_window(START, START + 99 * SECOND);
    add_open(&plan, &a);
    v = tell(&plan, &a, told, 0);
    tap_ok(v.window.state == UBAL_WINDOW_OPEN &&
               v.window.to == START + 95 * SECOND,
           "our clock was ahead by less than the settle: nor does it");
    v = tell(&plan, &v.window, told, 0);
    tap_is_int(v.window.state, UBAL_WINDOW_DONE, "what has settled is done");

    plan = make_plan();
    a = make_window(START, START + 95 * SECOND);
    add_open(&plan, &a);
    told.took = 3 * SECOND;
    v = tell(&plan, &a, told, 0);
    tap_ok(v.window.state == UBAL_WINDOW_OPEN && v.window.next_page == 1 &&
               v.window.to == a.to && plan.end == a.to,
           "a first reply dated long after it was asked for ends nothing");
    v = tell(&plan, &v.window, told, 0);
    tap_is_int(v.window.state, UBAL_WINDOW_DONE,
               "once the vendor's clock is known it does");
    told.took = 0;

    plan = make_plan();
    plan.is_since_open = 1;
    a = make_window(START, START + 10 * SECOND);
    a.id = 0;
    told.date = START - 3600 * SECOND;
    v = tell(&plan, &a, told, 0);
    tap_ok(v.is_removed && plan.since == told.date && plan.end == plan.since,
           "our clock was ahead at the first start: the vendor's counts");
}

/* A vendor's list in memory, asked as the plan says: whatever the order and
 * the page size, all is found and every window ends. */
static void check_drain(int seed)
{
    ubal_plan_t plan = make_plan();
    apr_int64_t counts[3600] = {0}, now = 3700 * SECOND;
    int i, items = 0, requests = 0, cap = 100 + seed * 90;

    srand((unsigned)seed);
    for (i = 0; i < 3600; i++) {
        counts[i] = rand() % (1 + seed);
        items += (int)counts[i];
    }
    while (plan.end < START + 3600 * SECOND || plan.windows->nelts) {
        ubal_step_t step;
        ubal_told_t told = {.date = START + 3700 * SECOND, .page = 1};
        apr_int64_t total = 0, left;

        ubal_plan_next(&step, &plan, now, 0);
        if (!step.is_fetch || ++requests > 10000) {
            break;
        }
        for (i = 0; i < 3600; i++) {
            apr_int64_t at = START + i * SECOND;

            total += at >= step.from && at < step.to ? counts[i] : 0;
        }
        told.page = step.page;
        told.total = total;
        left = total - (apr_int64_t)cap * (step.page - 1);
        told.items = left < 0 ? 0 : left > cap ? cap : left;
        told.distinct = step.window.distinct + told.items;
        tell(&plan, &step.window, told, now);
    }
    tap_ok(plan.end >= START + 3600 * SECOND && !plan.windows->nelts,
           "an hour of %d items drains in %d requests of %d", items, requests,
           cap);
}

int main(void)
{
    int seed;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    check_rounds();
    check_order();
    check_poison();
    check_backoff();
    check_totals();
    check_splits();
    check_one_second();
    check_lies();
    check_no_totals();
    check_clock();
    for (seed = 1; seed <= 10; seed++) {
        check_drain(seed);
    }
    apr_terminate();
    return tap_done();
}
