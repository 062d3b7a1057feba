/* Takes the place of ingest/owner.c and of what else the daemon asks the
 * system for: clocks, boot, lock file, randomness, sleep. Each is a point at
 * which the process may die. */
#include <apr_general.h>
#include <apr_hash.h>
#include <apr_strings.h>
#include <dlfcn.h>
#include <string.h>

#include "sim.h"

sim_t sim;

static int points_left, writes_left; /* 0: none is to come */
static int is_dead;

static void die(sim_fault_e where)
{
    points_left = writes_left = 0;
    is_dead = 1;
    sim.is_inside = 0;
    sim_fault_count(where);
    sim_ring_note("the process dies");
    siglongjmp(sim.die, 1);
}

void sim_world_begin(void)
{
    sim = (sim_t){.profile = sim.profile, .now = sim.profile.start};
    sim.booted = sim.now - sim_random_in(SIM_OF_LIFE, SIM_MINUTE, SIM_DAY);
    sim.boots = 1;
    sim.rate_count = sim.profile.rate_count;
    sim.rate_period = sim.profile.rate_period;
    sim.interval = sim.profile.interval;
    if (sim.profile.is_since_set) {
        sim.since = sim_random_in(SIM_OF_LIFE, sim.profile.begin, sim.now);
    }
    points_left = writes_left = is_dead = 0;
}

void sim_world_pass(apr_int64_t until)
{
    sim.now = until > sim.now ? until : sim.now;
}

/* The class of a death in mid-write counts where the write was. */
void sim_world_point(sim_fault_e where)
{
    if (!sim.is_inside) {
        return;
    }
    if (is_dead) {
        die(SIM_CRASH_WRITE);
    }
    if (points_left && --points_left == 0) {
        die(where == SIM_CRASH_CLOCK ? sim.phase : where);
    }
}

void sim_world_doom(int points, int writes)
{
    points_left = writes ? 0 : points;
    writes_left = writes;
}

int sim_world_write(void)
{
    if (sim.is_inside && !is_dead && writes_left && --writes_left == 0) {
        is_dead = 1;
        sim_ring_note("the process is killed in mid-write");
    }
    return is_dead;
}

int sim_world_is_dead(void)
{
    return is_dead;
}

void sim_world_revive(void)
{
    is_dead = points_left = writes_left = 0;
}

void sim_world_lose_lock(void)
{
    memset(&sim.witness, 0, sizeof(sim.witness));
}

/* --- owner.h ------------------------------------------------------------ */

ubal_error_t *ubal_owner_boot(const char **boot, apr_pool_t *pool)
{
    *boot = apr_psprintf(pool, "boot-%d/time:[1]", sim.boots);
    return NULL;
}

/* Now and then the process is stopped for a while, which it can see by its
 * clock alone. */
static void pause_once(void)
{
    if (!sim.is_inside || !sim_profile_has(SIM_PAUSE) ||
        !sim_random_hits(SIM_OF_LIFE, 1)) {
        return;
    }
    sim.now += sim_random_in(SIM_OF_LIFE, SIM_SECOND / 2, 40 * SIM_SECOND);
    sim_fault_count(SIM_PAUSE);
    sim_ring_note("the process was stopped for a while");
}

apr_int64_t ubal_owner_now(void)
{
    sim_world_point(SIM_CRASH_CLOCK);
    pause_once();
    sim.now += sim_random_in(SIM_OF_LIFE, 1, 60);
    return sim.now - sim.booted;
}

apr_int64_t ubal_owner_wall(void)
{
    sim_world_point(SIM_CRASH_CLOCK);
    return sim.now + sim.wall_offset;
}

ubal_error_t *ubal_owner_read_witness(ubal_witness_t *witness, int lock_fd,
                                      apr_pool_t *pool)
{
    (void)lock_fd, (void)pool;
    sim_world_point(SIM_CRASH_CLOCK);
    *witness = sim.witness;
    return NULL;
}

ubal_error_t *ubal_owner_write_witness(int lock_fd,
                                       const ubal_witness_t *witness,
                                       apr_pool_t *pool)
{
    (void)lock_fd, (void)pool;
    sim_world_point(SIM_CRASH_SLOT);
    sim.witness = *witness;
    sim_world_point(SIM_CRASH_SLOT);
    return NULL;
}

void ubal_owner_fds(ubal_loop_fd_t *fds, const ubal_watch_t *watch)
{
    int i;

    (void)watch;
    for (i = 0; i < UBAL_WATCH_FDS; i++) {
        fds[i] = (ubal_loop_fd_t){.fd = -1};
    }
}

ubal_end_e ubal_owner_end(const ubal_watch_t *watch)
{
    (void)watch;
    return sim.end;
}

/* Longer than the real one: what it polls for comes at the daemon's turns,
 * and a step a second would be most of a simulated day. */
apr_int64_t ubal_owner_patience(const ubal_watch_t *watch)
{
    (void)watch;
    return 10 * SIM_MINUTE;
}

/* --- APR's, in place of the library's: the program's own come first ---- */

apr_status_t apr_generate_random_bytes(unsigned char *buffer,
                                       apr_size_t length)
{
    apr_size_t i;

    for (i = 0; i < length; i++) {
        buffer[i] = (unsigned char)(sim_random(SIM_OF_TOKENS) >> 24);
    }
    return APR_SUCCESS;
}

void apr_sleep(apr_interval_time_t t)
{
    sim.now += t;
}

static unsigned int digest(const char *key, apr_ssize_t *length)
{
    unsigned int hash = 2166136261u;
    apr_ssize_t i;

    if (*length == APR_HASH_KEY_STRING) {
        *length = (apr_ssize_t)strlen(key);
    }
    for (i = 0; i < *length; i++) {
        hash = (hash ^ (unsigned char)key[i]) * 16777619u;
    }
    return hash;
}

/* The library's own digest differs from run to run. It makes its custom tables
 * through this very name. */
apr_hash_t *apr_hash_make(apr_pool_t *pool)
{
    static apr_hash_t *(*own)(apr_pool_t *);
    static int is_within;
    apr_hash_t *table;

    if (is_within) {
        return own(pool);
    }
    if (!own) {
        *(void **)&own = dlsym(RTLD_NEXT, "apr_hash_make");
    }
    is_within = 1;
    table = apr_hash_make_custom(pool, digest);
    is_within = 0;
    return table;
}
