/* Steps: the next hour, day and month after an instant, in UTC. */
#include "core/step.h"

#include <string.h>

#include "core/time.h"
#include "core_fixture.h"

static void is_next(const char *from, const char *hour, const char *day,
                    const char *month)
{
    const char *const expected[] = {hour, day, month};
    apr_int64_t us = 0;
    int step;

    ubal_time_parse(&us, from, strlen(from), pool);
    for (step = UBAL_STEP_HOUR; step <= UBAL_STEP_MONTH; step++) {
        tap_is_str(
            ubal_time_print(ubal_step_next((ubal_step_e)step, us), pool),
            expected[step], "the %s after %s", ubal_step_names[step], from);
    }
}

/* A month's border is where the date says so, through four centuries. */
static void check_months(void)
{
    apr_int64_t us = 0, next;
    int i, wrong = 0;

    for (i = 0; i < 12 * 400; i++, us = next) {
        next = ubal_step_next(UBAL_STEP_MONTH, us);
        wrong += next - us < 28 * UBAL_TIME_DAY ||
                 next - us > 31 * UBAL_TIME_DAY ||
                 strcmp(ubal_time_print(next, pool) + 7, "-01T00:00:00Z") != 0;
    }
    tap_is_int(wrong, 0, "4800 months begin on their first day");
    tap_is_str(ubal_time_print(us, pool), "2370-01-01T00:00:00Z",
               "and none is left out");
}

int main(void)
{
    core_begin();
    is_next("1970-01-01T00:00:00Z", "1970-01-01T01:00:00Z",
            "1970-01-02T00:00:00Z", "1970-02-01T00:00:00Z");
    is_next("2026-02-28T23:59:59.999999Z", "2026-03-01T00:00:00Z",
            "2026-03-01T00:00:00Z", "2026-03-01T00:00:00Z");
    is_next("2026-03-01T00:00:00.000001Z", "2026-03-01T01:00:00Z",
            "2026-03-02T00:00:00Z", "2026-04-01T00:00:00Z");
    is_next("2028-02-28T12:30:00Z", "2028-02-28T13:00:00Z",
            "2028-02-29T00:00:00Z", "2028-03-01T00:00:00Z");
    is_next("2026-12-31T23:00:00Z", "2027-01-01T00:00:00Z",
            "2027-01-01T00:00:00Z", "2027-01-01T00:00:00Z");
    is_next("2026-01-31T00:00:00Z", "2026-01-31T01:00:00Z",
            "2026-02-01T00:00:00Z", "2026-02-01T00:00:00Z");
    check_months();
    return tap_done();
}
