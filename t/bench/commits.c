/* How long it takes to commit pages, as the daemon does: with rows present,
 * checkpoints within the commits and away from them by turns.
 *
 *   commits DATABASE rows=N pages=N ids=random|ordered [users=N] [raw=FILE]
 *           [pragma="..."]
 *
 * fills the database to `rows` (the one of an earlier call is filled on), then
 * stores `pages` pages of 1,000 new rows each way, and prints a line each.
 * FILE receives every single time. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>
#include <sqlite3.h>

#include "core/time.h"
#include "made.h"
#include "store/checkpoint.h"
#include "store/meta.h"
#include "store/page.h"
#include "store/slot.h"
#include "store/vendor_row.h"
#include "store/window.h"
#include "stored.h"
#include "times.h"

/* 2026-01-01, us; and a million rows a day. */
#define SINCE (APR_INT64_C(1767225600) * UBAL_TIME_SECOND)
#define STEP (UBAL_TIME_DAY / 1000000)

/* So many pages in a row one way, then as many the other. */
#define BLOCK 10

typedef struct settings_t {
    const char *path, *ids, *raw, *pragma;
    long rows, pages, users;
    int size;
    made_t made;
} settings_t;

typedef enum {
    IN_COMMIT,
    AWAY,
    WAYS
} way_e;

static const char *const way_names[] = {"in the commit", "away"};

typedef struct bench_t {
    settings_t settings;
    apr_pool_t *pool, *turn; /* turn: cleared after each page */
    ubal_db_t *db;
    ubal_owner_t owner;
    ubal_vendor_row_t vendor;
    times_t times[WAYS];
} bench_t;

static void must(ubal_error_t *err)
{
    if (err) {
        fprintf(stderr, "commits: %s\n", err->message);
        exit(1);
    }
}

static sqlite3 *native(const bench_t *bench)
{
    return ubal_db_native(bench->db);
}

static void run(const bench_t *bench, const char *sql)
{
    char *reason = NULL;

    if (sqlite3_exec(native(bench), sql, NULL, NULL, &reason)) {
        fprintf(stderr, "commits: %s: %s\n", sql, reason);
        exit(1);
    }
}

static apr_int64_t number(const bench_t *bench, const char *sql)
{
    sqlite3_stmt *stmt;
    apr_int64_t value = 0;

    if (sqlite3_prepare_v2(native(bench), sql, -1, &stmt, NULL)) {
        fprintf(stderr, "commits: %s\n", sqlite3_errmsg(native(bench)));
        exit(1);
    }
    if (sqlite3_step(stmt) == SQLITE_ROW) {
        value = sqlite3_column_int64(stmt, 0);
    }
    sqlite3_finalize(stmt);
    return value;
}

/* The database as the daemon has it. */
static void begin_daemon(bench_t *bench)
{
    int before, after;

    must(ubal_db_open(&bench->db, "sqlite3", bench->settings.path,
                      bench->pool));
    must(ubal_meta_migrate(bench->db, &before, &after, bench->pool));
    must(ubal_meta_take_over(&bench->owner, bench->db, 2, "host", 1,
                             bench->pool));
    must(ubal_meta_begin(bench->db, &bench->owner, bench->pool));
    must(ubal_vendor_row_settle(&bench->vendor, bench->db, "game",
                                bench->pool));
    bench->vendor.since = SINCE;
    must(ubal_vendor_row_save(bench->db, &bench->vendor, bench->pool));
    must(ubal_meta_update_coverage(bench->db, bench->pool));
    must(ubal_db_commit(bench->db, bench->pool));
}

static void end_daemon(bench_t *bench)
{
    apr_pool_destroy(bench->db->pool);
}

/* Where an earlier call has left off: each row is one step. */
static long find_rows(bench_t *bench)
{
    made_t *made = &bench->settings.made;
    apr_int64_t rows =
        number(bench, "SELECT COALESCE(SUM(new), 0) FROM requests");

    made->now = SINCE + rows * made->step;
    made->random = (apr_uint64_t)rows + 1;
    return (long)rows;
}

/* Opens a slot, as before a request. */
static void open_slot(bench_t *bench, ubal_slot_t *slot)
{
    *slot = (ubal_slot_t){.account = "a",
                          .boot = "b",
                          .started = 1,
                          .vendor = bench->vendor.id,
                          .page = 1,
                          .at = bench->settings.made.now};
    must(ubal_meta_begin(bench->db, &bench->owner, bench->turn));
    must(ubal_slot_open(bench->db, slot, bench->turn));
    must(ubal_db_commit(bench->db, bench->turn));
}

static void store_page(bench_t *bench, const ubal_slot_t *slot,
                       const ubal_page_t *page)
{
    must(stored_page(bench->db, &bench->owner, slot, &bench->settings.made,
                     page, bench->turn));
}

/* Adds rows without care for power cuts, until there are as many as asked. */
static void fill(bench_t *bench)
{
    made_t *made = &bench->settings.made;
    const int size = 20000;
    ubal_slot_t slot;
    long rows;

    begin_daemon(bench);
    run(bench, "PRAGMA synchronous=OFF");
    run(bench, "PRAGMA cache_size=-2000000");
    for (rows = find_rows(bench); rows < bench->settings.rows;) {
        long wanted = bench->settings.rows - rows;
        int count = wanted < size ? (int)wanted : size;

        open_slot(bench, &slot);
        store_page(bench, &slot, made_page(made, count, bench->turn));
        apr_pool_clear(bench->turn);
        rows += count;
    }
    end_daemon(bench);
}

/* One page, and afterwards what the daemon does between rounds. */
static void measure_page(bench_t *bench, way_e way)
{
    times_t *times = &bench->times[way];
    ubal_slot_t slot;
    ubal_page_t *page =
        made_page(&bench->settings.made, bench->settings.size, bench->turn);
    double began = times_wall(), cpu, opened, stored;

    cpu = times_cpu();
    open_slot(bench, &slot);
    opened = times_wall();
    store_page(bench, &slot, page);
    stored = times_wall();
    times->slot[times->count] = opened - began;
    times->page[times->count] = stored - opened;
    if (way == AWAY) {
        must(ubal_checkpoint_run(bench->db, bench->turn));
    }
    times->tidy[times->count] = times_wall() - stored;
    times->cpu += times_cpu() - cpu;
    times->count++;
    apr_pool_clear(bench->turn);
}

/* The default that a connection of SQLite's has, or the daemon's. */
static void set_way(bench_t *bench, way_e way)
{
    must(ubal_checkpoint_run(bench->db, bench->turn));
    if (way == IN_COMMIT) {
        run(bench, "PRAGMA wal_autocheckpoint=1000");
    } else {
        must(ubal_checkpoint_set_up(bench->db, bench->turn));
    }
}

static void measure(bench_t *bench)
{
    long i, pages = bench->settings.pages;
    int way;

    begin_daemon(bench);
    find_rows(bench);
    if (bench->settings.pragma) {
        run(bench, bench->settings.pragma);
    }
    for (way = 0; way < WAYS; way++) {
        times_t *times = &bench->times[way];

        times_make(times, way_names[way], pages);
    }
    for (i = 0; i < pages * WAYS; i++) {
        way = (int)(i / BLOCK % WAYS);
        if (i % BLOCK == 0) {
            set_way(bench, way);
        }
        if (bench->times[way].count < pages) {
            measure_page(bench, way);
        }
    }
}

static void report(bench_t *bench)
{
    const settings_t *settings = &bench->settings;
    FILE *out = settings->raw ? fopen(settings->raw, "a") : NULL;
    const char *label =
        apr_psprintf(bench->pool, "%ld %s", settings->rows,
                     settings->made.is_ordered ? "ordered" : "random");
    int way;

    for (way = 0; way < WAYS; way++) {
        if (out) {
            times_write(out, &bench->times[way], label);
        }
        times_print(&bench->times[way], label, settings->size);
    }
    printf(
        "%-20s %-14s %7.2f\n", label, "ratio of p50",
        bench->times[AWAY].page[bench->times[AWAY].count / 2] /
            bench->times[IN_COMMIT].page[bench->times[IN_COMMIT].count / 2]);
    if (out) {
        fclose(out);
    }
}

static void take(settings_t *settings, const char *arg)
{
    const char *value = strchr(arg, '=');
    size_t i, length = value ? (size_t)(value++ - arg) : 0;

    const struct {
        const char *name;
        long *number;
        const char **text;
    } known[] = {
        {"rows", &settings->rows, NULL},   {"pages", &settings->pages, NULL},
        {"users", &settings->users, NULL}, {"raw", NULL, &settings->raw},
        {"ids", NULL, &settings->ids},     {"pragma", NULL, &settings->pragma},
    };

    for (i = 0; length && i < sizeof(known) / sizeof(known[0]); i++) {
        if (strlen(known[i].name) == length &&
            !strncmp(arg, known[i].name, length)) {
            if (known[i].number) {
                *known[i].number = strtol(value, NULL, 10);
            } else {
                *known[i].text = value;
            }
            return;
        }
    }
    fprintf(stderr, "commits: what is %s?\n", arg);
    exit(2);
}

int main(int argc, char **argv)
{
    bench_t bench = {.settings = {.rows = 100000,
                                  .pages = 100,
                                  .users = 100000,
                                  .ids = "random",
                                  .size = 1000}};
    int i;

    if (argc == 2 && !strcmp(argv[1], "title")) {
        times_title();
        return 0;
    }
    if (argc < 2) {
        fputs("commits DATABASE rows=N pages=N ids=random|ordered ...\n",
              stderr);
        return 2;
    }
    bench.settings.path = argv[1];
    for (i = 2; i < argc; i++) {
        take(&bench.settings, argv[i]);
    }
    bench.settings.made =
        (made_t){.users = (int)bench.settings.users,
                 .step = STEP,
                 .is_ordered = !strcmp(bench.settings.ids, "ordered")};
    apr_initialize();
    apr_pool_create(&bench.pool, NULL);
    apr_pool_create(&bench.turn, bench.pool);
    fill(&bench);
    if (bench.settings.pages) {
        measure(&bench);
        report(&bench);
    }
    apr_terminate();
    return 0;
}
