/* The budget: never more than N requests in any P, whatever their lengths. */
#include "budget.h"

#include <stdlib.h>

#include "tap.h"

#define SECOND APR_INT64_C(1000000)
#define MINUTE (60 * SECOND)
#define MOST 4000

/* What the vendor may have seen: anything between sent and end. */
static apr_int64_t sent[MOST], ended[MOST];

static void check_rules(void)
{
    apr_int64_t ends[5] = {50, 40, 30, 20, 10};

    tap_is_int(ubal_budget_distance(MINUTE), MINUTE + 60000,
               "a minute is kept with a thousandth more");
    tap_is_int(ubal_budget_distance(SECOND), SECOND + 50000,
               "a second is kept with 50 ms more");
    tap_is_int(ubal_budget_when(ends, 4, 5, MINUTE), 0,
               "fewer than N requests: at once");
    tap_is_int(ubal_budget_when(ends, 5, 5, MINUTE), 10 + MINUTE + 60000,
               "the N-th before must have ended P ago");
    tap_is_int(ubal_budget_when(ends, 5, 2, MINUTE), 40 + MINUTE + 60000,
               "a smaller N counts fewer");
    ends[4] = 0;
    tap_ok(ubal_budget_when(ends, 5, 5, MINUTE) == UBAL_BUDGET_NEVER,
           "never while the N-th before has not ended");
    tap_is_int(ubal_budget_given_up(7, MINUTE), 7 + MINUTE,
               "a request given up counts as ended a period later");
}

static apr_int64_t when_next(int n, int limit, apr_int64_t period)
{
    apr_int64_t ends[16];
    int i;

    for (i = 0; i < limit && i < n; i++) {
        ends[i] = ended[n - 1 - i];
    }
    return ubal_budget_when(ends, i, limit, period);
}

/* Drives requests of random lengths as greedily as the rule allows and counts
 * the most that a vendor can have seen within P, seeing each at the worst
 * moment between its sending and its end. */
static int worst_case(int limit, apr_int64_t period, int requests)
{
    int n, i, worst = 0;
    apr_int64_t now = 1;

    for (n = 0; n < requests; n++) {
        apr_int64_t when = when_next(n, limit, period);

        now = now > when ? now : when;
        sent[n] = now;
        now += rand() % (5 * SECOND);
        ended[n] = now;
        if (rand() % 10 == 0) {
            ended[n] = ubal_budget_given_up(now, period);
        }
    }
    for (n = 0; n < requests; n++) {
        /* n as late as can be, later ones as early as can be */
        for (i = n + 1; i < requests && sent[i] - ended[n] < period; i++) {
        }
        worst = i - n > worst ? i - n : worst;
    }
    return worst;
}

static void check_frees(void)
{
    apr_int64_t ends[3] = {70, 0, 10}, frees[5];
    apr_int64_t distance = ubal_budget_distance(1000000);

    ubal_budget_frees(frees, ends, 3, 5, 1000000);
    tap_ok(frees[0] == 0 && frees[1] == 0, "slots never used are free");
    tap_ok(frees[2] == 10 + distance && frees[3] == 70 + distance,
           "used ones from a period after their ends, the earliest first");
    tap_ok(frees[4] == UBAL_BUDGET_NEVER,
           "one whose request has not ended: nobody knows");
}

static void check_spare(void)
{
    apr_int64_t frees[3] = {0, 50, 90};

    tap_ok(ubal_budget_is_spare(frees, 3, 10, 60, 50, 100, 1, 2),
           "a slot is to spare where the next round finds another");
    tap_ok(!ubal_budget_is_spare(frees, 3, 10, 60, 40, 100, 1, 2),
           "not where that frees after the round is due");
    tap_ok(!ubal_budget_is_spare(frees, 3, 10, 60, 50, 100, 2, 2),
           "nor where the round needs two");
    tap_ok(ubal_budget_is_spare(frees, 3, 10, 60, 90, 100, 2, 2),
           "but for a round that comes when ours is back");
    frees[0] = 11;
    tap_ok(!ubal_budget_is_spare(frees, 3, 10, 60, 50, 100, 1, 2),
           "and none where none is free");
}

int main(void)
{
    int seed;

    check_rules();
    for (seed = 1; seed <= 20; seed++) {
        srand((unsigned)seed);
        int limit = 1 + rand() % 8;

        tap_ok(worst_case(limit, 3 * SECOND, MOST) <= limit,
               "never more than %d in a period (seed %d)", limit, seed);
    }
    check_frees();
    check_spare();
    return tap_done();
}
