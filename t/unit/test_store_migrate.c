/* A database of schema 1 is brought to today's with all that is in it: its
 * windows stay covered, its numbers stay, and what cannot be compared with a
 * vendor's total of today is not. */
#include "store/range.h"
#include "store/stretch.h"
#include "store_fixture.h"

static void make_first(void)
{
    sql(apr_pstrcat(
        pool, "BEGIN;", ubal_migrations[0].sqlite,
        "; INSERT INTO ubal_meta VALUES ('schema', '1');"
        "INSERT INTO ubal_meta VALUES ('scale', '2');"
        "UPDATE coverage SET scale = 2, since = 100, as_of = 300;"
        "INSERT INTO vendors VALUES (1, 'game', 100, 300, 1000, 0);"
        "INSERT INTO windows VALUES (7, 1, 100, 200, 1, 0, 1, -1, 0, "
        "12, 0, 0);"
        "INSERT INTO windows VALUES (9, 1, 200, 300, 3, 0, 1, -1, 0, "
        "-1, 4, 10);"
        "INSERT INTO windows VALUES (11, 1, 300, 400, 0, 1, 3, 50, "
        "20, -1, 0, 2);"
        "INSERT INTO pass_keys VALUES (11, 'ia');"
        "INSERT INTO transactions VALUES (1, 'a', '12', 150, 0, 5, "
        "1);"
        "INSERT INTO balances VALUES ('12', 5, 0, 0, 0, 1);"
        "INSERT INTO daily_sums VALUES ('12', 0, 5, 0, 0, 0);"
        "WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 3000) INSERT INTO transactions SELECT 1, 'd' || i, "
        "'dense', "
        "i * i * 1000003, i % 4, i, i FROM n;"
        "INSERT INTO balances SELECT 'dense', SUM(amount * (type = 0)), "
        "SUM(amount * (type = 1)), SUM(amount * (type = 2)), "
        "SUM(amount * (type = 3)), 1 FROM transactions WHERE user_id = "
        "'dense';"
        "COMMIT",
        NULL));
}

static void test_windows(void)
{
    apr_array_header_t *windows;
    apr_int64_t end;
    const ubal_window_t *w;

    must(ubal_window_load(&windows, &end, db, 1, pool));
    w = (const ubal_window_t *)windows->elts;
    tap_ok(windows->nelts == 1 && w->id == 11 && w->next_page == 3 &&
               w->total == 50 && w->distinct == 20 && w->failures == 2 &&
               w->is_single && end == 400,
           "a pass goes on where it was");
    tap_is_int(number("SELECT COUNT(*) FROM pass_keys"), 1, "with its keys");
    tap_is_int(number("SELECT accepted FROM windows WHERE id = 7"), 12,
               "done windows keep their total");
}

static void test_range(void)
{
    apr_int64_t from = 0, to = 1000;

    must(ubal_range_find(&from, &to, db, 1, pool));
    tap_is_int(to, 0, "but are compared with none of today");
}

static void test_sums(void)
{
    const char *finding;

    tap_is_int(number("SELECT n FROM balances WHERE user_id = 'dense'"), 3000,
               "a balance knows how many it is of");
    must(ubal_stretch_verify(&finding, db, pool));
    tap_is_str(finding, NULL, "sums over time are made of what is there");
    tap_ok(number("SELECT COUNT(*) FROM sums WHERE user_id = 'dense'") > 100,
           "of a user who has many");
}

int main(void)
{
    int before, after;

    only_sqlite();
    fixture_begin_empty();
    make_first();
    must(ubal_db_open(&db, "sqlite3", path, pool));
    must(ubal_meta_migrate(db, &before, &after, pool));
    tap_ok(before == 1 && after == ubal_migration_count,
           "schema 1 is brought to today's");
    must(ubal_meta_take_over(&owner, db, 2, "host", 1, pool));
    begin();
    must(ubal_meta_update_coverage(db, pool));
    commit();
    tap_is_int(number("SELECT as_of FROM coverage"), 300, "as-of stays");
    tap_is_int(number("SELECT since FROM coverage"), 100, "since stays");
    tap_is_int(number("SELECT SUM(amount) FROM transactions"), 5 + 4501500,
               "the money stays");
    tap_is_int(number("SELECT SUM(commit_seq * amount) FROM transactions"),
               5 + 9004500500, "with the numbers of its commits");
    test_sums();
    test_windows();
    test_range();
    fixture_end();
    return tap_done();
}
