/* Errors as values. NULL is success; a pointer carries a kind and a sentence,
 * so that neither can be lost on the way up. The core and the store never
 * log: the edge that ends a request or a round logs the sentence, once. */
#ifndef UBAL_CORE_ERROR_H
#define UBAL_CORE_ERROR_H

#include <apr_pools.h>

typedef enum {
    UBAL_ERR_INPUT,     /* a value from outside is not acceptable */
    UBAL_ERR_CONFIG,    /* the configuration and the database disagree */
    UBAL_ERR_DB,        /* the database failed; trying again may help */
    UBAL_ERR_NO_SCHEMA, /* no database or no tables there yet */
    UBAL_ERR_FENCED,    /* another owner holds the database */
    UBAL_ERR_BUDGET,    /* the request would exceed the vendor's budget */
    UBAL_ERR_NET,       /* the vendor was not reached or broke off */
    UBAL_ERR_VENDOR,    /* the vendor answered, but not with a usable page */
    UBAL_ERR_SYSTEM     /* the operating system refused something */
} ubal_error_kind_e;

typedef struct ubal_error_t {
    ubal_error_kind_e kind;
    const char *message; /* one sentence, no trailing full stop or newline */
} ubal_error_t;

/* Makes an error from `format` (printf); it lives as long as `pool`. */
ubal_error_t *ubal_error_make(ubal_error_kind_e kind, apr_pool_t *pool,
                              const char *format, ...)
    __attribute__((format(printf, 3, 4)));

/* Puts "context: " (printf `format`) before the sentence of `err`, which must
 * not be NULL; the kind stays. */
ubal_error_t *ubal_error_wrap(ubal_error_t *err, apr_pool_t *pool,
                              const char *format, ...)
    __attribute__((format(printf, 3, 4)));

#endif
