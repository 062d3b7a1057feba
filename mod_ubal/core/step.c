/* Steps of the calendar. See step.h. */
#include "core/step.h"

#include <apr_time.h>

#include "core/time.h"

const char *const ubal_step_names[] = {"hour", "day", "month", NULL};

static apr_int64_t next_multiple(apr_int64_t us, apr_int64_t width)
{
    return (us / width + 1) * width;
}

static apr_int64_t next_month(apr_int64_t us)
{
    apr_time_exp_t date;
    apr_time_t first = 0;

    apr_time_exp_gmt(&date, us - us % UBAL_TIME_DAY);
    date.tm_mday = 1;
    date.tm_mon++;
    if (date.tm_mon == 12) {
        date.tm_mon = 0;
        date.tm_year++;
    }
    apr_time_exp_gmt_get(&first, &date);
    return first;
}

apr_int64_t ubal_step_next(ubal_step_e step, apr_int64_t us)
{
    switch (step) {
    case UBAL_STEP_HOUR:
        return next_multiple(us, UBAL_TIME_DAY / 24);
    case UBAL_STEP_MONTH:
        return next_month(us);
    case UBAL_STEP_DAY:
        break;
    }
    return next_multiple(us, UBAL_TIME_DAY);
}
