/* What happens to the daemon from its first start to the end of a seed: when
 * it is killed, restarted, stopped; what befalls clocks and disk meanwhile. */
#include "run.h"
#include "sim.h"

typedef enum {
    CRASH,
    REBOOT,
    GRACEFUL,
    STOP,
    WALL,
    DATE,
    OUTAGE,
    LOCKED,
    FULL,
    ERROR,
    KEEP,
    RESTORE,
    LOCK_LOST,
    CALM,
    EVENTS
} event_e;

/* How often in a seed, about. */
static const int often[EVENTS] = {14, 2, 6, 2, 5, 6, 2, 5, 3, 3, 5, 2, 2, 1};

static apr_int64_t due[EVENTS];
static int is_reboot, is_restore;

static apr_int64_t in(apr_int64_t from, apr_int64_t to)
{
    return sim_random_in(SIM_OF_LIFE, from, to);
}

static void plan(event_e event)
{
    apr_int64_t left = sim.profile.begin + sim.profile.length - sim.now;

    if (event == CALM) {
        due[event] = sim.now + left;
        return;
    }
    due[event] = sim.now + sim_random_wait(SIM_OF_LIFE,
                                           sim.profile.length / often[event]);
}

void sim_life_begin(void)
{
    int i;

    is_reboot = is_restore = 0;
    for (i = 0; i < EVENTS; i++) {
        plan((event_e)i);
    }
}

apr_int64_t sim_life_next(void)
{
    apr_int64_t next = SIM_NEVER;
    int i;

    for (i = 0; i < EVENTS; i++) {
        next = due[i] < next ? due[i] : next;
    }
    return next;
}

/* --- events ----------------------------------------------------------------
 */

static void crash(void)
{
    if (sim_profile_has(SIM_CRASH_WRITE) && in(0, 2) == 0) {
        sim_world_doom(0, (int)in(1, 60));
    } else if (sim_profile_has(SIM_CRASH_CLOCK)) {
        sim_world_doom((int)in(1, 40), 0);
    }
}

static void reboot(void)
{
    if (sim_profile_has(SIM_REBOOT)) {
        is_reboot = 1;
        sim_world_doom(1, 0);
    }
}

static void end_daemon(sim_fault_e fault, ubal_end_e end)
{
    if (sim_profile_has(fault)) {
        sim_fault_count(fault);
        sim_ring_note("the daemon is told to end");
        sim.end = end;
    }
}

static void jump_wall(void)
{
    static const sim_fault_e kinds[] = {SIM_WALL_AHEAD, SIM_WALL_BEHIND};
    int which = (int)in(0, 1);

    if (sim_profile_has(kinds[which])) {
        sim_fault_count(kinds[which]);
        sim.wall_offset += which ? -SIM_HOUR : SIM_HOUR;
        sim_ring_note("the wall clock jumps an hour");
    }
}

static void move_date(void)
{
    static const sim_fault_e kinds[] = {SIM_DATE_AHEAD, SIM_DATE_BEHIND};
    int which = (int)in(0, 2);

    sim.date_offset = 0;
    if (which < 2 && sim_profile_has(kinds[which])) {
        sim_fault_count(kinds[which]);
        sim.date_offset = in(0, 1) ? in(SIM_SECOND, 20 * SIM_SECOND)
                                   : in(SIM_MINUTE, 2 * SIM_HOUR);
        sim.date_offset *= which ? -1 : 1;
    }
    sim_ring_note("the vendor's Date is off by %d s",
                  (int)(sim.date_offset / SIM_SECOND));
}

static void begin_outage(void)
{
    if (sim_profile_has(SIM_OUTAGE)) {
        sim_fault_count(SIM_OUTAGE);
        sim.outage_until = sim.now + in(SIM_MINUTE, 20 * sim.interval);
        sim_ring_note("the vendor is out");
    }
}

static void trouble_disk(event_e event)
{
    if (event == LOCKED && sim_profile_has(SIM_LOCKED)) {
        sim.locked_until = sim.now + in(SIM_SECOND / 5, 20 * SIM_SECOND);
    } else if (event == FULL && sim_profile_has(SIM_DISK_FULL)) {
        sim.full_until = sim.now + in(SIM_SECOND, 3 * SIM_MINUTE);
    } else if (event == ERROR && sim_profile_has(SIM_DISK_ERROR)) {
        sim.has_disk_error = 1;
    }
}

/* A restore under the daemon's feet, or one while it is down. */
static void restore(void)
{
    if (sim_profile_has(SIM_REPLACED) && in(0, 2) == 0) {
        sim_check_close();
        if (sim_disk_restore()) {
            sim_fault_count(SIM_REPLACED);
            sim.may_fail = 1;
        }
        sim_check_open();
        sim_check_all(1);
    } else if (sim_profile_has(SIM_RESTORE) ||
               sim_profile_has(SIM_RESTORE_BARE)) {
        is_restore = 1;
        sim.end = UBAL_END_NOW;
    }
}

static void lose_lock(void)
{
    if (sim_profile_has(SIM_LOCK_LOST)) {
        sim_fault_count(SIM_LOCK_LOST);
        sim_ring_note("the lock file is lost");
        sim_world_lose_lock();
        sim.end = UBAL_END_DISOWNED;
    }
}

/* No more faults: what they have left is to be overcome. */
static void calm(void)
{
    int i;

    sim_ring_note("from here on, all goes well");
    sim.is_calm = 1;
    sim.date_offset = 0;
    sim.outage_until = sim.locked_until = sim.full_until = 0;
    sim.has_disk_error = 0;
    if (sim.interval < 10 * SIM_MINUTE) {
        sim.interval = 10 * SIM_MINUTE; /* leaves slots to compare with */
    }
    sim_world_doom(0, 0);
    for (i = 0; i < EVENTS; i++) {
        due[i] = SIM_NEVER;
    }
    if (sim.end == UBAL_END_NOT) {
        sim.end = UBAL_END_FINISH;
    }
}

static void happen(event_e event)
{
    switch (event) {
    case CRASH:
        crash();
        break;
    case REBOOT:
        reboot();
        break;
    case GRACEFUL:
        end_daemon(SIM_GRACEFUL, UBAL_END_FINISH);
        break;
    case STOP:
        end_daemon(SIM_GRACEFUL, UBAL_END_NOW);
        break;
    case WALL:
        jump_wall();
        break;
    case DATE:
        move_date();
        break;
    case OUTAGE:
        begin_outage();
        break;
    case KEEP:
        sim_disk_keep();
        break;
    case RESTORE:
        restore();
        break;
    case LOCK_LOST:
        lose_lock();
        break;
    case CALM:
        calm();
        break;
    default:
        trouble_disk(event);
    }
}

void sim_life_happen(void)
{
    int i, was_inside = sim.is_inside;

    sim.is_inside = 0;
    for (i = 0; i < EVENTS; i++) {
        if (due[i] <= sim.now) {
            plan((event_e)i);
            happen((event_e)i);
        }
    }
    sim.is_inside = was_inside;
}

/* --- from one daemon to the next -------------------------------------------
 */

/* What may be done while no daemon runs. */
static void be_down(void)
{
    apr_int64_t pause = in(0, 9) ? in(SIM_SECOND / 10, SIM_MINUTE)
                                 : in(SIM_MINUTE, 10 * sim.interval);

    sim_world_pass(sim.now + (in(0, 2) ? pause / 100 : pause));
    if (is_reboot) {
        sim_fault_count(SIM_REBOOT);
        sim_ring_note("the machine boots");
        sim.boots++;
        /* or the clock is of another time namespace, and shows anything */
        sim.booted = sim.now - in(0, in(0, 1) ? SIM_SECOND : 2 * SIM_DAY);
        sim_world_pass(sim.now + in(0, SIM_MINUTE));
        if (in(0, 1)) {
            sim_world_lose_lock();
        }
    }
    if (is_restore && sim_disk_restore()) {
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
    sim_check_close();
    apr_pool_destroy(own); /* a dead process writes nothing any more */
    if (sim_world_is_dead() && !is_reboot) {
        sim_ring_note("gone");
    }
    sim_world_revive();
    if (sim.is_broken) {
        return;
    }
    if (!sim.is_settled) {
        be_down();
    }
    sim_check_open();
    sim_check_all(is_restore);
    is_reboot = is_restore = 0;
}

int sim_life_run(apr_uint64_t seed, apr_pool_t *pool)
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
    sim_check_close();
    return !sim.is_broken;
}
