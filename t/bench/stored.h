/* Pages stored as the daemon stores them: the transaction of a reply, with its
 * window and its slot's end. */
#ifndef UBAL_T_BENCH_STORED_H
#define UBAL_T_BENCH_STORED_H

#include "made.h"
#include "store/meta.h"
#include "store/slot.h"

/* Stores the page that `made` made last, under an open slot; an item of it
 * that is not new is an error. */
ubal_error_t *stored_page(ubal_db_t *db, const ubal_owner_t *owner,
                          const ubal_slot_t *slot, const made_t *made,
                          const ubal_page_t *page, apr_pool_t *pool);

#endif
