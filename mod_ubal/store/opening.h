/* Opening balances: what users had before the first transaction that is
 * fetched, kept as transactions of a vendor of their own, named "opening",
 * that is never fetched from. Knows that vendor. */
#ifndef UBAL_STORE_OPENING_H
#define UBAL_STORE_OPENING_H

#include "core/type.h"
#include "store/db.h"

typedef struct ubal_opening_t {
    const char *user_id;
    ubal_sums_t sums;
} ubal_opening_t;

/* Sets `*at` to the instant that opening balances are of (us), 0 where there
 * are none. */
ubal_error_t *ubal_opening_at(apr_int64_t *at, ubal_db_t *db,
                              apr_pool_t *pool);

/* Finds the vendor, or makes it, with `at` as its instant; UBAL_ERR_INPUT
 * where it has another. Inside a transaction of the owner. */
ubal_error_t *ubal_opening_vendor(apr_int64_t *vendor, ubal_db_t *db,
                                  apr_int64_t at, apr_pool_t *pool);

/* The id of the transaction that is a user's opening sum of `type`. */
const char *ubal_opening_id(const char *user_id, ubal_type_e type,
                            apr_pool_t *pool);

/* Works out what is to be stored so that the user has `opening` at `at`: what
 * is there from before it, a tick before coverage begins or history of before
 * that was fetched in part, is a part of it. UBAL_ERR_INPUT, naming the user,
 * where other opening sums are stored. */
ubal_error_t *ubal_opening_rest(ubal_sums_t *rest, ubal_db_t *db,
                                apr_int64_t vendor, apr_int64_t at,
                                const ubal_opening_t *opening,
                                apr_pool_t *pool);

/* Whether history of `vendor` from before `at` is still to be fetched. */
ubal_error_t *ubal_opening_is_fetching(int *is_fetching, ubal_db_t *db,
                                       apr_int64_t vendor, apr_int64_t at,
                                       apr_pool_t *pool);

#endif
