/* The endpoint of many users at once. */
#ifndef MOD_UBAL_BULK_H
#define MOD_UBAL_BULK_H

#include <httpd.h>

#include "mod_ubal_request.h"

extern const ubal_query_parameter_t mod_ubal_bulk_parameters[];

/* /user?ids=: each as /user/{id} has it, in the order asked for. Gives what a
 * handler returns. */
int mod_ubal_bulk_answer(request_rec *r, const ubal_request_t *request);

#endif
