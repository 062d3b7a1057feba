/* What one seed is about: how large, how fast, which manners its vendor has,
 * which faults are in play. Everything follows from the seed. */
#include <string.h>

#include "sim.h"

static apr_int64_t in(apr_int64_t from, apr_int64_t to)
{
    return sim_random_in(SIM_OF_PROFILE, from, to);
}

/* The pace: rounds of 20 s to 2 h, a limit that lets a few requests a round
 * pass, and pages that the items of a round fill in part. */
static void set_pace(sim_profile_t *p)
{
    static const int seconds[] = {20,   30,   60,   300,  900,  1800,
                                  3600, 3600, 5400, 5400, 7200, 7200,
                                  7200, 7200, 7200, 7200};
    apr_int64_t rounds = in(250, 700), tenths = in(13, 50), period;

    p->interval = seconds[in(0, 15)] * SIM_SECOND;
    p->length = rounds * p->interval;
    p->rate_count = (int)in(1, 6);
    period = p->interval * p->rate_count * 10 / tenths;
    period = period > 10 * SIM_MINUTE ? 10 * SIM_MINUTE : period;
    p->rate_period = period - period % SIM_SECOND;
    p->settle = in(2, 10) * SIM_SECOND;
    p->timeout = in(3, 15) * SIM_SECOND;
    p->page_size = (int)in(5, 50);
    p->retries = (int)in(4, 12);
    p->latency = in(20, 1200) * 1000;
    p->items = (int)(rounds * p->page_size * in(10, tenths * 5) / 100);
    p->items = p->items > 9000 ? 9000 : p->items;
    p->users = (int)in(2, SIM_USERS);
}

static void set_manners(sim_profile_t *p)
{
    p->order = in(0, 9) ? (sim_order_e)in(0, 2) : SIM_ORDER_ANY;
    p->is_inclusive = (int)in(0, 1);
    p->is_exclusive = in(0, 3) == 0;
    p->rounding = in(0, 2) ? 0 : (int)in(-1, 1);
    p->has_totals = in(0, 4) > 0;
    if (p->order == SIM_ORDER_ANY && p->page_size < 20) {
        p->page_size = 20; /* what a second holds is on one page, or never */
    }
    p->cap = in(0, 5) ? 0 : (int)in(p->page_size / 2 + 1, p->page_size);
    p->is_since_set = (int)in(0, 1);
    /* a request each ten minutes makes slow seeds long */
    p->is_reconciled = in(0, 1200) * SIM_SECOND > p->interval;
    p->start = p->begin + in(0, 3) * p->length / 20;
}

/* Without totals nobody can tell that a reply keeps something back. */
static void mask_unseen(sim_profile_t *p)
{
    static const sim_fault_e unseen[] = {
        SIM_LATE,        SIM_VANISHED,    SIM_REORDER,    SIM_SHIFT,
        SIM_TOTAL_MOVES, SIM_TOTAL_WRONG, SIM_EMPTY_PAGE, SIM_CAPPED};
    size_t i;

    for (i = 0; i < sizeof(unseen) / sizeof(*unseen); i++) {
        p->mask[unseen[i]] = 0;
    }
    if (p->order == SIM_ORDER_ANY) {
        p->order = SIM_ORDER_NEWEST;
    }
}

void sim_profile_make(sim_profile_t *p, apr_uint64_t seed)
{
    int i, part;

    memset(p, 0, sizeof(*p));
    p->seed = seed;
    /* somewhere in 2026 */
    p->begin = (APR_INT64_C(1767225600) + in(0, APR_INT64_C(300) * 86400)) *
                   SIM_SECOND +
               in(0, 999999);
    set_pace(p);
    set_manners(p);
    part = (int)in(200, 800);
    for (i = 0; i < SIM_FAULT_COUNT; i++) {
        int is_in = sim_random_hits(SIM_OF_PROFILE, part);

        p->mask[i] = (char)(is_in && sim_fault_is_on((sim_fault_e)i));
    }
    if (!sim_fault_is_on(SIM_NO_TOTALS)) {
        p->has_totals = 1;
    }
    if (!p->has_totals) {
        mask_unseen(p);
    }
    /* one that comes leaves a total as it was where one goes or where what
     * was accepted was an estimate */
    if (p->mask[SIM_LATE] && in(0, 1)) {
        p->mask[SIM_VANISHED] = p->mask[SIM_TOTAL_WRONG] = 0;
    } else if (p->mask[SIM_VANISHED] || p->mask[SIM_TOTAL_WRONG]) {
        p->mask[SIM_LATE] = 0;
    }
}

int sim_profile_has(sim_fault_e fault)
{
    return sim.profile.mask[fault] && !sim.is_calm;
}
