/* Stores the items of a page: transactions once each, the sums that follow
 * from them, and dead letters. Inside a transaction of the owner. */
#ifndef UBAL_STORE_PAGE_H
#define UBAL_STORE_PAGE_H

#include "core/item.h"
#include "store/db.h"

/* Sums stay within this, so that no balance made of three of them can
 * overflow int64. */
#define UBAL_PAGE_SUM_MAX APR_INT64_C(3000000000000000000)

/* Stores each item of `page` under `vendor`, as of slot `request` at wall
 * clock `at` (us): a new id is inserted and added to its user's balance and
 * sums; a known one with equal content changes nothing; with other
 * content it is a dead letter "conflict"; one with a fault, or that would
 * take a sum beyond UBAL_PAGE_SUM_MAX, is a dead letter. A dead letter that
 * is there already is not written again; one whose id is stored now is
 * closed; one from before the instant of opening balances (store/opening.h),
 * which have it, is ignored. Storing the same page again changes no money and
 * no dead letter. */
ubal_error_t *ubal_page_store(ubal_counts_t *counts, ubal_db_t *db,
                              apr_int64_t vendor, apr_int64_t request,
                              apr_int64_t at, const ubal_page_t *page,
                              apr_pool_t *pool);

/* The same, and sets seqs[i] to UBAL_PAGE_NEW where the i-th item is stored
 * now, to the number of the commit that stored its id where that is there
 * already, be it with this content or another; 0 where it is not stored. */
#define UBAL_PAGE_NEW (-1)
ubal_error_t *ubal_page_store_each(ubal_counts_t *counts, apr_int64_t *seqs,
                                   ubal_db_t *db, apr_int64_t vendor,
                                   apr_int64_t request, apr_int64_t at,
                                   const ubal_page_t *page, apr_pool_t *pool);

#endif
