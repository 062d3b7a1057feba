/* A question to the database and whether its answer may be shown: what all
 * endpoints do alike. Knows coverage and its limits; no key of a reply. */
#ifndef MOD_UBAL_ASK_H
#define MOD_UBAL_ASK_H

#include <httpd.h>

#include "mod_ubal_db.h"
#include "store/read.h"

/* Asks as mod_ubal_db_ask does and sets the headers that `coverage`, which
 * `ask` fills, gives. Returns 1 where a reply is to be made. Returns 0 where a
 * problem was sent instead, `*status` being what the handler is to return: the
 * database failed, nothing was fetched yet, or the data is older than
 * UbalMaxStale allows. A failure is thus never shown as zeros. */
int ubal_ask(int *status, request_rec *r, mod_ubal_db_ask_fn ask, void *baton,
             const ubal_coverage_t *coverage);

/* Returns 1 where a user may be shown: one that has transactions, or any
 * unless UbalUnknownUser says 404. 0 and `*status` as above. */
int ubal_ask_is_shown(int *status, request_rec *r, int is_known);

/* Returns 1 where parameter `name`, the instant `us`, lies in what is covered,
 * both ends included. 0 and `*status` as above: a problem that names the
 * interval. */
int ubal_ask_is_covered(int *status, request_rec *r, const char *name,
                        apr_int64_t us, const ubal_coverage_t *coverage);

#endif
