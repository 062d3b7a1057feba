/* The vendor's count of requests, as strict as it can be: a request may be
 * counted at any time between our sending and its end, one that we gave up
 * until a period after that. Whatever the vendor chooses, it must never find
 * more than the limit in any period. */
#include "sim.h"

#define KEPT 256

static struct {
    apr_int64_t sent, over; /* true time; over SIM_NEVER: not yet */
} requests[KEPT];
static int count;
apr_int64_t sim_limit_requests;

void sim_limit_begin(void)
{
    count = 0;
}

/* Of those that can be counted with the one sent now: that were not over a
 * period ago. Were there more than the limit, the vendor could count the last
 * at once and the others as late as it may. */
static int count_near(void)
{
    apr_int64_t edge = sim.now - sim.profile.rate_period;
    int i, near = 0, first = count > KEPT ? count - KEPT : 0;

    for (i = count - 1; i >= first; i--) {
        near += requests[i % KEPT].over > edge;
    }
    return near;
}

int sim_limit_send(void)
{
    int near;

    requests[count % KEPT].sent = sim.now;
    requests[count % KEPT].over = SIM_NEVER;
    count++;
    sim_limit_requests++;
    near = count_near();
    if (near > sim.profile.rate_count) {
        sim_fail(
            "budget: the vendor can count %d requests in %" APR_INT64_T_FMT
            " ms, its limit is %d",
            near, sim.profile.rate_period / 1000, sim.profile.rate_count);
    }
    return count - 1;
}

void sim_limit_end(int request, apr_int64_t at)
{
    if (request >= 0 && request > count - KEPT) {
        requests[request % KEPT].over = at;
    }
}
