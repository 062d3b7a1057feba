/* The endpoint of what is to be paid to all users. */
#ifndef MOD_UBAL_PAYOUTS_H
#define MOD_UBAL_PAYOUTS_H

#include <httpd.h>

#include "mod_ubal_request.h"

extern const ubal_query_parameter_t ubal_payouts_parameters[];

/* /payouts: the users with an outstanding payout above zero, by id. Gives what
 * a handler returns. */
int ubal_payouts_answer(request_rec *r, const ubal_request_t *request);

#endif
