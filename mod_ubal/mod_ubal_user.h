/* The endpoints of one user. */
#ifndef MOD_UBAL_USER_H
#define MOD_UBAL_USER_H

#include <httpd.h>

#include "mod_ubal_request.h"

extern const ubal_query_parameter_t ubal_user_parameters[];

/* /user/{id}: balance and sums, now or as of ?at=. These give what a handler
 * returns. */
int ubal_user_balance(request_rec *r, const ubal_request_t *request);

/* /user/{id}/payouts: what is still to be paid. */
int ubal_user_payouts(request_rec *r, const ubal_request_t *request);

#endif
