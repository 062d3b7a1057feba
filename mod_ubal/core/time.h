/* Instants: int64 microseconds since 1970 UTC, to and from text. Knows no
 * clock and no time zone but UTC. */
#ifndef UBAL_CORE_TIME_H
#define UBAL_CORE_TIME_H

#include "core/error.h"

#define UBAL_TIME_SECOND APR_INT64_C(1000000)
#define UBAL_TIME_DAY (APR_INT64_C(86400) * UBAL_TIME_SECOND)

/* Reads text[0..length) into `*us`: RFC 3339 with Z or an offset, the same
 * without a zone (UTC), with a space for the T, a date alone (midnight UTC),
 * or a bare number of seconds (up to 11 digits) or milliseconds (12 to 14
 * digits) since 1970. As ISO 8601 has it an offset may also be +hhmm or +hh,
 * and the point a comma. Digits beyond microseconds are cut off. Years 1970 to
 * 9998. UBAL_ERR_INPUT says what is wrong: 30 February, second 60, hour 24. */
ubal_error_t *ubal_time_parse(apr_int64_t *us, const char *text,
                              apr_size_t length, apr_pool_t *pool);

/* Room for any instant, and a zero byte. */
#define UBAL_TIME_LENGTH 32

/* Writes RFC 3339 in UTC to text[UBAL_TIME_LENGTH], with the fewest of 0, 3 or
 * 6 decimals that are exact: 2026-03-01T00:00:00Z, and a zero byte behind;
 * returns its length. */
apr_size_t ubal_time_write(char *text, apr_int64_t us);

/* The same, allocated in `pool`. */
const char *ubal_time_print(apr_int64_t us, apr_pool_t *pool);

/* The same with exactly three decimals (cut off): what the default dialect
 * asks with, 2026-03-01T00:00:00.000Z. */
const char *ubal_time_print_ms(apr_int64_t us, apr_pool_t *pool);

/* Reads a duration in httpd's units, as ap_timeout_parameter_parse() does:
 * 20s, 500ms, 2min, 1h, in any case; a bare number is seconds. Other units and
 * what follows one are UBAL_ERR_INPUT, where httpd looks at a unit's first
 * letters alone; so are zero, negative, or more than 366 days. */
ubal_error_t *ubal_time_duration(apr_int64_t *us, const char *text,
                                 apr_pool_t *pool);

#endif
