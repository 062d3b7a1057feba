/* Without conflicts, any pages in any order and any number of times give the
 * same money, and money that is the sum of the distinct items. */
#include "store/verify.h"
#include "store_fixture.h"

#define ITEMS 240
#define USERS 7
#define ROUNDS 6

static unsigned int seed;

static unsigned int dice(unsigned int sides)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 16) % sides;
}

static void add_nth(ubal_page_t *page, int n)
{
    add(page, apr_psprintf(pool, "t%d", n),
        apr_psprintf(pool, "u%d", n * n % USERS), n * 1801,
        (ubal_type_e)(n % UBAL_TYPE_COUNT), (n * 7919) % 5003 - 500);
}

/* What user u0 to u6 must have, worked out from the items alone. */
static apr_int64_t expected(int user, int type)
{
    apr_int64_t sum = 0;
    int n;

    for (n = 0; n < ITEMS; n++) {
        if (n * n % USERS == user && n % UBAL_TYPE_COUNT == type) {
            sum += (n * 7919) % 5003 - 500;
        }
    }
    return sum;
}

/* Stores overlapping pages of random size and place until each item was on
 * one, each page up to three times. */
static void store_shuffled(void)
{
    char seen[ITEMS] = {0};
    int missing = ITEMS, i;

    while (missing) {
        ubal_page_t *page = new_page();
        unsigned int size = 1 + dice(90), times = 1 + dice(3);

        while (size--) {
            unsigned int n = dice(ITEMS);

            add_nth(page, (int)n);
            missing -= !seen[n];
            seen[n] = 1;
        }
        for (i = 0; i < (int)times; i++) {
            store(page);
        }
    }
}

static int is_right(void)
{
    int user, type;

    for (user = 0; user < USERS; user++) {
        ubal_coverage_t coverage;
        ubal_sums_t sums;
        int is_known;

        must(ubal_read_user(&coverage, &sums, &is_known, db,
                            apr_psprintf(pool, "u%d", user), 2, pool));
        for (type = 0; type < UBAL_TYPE_COUNT; type++) {
            if (sums.of[type] != expected(user, type)) {
                return 0;
            }
        }
    }
    return 1;
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

int main(void)
{
    int round;

    fixture_begin();
    for (round = 0; round < ROUNDS; round++) {
        seed = (unsigned int)round;
        store_shuffled();
        tap_ok(is_right(), "order %d gives the sums of the items", round);
        tap_is_int(number("SELECT COUNT(*) FROM transactions"), ITEMS,
                   "and each item once");
        tap_is_str(first_finding(), NULL, "and all invariants hold");
        sql("DELETE FROM transactions; DELETE FROM balances; "
            "DELETE FROM sums; DELETE FROM requests");
    }
    fixture_end();
    return tap_done();
}
