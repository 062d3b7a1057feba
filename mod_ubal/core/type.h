/* The types of a transaction and what each does: a table, a row a type. */
#ifndef UBAL_CORE_TYPE_H
#define UBAL_CORE_TYPE_H

#include <apr.h>

typedef enum {
    UBAL_TYPE_EARNED,
    UBAL_TYPE_SPENT,
    UBAL_TYPE_PAYOUT,
    UBAL_TYPE_PAID_OUT,
    UBAL_TYPE_COUNT
} ubal_type_e;

/* One sum a type: what a user has earned, spent, ... in minor units. */
typedef struct ubal_sums_t {
    apr_int64_t of[UBAL_TYPE_COUNT];
} ubal_sums_t;

/* What one unit of each type adds to a balance: 1, -1 or 0. */
typedef struct ubal_weights_t {
    int of[UBAL_TYPE_COUNT];
} ubal_weights_t;

/* The name as stored and shown: "earned", "spent", "payout", "paid_out". */
const char *ubal_type_name(ubal_type_e type);

/* Finds the type by a vendor's spelling ("paidOut" and "paid out" are
 * paid_out); returns 1 and sets `*type`, or 0 where it is none. */
int ubal_type_find(ubal_type_e *type, const char *name);

/* Takes "earned", "+earned" or "-spent", the name as ubal_type_name() gives
 * it, into `weights`. Returns NULL, or what is wrong with it, a static phrase
 * such as "names no type". */
const char *ubal_type_weigh(ubal_weights_t *weights, const char *term);

/* Sets `*balance` to what `weights` make of `sums`; NULL stands for earned -
 * spent - paid_out. Returns 0 where that would overflow int64, else 1. */
int ubal_type_balance(apr_int64_t *balance, const ubal_sums_t *sums,
                      const ubal_weights_t *weights);

/* Sets `*outstanding` to payout - paid_out; 0 where it would overflow. */
int ubal_type_outstanding(apr_int64_t *outstanding, const ubal_sums_t *sums);

#endif
