/* An import counts each item of its range once, and makes windows of it only
 * where there are none, with what lies within each. */
#include "store_fixture.h"

#include "store/import.h"
#include "store/import_range.h"

#define HOUR (3600 * UBAL_TIME_SECOND)

static ubal_import_t import;

/* A row for it in the ledger, as the daemon gives one. */
static void begin_import(apr_int64_t from, apr_int64_t to)
{
    ubal_slot_t slot = {
        .account = "", .boot = "b", .started = 1, .vendor = vendor.id};
    ubal_outcome_t outcome = {.ended = 1};

    import = (ubal_import_t){.vendor = vendor.id,
                             .name = "file",
                             .size = 100,
                             .head = "abc",
                             .from = from,
                             .to = to};
    begin();
    must(ubal_slot_open(db, &slot, pool));
    must(ubal_slot_close(db, slot.id, &outcome, pool));
    import.request = slot.id;
    must(ubal_import_begin(&import, db, 1, pool));
    commit();
}

static void store_import(ubal_page_t *page)
{
    begin();
    import.position += 10;
    import.line += page->items->nelts;
    must(ubal_import_store(&import, db, page, SINCE, pool));
    commit();
}

static apr_int64_t cover(apr_int64_t most)
{
    apr_int64_t cursor = import.from, windows = 0;
    int made;

    while (cursor < import.to) {
        begin();
        must(ubal_import_cover(&cursor, &made, db, &import, most, pool));
        commit();
        windows += made;
    }
    return windows;
}

static void add_window(apr_int64_t from, apr_int64_t to,
                       ubal_window_state_e state)
{
    ubal_window_t window = {.from = from,
                            .to = to,
                            .state = state,
                            .next_page = 1,
                            .total = -1,
                            .accepted = -1,
                            .own = 0};

    begin();
    must(ubal_window_save(db, vendor.id, &window, pool));
    commit();
}

static const char *own_of(apr_int64_t from, apr_int64_t to)
{
    return apr_psprintf(
        pool, "%" APR_INT64_T_FMT,
        (apr_int64_t)number(apr_psprintf(
            pool,
            "SELECT own FROM windows WHERE begins_at = "
            "%" APR_INT64_T_FMT " AND ends_at = %" APR_INT64_T_FMT,
            from, to)));
}

static void test_store(void)
{
    ubal_page_t *page = new_page();
    ubal_import_t found = {.vendor = vendor.id, .size = 100, .head = "abc"};

    add(page, "before", "u", 10, UBAL_TYPE_EARNED, 1);
    store(page);
    found.from = SINCE;
    found.to = SINCE + 3 * HOUR;
    begin_import(found.from, found.to);
    page = new_page();
    add(page, "b", "u", 3600, UBAL_TYPE_EARNED, 10);
    add(page, "a", "u", 20, UBAL_TYPE_EARNED, 100);
    add(page, "before", "u", 10, UBAL_TYPE_EARNED, 1);
    add(page, "b", "u", 3600, UBAL_TYPE_EARNED, 10);
    add(page, "before", "u", 10, UBAL_TYPE_EARNED, 1);
    add(page, "out", "u", 3 * 3600, UBAL_TYPE_EARNED, 1000);
    add_faulty(page, NULL, "no id");
    store_import(page);
    tap_ok(import.counts.seen == 7 && import.counts.stored == 3 &&
               import.counts.duplicate == 3 && import.counts.dead == 1,
           "what became of the rows is counted");
    page = new_page();
    add(page, "b", "u", 3600, UBAL_TYPE_EARNED, 10);
    add(page, "a", "u", 20, UBAL_TYPE_EARNED, 100);
    store_import(page);
    tap_is_int(number("SELECT own FROM import_hours WHERE hour % 24 = 0"), 2,
               "of each id within the range the first counts");
    tap_is_int(number("SELECT own FROM import_hours WHERE hour % 24 = 1"), 1,
               "in its hour, also when it comes again");
    tap_is_int(number("SELECT COUNT(*) FROM import_hours"), 2,
               "and what lies outside does not");
    tap_is_int(number("SELECT earned FROM balances WHERE user_id = 'u'"), 1111,
               "but is stored");
    tap_is_int(number("SELECT SUM(new) - (SELECT COUNT(*) FROM transactions) "
                      "FROM requests"),
               0, "the ledger's rows are what is stored");
    must(ubal_import_find(&found, db, pool));
    tap_ok(found.id == import.id && found.position == 20 && found.line == 9 &&
               found.counts.seen == 9 && found.first_seq == import.first_seq,
           "one that was cut off is found, with where it was");
    found.size++;
    must(ubal_import_find(&found, db, pool));
    tap_is_int(found.id, 0, "but not for a file of another size");
}

static void test_cover(void)
{
    ubal_page_t *page = new_page();
    apr_int64_t base = SINCE - 3 * UBAL_TIME_DAY;
    int i, day = -3 * 86400;

    begin_import(base + HOUR / 2, base + 2 * UBAL_TIME_DAY);
    for (i = 0; i < 5; i++) {
        add(page, apr_psprintf(pool, "c%d", i), "v", day + 3600 + i,
            UBAL_TYPE_EARNED, 1);
        add(page, apr_psprintf(pool, "d%d", i), "v", day + 2 * 3600 + i,
            UBAL_TYPE_EARNED, 1);
    }
    add(page, "e", "v", day + 3600 / 2, UBAL_TYPE_EARNED, 1);
    add(page, "f", "v", day + 30 * 3600, UBAL_TYPE_EARNED, 1);
    store_import(page);
    add_window(base + 30 * HOUR + HOUR / 4, base + 40 * HOUR,
               UBAL_WINDOW_OPEN);
    cover(6);
    tap_is_str(own_of(base + HOUR / 2, base + 2 * HOUR), "6",
               "a range may begin within an hour");
    tap_is_str(own_of(base + 2 * HOUR, base + 24 * HOUR), "5",
               "a window has no more items than it may, and ends with a day");
    tap_is_str(own_of(base + 24 * HOUR, base + 30 * HOUR), "0",
               "whole hours up to one that is not free");
    tap_is_str(own_of(base + 30 * HOUR, base + 30 * HOUR + HOUR / 4), "-1",
               "part of an hour is not counted");
    tap_is_str(own_of(base + 40 * HOUR, base + 48 * HOUR), "0",
               "behind a window that was there it goes on");
    tap_is_int(number("SELECT COUNT(*) FROM windows"), 6, "and that is all");
    tap_is_int(cover(6), 0, "what is covered is not covered twice");
    tap_is_int(number("SELECT COUNT(*) FROM windows a JOIN windows b ON "
                      "a.id < b.id AND a.begins_at < b.ends_at AND "
                      "b.begins_at < a.ends_at"),
               0, "no two overlap");
}

static void test_probe(void)
{
    ubal_page_t *page = new_page();
    apr_int64_t base = SINCE - 3 * UBAL_TIME_DAY, from, to;
    int covered, shared, day = -3 * 86400;

    must(ubal_import_hull(&from, &to, db, vendor.id, pool));
    tap_ok(from == base + HOUR / 2 && to == base + 48 * HOUR,
           "all windows lie in the hull");
    add(page, "x1", "v", day, UBAL_TYPE_EARNED, 1);
    add(page, "x2", "v", day + 35 * 3600, UBAL_TYPE_EARNED, 1);
    add(page, "x3", "v", day + 48 * 3600, UBAL_TYPE_EARNED, 1);
    must(ubal_import_probe(&covered, &shared, db, vendor.id, page, pool));
    tap_ok(!covered && !shared, "before, after, and in an open window nothing "
                                "is covered");
    add(page, "x4", "v", day + 3600, UBAL_TYPE_EARNED, 1);
    must(ubal_import_probe(&covered, &shared, db, vendor.id, page, pool));
    tap_ok(covered == 1 && !shared, "an unknown id where a window is done");
    add(page, "c1", "v", day + 3601, UBAL_TYPE_EARNED, 1);
    must(ubal_import_probe(&covered, &shared, db, vendor.id, page, pool));
    tap_ok(covered == 2 && shared, "a known one");
}

int main(void)
{
    fixture_begin();
    test_store();
    test_cover();
    test_probe();
    fixture_end();
    return tap_done();
}
