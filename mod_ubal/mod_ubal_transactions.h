/* The endpoint of a user's transactions. */
#ifndef MOD_UBAL_TRANSACTIONS_H
#define MOD_UBAL_TRANSACTIONS_H

#include <httpd.h>

#include "mod_ubal_walk.h"

/* /user/{id}/transactions, with ubal_walk_parameters: as JSON, CSV or NDJSON,
 * whichever the client wants. Gives what a handler returns. */
int ubal_transactions_answer(request_rec *r, const ubal_request_t *request);

#endif
