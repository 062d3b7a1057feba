/* Dead letters. Knows their table alone. See dead.h. */
#include "store/dead.h"

#include <apr_sha1.h>
#include <apr_strings.h>

/* In hex: two letters of one key with different bytes are two. */
static const char *digest_of(const char *raw, apr_pool_t *pool)
{
    unsigned char digest[APR_SHA1_DIGESTSIZE];
    char *hex = apr_palloc(pool, 2 * sizeof(digest) + 1);
    apr_sha1_ctx_t context;
    size_t i;

    apr_sha1_init(&context);
    apr_sha1_update_binary(&context, (const unsigned char *)raw,
                           (unsigned int)strlen(raw));
    apr_sha1_final(digest, &context);
    for (i = 0; i < sizeof(digest); i++) {
        apr_snprintf(hex + 2 * i, 3, "%02x", digest[i]);
    }
    return hex;
}

ubal_error_t *ubal_dead_add(ubal_db_t *db, const ubal_dead_t *dead,
                            const ubal_item_t *item, apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_DEAD_INSERT, &dead->vendor,
                       item->id, item->key, digest_of(item->raw, pool),
                       dead->is_conflict ? "conflict" : "dead", dead->reason,
                       item->raw, &dead->request, &dead->at);
}

ubal_error_t *ubal_dead_has_any(int *has_any, ubal_db_t *db,
                                apr_int64_t vendor, apr_pool_t *pool)
{
    ubal_rows_t *rows;

    return ubal_db_first(&rows, has_any, db, pool, UBAL_SQL_DEAD_ANY, &vendor);
}

ubal_error_t *ubal_dead_supersede(ubal_db_t *db, apr_int64_t vendor,
                                  const char *item_id, apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_DEAD_SUPERSEDE, &vendor,
                       item_id);
}
