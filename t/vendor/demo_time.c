/* Times of the demo vendor, see demo_time.h. Knows the C library only. */
#include "demo_time.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define SECOND INT64_C(1000000)

/* The days from 1970-01-01 to a date, in the proleptic Gregorian calendar. */
static int64_t days(int64_t year, int64_t month, int64_t day)
{
    /* Years begin in March, so that the odd day is a year's last. */
    int64_t y = month > 2 ? year : year - 1;
    int64_t m = month > 2 ? month - 3 : month + 9;

    return y * 365 + y / 4 - y / 100 + y / 400 + (m * 153 + 2) / 5 + day - 1 -
           719468;
}

static int64_t month_days(int64_t year, int64_t month)
{
    return month == 12 ? 31 : days(year, month + 1, 1) - days(year, month, 1);
}

/* Reads exactly `width` digits, then steps over them. */
static int digits(int64_t *value, const char **text, int width)
{
    *value = 0;
    while (width-- > 0) {
        if (!isdigit((unsigned char)**text)) {
            return 0;
        }
        *value = *value * 10 + (*(*text)++ - '0');
    }
    return 1;
}

static int skip(const char **text, char c)
{
    if (**text != c) {
        return 0;
    }
    (*text)++;
    return 1;
}

static int date(int64_t *time, const char **text)
{
    int64_t year, month, day;

    if (!digits(&year, text, 4) || !skip(text, '-') ||
        !digits(&month, text, 2) || !skip(text, '-') ||
        !digits(&day, text, 2)) {
        return 0;
    }
    if (year < 1970 || year > 2199 || month < 1 || month > 12 || day < 1 ||
        day > month_days(year, month)) {
        return 0;
    }
    *time = days(year, month, day) * 86400 * SECOND;
    return 1;
}

static int fraction(int64_t *time, const char **text)
{
    int64_t unit = SECOND;

    if (!skip(text, '.')) {
        return 1;
    }
    if (!isdigit((unsigned char)**text)) {
        return 0;
    }
    for (; isdigit((unsigned char)**text); (*text)++) {
        unit /= 10;
        *time += (**text - '0') * unit;
    }
    return 1;
}

static int clock_time(int64_t *time, const char **text)
{
    int64_t hour, minute, second;

    if (!digits(&hour, text, 2) || !skip(text, ':') ||
        !digits(&minute, text, 2) || !skip(text, ':') ||
        !digits(&second, text, 2)) {
        return 0;
    }
    if (hour > 23 || minute > 59 || second > 59) {
        return 0;
    }
    *time += ((hour * 60 + minute) * 60 + second) * SECOND;
    return fraction(time, text);
}

static int zone(int64_t *time, const char **text)
{
    int64_t hour, minute, sign;

    if (!**text || skip(text, 'Z')) {
        return 1;
    }
    /* An unescaped + in a query arrives as a blank. */
    sign = **text == '-' ? 1 : -1;
    if (!skip(text, '-') && !skip(text, '+') && !skip(text, ' ')) {
        return 0;
    }
    if (!digits(&hour, text, 2) || !skip(text, ':') ||
        !digits(&minute, text, 2) || hour > 23 || minute > 59) {
        return 0;
    }
    *time += sign * (hour * 60 + minute) * 60 * SECOND;
    return 1;
}

int demo_time_parse(int64_t *time, const char *text)
{
    int64_t value;

    if (!date(&value, &text)) {
        return 0;
    }
    if (skip(&text, 'T')) {
        if (!clock_time(&value, &text) || !zone(&value, &text)) {
            return 0;
        }
    }
    if (*text) {
        return 0;
    }
    *time = value;
    return 1;
}

const char *demo_time_print(char text[DEMO_TIME_SIZE], int64_t time)
{
    time_t second = (time_t)(time / SECOND);
    struct tm tm;
    size_t length;

    gmtime_r(&second, &tm);
    length = strftime(text, DEMO_TIME_SIZE, "%Y-%m-%dT%H:%M:%S", &tm);
    snprintf(text + length, DEMO_TIME_SIZE - length, ".%03dZ",
             (int)(time % SECOND / 1000));
    return text;
}
