/* Schema, scale and owner. Knows ubal_meta; vendors are vendor_row.c's, what
 * is covered is coverage.c's. See meta.h. */
#include "store/meta.h"

#include <apr_escape.h>
#include <apr_general.h>
#include <apr_strings.h>

#include "store/slot.h"

#define TOKEN_BYTES (UBAL_TOKEN_LENGTH / 2)
#define KEY_BYTES 16

ubal_error_t *ubal_meta_get(const char **value, ubal_db_t *db, const char *key,
                            apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_META_GET, key);

    *value = !err && has_row ? ubal_rows_text(rows, 0) : NULL;
    return err;
}

ubal_error_t *ubal_meta_set(ubal_db_t *db, const char *key, const char *value,
                            apr_pool_t *pool)
{
    return ubal_db_run(db, NULL, pool, UBAL_SQL_META_SET, key, value);
}

static ubal_error_t *set_int(ubal_db_t *db, const char *key, long value,
                             apr_pool_t *pool)
{
    return ubal_meta_set(db, key, apr_ltoa(pool, value), pool);
}

/* The schema's version; 0 where there are no tables. */
static ubal_error_t *get_schema(int *version, ubal_db_t *db, apr_pool_t *pool)
{
    const char *text;
    ubal_error_t *err = ubal_meta_get(&text, db, "schema", pool);

    *version = text ? (int)apr_atoi64(text) : 0;
    return err && err->kind == UBAL_ERR_NO_SCHEMA ? NULL : err;
}

/* A role that stores may not be allowed to change tables: who may is told
 * how. */
static ubal_error_t *explain(ubal_error_t *err, int version, apr_pool_t *pool)
{
    if (!strstr(err->message, "lacks a GRANT")) {
        return ubal_error_wrap(err, pool, "migration %d", version);
    }
    return ubal_error_make(
        UBAL_ERR_CONFIG, pool,
        "the database has schema %d, this program needs %d, and this role may "
        "not change its tables: run ubal-ingest migrate --config FILE, with "
        "the role that owns them in FILE's UbalIngestDB (%s)",
        version - 1, ubal_migration_count, err->message);
}

static ubal_error_t *apply(ubal_db_t *db, const ubal_migration_t *migration,
                           apr_pool_t *pool)
{
    apr_int64_t version = migration->version;
    const char *script = db->dialect == UBAL_DIALECT_PGSQL ? migration->pgsql
                                                           : migration->sqlite;
    ubal_error_t *err = ubal_db_begin(db, pool);

    if (err) {
        return err;
    }
    /* a step that only the other database has to make */
    err = script ? ubal_db_script(db, script, pool) : NULL;
    ubal_db_forget(db);
    if (!err) {
        err = set_int(db, "schema", migration->version, pool);
    }
    if (!err) {
        err = ubal_db_run(db, NULL, pool, UBAL_SQL_COVERAGE_SCHEMA, &version);
    }
    if (!err) {
        err = ubal_db_commit(db, pool);
    }
    if (err) {
        ubal_db_rollback(db, pool);
        err = explain(err, migration->version, pool);
    }
    return err;
}

ubal_error_t *ubal_meta_migrate(ubal_db_t *db, int *before, int *after,
                                apr_pool_t *pool)
{
    ubal_error_t *err = get_schema(before, db, pool);

    *after = *before;
    if (!err && *before > ubal_migration_count) {
        err = ubal_error_make(UBAL_ERR_CONFIG, pool,
                              "the database has schema %d, this program knows "
                              "schemas up to %d: a newer one is needed",
                              *before, ubal_migration_count);
    }
    while (!err && *after < ubal_migration_count) {
        err = apply(db, &ubal_migrations[*after], pool);
        *after += !err;
    }
    return err;
}

/* Fills `hex` with 2 * `bytes` digits that nobody can guess. */
static ubal_error_t *random_hex(char *hex, apr_size_t bytes, apr_pool_t *pool)
{
    unsigned char random[TOKEN_BYTES];

    if (apr_generate_random_bytes(random, bytes)) {
        return ubal_error_make(UBAL_ERR_SYSTEM, pool,
                               "the system gives no random bytes");
    }
    apr_escape_hex(hex, random, bytes, 0, NULL);
    return NULL;
}

/* Stores the scale where it is the first. */
static ubal_error_t *settle_scale(ubal_db_t *db, int scale, apr_pool_t *pool)
{
    const char *text;
    apr_int64_t number = scale;
    ubal_error_t *err = ubal_meta_get(&text, db, "scale", pool);

    if (err) {
        return err;
    }
    if (text && apr_atoi64(text) != scale) {
        return ubal_error_make(UBAL_ERR_CONFIG, pool,
                               "the database holds amounts of scale %s, "
                               "UbalScale says %d: it cannot be changed",
                               text, scale);
    }
    err = set_int(db, "scale", scale, pool);
    return err ? err
               : ubal_db_run(db, NULL, pool, UBAL_SQL_COVERAGE_SCALE, &number);
}

/* Reads the key that accounts are digested with, or makes it. */
static ubal_error_t *settle_key(unsigned char key[KEY_BYTES], ubal_db_t *db,
                                apr_pool_t *pool)
{
    char fresh[2 * KEY_BYTES + 1];
    const char *hex;
    apr_size_t length = 0;
    ubal_error_t *err = ubal_meta_get(&hex, db, "account_key", pool);

    if (!err && !hex) {
        err = random_hex(fresh, KEY_BYTES, pool);
        if (!err) {
            err = ubal_meta_set(db, "account_key", fresh, pool);
        }
        hex = fresh;
    }
    if (err) {
        return err;
    }
    if (strlen(hex) != sizeof(fresh) - 1 ||
        apr_unescape_hex(key, hex, sizeof(fresh) - 1, 0, &length) ||
        length != KEY_BYTES) {
        return ubal_error_make(UBAL_ERR_DB, pool,
                               "account_key in ubal_meta is damaged");
    }
    return NULL;
}

static ubal_error_t *settle_token(ubal_owner_t *owner, ubal_db_t *db,
                                  apr_pool_t *pool)
{
    const char *previous;
    ubal_error_t *err = ubal_meta_get(&previous, db, "token", pool);

    if (!err) {
        apr_cpystrn(owner->previous, previous ? previous : "",
                    sizeof(owner->previous));
        err = random_hex(owner->token, TOKEN_BYTES, pool);
    }
    if (!err) {
        err = ubal_meta_set(db, "token", owner->token, pool);
    }
    return err ? err
               : ubal_db_run(db, NULL, pool, UBAL_SQL_OWNER_RECORD,
                             owner->token);
}

ubal_error_t *ubal_meta_take_over(ubal_owner_t *owner, ubal_db_t *db,
                                  int scale, const char *host, long pid,
                                  apr_pool_t *pool)
{
    ubal_error_t *err = ubal_db_begin(db, pool);

    if (err) {
        return err;
    }
    if (!(err = settle_scale(db, scale, pool)) &&
        !(err = settle_token(owner, db, pool)) &&
        !(err = settle_key(owner->account_key, db, pool)) &&
        !(err = ubal_slot_last(&owner->last_slot, db, pool)) &&
        !(err = ubal_meta_set(db, "owner_host", host, pool)) &&
        !(err = set_int(db, "owner_pid", pid, pool))) {
        err = ubal_db_commit(db, pool);
    }
    if (err) {
        ubal_db_rollback(db, pool);
    }
    return err;
}

/* An earlier state of the database may have the owner's token, too. */
static ubal_error_t *check_owner(ubal_db_t *db, const ubal_owner_t *owner,
                                 apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_META_TOKEN);
    const char *token = !err && has_row ? ubal_rows_text(rows, 0) : NULL;

    if (err) {
        return err;
    }
    if (!token || strcmp(token, owner->token) != 0) {
        return ubal_error_make(UBAL_ERR_FENCED, pool,
                               "another owner has taken the database over");
    }
    return ubal_rows_int(rows, 1, 0) >= owner->last_slot
               ? NULL
               : ubal_error_make(UBAL_ERR_FENCED, pool,
                                 "the database was put back to an earlier "
                                 "state");
}

ubal_error_t *ubal_meta_begin(ubal_db_t *db, const ubal_owner_t *owner,
                              apr_pool_t *pool)
{
    ubal_error_t *err = ubal_db_is_there(db, pool);

    if (!err) {
        err = ubal_db_begin(db, pool);
    }
    if (err) {
        return err;
    }
    err = check_owner(db, owner, pool);
    if (err) {
        ubal_db_rollback(db, pool);
    }
    return err;
}
