/* The types of a transaction: a new one is a row here. Knows no database. */
#include "core/type.h"

#include <string.h>

#define SPELLINGS 3

typedef struct type_row_t {
    const char *spelling[SPELLINGS]; /* the first is ours */
    int balance;     /* what one unit adds to the balance, by default */
    int outstanding; /* what one unit does to the outstanding payout */
} type_row_t;

static const type_row_t types[UBAL_TYPE_COUNT] = {
    [UBAL_TYPE_EARNED] = {{"earned"}, 1, 0},
    [UBAL_TYPE_SPENT] = {{"spent"}, -1, 0},
    [UBAL_TYPE_PAYOUT] = {{"payout"}, 0, 1},
    [UBAL_TYPE_PAID_OUT] = {{"paid_out", "paidOut", "paid out"}, -1, -1},
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

const char *ubal_type_weigh(ubal_weights_t *weights, const char *term)
{
    int weight = *term == '-' ? -1 : 1;
    int i;

    term += *term == '-' || *term == '+';
    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        if (strcmp(types[i].spelling[0], term) == 0) {
            if (weights->of[i]) {
                return "names a type again";
            }
            weights->of[i] = weight;
            return NULL;
        }
    }
    return "names no type";
}

/* In 128 bits, where no sum of a few can overflow on its way. */
static int fit(apr_int64_t *result, __int128 sum)
{
    if (sum > APR_INT64_MAX || sum < APR_INT64_MIN) {
        return 0;
    }
    *result = (apr_int64_t)sum;
    return 1;
}

int ubal_type_balance(apr_int64_t *balance, const ubal_sums_t *sums,
                      const ubal_weights_t *weights)
{
    __int128 sum = 0;
    int i;

    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        sum += (__int128)sums->of[i] *
               (weights ? weights->of[i] : types[i].balance);
    }
    return fit(balance, sum);
}

int ubal_type_outstanding(apr_int64_t *outstanding, const ubal_sums_t *sums)
{
    __int128 sum = 0;
    int i;

    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        sum += (__int128)sums->of[i] * types[i].outstanding;
    }
    return fit(outstanding, sum);
}
