/* Windows are kept as they are saved, and as-of follows from them: up to the
 * first that is not done, never over a hole, back when they are taken back. */
#include "store/backfill.h"
#include "store_fixture.h"

#define AT(second) (SINCE + (second)*UBAL_TIME_SECOND)

static ubal_window_t window(int from, int to, ubal_window_state_e state)
{
    return (ubal_window_t){.from = AT(from),
                           .to = AT(to),
                           .state = state,
                           .next_page = 1,
                           .total = -1,
                           .accepted = -1};
}

/* Saves the window and works coverage out, in one transaction. */
static void save(ubal_window_t *w)
{
    begin();
    must(ubal_window_save(db, vendor.id, w, pool));
    must(ubal_meta_update_coverage(db, pool));
    commit();
}

static ubal_coverage_t coverage(void)
{
    ubal_coverage_t read;
    ubal_sums_t sums;
    int is_known;

    must(ubal_read_user(&read, &sums, &is_known, db, "12", 2, pool));
    return read;
}

/* Tests as-of in seconds after SINCE; -1 where it must be 0. */
static void is_as_of(int second, const char *what)
{
    apr_int64_t as_of = coverage().as_of;

    tap_is_int(as_of ? (as_of - SINCE) / UBAL_TIME_SECOND : -1, second, "%s",
               what);
}

static void test_as_of(ubal_window_t *a, ubal_window_t *b, ubal_window_t *c)
{
    is_as_of(-1, "nothing is covered before the first window");
    tap_is_int(coverage().since, SINCE, "coverage begins at since");
    save(a);
    is_as_of(-1, "nor while it is open");
    b->state = UBAL_WINDOW_DONE;
    save(b);
    is_as_of(-1, "nor when a later one is done");
    a->state = UBAL_WINDOW_DONE;
    a->accepted = 0;
    save(a);
    is_as_of(40, "as-of goes as far as windows follow one another");
    c->state = UBAL_WINDOW_DONE;
    save(c);
    is_as_of(40, "as-of does not pass a hole");
}

static void test_gaps(ubal_window_t *a, ubal_window_t *hole)
{
    hole->state = UBAL_WINDOW_PARKED;
    save(hole);
    is_as_of(40, "as-of does not pass a parked window");
    tap_is_int(coverage().has_gaps, 1, "which is a gap");
    hole->state = UBAL_WINDOW_ACCEPTED;
    save(hole);
    is_as_of(80, "as-of passes an accepted window");
    tap_is_int(coverage().has_gaps, 1, "which still is a gap");
    hole->state = UBAL_WINDOW_DONE;
    save(hole);
    tap_is_int(coverage().has_gaps, 0, "a window that is done is none");
    a->state = UBAL_WINDOW_OPEN;
    save(a);
    is_as_of(0, "as-of goes back to a window that is open again, but not to "
                "0");
    a->state = UBAL_WINDOW_DONE;
    save(a);
    is_as_of(80, "and returns with it");
}

static void test_take_back(void)
{
    apr_array_header_t *windows;
    apr_int64_t end;
    ubal_window_t open = window(80, 100, UBAL_WINDOW_OPEN);

    open.next_page = 3;
    open.total = 2500;
    save(&open);
    end = AT(90);
    begin();
    must(ubal_window_take_back(&end, db, vendor.id, pool));
    commit();
    must(ubal_window_load(&windows, &end, db, vendor.id, pool));
    tap_ok(windows->nelts == 1 &&
               APR_ARRAY_IDX(windows, 0, ubal_window_t).to == AT(90) &&
               APR_ARRAY_IDX(windows, 0, ubal_window_t).next_page == 1 &&
               APR_ARRAY_IDX(windows, 0, ubal_window_t).total == -1,
           "an open window that is cut begins its pass anew");
    end = AT(30);
    begin();
    must(ubal_window_take_back(&end, db, vendor.id, pool));
    must(ubal_meta_update_coverage(db, pool));
    commit();
    tap_is_int((end - SINCE) / UBAL_TIME_SECOND, 20,
               "a done window that straddles the end was read too early: it "
               "is gone whole");
    must(ubal_window_load(&windows, &end, db, vendor.id, pool));
    tap_is_int((end - SINCE) / UBAL_TIME_SECOND, 20,
               "no window reaches beyond where they were taken back to");
    tap_is_int(windows->nelts, 0, "those that began beyond are gone");
    is_as_of(20, "and as-of with them");
}

static void test_remove(void)
{
    ubal_window_t next = window(20, 50, UBAL_WINDOW_DONE);
    ubal_window_t parts[2] = {window(20, 40, UBAL_WINDOW_OPEN),
                              window(40, 50, UBAL_WINDOW_OPEN)};

    save(&next);
    is_as_of(50, "the next window goes on from there");
    begin();
    must(ubal_window_remove(db, next.id, pool));
    must(ubal_window_save(db, vendor.id, &parts[0], pool));
    must(ubal_window_save(db, vendor.id, &parts[1], pool));
    must(ubal_meta_update_coverage(db, pool));
    commit();
    is_as_of(20, "as-of goes back to a window that was split");
    parts[0].state = parts[1].state = UBAL_WINDOW_DONE;
    save(&parts[1]);
    is_as_of(20, "its second part alone does not move it");
    save(&parts[0]);
    is_as_of(50, "both do");
}

static void test_load(void)
{
    apr_array_header_t *windows;
    apr_int64_t end;
    ubal_window_t late = window(70, 80, UBAL_WINDOW_OPEN), read;
    ubal_window_t early = {.from = AT(50),
                           .to = AT(70),
                           .is_single = 1,
                           .next_page = 2,
                           .total = 1100,
                           .distinct = 999,
                           .accepted = 5,
                           .passes = 3,
                           .failures = 4};

    save(&late);
    save(&early);
    must(ubal_window_load(&windows, &end, db, vendor.id, pool));
    tap_is_int(windows->nelts, 2, "what is not done is loaded");
    read = APR_ARRAY_IDX(windows, 0, ubal_window_t);
    tap_ok(read.id == early.id && read.from == early.from &&
               read.to == early.to && read.state == UBAL_WINDOW_OPEN &&
               read.is_single && read.next_page == 2 && read.total == 1100 &&
               read.distinct == 999 && read.accepted == 5 &&
               read.passes == 3 && read.failures == 4,
           "oldest first, as it was saved");
    tap_is_int((end - SINCE) / UBAL_TIME_SECOND, 80,
               "with the latest end of any");
}

static void test_keys(void)
{
    ubal_window_t w = window(80, 90, UBAL_WINDOW_OPEN);
    ubal_page_t *first = new_page(), *second = new_page();
    ubal_keys_t keys;

    add(first, "k1", "12", 1, UBAL_TYPE_EARNED, 1);
    add(first, "k2", "12", 1, UBAL_TYPE_EARNED, 1);
    add(first, "k1", "12", 1, UBAL_TYPE_EARNED, 1);
    add(second, "k2", "12", 1, UBAL_TYPE_EARNED, 1);
    add(second, "k3", "12", 1, UBAL_TYPE_EARNED, 1);
    w.next_page = 2;
    begin();
    must(ubal_window_save(db, vendor.id, &w, pool));
    must(ubal_window_add_keys(&keys, db, &w, first, pool));
    tap_is_int(keys.distinct, 2, "a key twice on a page counts once");
    must(ubal_window_add_keys(&keys, db, &w, second, pool));
    tap_is_int(keys.distinct, 3, "and one on two pages of a pass");
    tap_ok(keys.early == 1 && keys.late == 0,
           "of the page, what is new to the pass and before the window");
    w.next_page = 3;
    must(ubal_window_save(db, vendor.id, &w, pool));
    commit();
    tap_is_int(number("SELECT COUNT(*) FROM pass_keys"), 3,
               "keys stay while the pass goes on");
    w.next_page = 1;
    save(&w);
    tap_is_int(number("SELECT COUNT(*) FROM pass_keys"), 0,
               "and are forgotten when it begins anew");
    w.id += 1000;
    begin();
    fails(ubal_window_save(db, vendor.id, &w, pool), UBAL_ERR_DB,
          "is not there", "a window that is gone cannot be saved");
    ubal_db_rollback(db, pool);
}

/* From here on there is this vendor alone, of which nothing is fetched. */
static void begin_vendor(const char *name)
{
    sql("UPDATE vendors SET is_retired = 1");
    begin();
    must(ubal_vendor_row_settle(&vendor, db, name, pool));
    vendor.since = SINCE;
    must(ubal_vendor_row_save(db, &vendor, pool));
    must(ubal_meta_update_coverage(db, pool));
    commit();
}

/* An import before the first live window: that begins where the import ends,
 * and `since`, which it holds, is a border of none. */
static void test_join(void)
{
    ubal_window_t import = window(-60, -20, UBAL_WINDOW_DONE);
    ubal_window_t live = window(-20, 30, UBAL_WINDOW_OPEN);

    begin_vendor("joined");
    save(&import);
    save(&live);
    tap_is_int(coverage().since, SINCE, "what is not done joins nothing");
    live.state = UBAL_WINDOW_DONE;
    save(&live);
    tap_is_int(coverage().since, AT(-60),
               "a window that holds since joins what is before it");
    is_as_of(30, "and covers what is after it");
}

/* What of a range of history is still to be read, as its follower is told. */
static void test_history(void)
{
    ubal_window_t done = window(-20, 0, UBAL_WINDOW_DONE);
    ubal_window_t open = window(-50, -20, UBAL_WINDOW_OPEN);
    apr_array_header_t *ranges;
    const ubal_backfill_t *range;
    int added;

    begin_vendor("history");
    begin();
    must(ubal_backfill_add(&added, db, vendor.id, AT(-60), SINCE, 1, pool));
    commit();
    save(&done);
    save(&open);
    must(ubal_backfill_list(&ranges, db, pool));
    range = (const void *)ranges->elts;
    tap_ok(ranges->nelts == 1 && range->open == 1 &&
               range->open_us == 30 * UBAL_TIME_SECOND,
           "a window that is begun and not done still waits, all of it");
}

/* An item that cannot be stored is listed beside two windows as others are. */
static void test_faulty_keys(void)
{
    ubal_window_t window = {.from = SINCE, .to = AT(10)};
    ubal_page_t *page = new_page();
    ubal_keys_t keys;
    int i;

    for (i = 0; i < 5; i++) {
        add_faulty(page, apr_psprintf(pool, "k%d", i), "amount is missing");
    }
    for (i = 0; i < 4; i++) {
        ubal_item_t *item = &APR_ARRAY_IDX(page->items, i, ubal_item_t);

        item->is_dated = 1;
        item->created_at = i < 2 ? SINCE - 1 : i < 3 ? SINCE : AT(10);
    }
    ubal_window_count_keys(&keys, &window, page);
    tap_ok(keys.early == 2 && keys.late == 1 && keys.distinct == 5,
           "what cannot be stored counts where it lies, if that is known");
}

int main(void)
{
    ubal_window_t a, b, c, hole;

    fixture_begin();
    a = window(0, 20, UBAL_WINDOW_OPEN);
    b = window(20, 40, UBAL_WINDOW_OPEN);
    hole = window(40, 60, UBAL_WINDOW_OPEN);
    c = window(60, 80, UBAL_WINDOW_OPEN);
    test_as_of(&a, &b, &c);
    test_gaps(&a, &hole);
    sql("UPDATE windows SET accepted = 7");
    test_take_back();
    test_remove();
    test_load();
    test_keys();
    test_join();
    test_history();
    test_faulty_keys();
    fixture_end();
    return tap_done();
}
