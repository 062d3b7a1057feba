/* A slot is numbered before its request is sent and closed once after it
 * ended; what an owner left open is closed by the next. */
#include "store/status.h"
#include "store_fixture.h"

static ubal_slot_t slot(const char *account, apr_int64_t started)
{
    return (ubal_slot_t){.account = account,
                         .boot = "boot-1",
                         .started = started,
                         .vendor = vendor.id,
                         .window = 3,
                         .page = 2,
                         .at = SINCE};
}

static apr_array_header_t *recent(const char *account, int count)
{
    apr_array_header_t *slots;

    must(ubal_slot_recent(&slots, db, account, count, pool));
    return slots;
}

static void test_open(void)
{
    ubal_slot_t first = slot("a", 100), second = slot("a", 200),
                third = slot("b", 300), read;
    apr_int64_t last;

    must(ubal_slot_last(&last, db, pool));
    tap_is_int(last, 0, "an empty ledger has no last slot");
    begin();
    must(ubal_slot_open(db, &first, pool));
    must(ubal_slot_open(db, &second, pool));
    must(ubal_slot_open(db, &third, pool));
    commit();
    tap_ok(first.id > 0 && first.id < second.id && second.id < third.id,
           "slots are numbered upwards over all accounts");
    must(ubal_slot_last(&last, db, pool));
    tap_is_int(last, third.id, "the last is the highest");
    tap_is_int(recent("a", 5)->nelts, 2, "an account has its own slots");
    tap_is_int(recent("a", 1)->nelts, 1, "and no more than asked for");
    tap_is_int(recent("c", 5)->nelts, 0, "or none");
    read = APR_ARRAY_IDX(recent("a", 5), 0, ubal_slot_t);
    tap_ok(read.id == second.id && !strcmp(read.account, "a") &&
               !strcmp(read.boot, "boot-1") && read.started == 200 &&
               read.ended == 0 && read.vendor == vendor.id &&
               read.window == 3 && read.page == 2 && read.at == SINCE,
           "newest first, as it was stored");
}

static void test_close(void)
{
    ubal_outcome_t outcome = {.ended = 900,
                              .status = 200,
                              .ms = 700,
                              .counts = {15, 1, 2, 3, 4, 5},
                              .window = 99};
    ubal_slot_t read;

    begin();
    must(ubal_slot_close(db, 1, &outcome, pool));
    commit();
    read = APR_ARRAY_IDX(recent("a", 5), 1, ubal_slot_t);
    tap_is_int(read.ended, 900, "a slot that is closed has an end");
    tap_is_int(number("SELECT seen * 100000 + new * 10000 + duplicate * 1000 "
                      "+ dead * 100 + conflict * 10 + ignored FROM requests "
                      "WHERE id = 1 AND fault IS NULL AND status = 200 "
                      "AND ms = 700"),
               1512345, "and what came of it");
    tap_is_int(read.window, 3, "the window it was opened for stays its own");
    begin();
    fails(ubal_slot_close(db, 1, &outcome, pool), UBAL_ERR_DB, "is not open",
          "it cannot be closed twice");
    ubal_db_rollback(db, pool);
}

/* The window of a live request is stored with its first page only. */
static void test_window(void)
{
    ubal_outcome_t outcome = {.ended = 900, .status = 200, .window = 42};
    ubal_slot_t live = slot("live", 1);

    live.window = 0;
    begin();
    must(ubal_slot_open(db, &live, pool));
    must(ubal_slot_close(db, live.id, &outcome, pool));
    commit();
    tap_is_int(APR_ARRAY_IDX(recent("live", 1), 0, ubal_slot_t).window, 42,
               "a window that is stored at the end is put on record then");
    sql("DELETE FROM requests WHERE account = 'live'");
}

static void test_abandon(void)
{
    ubal_slot_t read;
    int count;

    begin();
    must(ubal_slot_abandon(&count, db, "boot-2", 5, pool));
    commit();
    tap_is_int(count, 2, "all that were open are abandoned");
    read = APR_ARRAY_IDX(recent("b", 1), 0, ubal_slot_t);
    tap_ok(read.ended == 5 && read.started == 5 &&
               !strcmp(read.boot, "boot-2"),
           "as ended when found, on the clock of this boot");
    tap_is_int(number("SELECT COUNT(*) FROM requests WHERE fault = 'lost'"), 2,
               "and as lost");
    begin();
    must(ubal_slot_abandon(&count, db, "boot-2", 9, pool));
    commit();
    tap_is_int(count, 0, "once");
}

static void test_status(void)
{
    ubal_window_t open = {.from = SINCE, .to = SINCE + 5, .next_page = 1};
    ubal_window_t parked = {.from = SINCE + 5,
                            .to = SINCE + 9,
                            .state = UBAL_WINDOW_PARKED,
                            .next_page = 1};
    ubal_status_vendor_t *shown;
    ubal_page_t *page = new_page();
    ubal_status_t *status;

    add(page, "a", "12", 1, UBAL_TYPE_EARNED, 5);
    add(page, "a", "12", 1, UBAL_TYPE_EARNED, 6);
    add(page, "b", "13", 1, UBAL_TYPE_EARNED, 6);
    add_faulty(page, "c", "type is unknown");
    sql("DELETE FROM requests WHERE id = 1");
    store(page);
    begin();
    must(ubal_window_save(db, vendor.id, &open, pool));
    must(ubal_window_save(db, vendor.id, &parked, pool));
    must(ubal_meta_update_coverage(db, pool));
    commit();
    must(ubal_status_read(&status, db, pool));
    tap_ok(status->schema == ubal_migration_count && status->scale == 2 &&
               status->owner_pid == 1 && !strcmp(status->owner_host, "host"),
           "status says what the database is and whose");
    tap_ok(status->transactions == 2 && status->users == 2,
           "and how much it holds");
    tap_ok(status->coverage.since == SINCE && status->coverage.as_of == 0 &&
               status->coverage.has_gaps && status->coverage.has_dead &&
               status->coverage.has_conflicts &&
               !status->coverage.has_backfill,
           "and what is covered");
    tap_is_int(status->vendors->nelts, 1, "and of each vendor");
    shown = &APR_ARRAY_IDX(status->vendors, 0, ubal_status_vendor_t);
    tap_ok(!strcmp(shown->name, "game") && shown->since == SINCE &&
               !shown->is_retired,
           "its name and coverage");
    tap_ok(shown->windows_open == 1 && shown->windows_parked == 1,
           "its windows");
    tap_ok(shown->requests == 3 && shown->failed_requests == 2 &&
               shown->last_request == SINCE,
           "its requests");
    tap_is_str(shown->last_fault, NULL, "that the last went well");
    tap_ok(shown->dead == 1 && shown->conflicts == 1, "its dead letters");
    sql("UPDATE requests SET fault = 'HTTP 500' "
        "WHERE id = (SELECT MAX(id) FROM requests)");
    must(ubal_status_read(&status, db, pool));
    shown = &APR_ARRAY_IDX(status->vendors, 0, ubal_status_vendor_t);
    tap_is_str(shown->last_fault, "HTTP 500", "or why it did not");
}

int main(void)
{
    fixture_begin();
    test_open();
    test_close();
    test_window();
    test_abandon();
    test_status();
    fixture_end();
    return tap_done();
}
