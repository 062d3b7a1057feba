/* Types: what each is called, and what it does to a balance. */
#include "core/type.h"

#include "core_fixture.h"

#define MOST APR_INT64_MAX
#define LEAST APR_INT64_MIN
#define SENTINEL APR_INT64_C(-77)

static void check_names(void)
{
    static const char *const ours[] = {"earned", "spent", "payout",
                                       "paid_out"};
    static const char *const none[] = {
        "",        "Earned",  "EARNED",  "paid-out",  "paid",   "paid_out ",
        " earned", "payouts", "paidout", "paid  out", "refund", "PaidOut"};
    ubal_type_e type;
    size_t i;

    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        tap_is_str(ubal_type_name((ubal_type_e)i), ours[i], "%s is named",
                   ours[i]);
        tap_ok(ubal_type_find(&type, ours[i]) && type == (ubal_type_e)i,
               "and found");
    }
    tap_ok(ubal_type_find(&type, "paidOut") && type == UBAL_TYPE_PAID_OUT,
           "paidOut is paid_out");
    type = UBAL_TYPE_EARNED;
    tap_ok(ubal_type_find(&type, "paid out") && type == UBAL_TYPE_PAID_OUT,
           "paid out is paid_out");
    for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        tap_ok(!ubal_type_find(&type, none[i]), "'%s' is no type", none[i]);
    }
}

/* The sums in the order of the enumeration; SENTINEL stands for an overflow.
 */
static void is_balance(apr_int64_t earned, apr_int64_t spent,
                       apr_int64_t payout, apr_int64_t paid_out,
                       apr_int64_t expected, const char *what)
{
    ubal_sums_t sums = {{earned, spent, payout, paid_out}};
    apr_int64_t balance = SENTINEL;

    tap_is_int(ubal_type_balance(&balance, &sums, NULL), expected != SENTINEL,
               "%s", what);
    tap_is_int(balance, expected, "%s: the balance", what);
}

static void is_outstanding(apr_int64_t payout, apr_int64_t paid_out,
                           apr_int64_t expected, const char *what)
{
    ubal_sums_t sums = {{7, 9, payout, paid_out}};
    apr_int64_t rest = SENTINEL;

    tap_is_int(ubal_type_outstanding(&rest, &sums), expected != SENTINEL, "%s",
               what);
    tap_is_int(rest, expected, "%s: what is outstanding", what);
}

static void check_weights(void)
{
    static const char *const none[] = {
        "",       "-", "--spent", "Earned",  "paidOut", "- spent",
        "spent ", "1", "+-spent", "balance", "*spent"};
    ubal_weights_t weights = {{0}};
    ubal_sums_t sums = {{100, 20, 7, 3}};
    apr_int64_t balance;
    size_t i;

    for (i = 0; i < sizeof(none) / sizeof(none[0]); i++) {
        tap_is_str(ubal_type_weigh(&weights, none[i]), "names no type",
                   "'%s' is no term", none[i]);
    }
    tap_ok(!ubal_type_weigh(&weights, "earned") &&
               !ubal_type_weigh(&weights, "-spent") &&
               !ubal_type_weigh(&weights, "-payout"),
           "terms with and without a sign");
    tap_ok(ubal_type_balance(&balance, &sums, &weights), "are added up");
    tap_is_int(balance, 73, "with their signs, and none but them");
    tap_is_str(ubal_type_weigh(&weights, "+spent"), "names a type again",
               "a type counts once");
    tap_ok(!ubal_type_weigh(&weights, "+paid_out") &&
               ubal_type_balance(&balance, &sums, &weights),
           "a plus sign is a sign");
    tap_is_int(balance, 76, "and adds");
}

int main(void)
{
    core_begin();
    check_weights();
    check_names();
    is_balance(120000, 30025, 20000, 15825, 74150, "as the example has it");
    is_balance(0, 0, 0, 0, 0, "nothing");
    is_balance(0, 0, 500, 0, 0, "a request alone leaves it");
    is_balance(100, 200, 0, 0, -100, "below zero");
    is_balance(-100, -200, 0, -5, 105, "reversals");
    is_balance(MOST, 0, LEAST, 0, MOST, "the largest");
    is_balance(LEAST, 0, MOST, 0, LEAST, "the smallest");
    is_balance(MOST, -1, 0, 0, SENTINEL, "one too many");
    is_balance(LEAST, 1, 0, 0, SENTINEL, "one too few");
    is_balance(0, LEAST, 0, 0, SENTINEL, "the smallest turned");
    is_balance(-1, LEAST, 0, 0, MOST, "the smallest turned, less one");
    is_balance(LEAST, MOST, 0, LEAST, -MOST, "back from below");
    is_balance(MOST, LEAST, 0, MOST, SENTINEL, "two beyond, one back");
    is_balance(MOST - 1, LEAST, 0, MOST, MOST, "and just within");
    is_outstanding(20000, 15825, 4175, "a part is paid");
    is_outstanding(10, 25, -15, "more was paid than asked for");
    is_outstanding(MOST, 0, MOST, "the largest request");
    is_outstanding(MOST, -1, SENTINEL, "one too many");
    is_outstanding(LEAST, 1, SENTINEL, "one too few");
    return tap_done();
}
