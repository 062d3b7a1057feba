/* A progress bar says how much, how fast and how long still; JSON the same. */
#include <apr_general.h>

#include "progress.h"
#include "tap.h"

#define SECOND APR_INT64_C(1000000)

static apr_pool_t *pool;

static ubal_progress_at_t at(apr_int64_t done, apr_int64_t total, double count,
                             apr_int64_t elapsed)
{
    ubal_progress_at_t made = {done, total, count, -1, -1};

    ubal_progress_reckon(&made, 0, 0, elapsed);
    return made;
}

static const char *bar(ubal_progress_at_t moment, int width)
{
    return ubal_progress_bar(&moment, "importing", "rows", width, pool);
}

static void test_bar(void)
{
    tap_is_str(bar(at(50, 100, 1000, 10 * SECOND), 200),
               "importing [############............]  50 %  1000 rows  "
               "100 rows/s  0:10 left",
               "half of it");
    tap_is_str(bar(at(100, 100, 7, SECOND), 200),
               "importing [########################] 100 %  7 rows  7 rows/s  "
               "0:00 left",
               "all of it");
    tap_is_str(bar(at(0, 100, 0, 0), 200),
               "importing [........................]   0 %  0 rows",
               "no rate at the beginning");
    tap_is_str(bar(at(1, 7300, 5, SECOND), 200),
               "importing [........................]   0 %  5 rows  5 rows/s  "
               "2:01:39 left",
               "hours");
    tap_is_str(bar(at(10, 100, 2.5, 60 * SECOND), 200),
               "importing [##......................]  10 %  2.5 rows  "
               "2.5 rows/min  9:00 left",
               "by the minute where a second has less than one");
    tap_is_str(bar(at(10, 100, 12, 7200 * SECOND), 200),
               "importing [##......................]  10 %  12 rows  "
               "6 rows/h  18:00:00 left",
               "by the hour where a minute has");
    tap_is_str(bar(at(50, 100, 9000000, 360 * SECOND), 70),
               "importing [######.......]  50 %  9000000 rows  25000 rows/s  "
               "6:00 left",
               "a narrow terminal has a short bar");
    tap_is_int((long long)strlen(bar(at(50, 100, 1000, SECOND), 40)), 40,
               "no longer than the terminal is wide");
    tap_is_str(bar(at(5, 0, 5, SECOND), 200),
               "importing [........................]   0 %  5 rows  5 rows/s",
               "an unknown total has no end");
}

static void test_json(void)
{
    ubal_progress_at_t moment;

    moment = (ubal_progress_at_t){80, 100, 900, -1, -1};
    ubal_progress_reckon(&moment, 60, 700, 2 * SECOND);
    tap_is_int((long long)moment.rate, 100,
               "what was done before counts for no rate");
    tap_is_int(moment.left, 2, "nor for the time left");
    tap_is_str(ubal_progress_json(&moment, "importing", "rows", pool),
               "{\"progress\":\"importing\",\"percent\":80,\"rows\":900,"
               "\"rate\":100,\"left\":2}",
               "as JSON");
    moment.rate = 0.125;
    tap_is_str(ubal_progress_json(&moment, "importing", "rows", pool),
               "{\"progress\":\"importing\",\"percent\":80,\"rows\":900,"
               "\"rate\":0.125,\"left\":2}",
               "a slow rate too");
    moment.rate = -1;
    moment.left = -1;
    tap_is_str(ubal_progress_json(&moment, "importing", "rows", pool),
               "{\"progress\":\"importing\",\"percent\":80,\"rows\":900,"
               "\"rate\":null,\"left\":null}",
               "what is not known is null");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_bar();
    test_json();
    apr_terminate();
    return tap_done();
}
