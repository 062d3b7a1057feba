/* The sums over time of one user (store/tree.h), worked out from all of the
 * user's transactions: compared with what is stored, or written anew. */
#ifndef UBAL_STORE_STRETCH_H
#define UBAL_STORE_STRETCH_H

#include "store/db.h"
#include "store/tree.h"

typedef struct ubal_stretch_t {
    ubal_tree_node_t all; /* what the balance is to be */
    apr_int64_t wrong;    /* stretches that are missing, have other sums, or
                           * ought not to be */
    int has_overflow;     /* one is beyond what can be stored */
    const char *finding;  /* a sentence on the first that is wrong; NULL */
} ubal_stretch_t;

/* Compares. The user's transactions are read in pieces: in one transaction,
 * or they are not of one moment. */
ubal_error_t *ubal_stretch_compare(ubal_stretch_t *found, ubal_db_t *db,
                                   const char *user_id, apr_pool_t *pool);

/* Makes them anew, inside a transaction of the owner; only where none of them
 * is beyond what can be stored. */
ubal_error_t *ubal_stretch_write(ubal_db_t *db, const char *user_id,
                                 apr_pool_t *pool);

/* Sets `*finding` to what is wrong of the first user where anything is, NULL
 * where nothing is. */
ubal_error_t *ubal_stretch_verify(const char **finding, ubal_db_t *db,
                                  apr_pool_t *pool);

#endif
