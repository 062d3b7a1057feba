/* The types of a transaction: a new one is a row here. Knows no database. */
#include "core/type.h"

#include <string.h>

#include "core/money.h"

#define SPELLINGS 3

typedef struct type_row_t {
    const char *spelling[SPELLINGS]; /* the first is ours */
    int balance;     /* what one unit does to the balance */
    int outstanding; /* what one unit does to the outstanding payout */
} type_row_t;

static const type_row_t types[UBAL_TYPE_COUNT] = {
    [UBAL_TYPE_EARNED] = { { "earned" }, 1, 0 },
    [UBAL_TYPE_SPENT] = { { "spent" }, -1, 0 },
    [UBAL_TYPE_PAYOUT] = { { "payout" }, 0, 1 },
    [UBAL_TYPE_PAID_OUT] = { { "paid_out", "paidOut", "paid out" }, -1, -1 },
};

const char *ubal_type_name(ubal_type_e type)
{
    return types[type].spelling[0];
}

int ubal_type_find(ubal_type_e *type, const char *name)
{
    int i, j;

    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        for (j = 0; j < SPELLINGS && types[i].spelling[j]; j++) {
            if (strcmp(types[i].spelling[j], name) == 0) {
                *type = (ubal_type_e)i;
                return 1;
            }
        }
    }
    return 0;
}

static int add_effect(apr_int64_t *sum, apr_int64_t amount, int effect)
{
    if (effect > 0) {
        return ubal_money_add(sum, *sum, amount);
    }
    return effect == 0 || !__builtin_sub_overflow(*sum, amount, sum);
}

int ubal_type_balance(apr_int64_t *balance, const ubal_sums_t *sums)
{
    apr_int64_t sum = 0;
    int i, fits = 1;

    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        fits &= add_effect(&sum, sums->of[i], types[i].balance);
    }
    *balance = sum;
    return fits;
}

int ubal_type_outstanding(apr_int64_t *outstanding, const ubal_sums_t *sums)
{
    apr_int64_t sum = 0;
    int i, fits = 1;

    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        fits &= add_effect(&sum, sums->of[i], types[i].outstanding);
    }
    *outstanding = sum;
    return fits;
}
