/* Instants and durations as text; see time.h. Knows UTC alone. */
#include "core/time.h"

#include <apr_strings.h>
#include <string.h>

#include "core/digits.h"

#define FIRST_YEAR 1970
#define LAST_YEAR 9998

typedef struct reader_t {
    const char *at, *end;
} reader_t;

static ubal_error_t *fault(apr_pool_t *pool, const char *what)
{
    return ubal_error_make(UBAL_ERR_INPUT, pool, "%s", what);
}

/* Reads exactly `count` digits; -1 where there are not so many. */
static int take_number(reader_t *r, int count)
{
    int value = 0;

    while (count--) {
        if (r->at >= r->end || *r->at < '0' || *r->at > '9') {
            return -1;
        }
        value = value * 10 + (*r->at++ - '0');
    }
    return value;
}

static int take_char(reader_t *r, const char *any)
{
    if (r->at >= r->end || !*r->at || !strchr(any, *r->at)) {
        return 0;
    }
    r->at++;
    return 1;
}

/* Days from 1970-01-01 to a date of the proleptic Gregorian calendar; years
 * are counted from March, so that leap days come last. */
static apr_int64_t days_of(int year, int month, int day)
{
    apr_int64_t y = year - (month <= 2);
    apr_int64_t era = y / 400, of_era = y - era * 400;
    apr_int64_t of_year =
        (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
    apr_int64_t day_of_era =
        of_era * 365 + of_era / 4 - of_era / 100 + of_year;

    return era * 146097 + day_of_era - 719468;
}

static int days_in(int year, int month)
{
    static const int days[] = {31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
    int is_leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

    return days[month - 1] + (month == 2 && is_leap);
}

static ubal_error_t *read_date(apr_int64_t *us, reader_t *r, apr_pool_t *pool)
{
    int year = take_number(r, 4);
    int month = take_char(r, "-") ? take_number(r, 2) : -1;
    int day = take_char(r, "-") ? take_number(r, 2) : -1;

    if (year < 0 || month < 0 || day < 0) {
        return fault(pool, "is no date");
    }
    if (year < FIRST_YEAR || year > LAST_YEAR) {
        return fault(pool, "has a year outside of 1970 to 9998");
    }
    if (month < 1 || month > 12 || day < 1 || day > days_in(year, month)) {
        return fault(pool, "names a day that does not exist");
    }
    *us = days_of(year, month, day) * UBAL_TIME_DAY;
    return NULL;
}

static ubal_error_t *read_fraction(apr_int64_t *us, reader_t *r,
                                   apr_pool_t *pool)
{
    apr_int64_t unit = UBAL_TIME_SECOND / 10;
    const char *begin = r->at;

    while (r->at < r->end && *r->at >= '0' && *r->at <= '9') {
        *us += (*r->at++ - '0') * unit;
        unit /= 10;
    }
    return r->at == begin ? fault(pool, "has a point without decimals") : NULL;
}

static ubal_error_t *read_clock(apr_int64_t *us, reader_t *r, apr_pool_t *pool)
{
    int hour = take_number(r, 2);
    int minute = take_char(r, ":") ? take_number(r, 2) : -1;
    int second = take_char(r, ":") ? take_number(r, 2) : -1;

    if (hour < 0 || minute < 0 || second < 0) {
        return fault(pool, "is no time of the form hh:mm:ss");
    }
    if (hour > 23 || minute > 59 || second > 59) {
        return fault(pool, "names a time that does not exist");
    }
    *us += ((hour * 60 + minute) * 60 + second) * UBAL_TIME_SECOND;
    return take_char(r, ".,") ? read_fraction(us, r, pool) : NULL;
}

static ubal_error_t *read_zone(apr_int64_t *us, reader_t *r, apr_pool_t *pool)
{
    int hour, minute;
    apr_int64_t sign;

    if (r->at == r->end || take_char(r, "Zz")) {
        return NULL;
    }
    sign = *r->at == '-' ? -1 : 1;
    if (!take_char(r, "+-")) {
        return fault(pool, "has something that is no zone at its end");
    }
    hour = take_number(r, 2);
    minute = take_char(r, ":") || r->at < r->end ? take_number(r, 2) : 0;
    if (hour < 0 || hour > 23 || minute < 0 || minute > 59) {
        return fault(pool, "has an offset that does not exist");
    }
    *us -= sign * (hour * 60 + minute) * 60 * UBAL_TIME_SECOND;
    return NULL;
}

/* A bare number: seconds, or with twelve digits and more milliseconds. */
static ubal_error_t *read_epoch(apr_int64_t *us, const char *text,
                                apr_size_t length, apr_pool_t *pool)
{
    apr_int64_t value = 0;
    apr_size_t i;

    if (length > 14) {
        return fault(pool, "is a number too long for an instant");
    }
    for (i = 0; i < length; i++) {
        value = value * 10 + (text[i] - '0');
    }
    *us = value * (length >= 12 ? 1000 : UBAL_TIME_SECOND);
    return NULL;
}

static int is_number(const char *text, apr_size_t length)
{
    apr_size_t i;

    for (i = 0; i < length && text[i] >= '0' && text[i] <= '9'; i++) {
    }
    return length > 0 && i == length;
}

static ubal_error_t *read_text(apr_int64_t *us, reader_t *r, apr_pool_t *pool)
{
    ubal_error_t *err = read_date(us, r, pool);

    if (err || r->at == r->end) {
        return err;
    }
    if (!take_char(r, "Tt ")) {
        return fault(pool, "has something that is no time after its date");
    }
    err = read_clock(us, r, pool);
    if (!err) {
        err = read_zone(us, r, pool);
    }
    return !err && r->at != r->end ? fault(pool, "goes on after its end")
                                   : err;
}

ubal_error_t *ubal_time_parse(apr_int64_t *us, const char *text,
                              apr_size_t length, apr_pool_t *pool)
{
    reader_t r = {text, text + length};
    apr_int64_t value = 0;
    ubal_error_t *err = is_number(text, length)
                            ? read_epoch(&value, text, length, pool)
                            : read_text(&value, &r, pool);

    if (err) {
        return err;
    }
    if (value < 0 || value >= days_of(LAST_YEAR + 1, 1, 1) * UBAL_TIME_DAY) {
        return fault(pool, "has a year outside of 1970 to 9998");
    }
    *us = value;
    return NULL;
}

/* Writes `value` in `count` digits and returns where the next goes: replies
 * have instants in their headers, and printf is slow. */
static char *put(char *at, apr_int64_t value, int count)
{
    unsigned int left = (unsigned int)value;
    int i;

    for (i = count; i > 1; i -= 2) {
        ubal_digits_two(at + i - 2, left % 100);
        left /= 100;
    }
    if (i) {
        at[0] = (char)('0' + left % 10);
    }
    return at + count;
}

/* The date of a day since 1970: days_of() the other way round. */
static char *put_date(char *at, apr_int64_t day)
{
    apr_int64_t z = day + 719468, era = z / 146097, doe = z - era * 146097;
    apr_int64_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    apr_int64_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100);
    apr_int64_t mp = (5 * doy + 2) / 153;
    apr_int64_t month = mp < 10 ? mp + 3 : mp - 9;

    at = put(at, yoe + era * 400 + (month <= 2), 4);
    *at++ = '-';
    at = put(at, month, 2);
    *at++ = '-';
    return put(at, doy - (153 * mp + 2) / 5 + 1, 2);
}

static apr_size_t write_instant(char *text, apr_int64_t us, int decimals)
{
    apr_int64_t days = us / UBAL_TIME_DAY, left = us % UBAL_TIME_DAY;
    apr_int64_t second, part;
    char *at;

    if (left < 0) { /* before 1970: a clock that is far off */
        left += UBAL_TIME_DAY;
        days--;
    }
    second = left / UBAL_TIME_SECOND;
    part = left % UBAL_TIME_SECOND;
    at = put_date(text, days);
    *at++ = 'T';
    at = put(at, second / 3600, 2);
    *at++ = ':';
    at = put(at, second / 60 % 60, 2);
    *at++ = ':';
    at = put(at, second % 60, 2);
    if (decimals) {
        *at++ = '.';
        at = put(at, decimals == 3 ? part / 1000 : part, decimals);
    }
    *at++ = 'Z';
    *at = '\0';
    return (apr_size_t)(at - text);
}

apr_size_t ubal_time_write(char *text, apr_int64_t us)
{
    return write_instant(text, us,
                         us % UBAL_TIME_SECOND == 0 ? 0
                         : us % 1000 == 0           ? 3
                                                    : 6);
}

const char *ubal_time_print(apr_int64_t us, apr_pool_t *pool)
{
    char text[UBAL_TIME_LENGTH];

    return apr_pstrmemdup(pool, text, ubal_time_write(text, us));
}

const char *ubal_time_print_ms(apr_int64_t us, apr_pool_t *pool)
{
    char text[UBAL_TIME_LENGTH];

    return apr_pstrmemdup(pool, text, write_instant(text, us, 3));
}

static apr_int64_t unit_of(const char *unit)
{
    static const struct {
        const char *name;
        apr_int64_t us;
    } units[] = {{"", UBAL_TIME_SECOND},
                 {"s", UBAL_TIME_SECOND},
                 {"ms", 1000},
                 {"min", 60 * UBAL_TIME_SECOND},
                 {"mi", 60 * UBAL_TIME_SECOND},
                 {"h", 3600 * UBAL_TIME_SECOND}};
    size_t i;

    for (i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
        if (strcasecmp(units[i].name, unit) == 0) {
            return units[i].us;
        }
    }
    return 0;
}

ubal_error_t *ubal_time_duration(apr_int64_t *us, const char *text,
                                 apr_pool_t *pool)
{
    const apr_int64_t most = 366 * UBAL_TIME_DAY;
    apr_int64_t value = 0, unit;
    const char *at = text;

    for (; *at >= '0' && *at <= '9' && value <= most; at++) {
        value = value * 10 + (*at - '0');
    }
    unit = unit_of(at);
    if (at == text || unit == 0) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "'%s' is no time such as 20s, 500ms, 2min, 1h",
                               text);
    }
    if (value == 0 || value > most / unit) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "'%s' is not between 1ms and 366 days", text);
    }
    *us = value * unit;
    return NULL;
}
