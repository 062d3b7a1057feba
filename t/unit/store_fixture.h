/* A database of the store's own in a temporary folder, for the tests of the
 * store: opened, migrated and owned, with a vendor whose coverage begins at
 * SINCE. `sql` and `number` act as another process does, on a connection of
 * their own. What should work and does not ends the program. */
#ifndef UBAL_T_STORE_FIXTURE_H
#define UBAL_T_STORE_FIXTURE_H

#include <stdlib.h>
#include <unistd.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <sqlite3.h>

#include "core/time.h"
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
static const char *path;

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

static inline void sql(const char *text)
{
    sqlite3 *handle = other();
    char *reason = NULL;

    if (sqlite3_exec(handle, text, NULL, NULL, &reason)) {
        printf("Bail out! %s: %s\n", text, reason);
        exit(1);
    }
    sqlite3_close(handle);
}

/* The first column of the first row; -1 where there is none. */
static inline long long number(const char *text)
{
    sqlite3 *handle = other();
    sqlite3_stmt *stmt;
    long long value = -1;

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

/* Opens, migrates and owns the database at `path`. */
static inline void own(void)
{
    int before, after;

    must(ubal_db_open(&db, "sqlite3", path, pool));
    must(ubal_meta_migrate(db, &before, &after, pool));
    must(ubal_meta_take_over(&owner, db, 2, "host", 1, pool));
}

static inline void fixture_end(void)
{
    const char *folder = apr_pstrndup(pool, path, strlen(path) - 8);

    unlink(path);
    unlink(apr_pstrcat(pool, path, "-wal", NULL));
    unlink(apr_pstrcat(pool, path, "-shm", NULL));
    rmdir(folder);
    apr_terminate();
}

/* A folder of its own; the database in it is still to be made. */
static inline void fixture_begin_empty(void)
{
    const char *parent = getenv("TMPDIR");
    char *folder;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    folder = apr_pstrcat(pool, parent ? parent : "/tmp", "/ubal-XXXXXX", NULL);
    if (!mkdtemp(folder)) {
        printf("Bail out! no temporary folder\n");
        exit(1);
    }
    path = apr_pstrcat(pool, folder, "/ubal.db", NULL);
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
