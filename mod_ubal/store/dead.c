/* Dead letters. Knows their table alone. See dead.h. */
#include "store/dead.h"

#include <apr_sha1.h>
#include <apr_strings.h>
#include <string.h>

static const char *kind_of(int is_conflict)
{
    return is_conflict ? "conflict" : "dead";
}

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
                       kind_of(dead->is_conflict), dead->reason, item->raw,
                       &dead->request, &dead->at);
}

ubal_error_t *ubal_dead_supersede(ubal_db_t *db, apr_int64_t vendor,
                                  const char *item_id, apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_DEAD_SUPERSEDE, &vendor,
                       item_id);
}

static void read_letter(ubal_letter_t *letter, ubal_rows_t *rows)
{
    letter->id = ubal_rows_int(rows, 0, 0);
    letter->vendor_name = ubal_rows_text(rows, 1);
    letter->vendor = ubal_rows_int(rows, 2, 0);
    letter->item_id = ubal_rows_text(rows, 3);
    letter->key = ubal_rows_text(rows, 4);
    letter->is_conflict = !strcmp(ubal_rows_text(rows, 5), kind_of(1));
    letter->reason = ubal_rows_text(rows, 6);
    letter->raw = ubal_rows_text(rows, 7);
    letter->at = ubal_rows_int(rows, 8, 0);
    letter->state = ubal_rows_text(rows, 9);
}

ubal_error_t *ubal_dead_list(apr_array_header_t **letters, ubal_db_t *db,
                             apr_int64_t after, int limit, apr_pool_t *pool)
{
    apr_int64_t most = limit;
    ubal_rows_t *rows;
    ubal_error_t *err =
        ubal_db_select(&rows, db, pool, UBAL_SQL_DEAD_LIST, &after, &most);
    int has_row;

    *letters = apr_array_make(pool, 8, sizeof(ubal_letter_t));
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        read_letter(apr_array_push(*letters), rows);
    }
    return err;
}

ubal_error_t *ubal_dead_get(ubal_letter_t *letter, ubal_db_t *db,
                            apr_int64_t id, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_DEAD_GET, &id);

    *letter = (ubal_letter_t){0};
    if (!err && has_row) {
        read_letter(letter, rows);
    }
    return err;
}

ubal_error_t *ubal_dead_stored(ubal_item_t *item, int *exists, ubal_db_t *db,
                               const ubal_letter_t *letter, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    ubal_error_t *err;

    *exists = 0;
    if (!letter->item_id) {
        return NULL;
    }
    err = ubal_db_first(&rows, exists, db, pool, UBAL_SQL_TRANSACTION_CONTENT,
                        &letter->vendor, letter->item_id);
    if (!err && *exists) {
        item->id = letter->item_id;
        item->user_id = ubal_rows_text(rows, 0);
        item->created_at = ubal_rows_int(rows, 1, 0);
        item->type = (ubal_type_e)ubal_rows_int(rows, 2, 0);
        item->amount = ubal_rows_int(rows, 3, 0);
    }
    return err;
}

ubal_error_t *ubal_dead_decide(ubal_db_t *db, apr_int64_t id,
                               const char *state, apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_DEAD_DECIDE, state, &id);
}

ubal_error_t *ubal_dead_restate(ubal_db_t *db, apr_int64_t id, int is_conflict,
                                const char *reason, apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_DEAD_RESTATE,
                       kind_of(is_conflict), reason, &id);
}
