/* A database of the store's own, for the tests of the store: opened, migrated
 * and owned, with a vendor whose coverage begins at SINCE. An SQLite file in a
 * temporary folder, or with UBAL_TEST_DB=pgsql a database in the server of
 * UBAL_TEST_PG. `sql` and `number` act as another process does, on a
 * connection of their own. What should work and does not ends the program. */
#ifndef UBAL_T_STORE_FIXTURE_H
#define UBAL_T_STORE_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <sqlite3.h>

#include "core/time.h"
#include "pgsql_fixture.h"
#include "store/meta.h"
#include "store/page.h"
#include "store/read.h"
#include "store/slot.h"
#include "store/vendor_row.h"
#include "store/window.h"
#include "tap.h"

/* 2026-01-01, us. */
#define SINCE (APR_INT64_C(1767225600) * UBAL_TIME_SECOND)

static apr_pool_t *pool;
static ubal_db_t *db;
static ubal_owner_t owner;
static ubal_vendor_row_t vendor;
static const char *path; /* of SQLite's file */
static pgsql_t pg;       /* server NULL: it is SQLite */

static inline void must(ubal_error_t *err)
{
    if (err) {
        printf("Bail out! %s\n", err->message);
        exit(1);
    }
}

/* Tests that an error of that kind came, whose sentence contains `part`. */
static inline void fails(ubal_error_t *err, ubal_error_kind_e kind,
                         const char *part, const char *what)
{
    tap_ok(err && err->kind == kind && strstr(err->message, part), "%s", what);
    if (!err || err->kind != kind || !strstr(err->message, part)) {
        printf("# got: %s\n", err ? err->message : "no error");
    }
}

static inline sqlite3 *other(void)
{
    sqlite3 *handle;

    if (sqlite3_open(path, &handle)) {
        printf("Bail out! %s\n", sqlite3_errmsg(handle));
        exit(1);
    }
    sqlite3_busy_timeout(handle, 5000);
    return handle;
}

static inline void pgsql_sql(const char *text)
{
    pgsql_session_t session = pgsql_connect(&pg, NULL);

    pgsql_run(&session, text);
    if (strstr(text, "transactions")) {
        pgsql_sync_ids(&session);
    }
    pgsql_close(&session);
}

static inline long long pgsql_number(const char *text)
{
    pgsql_session_t session = pgsql_connect(&pg, NULL);
    const char *value = pgsql_text(&pg, &session, text);

    pgsql_close(&session);
    return value ? strtoll(value, NULL, 10) : -1;
}

static inline void sql(const char *text)
{
    sqlite3 *handle;
    char *reason = NULL;

    if (pg.server) {
        pgsql_sql(text);
        return;
    }
    handle = other();
    if (sqlite3_exec(handle, text, NULL, NULL, &reason)) {
        printf("Bail out! %s: %s\n", text, reason);
        exit(1);
    }
    sqlite3_close(handle);
}

/* The first column of the first row; -1 where there is none. */
static inline long long number(const char *text)
{
    sqlite3 *handle;
    sqlite3_stmt *stmt;
    long long value = -1;

    if (pg.server) {
        return pgsql_number(text);
    }
    handle = other();
    if (sqlite3_prepare_v2(handle, text, -1, &stmt, NULL)) {
        printf("Bail out! %s: %s\n", text, sqlite3_errmsg(handle));
        exit(1);
    }
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        value = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    sqlite3_close(handle);
    return value;
}

static inline void begin(void)
{
    must(ubal_meta_begin(db, &owner, pool));
}

static inline void commit(void)
{
    must(ubal_db_commit(db, pool));
}

static inline const char *driver(void)
{
    return pg.server ? "pgsql" : "sqlite3";
}

static inline const char *params(void)
{
    return pg.server ? pg.params : path;
}

/* Opens, migrates and owns the database. */
static inline void own(void)
{
    int before, after;

    must(ubal_db_open(&db, driver(), params(), pool));
    must(ubal_meta_migrate(db, &before, &after, pool));
    must(ubal_meta_take_over(&owner, db, 2, "host", 1, pool));
}

/* The database is no longer there; the next one that opens it has an empty
 * one. */
static inline void remove_database(void)
{
    if (pg.server) {
        pgsql_drop(&pg, pg.database);
        pgsql_copy(&pg, pg.database, NULL);
        return;
    }
    unlink(path);
    unlink(apr_pstrcat(pool, path, "-wal", NULL));
    unlink(apr_pstrcat(pool, path, "-shm", NULL));
}

static inline void fixture_end(void)
{
    if (pg.server) {
        pgsql_drop(&pg, pg.database);
    } else {
        remove_database();
        rmdir(apr_pstrndup(pool, path, strlen(path) - 8));
    }
    apr_terminate();
}

static inline int is_pgsql(void)
{
    const char *wanted = getenv("UBAL_TEST_DB");

    return wanted && !strcmp(wanted, "pgsql");
}

/* For what is of SQLite's files alone: on another database the program ends
 * here. */
static inline void only_sqlite(void)
{
    if (is_pgsql()) {
        printf("1..0 # SKIP of SQLite's files alone\n");
        exit(0);
    }
}

/* In a new folder; nothing is there yet. */
static inline const char *sqlite_path(void)
{
    const char *parent = getenv("TMPDIR");
    char *folder =
        apr_pstrcat(pool, parent ? parent : "/tmp", "/ubal-XXXXXX", NULL);

    if (!mkdtemp(folder)) {
        printf("Bail out! no temporary folder\n");
        exit(1);
    }
    return apr_pstrcat(pool, folder, "/ubal.db", NULL);
}

/* A place of its own for a database; that is still to be made. */
static inline void fixture_begin_empty(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (is_pgsql()) {
        pgsql_begin(&pg, pool);
    } else {
        path = sqlite_path();
    }
}

static inline void fixture_begin(void)
{
    fixture_begin_empty();
    own();
    begin();
    must(ubal_vendor_row_settle(&vendor, db, "game", pool));
    vendor.since = SINCE;
    must(ubal_vendor_row_save(db, &vendor, pool));
    must(ubal_meta_update_coverage(db, pool));
    commit();
}

/* A page without items yet. */
static inline ubal_page_t *new_page(void)
{
    ubal_page_t *page = apr_pcalloc(pool, sizeof(*page));

    page->items = apr_array_make(pool, 8, sizeof(ubal_item_t));
    page->total = -1;
    return page;
}

/* Adds a sound item, `second` s after SINCE. */
static inline ubal_item_t *add(ubal_page_t *page, const char *id,
                               const char *user, int second, ubal_type_e type,
                               apr_int64_t amount)
{
    ubal_item_t *item = apr_array_push(page->items);

    *item = (ubal_item_t){
        .id = id, .user_id = user, .type = type, .amount = amount};
    item->created_at = SINCE + second * UBAL_TIME_SECOND;
    item->key = apr_pstrcat(pool, "i", id, NULL);
    item->raw = apr_psprintf(pool, "%s %s %d %d %" APR_INT64_T_FMT, id, user,
                             second, (int)type, amount);
    page->distinct++;
    return item;
}

/* Adds an item with a fault; `id` may be NULL. */
static inline void add_faulty(ubal_page_t *page, const char *id,
                              const char *fault)
{
    ubal_item_t *item = apr_array_push(page->items);

    *item = (ubal_item_t){.fault = fault, .id = id};
    item->raw = apr_psprintf(pool, "%s %s", id ? id : "", fault);
    item->key = id ? apr_pstrcat(pool, "i", id, NULL)
                   : apr_pstrcat(pool, "r", item->raw, NULL);
    page->distinct++;
}

/* Stores the page with its request, as the daemon does, in one commit. */
static inline ubal_counts_t store(const ubal_page_t *page)
{
    ubal_slot_t slot = {.account = "a",
                        .boot = "b",
                        .started = 1,
                        .vendor = vendor.id,
                        .page = 1,
                        .at = SINCE};
    ubal_outcome_t outcome = {.ended = 2, .status = 200};

    begin();
    must(ubal_slot_open(db, &slot, pool));
    commit();
    begin();
    must(ubal_page_store(&outcome.counts, db, vendor.id, slot.id, SINCE, page,
                         pool));
    must(ubal_slot_close(db, slot.id, &outcome, pool));
    must(ubal_meta_update_coverage(db, pool));
    commit();
    return outcome.counts;
}

#endif
