/* How long PostgreSQL takes to store pages, as the daemon does, and to COPY
 * the same rows into the same tables: t/bench/pg says what is compared.
 *
 *   pages fill DATABASE ROWS
 *   pages run ROUNDS PAGES FILE DATABASE COPIED WHOLE
 *
 * Databases are what libpq takes. `fill` makes the tables, with so many rows.
 * `run` stores as many pages of 1,000 new rows a round in DATABASE, a commit
 * each; COPYs each page's rows in a commit of its own into COPIED, and all of
 * a round's in one into WHOLE, from FILE, which the server reads. A line each:
 * what, round, rows, ms, the processor's ms of the server and of this. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "core/time.h"
#include "made.h"
#include "store/db_pgsql.h"
#include "store/meta.h"
#include "store/slot.h"
#include "store/vendor_row.h"
#include "stored.h"
#include "times.h"

/* 2026-01-01, us; a million rows a day of 100,000 users. */
#define SINCE (APR_INT64_C(1767225600) * UBAL_TIME_SECOND)
#define STEP (UBAL_TIME_DAY / 1000000)
#define USERS 100000

#define PAGE 1000

typedef struct bench_t {
    apr_pool_t *pool, *turn; /* turn: cleared after each round */
    ubal_db_t *db;
    ubal_owner_t owner;
    ubal_vendor_row_t vendor;
    made_t made;
    const char *file;
} bench_t;

static void must(ubal_error_t *err)
{
    if (err) {
        fprintf(stderr, "pages: %s\n", err->message);
        exit(1);
    }
}

static void open_db(ubal_db_t **db, const char *params, apr_pool_t *pool)
{
    must(ubal_db_open(db, "pgsql", params, pool));
}

/* The database as the daemon has it. */
static void begin(bench_t *bench, const char *params)
{
    int before, after;
    apr_pool_t *pool = bench->pool;

    open_db(&bench->db, params, pool);
    must(ubal_meta_migrate(bench->db, &before, &after, pool));
    must(ubal_meta_take_over(&bench->owner, bench->db, 2, "host", 1, pool));
    must(ubal_meta_begin(bench->db, &bench->owner, pool));
    must(ubal_vendor_row_settle(&bench->vendor, bench->db, "game", pool));
    bench->vendor.since = SINCE;
    must(ubal_vendor_row_save(bench->db, &bench->vendor, pool));
    must(ubal_meta_update_coverage(bench->db, pool));
    must(ubal_db_commit(bench->db, pool));
}

/* Opens a slot, as before a request. */
static void open_slot(bench_t *bench, ubal_slot_t *slot)
{
    *slot = (ubal_slot_t){.account = "a",
                          .boot = "b",
                          .started = 1,
                          .vendor = bench->vendor.id,
                          .page = 1,
                          .at = bench->made.now};
    must(ubal_meta_begin(bench->db, &bench->owner, bench->turn));
    must(ubal_slot_open(bench->db, slot, bench->turn));
    must(ubal_db_commit(bench->db, bench->turn));
}

static void store_page(bench_t *bench, const ubal_slot_t *slot,
                       const ubal_page_t *page)
{
    must(stored_page(bench->db, &bench->owner, slot, &bench->made, page,
                     bench->turn));
}

static void fill(bench_t *bench, long rows)
{
    const int most = 20000;
    ubal_slot_t slot;

    must(ubal_db_script(bench->db, "SET synchronous_commit = off",
                        bench->pool));
    while (rows > 0) {
        int count = rows < most ? (int)rows : most;

        open_slot(bench, &slot);
        store_page(bench, &slot, made_page(&bench->made, count, bench->turn));
        apr_pool_clear(bench->turn);
        rows -= count;
    }
    must(ubal_db_script(bench->db, "VACUUM ANALYZE", bench->pool));
}

/* What was measured of one way in one round. */
typedef struct lap_t {
    double wall, server, own;
    apr_int64_t process;
} lap_t;

/* ms of processor that a process has used. */
static double used_by(apr_int64_t process)
{
    char path[64], text[1024] = "";
    unsigned long user = 0, system = 0;
    char *end;
    FILE *in;

    snprintf(path, sizeof(path), "/proc/%ld/stat", (long)process);
    in = fopen(path, "r");
    if (in) {
        text[fread(text, 1, sizeof(text) - 1, in)] = '\0';
        fclose(in);
    }
    end = strrchr(text, ')');
    if (end) {
        sscanf(end, ") %*c %*d %*d %*d %*d %*d %*u %*u %*u %*u %*u %lu %lu",
               &user, &system);
    }
    return (double)(user + system) * 1e3 / (double)sysconf(_SC_CLK_TCK);
}

static lap_t begin_lap(const ubal_db_t *db)
{
    lap_t lap = {.process = ubal_db_pgsql_process(db)};

    lap.server = used_by(lap.process);
    lap.own = times_cpu();
    lap.wall = times_wall();
    return lap;
}

static void end_lap(const lap_t *lap, const char *what, int round, long rows)
{
    double wall = times_wall(), own = times_cpu();

    printf("%s\t%d\t%ld\t%.3f\t%.0f\t%.3f\n", what, round, rows,
           wall - lap->wall, used_by(lap->process) - lap->server,
           own - lap->own);
    fflush(stdout);
}

static FILE *create(const char *path)
{
    FILE *out = fopen(path, "w");

    if (!out || chmod(path, 0644)) {
        perror(path);
        exit(1);
    }
    return out;
}

/* The rows of pages from `first` on, as COPY reads them: into `number`.t and
 * `number`.i. */
static void write_rows(const bench_t *bench, ubal_page_t *const *pages,
                       int count, int number)
{
    FILE *t =
        create(apr_psprintf(bench->turn, "%s.%d.t", bench->file, number));
    FILE *ids =
        create(apr_psprintf(bench->turn, "%s.%d.i", bench->file, number));
    int i, j;

    for (i = 0; i < count; i++) {
        const ubal_item_t *items = (const void *)pages[i]->items->elts;

        for (j = 0; j < pages[i]->items->nelts; j++) {
            fprintf(t, "1\t%s\t%s\t%ld\t%d\t%ld\t1\n", items[j].id,
                    items[j].user_id, (long)items[j].created_at,
                    (int)items[j].type, (long)items[j].amount);
            fprintf(ids, "1\t%s\t%s\t%ld\n", items[j].id, items[j].user_id,
                    (long)items[j].created_at);
        }
    }
    if (fclose(t) || fclose(ids)) {
        perror(bench->file);
        exit(1);
    }
}

static void copy_rows(const bench_t *bench, ubal_db_t *db, int number)
{
    must(
        ubal_db_script(db,
                       apr_psprintf(bench->turn,
                                    "BEGIN; COPY ids FROM '%s.%d.i'; "
                                    "COPY transactions FROM '%s.%d.t'; COMMIT",
                                    bench->file, number, bench->file, number),
                       bench->turn));
}

static void measure(bench_t *bench, int round, int count, ubal_db_t *copied,
                    ubal_db_t *whole)
{
    ubal_page_t **pages =
        apr_palloc(bench->turn, (apr_size_t)count * sizeof(*pages));
    apr_int64_t *now =
        apr_palloc(bench->turn, (apr_size_t)count * sizeof(*now));
    ubal_slot_t *slots =
        apr_palloc(bench->turn, (apr_size_t)count * sizeof(*slots));
    lap_t lap;
    int i;

    for (i = 0; i < count; i++) {
        pages[i] = made_page(&bench->made, PAGE, bench->turn);
        now[i] = bench->made.now;
        write_rows(bench, &pages[i], 1, i);
        open_slot(bench, &slots[i]);
    }
    write_rows(bench, pages, count, count);
    lap = begin_lap(bench->db);
    for (i = 0; i < count; i++) {
        bench->made.now = now[i];
        store_page(bench, &slots[i], pages[i]);
    }
    end_lap(&lap, "pages", round, (long)count * PAGE);
    lap = begin_lap(copied);
    for (i = 0; i < count; i++) {
        copy_rows(bench, copied, i);
    }
    end_lap(&lap, "COPY", round, (long)count * PAGE);
    lap = begin_lap(whole);
    copy_rows(bench, whole, count);
    end_lap(&lap, "COPY at once", round, (long)count * PAGE);
    apr_pool_clear(bench->turn);
}

static void run(bench_t *bench, int rounds, int count, char **databases)
{
    ubal_db_t *copied, *whole;
    int round;

    begin(bench, databases[0]);
    open_db(&copied, databases[1], bench->pool);
    open_db(&whole, databases[2], bench->pool);
    /* other rows than those that are there; the first round is not counted */
    bench->made.random = 1000000007;
    bench->made.now = SINCE + 30 * UBAL_TIME_DAY;
    for (round = 0; round <= rounds; round++) {
        measure(bench, round, count, copied, whole);
    }
}

int main(int argc, char **argv)
{
    bench_t bench = {
        .made = {.users = USERS, .step = STEP, .random = 1, .now = SINCE}};

    apr_initialize();
    apr_pool_create(&bench.pool, NULL);
    apr_pool_create(&bench.turn, bench.pool);
    if (argc == 4 && !strcmp(argv[1], "fill")) {
        begin(&bench, argv[2]);
        fill(&bench, strtol(argv[3], NULL, 10));
    } else if (argc == 8 && !strcmp(argv[1], "run")) {
        bench.file = argv[4];
        run(&bench, atoi(argv[2]), atoi(argv[3]), argv + 5);
    } else {
        fputs("pages fill DATABASE ROWS\n"
              "pages run ROUNDS PAGES FILE DATABASE COPIED WHOLE\n",
              stderr);
        return 2;
    }
    apr_terminate();
    return 0;
}
