/* Becoming the owner: schema, token, and what the ledger of slots is worth. */
#ifndef UBAL_TAKEOVER_H
#define UBAL_TAKEOVER_H

#include "store/vendor_row.h"
#include "task.h"

/* Opens and migrates the database of daemon->settings, takes it over, and
 * brings the ledger into a state in which its rows alone tell what the budget
 * allows. Fills db, owner and boot of `daemon`. Only under the lock. */
ubal_error_t *ubal_takeover(ubal_daemon_t *daemon, apr_pool_t *pool);

/* The same for a command that sends no request, and so needs no secret: it
 * leaves the ledger as it is, for the next that fetches to judge. */
ubal_error_t *ubal_takeover_by_hand(ubal_daemon_t *daemon, apr_pool_t *pool);

/* The paths that a vendor's ids are made of, as words of UbalMap: what
 * ubal_vendor_row_settle_id takes. */
const char *ubal_takeover_id_fields(const ubal_mapping_t *mapping,
                                    apr_pool_t *pool);

#endif
