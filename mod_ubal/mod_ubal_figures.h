/* A user's figures in JSON: their keys and their order. */
#ifndef MOD_UBAL_FIGURES_H
#define MOD_UBAL_FIGURES_H

#include "mod_ubal_json.h"

/* Room for a user's reply, so that most are made without growing. */
#define UBAL_FIGURES_ROOM 512

/* Puts "balance", which `weights` (NULL: the default) make of `sums`, and the
 * sums themselves, from the first key's quote to the last value. Returns 0
 * where the balance overflows; what was put then is not to be sent. */
int ubal_figures_put(ubal_json_t *json, const ubal_sums_t *sums,
                     const ubal_weights_t *weights);

#endif
