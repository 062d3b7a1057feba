/* What the tests of the core share: a pool, copies of text that end where the
 * text does, random numbers that are the same in each run. */
#ifndef UBAL_T_CORE_FIXTURE_H
#define UBAL_T_CORE_FIXTURE_H

#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "core/error.h"
#include "tap.h"

static apr_pool_t *pool;

static inline void core_begin(void)
{
    apr_initialize();
    atexit(apr_terminate);
    apr_pool_create(&pool, NULL);
}

/* text[0..length) in a block of its own without a NUL after it, so that a
 * sanitizer sees each byte read beyond it. To be freed. */
static inline char *core_exact(const char *text, apr_size_t length)
{
    char *copy = malloc(length ? length : 1);

    if (length) {
        memcpy(copy, text, length);
    }
    return copy;
}

/* xorshift64*: a sequence that is the same everywhere. */
static inline apr_uint64_t core_random(void)
{
    static apr_uint64_t state = 0x9e3779b97f4a7c15u;

    state ^= state >> 12;
    state ^= state << 25;
    state ^= state >> 27;
    return state * 0x2545f4914f6cdd1du;
}

/* A random number from 0 to most. */
static inline apr_int64_t core_upto(apr_int64_t most)
{
    return (apr_int64_t)(core_random() % ((apr_uint64_t)most + 1));
}

/* Passes where `err` is UBAL_ERR_INPUT and its sentence contains `part`. */
__attribute__((format(printf, 3, 4))) static inline void
core_refused(const ubal_error_t *err, const char *part, const char *format,
             ...)
{
    va_list args;

    va_start(args, format);
    tap_result(err && err->kind == UBAL_ERR_INPUT &&
                   strstr(err->message, part) != NULL,
               format, args);
    va_end(args);
    if (!err || !strstr(err->message, part)) {
        printf("#      got: %s\n# expected: ...%s...\n",
               err ? err->message : "(success)", part);
    }
}

/* Passes where `err` is NULL; shows its sentence where it is not. */
__attribute__((format(printf, 2, 3))) static inline void
core_fine(const ubal_error_t *err, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    tap_result(!err, format, args);
    va_end(args);
    if (err) {
        printf("#      got: %s\n", err->message);
    }
}

#endif
