/* A daemon that is killed between any two steps of a page leaves all of the
 * page or nothing, and the next one goes on where it was. */
#include <signal.h>
#include <sys/wait.h>

#include "store/vendor_row.h"
#include "store/verify.h"
#include "store_fixture.h"

/* The steps of a page, after each of which the daemon can be killed. */
enum {
    OPENED,
    BEGUN,
    STORED,
    SAVED,
    COVERED,
    CLOSED,
    COMMITTED,
    STEPS
};

static ubal_page_t *items(void)
{
    ubal_page_t *page = new_page();

    add(page, "a", "12", 1, UBAL_TYPE_EARNED, 10);
    add(page, "b", "12", 2, UBAL_TYPE_SPENT, 3);
    add_faulty(page, "c", "type is unknown");
    return page;
}

static void die_at(int step, int last)
{
    if (step == last) {
        kill(getpid(), SIGKILL);
    }
}

static void run_page(int last)
{
    ubal_slot_t slot = {.account = "a",
                        .boot = "b",
                        .started = 1,
                        .vendor = vendor.id,
                        .page = 1};
    ubal_outcome_t outcome = {.ended = 2, .status = 200};
    ubal_window_t window = {.from = SINCE,
                            .to = SINCE + 20,
                            .state = UBAL_WINDOW_DONE,
                            .next_page = 1,
                            .total = -1,
                            .accepted = -1};

    begin();
    must(ubal_slot_open(db, &slot, pool));
    commit();
    die_at(OPENED, last);
    begin();
    die_at(BEGUN, last);
    must(ubal_page_store(&outcome.counts, db, vendor.id, slot.id, SINCE,
                         items(), pool));
    die_at(STORED, last);
    must(ubal_window_save(db, vendor.id, &window, pool));
    die_at(SAVED, last);
    must(ubal_meta_update_coverage(db, pool));
    die_at(COVERED, last);
    must(ubal_slot_close(db, slot.id, &outcome, pool));
    die_at(CLOSED, last);
    commit();
    die_at(COMMITTED, last);
}

/* Runs a daemon that is killed after step `last`; 1 where it was. */
static int run_and_kill(int last)
{
    pid_t pid;
    int status = 0;

    fflush(stdout);
    pid = fork();
    if (!pid) {
        own();
        begin();
        must(ubal_vendor_row_settle(&vendor, db, "game", pool));
        vendor.since = SINCE;
        must(ubal_vendor_row_save(db, &vendor, pool));
        commit();
        run_page(last);
        _exit(1);
    }
    return pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status);
}

static const char *first_finding(void)
{
    const char *finding = NULL;
    int i;

    must(ubal_db_begin_read(db, pool));
    for (i = 0; i < ubal_verify_count && !finding; i++) {
        must(ubal_verify_run(&finding, db, i, 2, pool));
    }
    ubal_db_rollback(db, pool);
    return finding;
}

static void test_step(int last)
{
    int found = last >= COMMITTED;

    if (!tap_ok(run_and_kill(last), "the daemon is killed at step %d", last)) {
        return;
    }
    own();
    tap_is_int(number("SELECT COUNT(*) FROM transactions"), found ? 2 : 0,
               "it leaves all of the page or nothing");
    tap_is_int(number("SELECT COUNT(*) FROM requests WHERE ended IS NULL"),
               found ? 0 : 1, "its slot is on record");
    begin();
    must(ubal_meta_update_coverage(db, pool));
    commit();
    tap_is_str(first_finding(), NULL, "all invariants hold");
    must(ubal_meta_begin(db, &owner, pool));
    must(ubal_vendor_row_settle(&vendor, db, "game", pool));
    commit();
    tap_is_int(store(items()).seen, 3, "the page can be repeated");
    tap_is_int(number("SELECT earned - spent FROM balances"), 7,
               "and is there once");
    apr_pool_destroy(db->pool);
    remove_database();
}

int main(void)
{
    int step;

    fixture_begin_empty();
    for (step = 0; step < STEPS; step++) {
        test_step(step);
    }
    fixture_end();
    return tap_done();
}
