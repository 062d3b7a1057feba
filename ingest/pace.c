/* What windows held, and what the next one is to be. Pure; see pace.h. */
#include "pace.h"

#include <math.h>

#include "core/time.h"

/* What an older window weighs beside the one after it. */
#define KEEP 0.8

/* A window is shorter than its pages by so many standard deviations: less, and
 * pages that spill over cost more than the room that is saved. */
#define MARGIN 2.0

/* So many instants say how fine a vendor's clock is. */
#define INSTANTS_ENOUGH 100

/* So many items are not missing by chance. */
#define PART_ENOUGH 20

/* Pages and time that a window of history has at most. */
#define PAGES_HISTORY 10

void ubal_pace_window(ubal_pace_t *pace, apr_int64_t items, apr_int64_t us)
{
    double expected = ubal_pace_expect(pace, us);

    if (us <= 0) {
        return;
    }
    if (expected >= 0) {
        double off = (double)items - expected;
        double share = off * off / (expected > 1 ? expected : 1);

        pace->spread =
            KEEP * pace->spread + (1 - KEEP) * (share < 25 ? share : 25);
    } else {
        pace->spread = 1; /* as if at random, until it shows */
    }
    pace->items = KEEP * pace->items + (double)items;
    pace->us = KEEP * pace->us + (double)us;
}

void ubal_pace_instant(ubal_pace_t *pace, apr_int64_t created_at)
{
    if (!pace->finest) {
        pace->finest = UBAL_TIME_SECOND;
    }
    while (pace->finest > 1000 && created_at % pace->finest) {
        pace->finest /= 10;
    }
    pace->instants++;
    pace->broken += created_at % UBAL_TIME_SECOND != 0;
}

/* Where the first whole second from `at` on begins, and the last up to it. */
static apr_int64_t second_after(apr_int64_t at)
{
    return at + (UBAL_TIME_SECOND - at % UBAL_TIME_SECOND) % UBAL_TIME_SECOND;
}

static apr_int64_t second_before(apr_int64_t at)
{
    return at - at % UBAL_TIME_SECOND;
}

void ubal_pace_part(ubal_pace_t *pace, apr_int64_t from, apr_int64_t to,
                    apr_int64_t created_at)
{
    pace->first.seen += created_at >= from && created_at < second_after(from);
    pace->last.seen += created_at >= second_before(to) && created_at < to;
}

void ubal_pace_parts(ubal_pace_t *pace, apr_int64_t from, apr_int64_t to)
{
    if (pace->us > 0) {
        pace->first.expected +=
            ubal_pace_expect(pace, second_after(from) - from);
        pace->last.expected += ubal_pace_expect(pace, to - second_before(to));
    }
}

int ubal_pace_is_cut(const ubal_pace_t *pace)
{
    return (!pace->first.seen && pace->first.expected >= PART_ENOUGH) ||
           (!pace->last.seen && pace->last.expected >= PART_ENOUGH);
}

double ubal_pace_expect(const ubal_pace_t *pace, apr_int64_t us)
{
    return pace->us > 0 ? pace->items / pace->us * (double)us : -1;
}

apr_int64_t ubal_pace_length(const ubal_pace_t *pace, apr_int64_t pages,
                             apr_int64_t size)
{
    double room = (double)(pages * size);
    double margin = MARGIN * sqrt(pace->spread * room) + 1;
    double rate;

    if (pace->us <= 0) {
        return 0;
    }
    rate = pace->items / pace->us;
    room = margin < room / 2 ? room - margin : room / 2;
    return rate * (double)APR_INT64_MAX > 2 * room ? (apr_int64_t)(room / rate)
                                                   : APR_INT64_MAX;
}

apr_int64_t ubal_pace_tick(const ubal_pace_t *pace, apr_int64_t standard)
{
    return standard == UBAL_TIME_SECOND && pace->instants >= INSTANTS_ENOUGH &&
                   2 * pace->broken >= pace->instants && !pace->is_coarse
               ? pace->finest
               : standard;
}

void ubal_pace_cost(ubal_pace_cost_t *cost, const ubal_pace_t *pace,
                    apr_int64_t range, apr_int64_t size, double spare)
{
    apr_int64_t length = ubal_pace_length(pace, PAGES_HISTORY, size);
    double items = ubal_pace_expect(pace, range);

    *cost = (ubal_pace_cost_t){0};
    if (range <= 0) {
        return;
    }
    if (length <= 0 || length > UBAL_TIME_DAY) {
        length = UBAL_TIME_DAY;
    }
    cost->windows = range / length + (range % length != 0);
    /* a window's last page is half full on average */
    cost->requests = (apr_int64_t)((items > 0 ? items : 0) / (double)size) +
                     (cost->windows + 1) / 2;
    if (cost->requests < cost->windows) {
        cost->requests = cost->windows;
    }
    cost->us = spare > 0 ? (apr_int64_t)((double)cost->requests / spare * 60e6)
                         : APR_INT64_MAX;
}
