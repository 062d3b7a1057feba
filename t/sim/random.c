/* Random numbers, a sequence for each matter, so that one more draw in one
 * does not change the others. */
#include <math.h>

#include "sim.h"

static apr_uint64_t states[SIM_STREAMS];

static apr_uint64_t scramble(apr_uint64_t x)
{
    x ^= x >> 30;
    x *= 0xbf58476d1ce4e5b9u;
    x ^= x >> 27;
    x *= 0x94d049bb133111ebu;
    return x ^ x >> 31;
}

void sim_random_seed(apr_uint64_t seed)
{
    int i;

    for (i = 0; i < SIM_STREAMS; i++) {
        states[i] = scramble(seed * 64 + (apr_uint64_t)i + 1);
    }
}

apr_uint64_t sim_random(sim_stream_e of)
{
    states[of] += 0x9e3779b97f4a7c15u;
    return scramble(states[of]);
}

apr_int64_t sim_random_in(sim_stream_e of, apr_int64_t from, apr_int64_t to)
{
    return from +
           (apr_int64_t)(sim_random(of) % (apr_uint64_t)(to - from + 1));
}

int sim_random_hits(sim_stream_e of, int permille)
{
    return sim_random_in(of, 0, 999) < permille;
}

apr_int64_t sim_random_wait(sim_stream_e of, apr_int64_t mean)
{
    double fraction = (double)(sim_random(of) >> 11) / 9007199254740992.0;

    return (apr_int64_t)(-log(1.0 - fraction) * (double)mean) + 1;
}

apr_uint64_t sim_random_mix(apr_uint64_t a, apr_uint64_t b)
{
    return scramble(scramble(a + 0x9e3779b97f4a7c15u) ^ b);
}
