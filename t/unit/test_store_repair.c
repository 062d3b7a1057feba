/* Whatever is broken in balances and sums over time, a repair makes it again
 * from the transactions, piece by piece, also while pages are stored in
 * between; what is beyond an int64 is told, and left as it is. */
#include "store/repair.h"

#include "core/money.h"
#include "store/verify.h"
#include "store_fixture.h"

static apr_array_header_t *changes;

/* Does one piece in a transaction of its own; 1 where it was the last. */
static int piece(ubal_repair_t *repair)
{
    int is_over;

    begin();
    must(ubal_repair_next(&is_over, changes, repair, db, SINCE, pool));
    commit();
    return is_over;
}

static int repair_all(void)
{
    ubal_repair_t repair = {0};
    int pieces = 0;

    changes = apr_array_make(pool, 4, sizeof(ubal_repaired_t));
    while (!piece(&repair)) {
        pieces++;
    }
    return pieces;
}

static const char *finding(void)
{
    const char *found = NULL;
    int i;

    must(ubal_db_begin_read(db, pool));
    for (i = 0; !found && i < ubal_verify_count; i++) {
        if (ubal_verify_checks[i].number == 1) {
            must(ubal_verify_run(&found, db, i, 2, pool));
        }
    }
    ubal_db_rollback(db, pool);
    return found;
}

static void fill(void)
{
    ubal_page_t *page = new_page();
    int i;

    add(page, "a1", "12", 1, UBAL_TYPE_EARNED, 1000);
    add(page, "a2", "12", 86401, UBAL_TYPE_SPENT, -40);
    add(page, "a3", "12", 86402, UBAL_TYPE_PAID_OUT, 1);
    add(page, "a4", "13", 1, UBAL_TYPE_PAYOUT, 7);
    add(page, "a5", "zoe", 1, UBAL_TYPE_EARNED, UBAL_MONEY_AMOUNT_MAX);
    for (i = 0; i < 140; i++) {
        add(page, apr_psprintf(pool, "d%d", i), "dense", 60 * i,
            UBAL_TYPE_EARNED, 1);
    }
    store(page);
}

/* The changes as text: "12 1000,0,0,0>-;..."; of sums over time, how many. */
static const char *shown(void)
{
    const char *text = "";
    int i, j;

    for (i = 0; i < changes->nelts; i++) {
        const ubal_repaired_t *c = &APR_ARRAY_IDX(changes, i, ubal_repaired_t);

        text = apr_pstrcat(pool, text, c->user, NULL);
        if (c->stretches) {
            text = apr_psprintf(pool, "%s %d;", text, (int)c->stretches);
            continue;
        }
        for (j = 0; j < 2; j++) {
            const apr_int64_t *of = j ? c->after.of : c->before.of;

            text = apr_pstrcat(pool, text, j ? ">" : " ",
                               (j ? c->has : c->had)
                                   ? apr_psprintf(pool, "%d,%d,%d,%d",
                                                  (int)of[0], (int)of[1],
                                                  (int)of[2], (int)of[3])
                                   : "-",
                               NULL);
        }
        text = apr_pstrcat(pool, text, ";", NULL);
    }
    return text;
}

static void repairs(const char *damage, const char *expected)
{
    sql(damage);
    tap_ok(finding() != NULL, "broken: %s", damage);
    repair_all();
    if (expected) {
        tap_is_str(shown(), expected, "this is set right");
    }
    tap_is_str(finding(), NULL, "and the sums are those of the transactions");
    repair_all();
    tap_is_int(changes->nelts, 0, "there is nothing left to do");
}

static void test_damages(void)
{
    repair_all();
    tap_is_int(changes->nelts, 0, "nothing is changed where nothing is wrong");
    repairs("UPDATE balances SET spent = 5 WHERE user_id = '12'",
            "12 1000,5,0,1>1000,-40,0,1;");
    repairs("UPDATE balances SET spent = 9223372036854775807 "
            "WHERE user_id = '13'",
            "13 0,-1,7,0>0,0,7,0;");
    repairs("DELETE FROM balances WHERE user_id = '12'", "12 ->1000,-40,0,1;");
    repairs("UPDATE balances SET n = 1 WHERE user_id = '12'",
            "12 1000,-40,0,1>1000,-40,0,1;");
    repairs("UPDATE sums SET paid_out = -9223372036854775807 - 1 "
            "WHERE level = 2 AND bucket = 20454",
            "dense 1;");
    repairs("DELETE FROM sums", "dense 7;");
    repairs("INSERT INTO sums VALUES ('13', 3, 9223372036854775807, 1, 2, 3, "
            "4, 5)",
            "13 1;");
    repairs("INSERT INTO balances VALUES ('nobody', 1, 2, 3, 4, 0, 6); "
            "INSERT INTO sums VALUES ('another', 3, 1, 2, 3, 4, 0, 0)",
            "another 1;nobody 1,2,3,4>-;");
    repairs("DELETE FROM balances; DELETE FROM sums WHERE level > 1", NULL);
}

/* Transactions of one user by hand, `count` on each of `days` days. */
static void insert_many(const char *user, int days, int count,
                        const char *amount)
{
    sql(apr_psprintf(
        pool,
        "WITH RECURSIVE n(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM n "
        "WHERE i + 1 < %d) INSERT INTO transactions SELECT %d, '%s' || i, "
        "'%s', i / %d * 86400000000 + i, 0, %s, 0 FROM n",
        days * count, (int)vendor.id, user, user, count, amount));
}

/* Between two users, a page brings items to both, and to a third. */
static void test_between(void)
{
    ubal_repair_t repair = {0};
    ubal_page_t *page = new_page();
    int users = 0;

    changes = apr_array_make(pool, 4, sizeof(ubal_repaired_t));
    insert_many("big", 3, 15000, "1");
    sql("UPDATE balances SET earned = earned + 1");
    add(page, "b1", "big", 1, UBAL_TYPE_EARNED, 5);
    add(page, "b3", "12", 3, UBAL_TYPE_SPENT, 7);
    add(page, "b4", "zoe", 4, UBAL_TYPE_SPENT, 8);
    while (!piece(&repair)) {
        if (++users == 3) {
            store(page);
        }
    }
    tap_is_int(users, 5, "a user at a time");
    tap_is_str(finding(), NULL, "what came in between is counted once");
    tap_is_int(number("SELECT earned FROM balances WHERE user_id = 'big'"),
               45005, "in the balance too");
    sql("DELETE FROM transactions WHERE user_id = 'big'");
    repair_all();
    tap_is_int(number("SELECT COUNT(*) FROM balances WHERE user_id = 'big'"),
               0, "a user without transactions has no balance");
    tap_is_int(number("SELECT COUNT(*) FROM sums WHERE user_id = 'big'"), 0,
               "and no sums over time");
}

/* Ten thousand of the largest amounts are more than an int64. */
static void test_overflow(void)
{
    const ubal_repaired_t *change;

    insert_many("rich", 2, 5000, "1000000000000000");
    sql("INSERT INTO balances VALUES ('rich', 1, 2, 3, 4, 5, 6); "
        "UPDATE balances SET earned = 3 WHERE user_id = 'zoe'");
    repair_all();
    tap_is_int(changes->nelts, 2, "the user and another one");
    change = &APR_ARRAY_IDX(changes, 0, ubal_repaired_t);
    tap_ok(change->is_overflow && strcmp(change->user, "rich") == 0,
           "sums beyond what can be stored are told");
    tap_is_int(number("SELECT earned FROM balances WHERE user_id = 'rich'"), 1,
               "and the user is left as it was");
    tap_is_int(number("SELECT COUNT(*) FROM sums WHERE user_id = 'rich'"), 0,
               "over time too");
    tap_is_int(number("SELECT earned FROM balances WHERE user_id = 'zoe'"),
               UBAL_MONEY_AMOUNT_MAX, "the next user is set right");
    sql("DELETE FROM transactions WHERE user_id = 'rich'");
    repair_all();
    tap_is_str(finding(), NULL, "without them all is right");
}

int main(void)
{
    fixture_begin();
    fill();
    test_damages();
    test_between();
    test_overflow();
    fixture_end();
    return tap_done();
}
