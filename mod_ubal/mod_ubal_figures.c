/* Figures in JSON. See mod_ubal_figures.h. */
#include "mod_ubal_figures.h"

int ubal_figures_put(ubal_json_t *json, const ubal_sums_t *sums,
                     const ubal_weights_t *weights)
{
    static const struct {
        const char *key;
        ubal_type_e type;
    } keys[] = {{",\"earned\":", UBAL_TYPE_EARNED},
                {",\"spent\":", UBAL_TYPE_SPENT},
                {",\"paid_out\":", UBAL_TYPE_PAID_OUT},
                {",\"payout\":", UBAL_TYPE_PAYOUT}};
    apr_int64_t balance;
    int i;

    if (!ubal_type_balance(&balance, sums, weights)) {
        return 0;
    }
    ubal_json_put(json, "\"balance\":");
    ubal_json_amount(json, balance);
    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        ubal_json_put(json, keys[i].key);
        ubal_json_amount(json, sums->of[keys[i].type]);
    }
    return 1;
}
