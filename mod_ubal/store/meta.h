/* What the database is: schema, scale, owner; the one row that says what is
 * covered. */
#ifndef UBAL_STORE_META_H
#define UBAL_STORE_META_H

#include "store/db.h"

#define UBAL_TOKEN_LENGTH 32

/* The daemon that may fetch and write. */
typedef struct ubal_owner_t {
    char token[UBAL_TOKEN_LENGTH + 1]; /* random, in hex, of this take-over */
    char previous[UBAL_TOKEN_LENGTH + 1]; /* the token before; "" if none */
    apr_int64_t last_slot; /* the highest found at take-over, or committed by
                            * the owner since; 0: none */
    unsigned char account_key[16];
} ubal_owner_t;

/* Brings the schema to this program's version, each migration in one
 * transaction; `*before` and `*after` are the versions (0: empty database).
 * UBAL_ERR_CONFIG, naming both versions, where the database's is newer, or
 * older and this role may not change its tables.
 * Only under the lock. */
ubal_error_t *ubal_meta_migrate(ubal_db_t *db, int *before, int *after,
                                apr_pool_t *pool);

/* Makes the caller the owner: a new token, the scale written if it is the
 * first (UBAL_ERR_CONFIG, naming both, where another is stored), `host` and
 * `pid` noted for status. */
ubal_error_t *ubal_meta_take_over(ubal_owner_t *owner, ubal_db_t *db,
                                  int scale, const char *host, long pid,
                                  apr_pool_t *pool);

/* Begins a write transaction as owner: UBAL_ERR_FENCED (and rolled back)
 * where the token in the database is not the owner's, its ledger lacks
 * owner->last_slot (it was put back to what it was), or its file is not the
 * one that others see. */
ubal_error_t *ubal_meta_begin(ubal_db_t *db, const ubal_owner_t *owner,
                              apr_pool_t *pool);

/* Reads what ubal_meta says under `key`; `*value` is NULL where it is not
 * there. */
ubal_error_t *ubal_meta_get(const char **value, ubal_db_t *db, const char *key,
                            apr_pool_t *pool);

/* Writes it. Inside a transaction. */
ubal_error_t *ubal_meta_set(ubal_db_t *db, const char *key, const char *value,
                            apr_pool_t *pool);

/* Works out since and as-of of each vendor from its windows (as-of: the
 * earliest `from` that is open or parked, else the latest `to`; since goes
 * back over history that adjoins it), and from all of them and the dead
 * letters the coverage row that replies are made of. Inside a transaction,
 * last before the commit. */
ubal_error_t *ubal_meta_update_coverage(ubal_db_t *db, apr_pool_t *pool);

#endif
