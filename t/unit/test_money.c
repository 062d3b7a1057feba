/* Money: exact or refused, never rounded; what is printed reads the same. */
#include "core/money.h"

#include <time.h>

#include "core_fixture.h"

#define SENTINEL APR_INT64_C(-77)

/* Reads the text, which is not followed by a NUL. */
static ubal_error_t *parse(apr_int64_t *minor, const char *text,
                           apr_size_t length, int scale)
{
    char *exact = core_exact(text, length);
    ubal_error_t *err = ubal_money_parse(minor, exact, length, scale, pool);

    free(exact);
    return err;
}

static void reads(const char *text, int scale, apr_int64_t expected)
{
    apr_int64_t minor = SENTINEL;
    ubal_error_t *err = parse(&minor, text, strlen(text), scale);

    tap_is_int(minor, expected, "'%s' at scale %d%s%s", text, scale,
               err ? ": " : "", err ? err->message : "");
}

static void refuses(const char *text, int scale, const char *why)
{
    apr_int64_t minor = SENTINEL;
    ubal_error_t *err = parse(&minor, text, strlen(text), scale);

    core_refused(err, why, "'%s' at scale %d is refused", text, scale);
    if (minor != SENTINEL) {
        tap_ok(0, "'%s' leaves the amount alone", text);
    }
}

static void check_plain(void)
{
    reads("0", 2, 0);
    reads("-0", 2, 0);
    reads("-0.00", 2, 0);
    reads("0.000000000000", 2, 0);
    reads("30", 2, 3000);
    reads("12.3", 2, 1230);
    reads("12.34", 2, 1234);
    reads("-12.34", 2, -1234);
    reads("0.01", 2, 1);
    reads("-0.05", 2, -5);
    reads("1.005", 3, 1005);
    reads("1.2300", 2, 123);
    reads("100", 0, 100);
    reads("100.000", 0, 100);
    reads("0.000000001", 9, 1);
    reads("10.01", 2, 1001);
    reads("1000000.5", 1, 10000005);
}

static void check_exponents(void)
{
    reads("1.2e2", 2, 12000);
    reads("1.2E+2", 2, 12000);
    reads("1234e-2", 2, 1234);
    reads("1234e-4", 4, 1234);
    reads("5000e-3", 0, 5);
    reads("0.00012e4", 2, 120);
    reads("100e-2", 0, 1);
    reads("1e0000000000000000000002", 2, 10000);
    reads("1e-0", 2, 100);
    reads("0e999999999", 2, 0);
    reads("-0e-999999999", 2, 0);
    reads("0.0e99999999999999999999999999", 2, 0);
    refuses("1e999999999", 2, "10^15");
    refuses("1e308", 2, "10^15");
    refuses("-1e99999999999999999999999999999", 2, "10^15");
    refuses("1e-999999999", 2, "decimals");
    refuses("1e-99999999999999999999999999999", 9, "decimals");
    refuses("1e-3", 2, "decimals");
}

static void check_limits(void)
{
    reads("10000000000000", 2, UBAL_MONEY_AMOUNT_MAX);
    reads("-10000000000000", 2, -UBAL_MONEY_AMOUNT_MAX);
    reads("10000000000000.00", 2, UBAL_MONEY_AMOUNT_MAX);
    reads("9999999999999.99", 2, UBAL_MONEY_AMOUNT_MAX - 1);
    reads("1e15", 0, UBAL_MONEY_AMOUNT_MAX);
    reads("1e6", 9, UBAL_MONEY_AMOUNT_MAX);
    refuses("10000000000000.01", 2, "10^15");
    refuses("-10000000000000.01", 2, "10^15");
    refuses("1000000000000001", 0, "10^15");
    refuses("9999999999999999", 0, "10^15");
    refuses("10000000000000000", 0, "10^15");
    refuses("1000000.000000001", 9, "10^15");
    refuses("9223372036854775807", 0, "10^15");
    refuses("9223372036854775808", 0, "10^15");
    refuses("18446744073709551617", 0, "10^15");
    refuses("99999999999999999999", 2, "10^15");
    refuses("1.005", 2, "scale 2");
    refuses("0.001", 2, "scale 2");
    refuses("12.999", 2, "scale 2");
    refuses("0.1", 0, "scale 0");
    refuses("90071992547409.931", 2, "scale 2");
    refuses("0.0000000001", 9, "scale 9");
}

static void check_grammar(void)
{
    static const char *const wrong[] = {
        "",      "-",         "+1",       ".5",    "5.",  "01",    "-01",
        "00",    "1e",        "1e+",      "1.e2",  "e2",  "1,5",   "12,34",
        "1 ",    " 1",        "1\n",      "0x10",  "NaN", "nan",   "Infinity",
        "-inf",  "true",      "null",     "1.2.3", "--1", "1e1.5", "1e1e1",
        "1_000", "1'000",     "1f",       "\"1\"", "1-",  "$1",    "1EUR",
        "-.5",   "-e5",       "1e-",      "0.",    "-0.", "1..2",  "1e 2",
        "[1]",   "1\xc2\xa0", "\xd9\xa1",
    };
    apr_int64_t minor = SENTINEL;
    size_t i;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        refuses(wrong[i], 2, "is no number");
    }
    core_refused(parse(&minor, "1\0", 2, 2), "is no number",
                 "a NUL byte is no digit");
    core_fine(parse(&minor, "12345", 2, 2), "only the length counts");
    tap_is_int(minor, 1200, "and the bytes after it do not");
}

/* A digit at the far end of `zeros`, with an exponent that brings it back. */
static void check_far(apr_size_t zeros, int exponent_digits)
{
    char *text = malloc(zeros + 64);
    apr_int64_t minor = SENTINEL;
    int head = sprintf(text, "0.");
    clock_t begin = clock();

    memset(text + head, '0', zeros);
    sprintf(text + head + zeros, "1e%" APR_SIZE_T_FMT, zeros + 1);
    core_fine(parse(&minor, text, strlen(text), 2),
              "1 after %" APR_SIZE_T_FMT " zeros and an exponent", zeros);
    tap_is_int(minor, 100, "is 1");
    memset(text + head + zeros + 2, '9', (size_t)exponent_digits);
    text[head + (int)zeros + 2 + exponent_digits] = '\0';
    core_refused(parse(&minor, text, strlen(text), 2), "10^15",
                 "and far too much with an exponent of %d nines",
                 exponent_digits);
    text[0] = '1';
    text[1] = '0';
    sprintf(text + head + zeros, "e-%" APR_SIZE_T_FMT, zeros + 1);
    core_fine(parse(&minor, text, strlen(text), 2),
              "1 with as many zeros and an exponent");
    tap_is_int(minor, 100, "is 1");
    tap_ok(clock() - begin < CLOCKS_PER_SEC, "within a second");
    free(text);
}

static void prints(apr_int64_t minor, int scale, const char *expected)
{
    tap_is_str(ubal_money_print(minor, scale, pool), expected,
               "%" APR_INT64_T_FMT " at scale %d", minor, scale);
}

static void fixes(apr_int64_t minor, int scale, const char *expected)
{
    char text[UBAL_MONEY_LENGTH];
    apr_size_t length = ubal_money_write(text, minor, scale, UBAL_MONEY_FIXED);

    tap_is_str(text, expected, "%" APR_INT64_T_FMT " at scale %d, all of it",
               minor, scale);
    tap_is_int((apr_int64_t)length, (apr_int64_t)strlen(expected),
               "and its length");
}

static void check_fixed(void)
{
    fixes(74150, 2, "741.50");
    fixes(120000, 2, "1200.00");
    fixes(-5, 2, "-0.05");
    fixes(0, 2, "0.00");
    fixes(0, 0, "0");
    fixes(-12, 0, "-12");
    fixes(1, 9, "0.000000001");
    fixes(APR_INT64_MIN, 2, "-92233720368547758.08");
    fixes(APR_INT64_MIN, 9, "-9223372036.854775808");
}

static void check_print(void)
{
    prints(74150, 2, "741.5");
    prints(120000, 2, "1200");
    prints(-5, 2, "-0.05");
    prints(5, 2, "0.05");
    prints(-50, 2, "-0.5");
    prints(0, 0, "0");
    prints(0, 9, "0");
    prints(1, 9, "0.000000001");
    prints(-1, 0, "-1");
    prints(100, 2, "1");
    prints(1000, 0, "1000");
    prints(123456789, 3, "123456.789");
    prints(APR_INT64_MAX, 0, "9223372036854775807");
    prints(APR_INT64_MIN, 0, "-9223372036854775808");
    prints(APR_INT64_MAX, 2, "92233720368547758.07");
    prints(APR_INT64_MIN, 2, "-92233720368547758.08");
    prints(APR_INT64_MIN, 9, "-9223372036.854775808");
}

/* What is printed reads as the same number, and cannot be said shorter. */
static int is_round(apr_int64_t minor, int scale, apr_pool_t *p)
{
    const char *text = ubal_money_print(minor, scale, p);
    const char *point = strchr(text, '.');
    apr_int64_t back = SENTINEL;

    return !ubal_money_parse(&back, text, strlen(text), scale, p) &&
           back == minor &&
           (!point || (point[1] && text[strlen(text) - 1] != '0'));
}

static void check_round(int scale)
{
    apr_pool_t *p;
    int i, wrong = 0;

    apr_pool_create(&p, pool);
    for (i = 0; i < 20000; i++) {
        apr_int64_t most = UBAL_MONEY_AMOUNT_MAX >> core_upto(49);
        apr_int64_t minor = core_upto(most);

        wrong += !is_round(i & 1 ? minor : -minor, scale, p);
        if (i % 1000 == 0) {
            apr_pool_clear(p);
        }
    }
    tap_is_int(wrong, 0, "20000 random amounts go round at scale %d", scale);
    apr_pool_destroy(p);
}

static void check_add(void)
{
    apr_int64_t sum = SENTINEL;

    tap_ok(ubal_money_add(&sum, APR_INT64_MAX - 1, 1) && sum == APR_INT64_MAX,
           "a sum may be the largest number");
    tap_ok(ubal_money_add(&sum, APR_INT64_MIN + 1, -1) && sum == APR_INT64_MIN,
           "or the smallest");
    sum = SENTINEL;
    tap_ok(!ubal_money_add(&sum, APR_INT64_MAX, 1), "not more");
    tap_ok(!ubal_money_add(&sum, APR_INT64_MIN, -1), "nor less");
    tap_is_int(sum, SENTINEL, "a sum that overflows is left alone");
    sum = 5;
    tap_ok(ubal_money_add(&sum, sum, sum) && sum == 10, "in place");
}

int main(void)
{
    int scale;

    core_begin();
    check_plain();
    check_exponents();
    check_limits();
    check_grammar();
    check_far(1000, 12);
    check_far(2000000, 7);
    check_far(9999990, 8);
    check_far(12000000, 9);
    check_print();
    check_fixed();
    for (scale = 0; scale <= UBAL_MONEY_SCALE_MAX; scale++) {
        check_round(scale);
    }
    check_add();
    return tap_done();
}
