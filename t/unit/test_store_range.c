/* Reconciliation finds what the vendor has more than we, among a hundred
 * million, at a price: the real search over real windows, the vendor's totals
 * made up. */
#include "recon.h"
#include "store/range.h"
#include "store_fixture.h"

#define SECOND UBAL_TIME_SECOND
#define WINDOW (20 * SECOND)

/* What the vendor has that we have not: instants, 0 where there is none. */
static apr_int64_t missing[2];

static apr_int64_t missing_in(apr_int64_t from, apr_int64_t to)
{
    int i;
    apr_int64_t count = 0;

    for (i = 0; i < 2; i++) {
        count += missing[i] >= from && missing[i] < to;
    }
    return count;
}

/* `count` done windows of `own` items each, from SINCE on; each saw 3 items
 * before its begin and 2 from its end on. */
static void fill(int count, int own)
{
    sql("DELETE FROM windows");
    sql(apr_psprintf(
        pool,
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < %d) INSERT INTO windows (vendor, begins_at, ends_at, "
        "state, "
        "is_single, next_page, total, distinct_items, accepted, passes, "
        "failures, early, late, own, tick) SELECT %d, %" APR_INT64_T_FMT
        " + i * CAST(%d AS BIGINT), %" APR_INT64_T_FMT
        " + (i + 1) * CAST(%d AS BIGINT), 1, 0, 1, -1, 0, "
        "%d, 0, 0, 3, 2, %d, 1000 FROM n",
        count - 1, (int)vendor.id, SINCE, (int)WINDOW, SINCE, (int)WINDOW,
        own + 5, own));
    sql(apr_psprintf(pool, "UPDATE vendors SET as_of = %" APR_INT64_T_FMT,
                     SINCE + count * WINDOW));
}

/* Readies the next range, as the daemon does: 1 where it is to be counted; 0
 * where it was a window, that is read again at the price of `pages`. */
static int ready(ubal_recon_t *recon, int pages, int *requests)
{
    ubal_recon_range_t *range = ubal_recon_top(recon);
    ubal_range_t sum;

    must(ubal_range_sum(&sum, db, vendor.id, range->from, range->to, pool));
    if (range->is_known && sum.windows == 1) {
        int i;

        tap_is_int(range->difference, missing_in(range->from, range->to),
                   "the window that is read again has what is missing");
        for (i = 0; i < 2; i++) {
            if (missing[i] >= range->from && missing[i] < range->to) {
                missing[i] = 0;
            }
        }
        ubal_recon_drop(recon);
        *requests += pages;
        return 0;
    }
    range->middle = sum.windows > 1 ? sum.middle : range->to;
    return 1;
}

/* Searches all of it; how many requests that takes. */
static int search(int windows, int pages)
{
    apr_int64_t from = SINCE, to = SINCE + windows * WINDOW;
    ubal_recon_t recon = {0};
    ubal_range_t sum;
    int requests = 0;

    ubal_recon_make(&recon, pool);
    must(ubal_range_find(&from, &to, db, vendor.id, pool));
    ubal_recon_add(&recon, from, to);
    while (ubal_recon_top(&recon)) {
        if (!ready(&recon, pages, &requests)) {
            continue;
        }
        ubal_recon_ask(&from, &to, &recon);
        must(ubal_range_sum(&sum, db, vendor.id, from, to, pool));
        ubal_recon_counted(&recon,
                           sum.expected + missing_in(from, to) - sum.expected);
        requests++;
    }
    return requests;
}

static void test_price(int windows, int own, int pages)
{
    apr_int64_t span = windows * WINDOW;
    int one, two;

    fill(windows, own);
    missing[0] = SINCE + span / 3;
    missing[1] = 0;
    one = search(windows, pages);
    tap_ok(missing[0] == 0, "one that came late is found");
    missing[0] = SINCE + span / 7;
    missing[1] = SINCE + span - 1;
    two = search(windows, pages);
    tap_ok(missing[0] == 0 && missing[1] == 0, "two that came late are found");
    printf("# %d windows of %d items: one costs %d requests, two %d\n",
           windows, own, one, two);
    tap_ok(one <= 40, "one among a hundred million: 40 requests at most");
    tap_ok(two <= 80, "two: 80 at most");
    tap_is_int(search(windows, pages), 1, "none: one request");
}

static void test_sum(void)
{
    ubal_range_t sum;

    fill(10, 100);
    must(ubal_range_sum(&sum, db, vendor.id, SINCE, SINCE + 4 * WINDOW, pool));
    tap_is_int(sum.windows, 4, "the windows of a range");
    tap_is_int(sum.expected, 405,
               "its total: theirs, and what lies at both ends");
    tap_is_int(sum.tick, 1000, "asked as its first window was");
    tap_is_int(sum.middle, SINCE + 2 * WINDOW, "halved at a border");
    sql("UPDATE windows SET drift = 2, own = 0");
    must(ubal_range_sum(&sum, db, vendor.id, SINCE, SINCE + 4 * WINDOW, pool));
    tap_is_int(sum.expected, 13, "with what was accepted unexplained");
    tap_is_int(sum.middle, SINCE + 2 * WINDOW,
               "windows without items are halved too");
    must(ubal_range_sum(&sum, db, vendor.id, SINCE, SINCE + WINDOW, pool));
    tap_ok(sum.windows == 1 && sum.middle == 0, "a window is not halved");
}

static void test_find(void)
{
    apr_int64_t from = 0, to = SINCE + 100 * WINDOW;

    fill(10, 100);
    must(ubal_range_find(&from, &to, db, vendor.id, pool));
    tap_ok(from == SINCE && to == SINCE + 10 * WINDOW,
           "all that is covered can be compared");
    sql("UPDATE windows SET own = -1 WHERE id = (SELECT MIN(id) + 6 FROM "
        "windows)");
    from = SINCE + WINDOW / 2;
    must(ubal_range_find(&from, &to, db, vendor.id, pool));
    tap_ok(from == SINCE + 7 * WINDOW && to == SINCE + 10 * WINDOW,
           "but not a window that was not counted");
    from = SINCE + WINDOW / 2;
    to = SINCE + 7 * WINDOW;
    must(ubal_range_find(&from, &to, db, vendor.id, pool));
    tap_ok(from == SINCE && to == SINCE + 6 * WINDOW,
           "before it there is more, with the window across the bound");
    sql("UPDATE windows SET state = 3");
    from = 0;
    must(ubal_range_find(&from, &to, db, vendor.id, pool));
    tap_is_int(to, 0, "nothing where nothing is done");
}

static void test_recheck(void)
{
    ubal_window_t w;

    fill(10, 100);
    begin();
    must(ubal_range_recheck(&w, db, vendor.id, SINCE + 3 * WINDOW, pool));
    commit();
    tap_ok(w.from == SINCE + 2 * WINDOW && w.state == UBAL_WINDOW_RECHECK &&
               w.accepted == 105 && w.next_page == 1,
           "a window that is read again");
    begin();
    must(ubal_meta_update_coverage(db, pool));
    commit();
    tap_is_int(number("SELECT as_of FROM vendors"), SINCE + 10 * WINDOW,
               "stays covered");
    begin();
    must(ubal_range_recheck(&w, db, vendor.id, SINCE + 3 * WINDOW, pool));
    must(ubal_range_reread(&w, db, vendor.id, SINCE + 3 * WINDOW,
                           SINCE + 10 * WINDOW, 250, pool));
    commit();
    tap_ok(w.from == SINCE + 3 * WINDOW && w.to == SINCE + 6 * WINDOW && w.id,
           "a look back takes windows together, up to a page");
    tap_is_int(number("SELECT COUNT(*) FROM windows"), 8, "as one");
    begin();
    must(ubal_range_reread(&w, db, vendor.id, SINCE + 6 * WINDOW + 1,
                           SINCE + 10 * WINDOW, 1000, pool));
    commit();
    tap_ok(w.from == SINCE + 7 * WINDOW && w.to == SINCE + 10 * WINDOW,
           "and only whole ones");
}

int main(void)
{
    fixture_begin();
    test_sum();
    test_find();
    test_recheck();
    test_price(100000, 1000, 1);
    test_price(5000, 20000, 21);
    fixture_end();
    return tap_done();
}
