/* Money: exact decimal text to and from int64 counts of 10^-scale.
 * Knows digits only: no locale, no double, no currency. */
#ifndef UBAL_CORE_MONEY_H
#define UBAL_CORE_MONEY_H

#include "core/error.h"

#define UBAL_MONEY_SCALE_MAX 9
/* The largest amount one transaction may have, in minor units (10^15). */
#define UBAL_MONEY_AMOUNT_MAX APR_INT64_C(1000000000000000)

/* Reads the JSON number (RFC 8259, section 6) in text[0..length) into
 * `*minor`, in units of 10^-scale. Exponents are exact ("1.2e2" is 120); -0
 * is 0. UBAL_ERR_INPUT where it is no JSON number, has significant digits
 * beyond the scale (never rounded; trailing zeros are not significant), or
 * |amount| is above UBAL_MONEY_AMOUNT_MAX minor units. Bounded time for any
 * exponent. */
ubal_error_t *ubal_money_parse(apr_int64_t *minor, const char *text,
                               apr_size_t length, int scale, apr_pool_t *pool);

/* Room for any amount: a sign, 19 digits, a point, and a zero byte. */
#define UBAL_MONEY_LENGTH 24

typedef enum {
    UBAL_MONEY_SHORTEST, /* 741.5, 1200, -0.05 */
    UBAL_MONEY_FIXED     /* with `scale` decimals always: 741.50 */
} ubal_money_form_e;

/* Writes `minor` as an exact JSON number to text[UBAL_MONEY_LENGTH], with a
 * zero byte behind; returns its length. The whole int64 range, INT64_MIN
 * included. */
apr_size_t ubal_money_write(char *text, apr_int64_t minor, int scale,
                            ubal_money_form_e form);

/* Gives `minor` as the shortest exact JSON number: 741.5, 1200, -0.05.
 * Allocated in `pool`. */
const char *ubal_money_print(apr_int64_t minor, int scale, apr_pool_t *pool);

/* Sets `*sum` to a + b and returns 1; returns 0 and leaves `*sum` where that
 * would overflow. */
int ubal_money_add(apr_int64_t *sum, apr_int64_t a, apr_int64_t b);

#endif
