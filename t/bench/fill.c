/* A database for the bench of reads, stored as the daemon stores it.
 *
 *   fill DATABASE users=N each=N [dense=N rows=N] [huge=N] [days=N] [pages=N
 *        [hold=1]]
 *
 * DATABASE is a file, or what libpq takes (dbname=...).
 * users: 0000001 to N, with `each` transactions; d001 to `dense`, with `rows`;
 * h001 with `huge`; all of the `days` (a year) from the begin on.
 * With pages the database is there, and gets so many pages (0: until it is
 * ended) of 1,000 new transactions of random users, one commit each, without
 * pause, synchronous=FULL and checkpoints as the daemon has them. With hold it
 * then keeps the database open until its input ends: a daemon that waits. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "core/time.h"
#include "store/checkpoint.h"
#include "store/meta.h"
#include "store/page.h"
#include "store/slot.h"
#include "store/vendor_row.h"
#include "store/window.h"

/* 2025-01-01, us. */
#define SINCE (APR_INT64_C(1735689600) * UBAL_TIME_SECOND)

#define PAGE 1000
#define BATCH 20000 /* of a commit while the database is made */

typedef struct fill_t {
    apr_pool_t *pool, *turn; /* turn: cleared after each page */
    ubal_db_t *db;
    ubal_owner_t owner;
    ubal_vendor_row_t vendor;
    ubal_page_t *page;
    apr_uint64_t random;
    apr_int64_t made, span; /* us */
} fill_t;

static volatile sig_atomic_t is_ended;

static void on_signal(int number)
{
    (void)number;
    is_ended = 1;
}

static void must(ubal_error_t *err)
{
    if (err) {
        fprintf(stderr, "fill: %s\n", err->message);
        exit(1);
    }
}

/* Steele, Lea and Flood, "Fast splittable pseudorandom number generators". */
static apr_uint64_t next(fill_t *fill)
{
    apr_uint64_t z = fill->random += APR_UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * APR_UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * APR_UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* The database as the daemon has it. */
static void begin(fill_t *fill, const char *path)
{
    int before, after;

    must(ubal_db_open(&fill->db, strstr(path, "dbname=") ? "pgsql" : "sqlite3",
                      path, fill->pool));
    must(ubal_meta_migrate(fill->db, &before, &after, fill->pool));
    must(
        ubal_meta_take_over(&fill->owner, fill->db, 2, "host", 1, fill->pool));
    must(ubal_meta_begin(fill->db, &fill->owner, fill->pool));
    must(ubal_vendor_row_settle(&fill->vendor, fill->db, "bench", fill->pool));
    fill->vendor.since = SINCE;
    must(ubal_vendor_row_save(fill->db, &fill->vendor, fill->pool));
    must(ubal_meta_update_coverage(fill->db, fill->pool));
    must(ubal_db_commit(fill->db, fill->pool));
}

static void new_page(fill_t *fill, int room)
{
    apr_pool_clear(fill->turn);
    fill->page = apr_pcalloc(fill->turn, sizeof(*fill->page));
    fill->page->items = apr_array_make(fill->turn, room, sizeof(ubal_item_t));
}

static void store_page(fill_t *fill)
{
    ubal_db_t *db = fill->db;
    apr_pool_t *pool = fill->turn;
    ubal_slot_t slot = {.account = "a",
                        .boot = "b",
                        .started = 1,
                        .vendor = fill->vendor.id,
                        .page = 1,
                        .at = SINCE};
    ubal_outcome_t outcome = {.ended = 2, .status = 200};

    fill->page->distinct = fill->page->total = fill->page->items->nelts;
    must(ubal_meta_begin(db, &fill->owner, pool));
    must(ubal_slot_open(db, &slot, pool));
    must(ubal_db_commit(db, pool));
    must(ubal_meta_begin(db, &fill->owner, pool));
    must(ubal_page_store(&outcome.counts, db, fill->vendor.id, slot.id, SINCE,
                         fill->page, pool));
    must(ubal_meta_update_coverage(db, pool));
    must(ubal_slot_close(db, slot.id, &outcome, pool));
    must(ubal_db_commit(db, pool));
    must(ubal_checkpoint_run(db, pool));
}

static void add(fill_t *fill, const char *user_id)
{
    ubal_item_t *item = apr_array_push(fill->page->items);

    *item = (ubal_item_t){0};
    fill->made++;
    item->id = apr_psprintf(fill->turn, "%012" APR_INT64_T_FMT "-%08x",
                            fill->made, (unsigned int)next(fill));
    item->user_id = user_id;
    item->created_at =
        SINCE + (apr_int64_t)(next(fill) % (apr_uint64_t)fill->span);
    item->type = (ubal_type_e)(next(fill) % UBAL_TYPE_COUNT);
    item->amount = (apr_int64_t)(next(fill) % 100000);
    item->key = item->id;
    item->raw = "";
}

/* `rows` transactions of each of `users` users, called by number. */
static void add_users(fill_t *fill, const char *prefix, long users, long rows)
{
    long i, j;

    for (i = 1; i <= users; i++) {
        for (j = 0; j < rows; j++) {
            if (fill->page->items->nelts == BATCH) {
                store_page(fill);
                new_page(fill, BATCH);
            }
            add(fill, apr_psprintf(fill->turn, "%s%0*ld", prefix,
                                   *prefix ? 3 : 7, i));
        }
    }
}

/* As of the end of all transactions. */
static void cover(fill_t *fill)
{
    ubal_window_t window = {.from = SINCE,
                            .to = SINCE + fill->span,
                            .state = UBAL_WINDOW_DONE,
                            .next_page = 1};

    must(ubal_meta_begin(fill->db, &fill->owner, fill->turn));
    must(ubal_window_save(fill->db, fill->vendor.id, &window, fill->turn));
    must(ubal_meta_update_coverage(fill->db, fill->turn));
    must(ubal_db_commit(fill->db, fill->turn));
}

static void make(fill_t *fill, const long *with)
{
    must(ubal_db_script(fill->db,
                        fill->db->dialect == UBAL_DIALECT_PGSQL
                            ? "SET synchronous_commit = off"
                            : "PRAGMA synchronous=OFF",
                        fill->pool));
    new_page(fill, BATCH);
    add_users(fill, "", with[0], with[1]);
    add_users(fill, "d", with[2], with[3]);
    add_users(fill, "h", with[4] ? 1 : 0, with[4]);
    store_page(fill);
    new_page(fill, 1);
    cover(fill);
}

static void go_on(fill_t *fill, long users, long pages)
{
    long page;
    int i;

    /* ids and times that are new */
    fill->random = (apr_uint64_t)apr_time_now();
    fill->made = apr_time_now();
    for (page = 0; !is_ended && (!pages || page < pages); page++) {
        new_page(fill, PAGE);
        for (i = 0; i < PAGE; i++) {
            add(fill,
                apr_psprintf(fill->turn, "%07ld",
                             1 + (long)(next(fill) % (apr_uint64_t)users)));
        }
        store_page(fill);
    }
    printf("%ld\n", page);
    fflush(stdout);
}

static long number_of(int argc, char **argv, const char *name, long otherwise)
{
    size_t length = strlen(name);
    int i;

    for (i = 2; i < argc; i++) {
        if (!strncmp(argv[i], name, length) && argv[i][length] == '=') {
            return strtol(argv[i] + length + 1, NULL, 10);
        }
    }
    return otherwise;
}

int main(int argc, char **argv)
{
    static const char *const names[] = {"users", "each", "dense", "rows",
                                        "huge"};
    fill_t fill = {.random = 1};
    long with[5], pages = number_of(argc, argv, "pages", -1);
    int i;

    if (argc < 3) {
        fputs("fill DATABASE users=N each=N ...\n", stderr);
        return 2;
    }
    for (i = 0; i < 5; i++) {
        with[i] = number_of(argc, argv, names[i], i == 1 ? 1 : 0);
    }
    fill.span = number_of(argc, argv, "days", 365) * UBAL_TIME_DAY;
    signal(SIGTERM, on_signal);
    apr_initialize();
    apr_pool_create(&fill.pool, NULL);
    apr_pool_create(&fill.turn, fill.pool);
    begin(&fill, argv[1]);
    if (pages < 0) {
        make(&fill, with);
    } else {
        go_on(&fill, with[0], pages);
        while (number_of(argc, argv, "hold", 0) && getchar() != EOF) {
        }
    }
    apr_terminate();
    return 0;
}
