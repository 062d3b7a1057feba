/* A user's sums as of any instant, and of many at once, are those of the
 * transactions before it: whatever order they came in, however dense they lie,
 * on whatever border, for users with few and with many. */
#include <string.h>

#include "store/history.h"
#include "store/instant.h"
#include "store/stretch.h"
#include "store_fixture.h"

#define USERS 12
#define PAGES 24
#define ITEMS 120
#define ALL (PAGES * ITEMS)
#define QUESTIONS 60

typedef struct truth_t {
    apr_int64_t at, amount;
    ubal_type_e type;
    int user;
} truth_t;

static truth_t truth[ALL];
static int count;
static apr_uint64_t state;

static apr_int64_t in(apr_int64_t low, apr_int64_t high)
{
    state = state * APR_UINT64_C(6364136223846793005) + 1442695040888963407;
    return low + (apr_int64_t)((state >> 20) % (apr_uint64_t)(high - low + 1));
}

/* Some years, days, an hour, a minute, or a second; whole ones often. */
static apr_int64_t any_instant(int user)
{
    static const apr_int64_t spans[] = {
        APR_INT64_C(5000) * UBAL_TIME_DAY, 40 * UBAL_TIME_DAY,
        3600 * UBAL_TIME_SECOND, 60 * UBAL_TIME_SECOND, UBAL_TIME_SECOND};
    apr_int64_t base = in(0, 3) ? SINCE : SINCE - 700 * UBAL_TIME_DAY;
    apr_int64_t at = base + in(0, spans[(user + in(0, 1)) % 5]);
    int level = (int)in(0, UBAL_TREE_LEVELS + 2);

    return level < UBAL_TREE_LEVELS ? at - at % ubal_tree_width(level) : at;
}

/* Few for some users, many for others. */
static int any_user(void)
{
    int user = (int)in(0, USERS - 1);

    return user < 3 && in(0, 9) ? USERS - 1 : user;
}

static void store_pages(void)
{
    int i, j;

    for (i = 0; i < PAGES; i++) {
        ubal_page_t *page = new_page();

        for (j = 0; j < ITEMS; j++, count++) {
            truth_t *t = &truth[count];

            t->user = any_user();
            t->at = any_instant(t->user);
            t->type = (ubal_type_e)in(0, UBAL_TYPE_COUNT - 1);
            t->amount = in(-50, 1000);
            add(page, apr_psprintf(pool, "%d", count),
                apr_psprintf(pool, "u%d", t->user), 0, t->type, t->amount);
            APR_ARRAY_IDX(page->items, j, ubal_item_t).created_at = t->at;
        }
        store(page);
    }
}

static int is_truth(const ubal_sums_t *sums, int user, apr_int64_t at)
{
    ubal_sums_t expected = {{0}};
    int i;

    for (i = 0; i < count; i++) {
        if (truth[i].user == user && truth[i].at < at) {
            expected.of[truth[i].type] += truth[i].amount;
        }
    }
    return memcmp(&expected, sums, sizeof(expected)) == 0;
}

static apr_int64_t any_question(int user)
{
    const truth_t *t = &truth[in(0, count - 1)];

    return in(0, 2) ? t->at + in(-1, 1) : any_instant(user);
}

static void ask_instants(int seed)
{
    ubal_coverage_t coverage;
    ubal_sums_t sums;
    int i, is_known, wrong = 0;

    for (i = 0; i < USERS * QUESTIONS; i++) {
        int user = i % USERS;
        apr_int64_t at = any_question(user);

        must(ubal_instant_read(&coverage, &sums, &is_known, db,
                               apr_psprintf(pool, "u%d", user), at, 2, pool));
        wrong += !is_truth(&sums, user, at) || !is_known;
    }
    tap_is_int(wrong, 0, "seed %d: sums before any instant", seed);
}

/* Borders of a day, an hour, a minute or a second, or of all kinds. */
static int any_ends(apr_int64_t *ends, int user)
{
    int level = (int)in(UBAL_TREE_DAY, UBAL_TREE_LEVELS - 1), i;
    apr_int64_t width = ubal_tree_width(level), at = any_question(user);

    at -= at % width;
    for (i = 0; i < 100; i++) {
        ends[i] = at;
        at += in(1, in(0, 1) ? 3 : 40) * width;
    }
    if (in(0, 1)) {
        ends[99] -= in(0, width - 1);
    }
    return (int)in(1, 100);
}

static void ask_histories(int seed)
{
    ubal_coverage_t coverage;
    ubal_sums_t sums[100];
    apr_int64_t ends[100];
    int i, j, is_known, wrong = 0;

    for (i = 0; i < USERS * 8; i++) {
        int user = i % USERS, n = any_ends(ends, user);

        must(ubal_history_read(&coverage, sums, &is_known, db,
                               apr_psprintf(pool, "u%d", user), ends, n, 2,
                               pool));
        for (j = 0; j < n; j++) {
            wrong += !is_truth(&sums[j], user, ends[j]);
        }
    }
    tap_is_int(wrong, 0, "seed %d: histories are those sums", seed);
}

static void test_seed(int seed)
{
    const char *finding;

    state = (apr_uint64_t)seed;
    count = 0;
    sql("DELETE FROM transactions; DELETE FROM balances; DELETE FROM sums; "
        "DELETE FROM requests");
    store_pages();
    must(ubal_stretch_verify(&finding, db, pool));
    tap_is_str(finding, NULL, "seed %d: the sums are those of a fresh tree",
               seed);
    ask_instants(seed);
    ask_histories(seed);
}

/* How many rows the sums over time have. */
static int rows(void)
{
    return (int)number("SELECT COUNT(*) FROM sums");
}

static void test_borders(void)
{
    ubal_page_t *page = new_page();
    int i;

    sql("DELETE FROM transactions; DELETE FROM balances; DELETE FROM sums; "
        "DELETE FROM requests");
    for (i = 0; i < UBAL_TREE_LEAF; i++) {
        add(page, apr_psprintf(pool, "b%d", i), "b", i * 20 * 86400,
            UBAL_TYPE_EARNED, 1);
    }
    store(page);
    tap_is_int(rows(), 0, "128 transactions have no sums over time");
    page = new_page();
    add(page, "late", "b", 3, UBAL_TYPE_EARNED, 1);
    store(page);
    tap_is_int(rows(), 41, "129 in seven years: one in 64 days");
    page = new_page();
    for (i = 0; i < 3000; i++) {
        add(page, apr_psprintf(pool, "s%d", i), "s", 5, UBAL_TYPE_EARNED, 1);
    }
    store(page);
    tap_is_int(rows(), 41 + UBAL_TREE_LEVELS,
               "thousands in one second are one of each width");
}

static void test_edges(void)
{
    ubal_coverage_t coverage;
    ubal_sums_t sums[2];
    apr_int64_t bad[2] = {SINCE + 1, SINCE + 2};
    int is_known;

    must(ubal_instant_read(&coverage, sums, &is_known, db, "nobody", SINCE, 2,
                           pool));
    tap_ok(!is_known && sums[0].of[0] == 0 && coverage.since == SINCE,
           "a user without transactions has zeros, and is told");
    must(ubal_instant_read(&coverage, sums, &is_known, db, "b", 0, 2, pool));
    tap_ok(is_known && sums[0].of[0] == 0, "before all time there is nothing");
    must(ubal_instant_read(&coverage, sums, &is_known, db, "b", APR_INT64_MAX,
                           2, pool));
    tap_is_int(sums[0].of[0], 129, "after all time there is all");
    fails(ubal_history_read(&coverage, sums, &is_known, db, "b", bad, 2, 2,
                            pool),
          UBAL_ERR_INPUT, "whole seconds", "borders within a second");
    bad[0] = SINCE;
    bad[1] = SINCE;
    fails(ubal_history_read(&coverage, sums, &is_known, db, "b", bad, 2, 2,
                            pool),
          UBAL_ERR_INPUT, "ascend", "borders that do not ascend");
}

int main(void)
{
    int seed;

    fixture_begin();
    for (seed = 1; seed <= (is_pgsql() ? 2 : 6); seed++) {
        test_seed(seed);
    }
    test_borders();
    test_edges();
    fixture_end();
    return tap_done();
}
