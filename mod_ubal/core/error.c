/* Errors as values; see error.h. Knows pools, nothing else. */
#include "core/error.h"

#include <apr_strings.h>

ubal_error_t *ubal_error_make(ubal_error_kind_e kind, apr_pool_t *pool,
                              const char *format, ...)
{
    ubal_error_t *err = apr_palloc(pool, sizeof(*err));
    va_list args;

    va_start(args, format);
    err->kind = kind;
    err->message = apr_pvsprintf(pool, format, args);
    va_end(args);
    return err;
}

ubal_error_t *ubal_error_wrap(ubal_error_t *err, apr_pool_t *pool,
                              const char *format, ...)
{
    ubal_error_t *wrapped = apr_palloc(pool, sizeof(*wrapped));
    va_list args;

    va_start(args, format);
    wrapped->kind = err->kind;
    wrapped->message = apr_pstrcat(pool, apr_pvsprintf(pool, format, args),
                                   ": ", err->message, NULL);
    va_end(args);
    return wrapped;
}
