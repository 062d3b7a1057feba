/* A reply's transaction, for the benches. See stored.h. */
#include "stored.h"

#include "store/page.h"
#include "store/vendor_row.h"
#include "store/window.h"

static ubal_error_t *store(ubal_counts_t *counts, ubal_db_t *db,
                           const ubal_slot_t *slot, const made_t *made,
                           const ubal_page_t *page, apr_pool_t *pool)
{
    ubal_window_t window = {.from = made->now - page->total * made->step,
                            .to = made->now,
                            .state = UBAL_WINDOW_DONE,
                            .next_page = 1,
                            .total = page->total,
                            .accepted = page->total};
    ubal_error_t *err = ubal_page_store(counts, db, slot->vendor, slot->id,
                                        made->now, page, pool);

    if (!err) {
        err = ubal_window_save(db, slot->vendor, &window, pool);
    }
    if (!err) {
        err = ubal_vendor_row_note_page(db, slot->vendor, page->items->nelts,
                                        pool);
    }
    return err ? err : ubal_meta_update_coverage(db, pool);
}

ubal_error_t *stored_page(ubal_db_t *db, const ubal_owner_t *owner,
                          const ubal_slot_t *slot, const made_t *made,
                          const ubal_page_t *page, apr_pool_t *pool)
{
    ubal_outcome_t outcome = {.ended = 2, .status = 200};
    ubal_error_t *err = ubal_meta_begin(db, owner, pool);

    if (!err) {
        err = store(&outcome.counts, db, slot, made, page, pool);
    }
    if (!err) {
        err = ubal_slot_close(db, slot->id, &outcome, pool);
    }
    if (!err) {
        err = ubal_db_commit(db, pool);
    }
    return err || outcome.counts.stored == page->items->nelts
               ? err
               : ubal_error_make(UBAL_ERR_DB, pool, "%d of %d rows are new",
                                 outcome.counts.stored, page->items->nelts);
}
