/* Instants and durations: what reads, what it means, what is refused; and that
 * the calendar is the one of the C library. */
#include "core/time.h"

#include <time.h>

#include "core_fixture.h"

#define SENTINEL APR_INT64_C(-77)
#define END (APR_INT64_C(253370764800) * UBAL_TIME_SECOND) /* year 9999 */
#define MARCH (APR_INT64_C(1772323200) * UBAL_TIME_SECOND) /* 2026-03-01 */

static ubal_error_t *parse(apr_int64_t *us, const char *text,
                           apr_size_t length)
{
    char *exact = core_exact(text, length);
    ubal_error_t *err = ubal_time_parse(us, exact, length, pool);

    free(exact);
    return err;
}

static void reads(const char *text, apr_int64_t expected)
{
    apr_int64_t us = SENTINEL;
    ubal_error_t *err = parse(&us, text, strlen(text));

    tap_is_int(us, expected, "'%s'%s%s", text, err ? ": " : "",
               err ? err->message : "");
}

static void refuses(const char *text, const char *why)
{
    apr_int64_t us = SENTINEL;

    core_refused(parse(&us, text, strlen(text)), why, "'%s' is refused", text);
    if (us != SENTINEL) {
        tap_ok(0, "'%s' leaves the instant alone", text);
    }
}

static void check_forms(void)
{
    const apr_int64_t noon = MARCH + UBAL_TIME_DAY / 2;

    reads("2026-03-01T00:00:00Z", MARCH);
    reads("2026-03-01t00:00:00z", MARCH);
    reads("2026-03-01T12:00:00", noon);
    reads("2026-03-01 12:00:00", noon);
    reads("2026-03-01 12:00:00Z", noon);
    reads("2026-03-01", MARCH);
    reads("2026-03-01T13:30:00+01:30", noon);
    reads("2026-03-01T13:30:00+0130", noon);
    reads("2026-03-01 13:00:00+01", noon);
    reads("2026-03-01T06:15:00-05:45", noon);
    reads("2026-03-01T12:00:00-00:00", noon);
    reads("2026-03-01T12:00:00+00:00", noon);
    reads("2026-03-02T11:59:00+23:59", noon);
    reads("2026-02-28T12:01:00-23:59", noon);
    reads("2026-03-01T12:00:00.5Z", noon + 500000);
    reads("2026-03-01T12:00:00.000Z", noon);
    reads("2026-03-01T12:00:00.123456Z", noon + 123456);
    reads("2026-03-01T12:00:00.123456999Z", noon + 123456);
    reads("2026-03-01T12:00:00.0000009Z", noon);
    reads("2026-03-01T12:00:00.99999999999999999999999999Z", noon + 999999);
    reads("2026-03-01 12:00:00.25", noon + 250000);
    reads("2026-03-01T13:00:00.25+01:00", noon + 250000);
    reads("2026-03-01T12:00:00,5Z", noon + 500000);
    reads("2026-03-16T12:33:11.000Z",
          APR_INT64_C(1773664391) * UBAL_TIME_SECOND);
}

static void check_borders(void)
{
    reads("1970-01-01", 0);
    reads("1970-01-01T00:00:00Z", 0);
    reads("1970-01-01T01:00:00+01:00", 0);
    reads("9998-12-31T23:59:59.999999Z", END - 1);
    refuses("1970-01-01T00:00:00+00:01", "1970 to 9998");
    refuses("1969-12-31T23:59:59Z", "1970 to 9998");
    refuses("9998-12-31T23:59:59-00:01", "1970 to 9998");
    refuses("9999-01-01T00:00:00Z", "1970 to 9998");
    refuses("9999-12-31T23:59:59Z", "1970 to 9998");
    refuses("0000-01-01T00:00:00Z", "1970 to 9998");
    refuses("0001-01-01", "1970 to 9998");
}

static void check_days(void)
{
    reads("2000-02-29", APR_INT64_C(951782400) * UBAL_TIME_SECOND);
    reads("2024-02-29", APR_INT64_C(1709164800) * UBAL_TIME_SECOND);
    reads("2400-02-29", APR_INT64_C(13574563200) * UBAL_TIME_SECOND);
    refuses("2026-02-29", "day that does not exist");
    refuses("2100-02-29", "day that does not exist");
    refuses("1900-02-29", "1970 to 9998");
    refuses("2026-02-30T00:00:00Z", "day that does not exist");
    refuses("2026-04-31", "day that does not exist");
    refuses("2026-01-32", "day that does not exist");
    refuses("2026-01-00", "day that does not exist");
    refuses("2026-00-01", "day that does not exist");
    refuses("2026-13-01", "day that does not exist");
    refuses("2026-03-01T24:00:00Z", "time that does not exist");
    refuses("2026-03-01T23:60:00Z", "time that does not exist");
    refuses("2026-12-31T23:59:60Z", "time that does not exist");
    refuses("2026-03-01T00:00:00+24:00", "offset that does not exist");
    refuses("2026-03-01T00:00:00+00:60", "offset that does not exist");
    refuses("2026-03-01T00:00:00+1", "offset that does not exist");
    refuses("2026-03-01T00:00:00+01:", "offset that does not exist");
    refuses("2026-03-01T00:00:00+01:0", "offset that does not exist");
    refuses("2026-03-01T00:00:00+", "offset that does not exist");
}

static const char *const no_instants[] = {"",
                                          " ",
                                          "T",
                                          "now",
                                          "2026-03",
                                          "2026-3-1",
                                          "26-03-01",
                                          "2026/03/01",
                                          "01.03.2026",
                                          "2026-03-01T",
                                          "2026-03-01 ",
                                          "2026-03-01T12",
                                          "2026-03-01T12:00",
                                          "2026-03-01T1:00:00Z",
                                          "2026-03-01T12:00:00ZZ",
                                          "2026-03-01T12:00:00 Z",
                                          "2026-03-01T12:00:00UTC",
                                          "2026-03-01T12:00:00.Z",
                                          "2026-03-01T12:00:00.",
                                          "2026-03-01T12:00:00.5.5Z",
                                          " 2026-03-01",
                                          "2026-03-01T12:00:00Z ",
                                          "2026-03-01T12:00:00+01:00Z",
                                          "2026-03-01Z",
                                          "2026-03-01+01:00",
                                          "-2026-03-01",
                                          "+2026-03-01",
                                          "12026-03-01",
                                          "2026-03-01T-1:00:00Z",
                                          "2026-03-01T12:00:0xZ",
                                          "2026-03-01X12:00:00Z",
                                          "Sun, 01 Mar 2026 00:00:00 GMT",
                                          "-1",
                                          "1.5",
                                          "1e9",
                                          "+5",
                                          "0x10",
                                          "1 ",
                                          " 1",
                                          "1772323200Z",
                                          "2026-W09-7",
                                          "20260301T000000Z"};

static void check_wrong(void)
{
    apr_int64_t us = SENTINEL;
    ubal_error_t *err;
    size_t i;

    for (i = 0; i < sizeof(no_instants) / sizeof(no_instants[0]); i++) {
        refuses(no_instants[i], "");
    }
    err = parse(&us, "2026-03-01\0", 11);
    core_refused(err, "", "a NUL byte after a date is refused");
    err = parse(&us, "2026-03-01T12:00:00\0", 20);
    core_refused(err, "", "and after a time");
    core_fine(parse(&us, "2026-03-01T00:00:00Zx", 10), "the length counts");
    tap_is_int(us, MARCH, "and the bytes after it do not");
}

static void check_epochs(void)
{
    reads("0", 0);
    reads("00", 0);
    reads("1", UBAL_TIME_SECOND);
    reads("1772323200", MARCH);
    reads("99999999999", APR_INT64_C(99999999999) * UBAL_TIME_SECOND);
    reads("1772323200123", MARCH + 123000);
    reads("100000000000", APR_INT64_C(100000000000) * 1000);
    reads("99999999999999", APR_INT64_C(99999999999999) * 1000);
    refuses("100000000000000", "too long");
    refuses("1772323200123456", "too long");
    refuses("99999999999999999999999999999999", "too long");
}

static const char *by_library(apr_int64_t seconds)
{
    static char text[64];
    time_t when = (time_t)seconds;
    struct tm tm;

    gmtime_r(&when, &tm);
    strftime(text, sizeof(text), "%Y-%m-%dT%H:%M:%S", &tm);
    return text;
}

/* Prints and reads as the C library does, and comes back unchanged. */
static int is_round(apr_int64_t us, apr_pool_t *p)
{
    const char *text = ubal_time_print(us, p);
    const char *ms = ubal_time_print_ms(us, p);
    const char *date = by_library(us / UBAL_TIME_SECOND);
    apr_int64_t part = us % UBAL_TIME_SECOND, back = SENTINEL, cut = SENTINEL;
    apr_size_t length = part == 0 ? 20 : part % 1000 == 0 ? 24 : 27;

    return !ubal_time_parse(&back, text, strlen(text), p) && back == us &&
           strlen(text) == length && strncmp(text, date, 19) == 0 &&
           !ubal_time_parse(&cut, ms, strlen(ms), p) &&
           cut == us - us % 1000 && strlen(ms) == 24 &&
           strncmp(ms, date, 19) == 0;
}

static void check_round(void)
{
    static const apr_int64_t unit[] = {1, 1000, UBAL_TIME_SECOND};
    apr_pool_t *p;
    int i, wrong = 0;
    apr_int64_t day;

    apr_pool_create(&p, pool);
    for (i = 0; i < 60000; i++) {
        apr_int64_t us = core_upto(END - 1);

        wrong += !is_round(us - us % unit[i % 3], p);
        if (i % 1000 == 0) {
            apr_pool_clear(p);
        }
    }
    tap_is_int(wrong, 0, "60000 random instants go round");
    for (day = 0, wrong = 0; day < END / UBAL_TIME_DAY; day += 1) {
        if (day % 1000 == 0) {
            apr_pool_clear(p);
        }
        if (day < 50000 || day % 37 == 0) {
            wrong += !is_round(day * UBAL_TIME_DAY, p);
        }
    }
    tap_is_int(wrong, 0, "so does each day to 2106, and each 37th to 9998");
    apr_pool_destroy(p);
}

/* Dates that may not exist: refused just where the C library moves them. */
static void check_calendar(void)
{
    apr_pool_t *p;
    int i, wrong = 0;

    apr_pool_create(&p, pool);
    for (i = 0; i < 60000; i++) {
        struct tm tm = {.tm_year = 70 + (int)core_upto(8028),
                        .tm_mon = (int)core_upto(12),
                        .tm_mday = (int)core_upto(32)};
        struct tm moved = tm;
        const char *text = apr_psprintf(p, "%04d-%02d-%02d", tm.tm_year + 1900,
                                        tm.tm_mon + 1, tm.tm_mday);
        apr_int64_t seconds = timegm(&moved), us = SENTINEL;
        int is_date = moved.tm_mon == tm.tm_mon && moved.tm_mday == tm.tm_mday;
        ubal_error_t *err = ubal_time_parse(&us, text, strlen(text), p);

        wrong += is_date ? err || us != seconds * UBAL_TIME_SECOND : !err;
        if (i % 1000 == 0) {
            apr_pool_clear(p);
        }
    }
    tap_is_int(wrong, 0, "60000 random dates are those of the C library");
    apr_pool_destroy(p);
}

static void prints(apr_int64_t us, const char *expected, const char *ms)
{
    tap_is_str(ubal_time_print(us, pool), expected, "%s", expected);
    tap_is_str(ubal_time_print_ms(us, pool), ms, "%s in milliseconds",
               expected);
}

static void check_print(void)
{
    prints(MARCH, "2026-03-01T00:00:00Z", "2026-03-01T00:00:00.000Z");
    prints(MARCH + 120000, "2026-03-01T00:00:00.120Z",
           "2026-03-01T00:00:00.120Z");
    prints(MARCH + 1999, "2026-03-01T00:00:00.001999Z",
           "2026-03-01T00:00:00.001Z");
    prints(MARCH + 1, "2026-03-01T00:00:00.000001Z",
           "2026-03-01T00:00:00.000Z");
    prints(0, "1970-01-01T00:00:00Z", "1970-01-01T00:00:00.000Z");
    prints(END - 1, "9998-12-31T23:59:59.999999Z", "9998-12-31T23:59:59.999Z");
    prints(-1, "1969-12-31T23:59:59.999999Z", "1969-12-31T23:59:59.999Z");
    prints(-UBAL_TIME_DAY, "1969-12-31T00:00:00Z", "1969-12-31T00:00:00.000Z");
}

static void lasts(const char *text, apr_int64_t expected)
{
    apr_int64_t us = SENTINEL;
    ubal_error_t *err = ubal_time_duration(&us, text, pool);

    tap_is_int(us, expected, "duration '%s'%s%s", text, err ? ": " : "",
               err ? err->message : "");
}

static const char *const no_durations[] = {"",
                                           " ",
                                           "s",
                                           "-1s",
                                           "+1s",
                                           "1.5s",
                                           "20 s",
                                           " 20s",
                                           "20s ",
                                           "1d",
                                           "1w",
                                           "5us",
                                           "1m",
                                           "1mx",
                                           "20ss",
                                           "1h30min",
                                           "0",
                                           "0s",
                                           "0ms",
                                           "1e3s",
                                           "0x1s",
                                           "1,5s",
                                           "20s5",
                                           "000",
                                           "367h20x",
                                           "8785h",
                                           "31622401s",
                                           "31622401",
                                           "31622400001ms",
                                           "527041min",
                                           "99999999999999999999s",
                                           "18446744073709551617ms",
                                           "9223372036854775807",
                                           "9223372036854775808s"};

static void check_durations(void)
{
    size_t i;

    lasts("20s", 20 * UBAL_TIME_SECOND);
    lasts("20", 20 * UBAL_TIME_SECOND);
    lasts("020", 20 * UBAL_TIME_SECOND);
    lasts("500ms", 500000);
    lasts("1ms", 1000);
    lasts("2min", 120 * UBAL_TIME_SECOND);
    lasts("2mi", 120 * UBAL_TIME_SECOND);
    lasts("1h", 3600 * UBAL_TIME_SECOND);
    lasts("20S", 20 * UBAL_TIME_SECOND);
    lasts("500MS", 500000);
    lasts("2Min", 120 * UBAL_TIME_SECOND);
    lasts("1H", 3600 * UBAL_TIME_SECOND);
    lasts("8784h", 366 * UBAL_TIME_DAY);
    lasts("31622400", 366 * UBAL_TIME_DAY);
    lasts("31622400000ms", 366 * UBAL_TIME_DAY);
    for (i = 0; i < sizeof(no_durations) / sizeof(no_durations[0]); i++) {
        apr_int64_t us = SENTINEL;
        ubal_error_t *err = ubal_time_duration(&us, no_durations[i], pool);

        core_refused(err, apr_psprintf(pool, "'%s'", no_durations[i]),
                     "duration '%s' is refused by name", no_durations[i]);
        tap_is_int(us, SENTINEL, "and nothing is set");
    }
}

int main(void)
{
    core_begin();
    check_forms();
    check_borders();
    check_days();
    check_wrong();
    check_epochs();
    check_print();
    check_round();
    check_calendar();
    check_durations();
    return tap_done();
}
