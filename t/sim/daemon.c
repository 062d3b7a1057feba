/* One daemon after another, from the first start to the end of a seed, and
 * what is done while none runs. */
#include "model.h"
#include "run.h"
#include "sim.h"

static apr_int64_t in(apr_int64_t from, apr_int64_t to)
{
    return sim_random_in(SIM_OF_LIFE, from, to);
}

/* What may be done while no daemon runs. */
static void be_down(void)
{
    apr_int64_t pause = in(0, 9) ? in(SIM_SECOND / 10, SIM_MINUTE)
                                 : in(SIM_MINUTE, 10 * sim.interval);

    sim_world_pass(sim.now + (in(0, 2) ? pause / 100 : pause));
    if (sim.is_reboot) {
        sim_fault_count(SIM_REBOOT);
        sim_ring_note("the machine boots");
        sim.boots++;
        /* or the clock is of another time namespace, and shows anything */
        sim.booted = sim.now - in(0, in(0, 1) ? SIM_SECOND : 400 * SIM_DAY);
        /* a machine takes its time, a container starts at once */
        sim_world_pass(sim.now + in(0, in(0, 1) ? SIM_SECOND : SIM_MINUTE));
        if (in(0, 1)) {
            sim_world_lose_lock();
        }
    }
    if (sim.is_restore && sim_disk_restore()) {
        int is_bare = sim_profile_has(SIM_RESTORE_BARE) && in(0, 1);

        sim_fault_count(is_bare ? SIM_RESTORE_BARE : SIM_RESTORE);
        if (is_bare) {
            sim_world_lose_lock();
        }
    }
    if (sim_profile_has(SIM_SETTINGS) && in(0, 1)) {
        sim_settings_change();
    }
}

/* One daemon, from its start to its end, whichever that is. */
static ubal_error_t *run_daemon(apr_pool_t *pool)
{
    static const ubal_watch_t watch = {.lock_fd = -1,
                                       .lock_path = "",
                                       .generation_fd = -1,
                                       .parent_fd = -1,
                                       .signal_fd = -1};
    ubal_error_t *err = NULL;

    sim.end = UBAL_END_NOT;
    sim.may_fail = sim.is_up = 0;
    sim.phase = SIM_CRASH_CLOCK;
    sim_ring_note("a daemon starts");
    if (!sigsetjmp(sim.die, 0)) {
        sim.is_inside = sim.is_running = 1;
        err = ubal_run(sim_settings_make(pool), &watch, pool);
    }
    sim.is_inside = sim.is_running = 0;
    return err;
}

static void judge_end(const ubal_error_t *err)
{
    if (!err || sim_world_is_dead() || sim.is_broken) {
        return;
    }
    sim_ring_note("the daemon ends: %s", err->message);
    if (!sim.may_fail) {
        sim_fail("a daemon ended without cause: %s", err->message);
    }
}

static void live_once(apr_pool_t *pool)
{
    apr_pool_t *own;

    apr_pool_create(&own, pool);
    judge_end(run_daemon(own));
    sim_net_lose();
    sim_model_close();
    apr_pool_destroy(own); /* a dead process writes nothing any more */
    if (sim_world_is_dead() && !sim.is_reboot) {
        sim_ring_note("gone");
    }
    sim_world_revive();
    if (sim.is_broken) {
        return;
    }
    if (!sim.is_settled) {
        be_down();
    }
    sim_model_open();
    sim_check_all(sim.is_restore);
    sim.is_reboot = sim.is_restore = 0;
}

int sim_daemon_run(apr_uint64_t seed, apr_pool_t *pool)
{
    sim_random_seed(seed);
    sim_profile_make(&sim.profile, seed);
    sim_world_begin();
    sim_ring_begin();
    sim_vendor_make(pool);
    sim_limit_begin();
    sim_net_begin();
    sim_disk_begin();
    sim_life_begin();
    sim_model_begin(pool);
    sim_check_begin(pool);
    sim_ring_note("order %d, ends %s, begins %s, rounding %d, cap %d, totals "
                  "%d",
                  (int)sim.profile.order,
                  sim.profile.is_inclusive ? "inclusive" : "exclusive",
                  sim.profile.is_exclusive ? "exclusive" : "inclusive",
                  sim.profile.rounding, sim.profile.cap,
                  sim.profile.has_totals);
    while (!sim.is_settled && !sim.is_broken) {
        live_once(pool);
    }
    if (!sim.is_broken) {
        sim_check_end();
    }
    sim_model_close();
    return !sim.is_broken;
}
