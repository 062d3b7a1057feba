/* A page is stored exactly once: sums follow from transactions, what cannot
 * be stored becomes a dead letter, and the same page again changes nothing. */
#include "store_fixture.h"

static void is_counts(ubal_counts_t counts, int stored, int duplicate,
                      int dead, int conflict, const char *what)
{
    tap_ok(counts.stored == stored && counts.duplicate == duplicate &&
               counts.dead == dead && counts.conflict == conflict &&
               counts.ignored == 0 &&
               counts.seen == stored + duplicate + dead + conflict,
           "%s", what);
}

static void test_sums(void)
{
    ubal_page_t *page = new_page();

    add(page, "a1", "12", 1, UBAL_TYPE_EARNED, 1000);
    add(page, "a2", "12", 2, UBAL_TYPE_SPENT, 300);
    add(page, "a3", "12", 86400, UBAL_TYPE_PAYOUT, 200);
    add(page, "a4", "12", 86401, UBAL_TYPE_PAID_OUT, 150);
    add(page, "a5", "13", 3, UBAL_TYPE_EARNED, -5);
    is_counts(store(page), 5, 0, 0, 0, "five new items are counted as new");
    tap_is_int(number("SELECT earned * 1000000000 + spent * 1000000 + payout "
                      "* 1000 + paid_out FROM balances WHERE user_id = '12'"),
               1000300200150, "the balance has the sum of each type");
    tap_is_int(number("SELECT earned FROM balances WHERE user_id = '13'"), -5,
               "a reversal is subtracted");
    tap_is_int(number("SELECT n FROM balances WHERE user_id = '12'"), 4,
               "and how many they are");
    tap_is_int(number("SELECT COUNT(*) FROM sums"), 0,
               "a user with few has no sums over time");
    is_counts(store(page), 0, 5, 0, 0, "again they are all duplicates");
    tap_is_int(number("SELECT earned FROM balances WHERE user_id = '12'"),
               1000, "and change no sum");
    tap_is_int(number("SELECT COUNT(DISTINCT commit_seq) FROM transactions"),
               1, "the items of a page have one commit number");
}

static void test_conflict(void)
{
    ubal_page_t *page = new_page();

    add(page, "a1", "12", 1, UBAL_TYPE_EARNED, 1001);
    add(page, "a2", "99", 2, UBAL_TYPE_SPENT, 300);
    add(page, "a3", "12", 86400, UBAL_TYPE_PAID_OUT, 200);
    add(page, "a4", "12", 86402, UBAL_TYPE_PAID_OUT, 150);
    is_counts(store(page), 0, 0, 0, 4,
              "another amount, user, type or time is a conflict");
    tap_is_int(number("SELECT earned FROM balances WHERE user_id = '12'"),
               1000, "the first stands");
    tap_is_int(number("SELECT COUNT(*) FROM balances WHERE user_id = '99'"), 0,
               "a user of a conflict alone is unknown");
    tap_is_int(number("SELECT COUNT(*) FROM dead_letters WHERE kind = "
                      "'conflict' AND state = 'open' AND reason LIKE '%amount'"
                      " AND raw LIKE 'a1 %1001'"),
               1, "the letter says what differs and keeps the bytes");
    tap_is_int(number("SELECT has_conflicts FROM coverage"), 1,
               "coverage says that there are conflicts");
    is_counts(store(page), 0, 0, 0, 4, "the same conflicts come again");
    tap_is_int(number("SELECT COUNT(*) FROM dead_letters"), 4,
               "and are not written again");
    page = new_page();
    add_faulty(page, "a1", "amount is missing");
    is_counts(store(page), 0, 0, 0, 1,
              "a faulty item whose id is stored is a conflict");
    page = new_page();
    add(page, "b1", "12", 5, UBAL_TYPE_EARNED, 1);
    add(page, "b1", "12", 5, UBAL_TYPE_EARNED, 2);
    add(page, "b1", "12", 5, UBAL_TYPE_EARNED, 1);
    is_counts(store(page), 1, 1, 0, 1, "of one id twice, the first stands");
    tap_is_int(number("SELECT earned FROM balances WHERE user_id = '12'"),
               1001, "and is counted once");
}

static void test_dead(void)
{
    ubal_page_t *page = new_page();

    add_faulty(page, "d1", "type is unknown");
    add_faulty(page, NULL, "id is missing");
    add(page, "d2", "12", 7, UBAL_TYPE_EARNED, 10);
    is_counts(store(page), 1, 0, 2, 0,
              "faulty items are dead, the rest is stored");
    tap_is_int(number("SELECT has_dead FROM coverage"), 1,
               "coverage says that there are dead letters");
    is_counts(store(page), 0, 1, 2, 0, "they are dead again");
    tap_is_int(number("SELECT COUNT(*) FROM dead_letters WHERE kind = 'dead'"),
               2, "and are not written again");
    page = new_page();
    add(page, "d1", "12", 8, UBAL_TYPE_EARNED, 10);
    is_counts(store(page), 1, 0, 0, 0, "a dead item can become sound");
    tap_is_int(number("SELECT COUNT(*) FROM dead_letters WHERE item_id = 'd1' "
                      "AND state = 'superseded'"),
               1, "its letter is closed");
    page = new_page();
    add_faulty(page, "d3", "type is unknown");
    add(page, "d3", "12", 8, UBAL_TYPE_EARNED, 10);
    is_counts(store(page), 1, 0, 1, 0, "also within one page");
    tap_is_int(number("SELECT COUNT(*) FROM dead_letters WHERE kind = 'dead' "
                      "AND state = 'open'"),
               1, "only the item without an id is still open");
    is_counts(store(page), 0, 1, 0, 1, "the same page again");
    tap_is_int(number("SELECT COUNT(*) FROM dead_letters WHERE "
                      "item_id = 'd3'"),
               1, "writes no further letter");
}

/* Sums of 3 * 10^18 are three thousand items of the largest amount. */
static void test_overflow(void)
{
    ubal_page_t *page = new_page();
    int i;

    add(page, "o1", "rich", 1, UBAL_TYPE_EARNED, 1);
    store(page);
    sql("UPDATE balances SET earned = 2999999999999999990 "
        "WHERE user_id = 'rich'");
    page = new_page();
    add(page, "o2", "rich", 2, UBAL_TYPE_EARNED, 11);
    add(page, "o3", "rich", 3, UBAL_TYPE_EARNED, 10);
    add(page, "o4", "rich", 4, UBAL_TYPE_EARNED, 1);
    add(page, "o5", "rich", 5, UBAL_TYPE_SPENT, 7);
    add(page, "o1", "rich", 1, UBAL_TYPE_EARNED, 1);
    is_counts(store(page), 2, 1, 2, 0,
              "what would go beyond the limit is dead, what fits is stored");
    tap_is_int(number("SELECT earned FROM balances WHERE user_id = 'rich'"),
               UBAL_PAGE_SUM_MAX, "the sum is at its limit");
    tap_is_int(number("SELECT spent FROM balances WHERE user_id = 'rich'"), 7,
               "other types of the user go on");
    page = new_page();
    add(page, "o6", "rich", 6, UBAL_TYPE_EARNED, -20);
    add(page, "o2", "rich", 2, UBAL_TYPE_EARNED, 11);
    is_counts(store(page), 2, 0, 0, 0,
              "once a reversal makes room, the dead item is stored");
    tap_is_int(number("SELECT COUNT(*) FROM dead_letters WHERE "
                      "item_id = 'o2' AND state = 'superseded'"),
               1, "and its letter closed");
    page = new_page();
    for (i = 0; i < 140; i++) {
        add(page, apr_psprintf(pool, "p%d", i), "dense", 7, UBAL_TYPE_SPENT,
            1);
    }
    is_counts(store(page), 140, 0, 0, 0, "a user with many in a second");
    sql("UPDATE sums SET spent = -2999999999999999999 "
        "WHERE user_id = 'dense' AND level = 6");
    page = new_page();
    add(page, "o7", "dense", 7, UBAL_TYPE_SPENT, -2);
    is_counts(store(page), 0, 0, 1, 0, "a sum over time has the same limit");
    tap_is_int(number("SELECT spent * 1000 + n FROM balances "
                      "WHERE user_id = 'dense'"),
               140140, "and then the balance is without it");
    sql("UPDATE sums SET spent = 140 WHERE user_id = 'dense'");
}

/* What was not stored has left its id free, for another item, too. */
static void test_free_id(void)
{
    ubal_page_t *page = new_page();

    add(page, "o7", "poor", 9, UBAL_TYPE_EARNED, 3);
    is_counts(store(page), 1, 0, 0, 0, "an id of a dead item is free");
    sql("UPDATE balances SET earned = 3000000000000000000 "
        "WHERE user_id = 'rich'");
    page = new_page();
    add(page, "f1", "rich", 8, UBAL_TYPE_EARNED, 11);
    add(page, "f1", "poor", 9, UBAL_TYPE_EARNED, 4);
    add(page, "f2", "poor", 9, UBAL_TYPE_EARNED, 5);
    is_counts(
        store(page), 2, 0, 1, 0,
        "of one id twice, the second stands where the first is too large");
    is_counts(store(page), 0, 2, 0, 1, "and the first is in conflict then");
    tap_is_int(number("SELECT earned FROM balances WHERE user_id = 'poor'"),
               12, "each is counted once");
    page = new_page();
    add(page, "f3", "rich", 8, UBAL_TYPE_EARNED, 11);
    add(page, "f4", "poor", 9, UBAL_TYPE_EARNED, 6);
    is_counts(store(page), 1, 0, 1, 0, "one of two is too large");
    is_counts(store(page), 0, 1, 1, 0, "and stays so");
    tap_is_int(number("SELECT COUNT(*) FROM balances WHERE user_id = 'rich' "
                      "AND earned = 3000000000000000000"),
               1, "without a change of its sum");
    if (is_pgsql()) {
        tap_is_int(number("SELECT (SELECT COUNT(*) FROM ids) - (SELECT "
                          "COUNT(*) FROM ids JOIN transactions USING "
                          "(vendor, id, user_id, created_at))"),
                   0, "and each id leads to its transaction");
    }
}

/* What a page can add is too much to be added before it is known. */
static void test_large(void)
{
    const apr_int64_t most = APR_INT64_C(1000000000000000);
    ubal_page_t *page = new_page();
    int i;

    for (i = 0; i < 3002; i++) {
        add(page, apr_psprintf(pool, "l%d", i), "large", i, UBAL_TYPE_EARNED,
            i < 3001 ? most : -most);
    }
    is_counts(store(page), 3001, 0, 1, 0,
              "all are stored but the one that went beyond");
    tap_is_int(number("SELECT earned FROM balances WHERE user_id = 'large'"),
               UBAL_PAGE_SUM_MAX - most, "and the sum is theirs");
    is_counts(store(page), 1, 3001, 0, 0, "which now fits");
}

/* A transaction that ends half-way leaves nothing. */
static void test_rollback(void)
{
    ubal_page_t *page = new_page();
    ubal_counts_t counts;

    add(page, "r1", "roll", 1, UBAL_TYPE_EARNED, 5);
    add_faulty(page, "r2", "type is unknown");
    begin();
    must(ubal_page_store(&counts, db, vendor.id, 1, SINCE, page, pool));
    ubal_db_rollback(db, pool);
    tap_is_int(number("SELECT (SELECT COUNT(*) FROM transactions WHERE "
                      "user_id = 'roll') + (SELECT COUNT(*) FROM balances "
                      "WHERE user_id = 'roll') + (SELECT COUNT(*) FROM "
                      "sums WHERE user_id = 'roll') + (SELECT COUNT(*) "
                      "FROM dead_letters WHERE item_id = 'r2')"),
               0, "a page that is rolled back leaves nothing");
    is_counts(store(page), 1, 0, 1, 0, "and can be stored afterwards");
}

/* Items are stored by user, but for those that depend on one before. */
static void test_order(void)
{
    ubal_page_t *page = new_page();

    add(page, "s1", "zoe", 1, UBAL_TYPE_EARNED, 5);
    add(page, "s2", "amy", 1, UBAL_TYPE_EARNED, 1);
    add(page, "s1", "amy", 1, UBAL_TYPE_EARNED, 7);
    is_counts(store(page), 2, 0, 0, 1, "one id of two users");
    tap_is_int(number("SELECT COUNT(*) FROM transactions WHERE id = 's1' AND "
                      "user_id = 'zoe'"),
               1, "the first on the page stands, whoever's it is");
    page = new_page();
    add(page, "s3", "zoe", 1, UBAL_TYPE_EARNED, 5);
    add(page, "s4", "amy", 1, UBAL_TYPE_EARNED, 1);
    add(page, "s5", "zoe", 90000, UBAL_TYPE_EARNED, 50);
    add(page, "s2", "amy", 1, UBAL_TYPE_EARNED, 1);
    add(page, "s6", "amy", 90000, UBAL_TYPE_SPENT, 10);
    is_counts(store(page), 4, 1, 0, 0, "users by turns");
    tap_is_int(number("SELECT SUM(earned) * 100 + SUM(spent) FROM balances "
                      "WHERE user_id IN ('amy', 'zoe')"),
               6210, "their balances");
}

/* What means something to a database, or to how rows are sent to it, is text
 * of an id and a user like any other: NULL, an end, an array, a quote. */
static void test_text(void)
{
    static const char *const texts[] = {
        "\\N",    "\\.",  "a\\tb", "back\\", "\\\\n", "{x}",  "\"q\"",
        "o'neil", "a\tb", "a\nb",  "a\rb",   "%s",    "NULL", " "};
    const int count = (int)(sizeof(texts) / sizeof(texts[0]));
    ubal_page_t *page = new_page();
    int i, right = 0;

    for (i = 0; i < count; i++) {
        add(page, texts[i], texts[i], i, UBAL_TYPE_EARNED, 7);
    }
    is_counts(store(page), count, 0, 0, 0, "whatever their text, all are new");
    for (i = 0; i < count; i++) {
        ubal_coverage_t coverage;
        ubal_sums_t sums = {{0}};
        int is_known;

        must(ubal_read_user(&coverage, &sums, &is_known, db, texts[i], 2,
                            pool));
        right += is_known && sums.of[UBAL_TYPE_EARNED] == 7;
    }
    tap_is_int(right, count, "each is read under its own name");
    is_counts(store(page), 0, count, 0, 0,
              "and known again, letter by letter");
}

int main(void)
{
    fixture_begin();
    test_sums();
    test_conflict();
    test_dead();
    test_overflow();
    test_free_id();
    test_large();
    test_rollback();
    test_order();
    test_text();
    fixture_end();
    return tap_done();
}
