/* What windows held says how long the next one is to be. */
#include "pace.h"

#include "core/time.h"
#include "tap.h"

#define SECOND UBAL_TIME_SECOND

static void test_length(void)
{
    ubal_pace_t pace = {0};
    apr_int64_t even, random;
    int i;

    tap_is_int(ubal_pace_length(&pace, 3, 1000), 0, "nothing is known");
    tap_ok(ubal_pace_expect(&pace, SECOND) < 0, "nor expected");
    for (i = 0; i < 50; i++) {
        ubal_pace_window(&pace, 1000, 10 * SECOND);
    }
    even = ubal_pace_length(&pace, 3, 1000);
    tap_ok(even <= 30 * SECOND && even > 29 * SECOND + SECOND / 2,
           "what comes evenly fills pages nearly");
    for (i = 0; i < 50; i++) {
        ubal_pace_window(&pace, i % 2 ? 950 : 1050, 10 * SECOND);
    }
    random = ubal_pace_length(&pace, 3, 1000);
    tap_ok(random < even && random > 28 * SECOND - SECOND / 2,
           "what comes unevenly is left more room");
    for (i = 0; i < 100; i++) {
        ubal_pace_window(&pace, 0, 10 * SECOND);
    }
    tap_ok(ubal_pace_length(&pace, 3, 1000) > UBAL_TIME_DAY,
           "and nothing at all, all the time");
}

static void test_tick(void)
{
    ubal_pace_t pace = {0};
    int i;

    for (i = 0; i < 1000; i++) {
        ubal_pace_instant(&pace, i * SECOND);
    }
    tap_is_int(ubal_pace_tick(&pace, SECOND), SECOND,
               "whole seconds: the tick stays");
    ubal_pace_instant(&pace, 1001);
    tap_is_int(ubal_pace_tick(&pace, SECOND), SECOND,
               "one odd instant changes nothing");
    for (i = 0; i < 1100; i++) {
        ubal_pace_instant(&pace, i * SECOND + 120000);
    }
    tap_is_int(ubal_pace_tick(&pace, SECOND), 1000,
               "most have a fraction: as fine as the finest");
    tap_is_int(ubal_pace_tick(&pace, 5 * SECOND), 5 * SECOND,
               "a tick that is configured stays");
}

/* A minute of three items a second, in a window that begins and ends within a
 * second; `from` and `to` are what the vendor makes of its borders. */
static void fetch(ubal_pace_t *pace, apr_int64_t at, apr_int64_t from,
                  apr_int64_t to)
{
    apr_int64_t begin = at + SECOND / 2, end = begin + 60 * SECOND, i;

    for (i = begin; i < end; i += SECOND / 3) {
        if (i >= begin + from && i < end + to) {
            ubal_pace_part(pace, begin, end, i);
        }
    }
    ubal_pace_window(pace, 180, 60 * SECOND);
    ubal_pace_parts(pace, begin, end);
}

static void test_cut(void)
{
    ubal_pace_t exact = {0}, first = {0}, last = {0};
    apr_int64_t i;

    for (i = 0; i < 30; i++) {
        fetch(&exact, i * 60 * SECOND, 0, 0);
        fetch(&first, i * 60 * SECOND, SECOND / 2, 0);
        fetch(&last, i * 60 * SECOND, 0, -SECOND / 2);
        if (i == 10) {
            tap_ok(!ubal_pace_is_cut(&first) && !ubal_pace_is_cut(&last),
                   "a few items that are not there may be chance");
        }
    }
    tap_ok(!ubal_pace_is_cut(&exact), "borders within a second are kept to");
    tap_ok(ubal_pace_is_cut(&first), "or a begin is rounded up");
    tap_ok(ubal_pace_is_cut(&last), "or an end is cut");
    fetch(&last, 0, 0, 0);
    tap_ok(!ubal_pace_is_cut(&last), "one item there says that it is not");
}

static void test_cost(void)
{
    ubal_pace_t pace = {0};
    ubal_pace_cost_t cost;

    ubal_pace_cost(&cost, &pace, 10 * UBAL_TIME_DAY, 1000, 2);
    tap_ok(cost.windows == 10 && cost.requests == 10 &&
               cost.us == 300 * SECOND,
           "without knowledge: a request a day of history");
    ubal_pace_window(&pace, 1000, 60 * SECOND);
    ubal_pace_cost(&cost, &pace, UBAL_TIME_DAY, 1000, 2);
    tap_ok(cost.requests > 1440 && cost.requests < 1600 &&
               cost.windows > 144 && cost.windows < 165,
           "a thousand a minute: a page a minute, in windows of ten");
    ubal_pace_cost(&cost, &pace, UBAL_TIME_DAY, 1000, 0);
    tap_ok(cost.us == APR_INT64_MAX, "no budget to spare: never");
    ubal_pace_cost(&cost, &pace, 0, 1000, 2);
    tap_is_int(cost.requests, 0, "no range costs nothing");
}

int main(void)
{
    test_length();
    test_tick();
    test_cut();
    test_cost();
    return tap_done();
}
