/* What must always be true of what is stored and answered, looked at after
 * every step. What
 * is stored is the model's; what ought to be, the vendor's and coverage's. */
#include <apr_strings.h>

#include "model.h"
#include "sim.h"
#include "store/verify.h"

#define STEPS_BETWEEN 200

apr_int64_t sim_check_steps;

static apr_pool_t *seed_pool;
static apr_int64_t since, as_of;
static int cursor; /* items before it, from since on, have been looked at */
static int steps, has_compared;
static apr_int64_t compare_at;

void sim_check_begin(apr_pool_t *pool)
{
    seed_pool = pool;
    steps = cursor = has_compared = 0;
    since = as_of = compare_at = 0;
    sim_control_ask(NULL, 0, 0);
}

/* --- coverage ---------------------------------------------------------- */

/* Whether what is covered must hold the item. */
static int is_owed(const sim_item_t *item)
{
    return !item->fault && !item->is_excused && item->gone == SIM_NEVER;
}

static void read_coverage(void)
{
    apr_int64_t begin, end;

    sim_model_coverage(&begin, &end);
    if (begin != since || end < as_of) {
        cursor = sim_vendor_find(begin);
    }
    since = begin;
    as_of = end;
}

static void check_coverage(void)
{
    /* what a vendor that rounds up compares as the border itself, it lists
     * only for the next window, which asks from a tick before */
    apr_int64_t end = as_of - (sim.profile.rounding > 0 ? SIM_SECOND : 0);

    if (!sim.was_ahead && as_of > sim.now - sim.profile.settle + SIM_SECOND) {
        sim_fail("coverage: as-of is ahead of what the vendor has settled");
    }
    for (; cursor < sim_item_count && sim_items[cursor].created < end;
         cursor++) {
        if (is_owed(&sim_items[cursor]) && !sim_items[cursor].is_stored) {
            sim_model_look_up(cursor);
            if (!sim_items[cursor].is_stored) {
                sim_fail("coverage: item %d of %s is not stored, though "
                         "as-of is %s",
                         cursor,
                         ubal_time_print(sim_items[cursor].created, seed_pool),
                         ubal_time_print(as_of, seed_pool));
                return;
            }
        }
    }
}
/* --- all --------------------------------------------------------------- */

/* What the verify command does. */
static void verify(void)
{
    apr_pool_t *pool;
    ubal_db_t *reader;
    ubal_error_t *err;
    const char *finding = NULL;
    int i;

    apr_pool_create(&pool, seed_pool);
    err = ubal_db_open_reader(
        &reader, "sqlite3",
        apr_pstrcat(pool, "file:", sim_disk_path(), "?mode=ro", NULL), pool);
    if (!err) {
        err = ubal_db_begin_read(reader, pool);
    }
    for (i = 0; !err && !finding && i < ubal_verify_count; i++) {
        err = ubal_verify_run(&finding, reader, i, 2, pool);
    }
    if (err) {
        printf("verify: %s\n", err->message);
        sim_fail("verify cannot run");
    } else if (finding) {
        sim_ring_note("verify: %s", finding);
        sim_fail("verify %d, %s: %s", ubal_verify_checks[i - 1].number,
                 ubal_verify_checks[i - 1].title,
                 apr_pstrdup(seed_pool, finding));
    } else {
        ubal_db_rollback(reader, pool);
    }
    apr_pool_destroy(pool);
}

void sim_check_all(int is_restored)
{
    int was_inside = sim.is_inside;

    sim.is_inside = 0;
    if (sim_model_is_ready()) {
        sim_model_check_rows(is_restored);
        if (!sim.is_broken) {
            sim_model_check_balances();
        }
        if (!sim.is_broken) {
            read_coverage();
            if (is_restored) {
                cursor = sim_vendor_find(since);
            }
            check_coverage();
        }
        if (!sim.is_broken) {
            verify();
        }
    }
    sim.is_inside = was_inside;
}

/* --- steps ------------------------------------------------------------- */
/* Whether a late item is to be found in the end: only totals show that it is
 * missing. */
static int is_owed_late(const sim_item_t *item)
{
    return !item->fault && item->gone == SIM_NEVER && sim.profile.has_totals &&
           !sim.profile.mask[SIM_VANISHED] &&
           !sim.profile.mask[SIM_TOTAL_WRONG];
}

/* How many late items counts cannot show: an item that is listed twice (and
 * in the total) within a tick of a border is a difference of both windows
 * beside it, accepted in each, and so makes up for one that is missing. */
static apr_int64_t count_hidden(void)
{
    apr_int64_t twins = 0;
    int i;

    for (i = sim_vendor_find(since);
         i < sim_item_count && sim_items[i].created < as_of; i++) {
        twins += sim_items[i].is_twin && sim_items[i].gone == SIM_NEVER;
    }
    return sim_model_number("SELECT COALESCE(SUM(drift), 0) FROM windows") -
           twins;
}

/* The first item that is covered, owed and not stored; -1 where none. */
static int find_missing(void)
{
    apr_int64_t hidden = 0, missing = 0;
    int i;

    for (i = sim_vendor_find(since);
         i < sim_item_count && sim_items[i].created < as_of; i++) {
        if (sim_items[i].is_stored) {
            continue;
        }
        if (is_owed(&sim_items[i])) {
            return i;
        }
        if (is_owed_late(&sim_items[i])) {
            hidden = missing ? hidden : count_hidden();
            if (++missing > hidden) {
                return i;
            }
        }
    }
    return -1;
}

/* Has the operator retry what is parked, and compare all with the vendor. */
static void call_operator(void)
{
    if (sim_model_number("SELECT COUNT(*) FROM windows WHERE state = 2") > 0) {
        sim_fault_count(SIM_RETRIED);
        sim_control_ask("retry", 0, 0);
    } else if (sim.now > sim.latest && sim.now > compare_at) {
        has_compared = 1; /* and again, should it find no end */
        compare_at = sim.now + SIM_DAY + 5 * sim.interval;
        sim_control_ask("reconcile", since, as_of);
    }
}

/* Whether live rounds leave requests for history: the settings can change to
 * a limit that they use up whole. */
static int is_history_owed(void)
{
    return sim.interval * sim.rate_count >
           sim.rate_period + sim.profile.timeout;
}

/* Windows that are to be done and are not. */
static apr_int64_t count_undone(void)
{
    return is_history_owed()
               ? sim_model_number(
                     "SELECT COUNT(*) FROM windows WHERE state IN (0, 2)")
               : sim_model_number(
                     "SELECT COUNT(*) FROM windows, coverage WHERE state IN "
                     "(0, 2) AND ends_at > since");
}

static int is_history_whole(void)
{
    return !sim.since || since <= sim.since || !is_history_owed();
}

/* All that was listed is covered, nothing that can be found is missing, and no
 * window is left open. */
static void look_for_end(void)
{
    apr_int64_t last = sim.profile.begin + sim.profile.length;
    apr_int64_t pace = sim.rate_period / sim.rate_count, busy;

    pace = pace > sim.interval ? pace : sim.interval;
    /* where the limit is lower than what comes, all of it takes its time */
    busy = pace * (20 + 4 * sim_item_count /
                            (sim.profile.cap ? sim.profile.cap
                                             : sim.profile.page_size));
    call_operator();
    last = last > sim.latest ? last : sim.latest;
    if (as_of > last + sim.profile.settle && has_compared &&
        count_undone() == 0 && find_missing() < 0 && is_history_whole()) {
        sim.is_settled = 1;
        sim.end = UBAL_END_NOW;
    } else if (sim.now > last + SIM_HOUR + 2000 * pace + busy ||
               sim.now > last + 20 * SIM_DAY + busy) {
        int missing = find_missing();

        if (missing >= 0) {
            sim_fail("completeness: item %d of %s is not found", missing,
                     ubal_time_print(sim_items[missing].created, seed_pool));
        } else {
            sim_fail("progress: it does not settle, as-of is %s",
                     ubal_time_print(as_of, seed_pool));
        }
    }
}

void sim_check_step(void)
{
    int was_inside = sim.is_inside;

    sim_check_steps++;
    sim.is_inside = 0;
    if (sim_model_is_ready() && sim_model_is_changed()) {
        sim_model_check_answered();
        read_coverage();
        check_coverage();
        if (++steps % STEPS_BETWEEN == 0) {
            sim_check_all(0);
        }
        if (sim.is_calm) {
            look_for_end();
        }
    }
    sim.is_inside = was_inside;
}

void sim_check_end(void)
{
    int missing = find_missing();

    if (missing >= 0) {
        sim_fail("completeness: item %d is not stored at the end", missing);
    } else if (!is_history_whole()) {
        sim_fail("coverage: it begins after UbalSince");
    }
}
