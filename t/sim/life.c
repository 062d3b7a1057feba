/* What happens when: the daemon is killed, restarted, stopped; what befalls
 * clocks and disk meanwhile. */
#include "model.h"
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

/* --- events ------------------------------------------------------------ */

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
        sim.is_reboot = 1;
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
        sim_model_close();
        if (sim_disk_restore()) {
            sim_fault_count(SIM_REPLACED);
            sim.may_fail = 1;
        }
        sim_model_open();
        sim_check_all(1);
    } else if (sim_profile_has(SIM_RESTORE) ||
               sim_profile_has(SIM_RESTORE_BARE)) {
        sim.is_restore = 1;
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
