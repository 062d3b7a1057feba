/* TAP for unit tests, without a plan ahead: tap_ok() and its kin count, and
 * main() ends with `return tap_done();`. One test program includes it once. */
#ifndef UBAL_T_TAP_H
#define UBAL_T_TAP_H

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

static int tap_count;
static int tap_failed;

/* Prints one result line; returns `passed`, so that a caller can stop. */
__attribute__((format(printf, 2, 0))) static inline int
tap_result(int passed, const char *format, va_list args)
{
    tap_count++;
    if (!passed) {
        tap_failed++;
    }
    printf("%sok %d - ", passed ? "" : "not ", tap_count);
    vprintf(format, args);
    printf("\n");
    fflush(stdout);
    return passed;
}

/* Passes where `passed` is not 0. `format` (printf) says what is promised. */
__attribute__((format(printf, 2, 3))) static inline int
tap_ok(int passed, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tap_result(passed, format, args);
    va_end(args);
    return passed;
}

/* Passes where the numbers are equal; shows both where they are not. */
__attribute__((format(printf, 3, 4))) static inline int
tap_is_int(long long got, long long expected, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tap_result(got == expected, format, args);
    va_end(args);
    if (got != expected) {
        printf("#      got: %lld\n# expected: %lld\n", got, expected);
    }
    return got == expected;
}

/* The same for text; NULL equals NULL alone. */
__attribute__((format(printf, 3, 4))) static inline int
tap_is_str(const char *got, const char *expected, const char *format, ...)
{
    int equal = (got && expected) ? !strcmp(got, expected) : got == expected;
    va_list args;

    va_start(args, format);
    tap_result(equal, format, args);
    va_end(args);
    if (!equal) {
        printf("#      got: %s\n# expected: %s\n", got ? got : "(NULL)",
               expected ? expected : "(NULL)");
    }
    return equal;
}

/* Prints the plan; returns the exit status of the program. */
static inline int tap_done(void)
{
    printf("1..%d\n", tap_count);
    return tap_failed || !tap_count;
}

#endif
