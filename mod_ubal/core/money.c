/* Money: exact decimal text and int64 minor units; see money.h. */
#include "core/money.h"

#include <apr_strings.h>
#include <string.h>

#include "core/digits.h"

/* Beyond this any exponent means the same: no text has digits enough to make
 * up for it, and sums with it stay far from overflow. */
#define EXPONENT_MAX APR_INT64_C(100000000000000000)

/* A JSON number taken apart: the digits of its integer and fraction stand in
 * the text at digits[0..count), with one point somewhere to be skipped. */
typedef struct number_t {
    int is_negative;
    const char *digits;
    apr_size_t count;
    apr_int64_t point; /* digits before the decimal point */
} number_t;

static int is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static const char *skip_digits(const char *at, const char *end)
{
    while (at < end && is_digit(*at)) {
        at++;
    }
    return at;
}

/* Reads what follows an "e"; NULL where it is no exponent. */
static const char *read_exponent(apr_int64_t *exponent, const char *at,
                                 const char *end)
{
    int is_negative = at < end && *at == '-';
    const char *begin;

    if (at < end && (*at == '-' || *at == '+')) {
        at++;
    }
    begin = at;
    for (; at < end && is_digit(*at); at++) {
        if (*exponent < EXPONENT_MAX) {
            *exponent = *exponent * 10 + (*at - '0');
        }
    }
    if (is_negative) {
        *exponent = -*exponent;
    }
    return at == begin ? NULL : at;
}

/* 1 where text[0..length) is a JSON number (RFC 8259, section 6). */
static int take_apart(number_t *number, const char *text, apr_size_t length)
{
    const char *at = text, *end = text + length, *begin;
    apr_int64_t exponent = 0;

    number->is_negative = at < end && *at == '-';
    at += number->is_negative;
    number->digits = begin = at;
    at = skip_digits(at, end);
    if (at == begin || (*begin == '0' && at - begin > 1)) {
        return 0;
    }
    number->point = at - begin;
    if (at < end && *at == '.') {
        begin = ++at;
        at = skip_digits(at, end);
        if (at == begin) {
            return 0;
        }
    }
    number->count = (apr_size_t)(at - number->digits);
    if (at < end && (*at == 'e' || *at == 'E')) {
        at = read_exponent(&exponent, at + 1, end);
    }
    number->point += exponent;
    return at == end;
}

/* Digits that do not count are skipped at both ends, so that what is left is
 * 0 or begins and ends with one that does. */
static void trim(number_t *number)
{
    while (number->count &&
           (*number->digits == '0' || *number->digits == '.')) {
        if (*number->digits == '0') {
            number->point--;
        }
        number->digits++;
        number->count--;
    }
    while (number->count && (number->digits[number->count - 1] == '0' ||
                             number->digits[number->count - 1] == '.')) {
        number->count--;
    }
}

static apr_int64_t significant(const number_t *number)
{
    apr_size_t i;
    apr_int64_t count = 0;

    for (i = 0; i < number->count; i++) {
        count += number->digits[i] != '.';
    }
    return count;
}

/* What the trimmed digits are worth with `places` of them before the point;
 * -1 where that is above the limit. */
static apr_int64_t value_of(const number_t *number, apr_int64_t places)
{
    apr_int64_t value = 0, i = 0;
    apr_size_t at = 0;

    if (places > 16) {
        return -1;
    }
    for (; i < places; i++) {
        int digit = 0;

        if (at < number->count && number->digits[at] == '.') {
            at++;
        }
        if (at < number->count) {
            digit = number->digits[at++] - '0';
        }
        value = value * 10 + digit;
    }
    return value > UBAL_MONEY_AMOUNT_MAX ? -1 : value;
}

ubal_error_t *ubal_money_parse(apr_int64_t *minor, const char *text,
                               apr_size_t length, int scale, apr_pool_t *pool)
{
    number_t number;
    apr_int64_t value = 0, places;

    if (!take_apart(&number, text, length)) {
        return ubal_error_make(UBAL_ERR_INPUT, pool, "is no number");
    }
    trim(&number);
    if (number.count) {
        places = number.point + scale;
        if (significant(&number) > places) {
            return ubal_error_make(UBAL_ERR_INPUT, pool,
                                   "has more decimals than the scale %d",
                                   scale);
        }
        value = value_of(&number, places);
    }
    if (value < 0) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "is above 10^15 minor units");
    }
    *minor = number.is_negative ? -value : value;
    return NULL;
}

/* Writes the digits of `left` so that they end at `end`, at least `least` of
 * them; returns where they begin. */
static char *write_digits(char *end, apr_uint64_t left, int least)
{
    char *at = end;

    for (; left >= 100; left /= 100) {
        at -= 2;
        ubal_digits_two(at, (unsigned int)(left % 100));
    }
    if (left >= 10) {
        at -= 2;
        ubal_digits_two(at, (unsigned int)left);
    } else {
        *--at = (char)('0' + left);
    }
    while (end - at < least) {
        *--at = '0';
    }
    return at;
}

apr_size_t ubal_money_write(char *text, apr_int64_t minor, int scale,
                            ubal_money_form_e form)
{
    char digits[UBAL_MONEY_LENGTH] = "", *end = digits + sizeof(digits);
    char *point = end - scale, *out = text, *at;

    at = write_digits(
        end, minor < 0 ? 0 - (apr_uint64_t)minor : (apr_uint64_t)minor,
        scale + 1);
    while (form == UBAL_MONEY_SHORTEST && end > point && end[-1] == '0') {
        end--;
    }
    if (minor < 0) {
        *out++ = '-';
    }
    while (at < point) {
        *out++ = *at++;
    }
    if (at < end) {
        *out++ = '.';
        while (at < end) {
            *out++ = *at++;
        }
    }
    *out = '\0';
    return (apr_size_t)(out - text);
}

const char *ubal_money_print(apr_int64_t minor, int scale, apr_pool_t *pool)
{
    char text[UBAL_MONEY_LENGTH];

    return apr_pstrmemdup(
        pool, text, ubal_money_write(text, minor, scale, UBAL_MONEY_SHORTEST));
}

int ubal_money_add(apr_int64_t *sum, apr_int64_t a, apr_int64_t b)
{
    apr_int64_t result;

    if (__builtin_add_overflow(a, b, &result)) {
        return 0;
    }
    *sum = result;
    return 1;
}
