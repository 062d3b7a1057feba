/* The endpoint of a user's balance over time. */
#ifndef MOD_UBAL_HISTORY_H
#define MOD_UBAL_HISTORY_H

#include <httpd.h>

#include "mod_ubal_request.h"

extern const ubal_query_parameter_t mod_ubal_history_parameters[];

/* /user/{id}/history: the figures at the end of each step. Gives what a
 * handler returns. */
int mod_ubal_history_answer(request_rec *r, const ubal_request_t *request);

#endif
