/* Told to clang-tidy alone, before each file: what returns a pointer and never
 * NULL, which it cannot see across files. (APR's pools abort or exit there.) */
#ifndef UBAL_LINT_ASSUME_H
#define UBAL_LINT_ASSUME_H

#include <apr_strings.h>

#include "core/error.h"

__attribute__((unused)) static inline void *lint_sure(const void *pointer)
{
    if (!pointer) {
        __builtin_unreachable();
    }
    return (void *)pointer;
}

#define ubal_error_make(...) lint_sure((ubal_error_make)(__VA_ARGS__))
#define ubal_error_wrap(...) lint_sure((ubal_error_wrap)(__VA_ARGS__))
#define apr_psprintf(...) lint_sure((apr_psprintf)(__VA_ARGS__))
#define apr_pstrcat(...) lint_sure((apr_pstrcat)(__VA_ARGS__))
#define apr_palloc(...) lint_sure((apr_palloc)(__VA_ARGS__))

#endif
