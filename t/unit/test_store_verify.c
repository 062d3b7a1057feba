/* Whatever is broken in a database, verify names it, and names nothing in a
 * sound one. Each check but that of all users together, which the one of each
 * user comes before, is the first to find some damage here. */
#include "store/verify.h"
#include "store_fixture.h"

typedef struct damage_t {
    int number;
    const char *title;   /* of the first check that finds it */
    const char *finding; /* part of what that says */
    const char *sql;
} damage_t;

#define BALANCES "balances are the sums of the transactions"
#define SUMS "sums over time are the sums of the transactions"

static const damage_t damages[] = {
    {5, "scale and schema are what ubal_meta says", "ubal_meta has scale 3",
     "UPDATE ubal_meta SET value = '3' WHERE key = 'scale'"},
    {5, "scale and schema are what ubal_meta says", "scale none",
     "DELETE FROM ubal_meta WHERE key = 'scale'"},
    {5, "scale and schema are what ubal_meta says", "coverage has schema 7",
     "UPDATE coverage SET schema = 7"},
    {5, "scale and schema are what ubal_meta says", "coverage has scale none",
     "DELETE FROM coverage"},
    {5, "there is one row of coverage", "2 rows",
     "CREATE TABLE c AS SELECT * FROM coverage; DROP TABLE coverage; "
     "ALTER TABLE c RENAME TO coverage; "
     "INSERT INTO coverage SELECT * FROM coverage"},
    {1, BALANCES,
     "user 12: stored is 2 transactions, 1000 earned, 41 spent, 0 payout, 0 "
     "paid_out; the "
     "transactions sum up to 2 transactions, 1000 earned, 40 spent",
     "UPDATE balances SET spent = spent + 1 WHERE user_id = '12'"},
    {1, BALANCES,
     "user 12: stored is nothing; the transactions sum up to 2 transactions, "
     "1000"
     " earned",
     "DELETE FROM balances WHERE user_id = '12'"},
    {1, BALANCES,
     "user 12: stored is 2 transactions, 1000 earned, -9223372036854775808"
     " spent",
     "UPDATE balances SET spent = -9223372036854775807 - 1 "
     "WHERE user_id = '12'"},
    {1, BALANCES, "user 12: stored is 3 transactions",
     "UPDATE balances SET n = 3 WHERE user_id = '12'"},
    {1, BALANCES, "user 99",
     "INSERT INTO balances VALUES ('99', 0, 0, 0, 0, 0, 0)"},
    {1, BALANCES, "user 13", "DELETE FROM transactions WHERE user_id = '13'"},
    {1, SUMS,
     "user 14, the day from 2026-01-01T00:00:00Z: stored is 140 transactions, "
     "140 earned, 0 spent, 0 payout, 4 paid_out; there are 140 transactions, "
     "140 earned, 0 spent, 0 payout, 0 paid_out",
     "UPDATE sums SET paid_out = 4 WHERE level = 2"},
    {1, SUMS, "stored is 141 transactions",
     "UPDATE sums SET n = 141 WHERE level = 0"},
    {1, SUMS,
     "user 14, the second from 2026-01-01T00:00:09Z: stored is nothing",
     "DELETE FROM sums WHERE level = 8 AND bucket % 60 = 9"},
    {1, SUMS, "user 14: 1 stretches too many are stored",
     "INSERT INTO sums VALUES ('14', 3, 5, 1, 0, 0, 0, 0)"},
    {1, SUMS, "user 13: 1 stretches too many are stored",
     "INSERT INTO sums VALUES ('13', 0, 5, 1, 0, 0, 0, 0)"},
    {1, SUMS, "user 14, the second",
     "UPDATE transactions SET created_at = created_at + 86400000000 "
     "WHERE user_id = '14' AND id = 'm3'"},
    {2, "each transaction is stored once", "transaction a1 2 times",
     "CREATE TABLE t AS SELECT * FROM transactions; DROP TABLE transactions; "
     "ALTER TABLE t RENAME TO transactions; "
     "INSERT INTO transactions SELECT * FROM transactions WHERE id = 'a1'; "
     "UPDATE transactions SET amount = amount / 2 WHERE id = 'a1'; "
     "UPDATE balances SET n = 3 WHERE user_id = '12'"},
    {2, "no stored transaction is an open dead letter", "transaction a1",
     "UPDATE dead_letters SET item_id = 'a1' WHERE kind = 'dead'"},
    {3, "every request's counts add up", "request 1 has seen 6",
     "UPDATE requests SET seen = 6 WHERE id = 1"},
    {3, "the requests brought what is stored", "brought 142 new",
     "UPDATE requests SET new = new - 1, ignored = 1 WHERE id = 1"},
    {3, "windows were done with no more than their requests saw",
     "total of 6, but its requests have seen 5",
     "UPDATE windows SET accepted = 6 WHERE accepted = 5"},
    {4, "windows do not overlap", "windows 1 and 2 of vendor 1 overlap",
     "UPDATE windows SET ends_at = ends_at + 1 WHERE id = 1"},
    {4, "as-of does not pass a window that is not done", "passes window 2",
     "UPDATE windows SET state = 0 WHERE id = 2"},
    {4, "as-of does not pass a window that is not done", "passes window 2",
     "UPDATE windows SET state = 2 WHERE id = 2"},
    {4, "coverage has no hole", "no window that is done covers",
     "DELETE FROM windows WHERE id = 2"},
    {4, "coverage has no hole", "no window that is done covers",
     "DELETE FROM windows WHERE id = 1"},
    {4, "coverage has no hole", "no window that is done covers",
     "UPDATE vendors SET as_of = as_of + 1"},
    {4, "coverage is that of the vendors", "coverage says since 5",
     "UPDATE coverage SET since = 5"},
    {4, "coverage is that of the vendors", "the vendors say",
     "UPDATE coverage SET as_of = as_of + 1"},
    {4, "coverage says what is missing", "gaps 1",
     "UPDATE coverage SET has_gaps = 1"},
    {4, "coverage says what is missing", "dead 0",
     "UPDATE coverage SET has_dead = 0"},
    {4, "coverage says what is missing", "conflicts 0",
     "UPDATE coverage SET has_conflicts = 0"},
};

#define TWICE 17

/* What takes the place of that one where ids have a table of their own. */
static const damage_t pgsql_damages[] = {
    {2, "each transaction is stored once", "transaction a1 2 times",
     "UPDATE transactions SET amount = amount / 2 WHERE id = 'a1'; "
     "INSERT INTO transactions SELECT vendor, id, user_id, created_at + 1, "
     "type, amount, commit_seq FROM transactions WHERE id = 'a1'; "
     "UPDATE balances SET n = 3 WHERE user_id = '12'"},
    {2, "each transaction is stored once",
     "vendor 1 has transaction a1, its id is not known",
     "DELETE FROM ids WHERE id = 'a1'"},
    {2, "each transaction is stored once",
     "vendor 1 has no transaction x1, whose id is known",
     "INSERT INTO ids VALUES (1, 'x1', '12', 5)"},
    {2, "each transaction is stored once",
     "vendor 1 has transaction a1, its id is known elsewhere",
     "UPDATE ids SET user_id = '13' WHERE id = 'a1'"},
};

/* Runs all checks: sets the first finding, and which check's it is. */
static const char *verify(int *index)
{
    const char *finding = NULL;

    must(ubal_db_begin_read(db, pool));
    for (*index = 0; *index < ubal_verify_count; ++*index) {
        must(ubal_verify_run(&finding, db, *index, 2, pool));
        if (finding) {
            break;
        }
    }
    ubal_db_rollback(db, pool);
    return finding;
}

static void save_done(int from, int to, apr_int64_t accepted)
{
    ubal_window_t window = {.from = SINCE + from,
                            .to = SINCE + to,
                            .state = UBAL_WINDOW_DONE,
                            .next_page = 1,
                            .total = -1,
                            .accepted = accepted};

    must(ubal_window_save(db, vendor.id, &window, pool));
}

static void fill(void)
{
    ubal_page_t *page = new_page();
    int i;

    begin();
    save_done(0, 20, 5);
    save_done(20, 40, -1);
    commit();
    add(page, "a1", "12", 1, UBAL_TYPE_EARNED, 1000);
    add(page, "a2", "12", 86401, UBAL_TYPE_SPENT, 40);
    add(page, "a3", "13", 1, UBAL_TYPE_PAYOUT, 0);
    add(page, "a3", "13", 1, UBAL_TYPE_PAYOUT, 7);
    add_faulty(page, "a4", "type is unknown");
    store(page);
    page = new_page();
    for (i = 0; i < 140; i++) {
        add(page, apr_psprintf(pool, "m%d", i), "14", 9, UBAL_TYPE_EARNED, 1);
    }
    store(page);
    sql("UPDATE requests SET window_id = 1 WHERE id = 1");
}

/* The check of all users together, by itself. */
static void test_totals(void)
{
    const char *finding;
    int i = 0;

    while (strcmp(ubal_verify_checks[i].title,
                  "all balances together are the sum of all transactions")) {
        i++;
    }
    sql("UPDATE balances SET payout = payout + 9 WHERE user_id = '13'");
    must(ubal_verify_run(&finding, db, i, 2, pool));
    tap_is_str(finding,
               "over all users, stored less summed is 0 earned, 0 spent, 9 "
               "payout, 0 paid_out",
               "the sum over all users is checked too");
    sql("UPDATE balances SET payout = payout - 9 WHERE user_id = '13'");
    sql("INSERT INTO balances (user_id, earned, spent, payout, paid_out, "
        "changed_at, n) "
        "VALUES ('x1', 0, 3000000000000000000, 0, 0, 0, 3000), "
        "('x2', 0, 3000000000000000000, 0, 0, 0, 3000), "
        "('x3', 0, 3000000000000000000, 0, 0, 0, 3000), "
        "('x4', 0, 3000000000000000000, 0, 0, 0, 3000)");
    sql("WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 12000) INSERT INTO transactions SELECT 1, 'x' || i, "
        "'x' || (i % 4), i, 1, 1000000000000000, 0 FROM n");
    must(ubal_verify_run(&finding, db, i, 2, pool));
    tap_is_str(finding, NULL, "and may be more than an int64");
    sql("DELETE FROM balances WHERE user_id LIKE 'x%'; "
        "DELETE FROM transactions WHERE user_id LIKE 'x%'");
}

/* Keeps the database as it is, or puts it back and opens it. */
static void keep(const char *intact)
{
    if (pg.server) {
        apr_pool_destroy(db->pool);
        pgsql_copy(&pg, intact, pg.database);
        must(ubal_db_open(&db, driver(), params(), pool));
    } else {
        sql(apr_psprintf(pool, "VACUUM INTO '%s'", intact));
    }
}

static void put_back(const char *intact)
{
    apr_pool_destroy(db->pool);
    if (pg.server) {
        pgsql_drop(&pg, pg.database);
        pgsql_copy(&pg, pg.database, intact);
    } else {
        remove_database();
        rename(intact, path);
    }
    must(ubal_db_open(&db, driver(), params(), pool));
    if (!pg.server) {
        keep(intact);
    }
}

static void test_damage(const damage_t *damage, const char *intact)
{
    int index;
    const char *finding;

    sql(damage->sql);
    finding = verify(&index);
    if (!tap_ok(finding && strstr(finding, damage->finding) &&
                    ubal_verify_checks[index].number == damage->number &&
                    !strcmp(ubal_verify_checks[index].title, damage->title),
                "%d: %s finds %s", damage->number, damage->title,
                damage->finding)) {
        printf("# found: %s\n", finding ? finding : "nothing");
    }
    put_back(intact);
}

int main(void)
{
    const char *intact;
    size_t i;
    int index;

    fixture_begin();
    fill();
    tap_is_str(verify(&index), NULL, "a sound database has no finding");
    intact = apr_pstrcat(pool, pg.server ? pg.database : path,
                         pg.server ? "_intact" : ".intact", NULL);
    keep(intact);
    for (i = 0; i < sizeof(damages) / sizeof(damages[0]); i++) {
        if (!pg.server || i != TWICE) {
            test_damage(&damages[i], intact);
        }
    }
    for (i = 0; pg.server && i < sizeof(pgsql_damages) / sizeof(damage_t);
         i++) {
        test_damage(&pgsql_damages[i], intact);
    }
    test_totals();
    tap_is_str(verify(&index), NULL, "put back, it is sound again");
    if (pg.server) {
        pgsql_drop(&pg, intact);
    } else {
        unlink(intact);
    }
    fixture_end();
    return tap_done();
}
