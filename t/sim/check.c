/* The invariants of the design's section 7, looked at after every step: a
 * model of what is stored, compared with the database by a connection of the
 * simulation's own. */
#include <apr_strings.h>
#include <sqlite3.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "core/type.h"
#include "sim.h"
#include "store/verify.h"

#define ANSWERED_MOST 4096
#define STEPS_BETWEEN 200
#define DAYS_AROUND 4

typedef struct sums_t {
    apr_int64_t of[UBAL_TYPE_COUNT];
} sums_t;

apr_int64_t sim_check_steps, sim_check_stored;

static sqlite3 *db;
static sqlite3_stmt *find_row, *find_balance, *find_day, *find_vendor;
static sqlite3_stmt *find_version;
static apr_pool_t *seed_pool;
static sums_t balances[SIM_USERS];
static sums_t *days; /* a user's days one after another */
static int day_count;
static int answered[ANSWERED_MOST], answered_count;
static apr_int64_t since, as_of, version;
static int cursor; /* items before it, from since on, have been looked at */
static int steps, has_compared;
static apr_int64_t compare_at;

/* --- failing ---------------------------------------------------------------
 */

void sim_fail(const char *format, ...)
{
    va_list args;

    if (!sim.is_broken) {
        sim.is_broken = 1;
        printf("seed %" APR_UINT64_T_FMT " fails: ", sim.profile.seed);
        va_start(args, format);
        vprintf(format, args);
        va_end(args);
        printf("\n");
        sim_ring_print(stdout);
    }
    if (sim.is_running) {
        siglongjmp(sim.die, 2);
    }
}

/* --- the connection --------------------------------------------------------
 */

static sqlite3_stmt *prepare(const char *text)
{
    sqlite3_stmt *statement = NULL;

    if (sqlite3_prepare_v2(db, text, -1, &statement, NULL)) {
        return NULL; /* no tables yet */
    }
    return statement;
}

static void prepare_all(void)
{
    find_version = prepare("PRAGMA data_version");
    find_row = prepare("SELECT user_id, created_at, type, amount FROM "
                       "transactions WHERE vendor = 1 AND id = ?");
    find_balance = prepare("SELECT earned, spent, payout, paid_out FROM "
                           "balances WHERE user_id = ?");
    find_day = prepare("SELECT earned, spent, payout, paid_out FROM "
                       "daily_sums WHERE user_id = ? AND day = ?");
    find_vendor = prepare("SELECT since, as_of FROM vendors WHERE id = 1");
}

static void finalize_all(void)
{
    sqlite3_finalize(find_version);
    sqlite3_finalize(find_row);
    sqlite3_finalize(find_balance);
    sqlite3_finalize(find_day);
    sqlite3_finalize(find_vendor);
    find_version = find_row = find_balance = find_day = find_vendor = NULL;
}

void sim_check_open(void)
{
    if (sqlite3_open_v2(sim_disk_path(), &db, SQLITE_OPEN_READWRITE, NULL)) {
        sqlite3_close(db);
        db = NULL; /* not made yet */
        return;
    }
    prepare_all();
    version = -1;
}

void sim_check_close(void)
{
    finalize_all();
    sqlite3_close(db);
    db = NULL;
}

/* 1 where there are tables to look at. */
static int is_ready(void)
{
    if (!db) {
        sim_check_open();
    }
    if (db && !find_vendor) {
        finalize_all();
        prepare_all();
    }
    return db && find_vendor;
}

void sim_check_begin(apr_pool_t *pool)
{
    seed_pool = pool;
    memset(balances, 0, sizeof(balances));
    day_count = (int)(sim.profile.length / SIM_DAY) + 2 * DAYS_AROUND;
    days =
        apr_pcalloc(pool, sizeof(*days) * (apr_size_t)day_count * SIM_USERS);
    answered_count = steps = cursor = has_compared = 0;
    compare_at = 0;
    sim_control_ask(NULL, 0, 0);
    since = as_of = 0;
    version = -1;
}

/* --- the model --------------------------------------------------------------
 */

static apr_int64_t day_of(apr_int64_t at)
{
    return at / SIM_DAY - sim.profile.begin / SIM_DAY + DAYS_AROUND;
}

static sums_t *day_sums(const sim_item_t *item)
{
    return &days[item->user * day_count + day_of(item->created)];
}

static void add(const sim_item_t *item, apr_int64_t amount)
{
    balances[item->user].of[item->type] += amount;
    day_sums(item)->of[item->type] += amount;
}

/* Takes note that the row of `index` is there with that content. */
static void see_row(int index, const char *user, apr_int64_t created, int type,
                    apr_int64_t amount)
{
    sim_item_t *item = &sim_items[index];
    int which = amount == item->amounts[0] ? 0 : 1;

    if (item->fault || created != item->created || type != item->type ||
        amount != item->amounts[which] ||
        sim_vendor_user_index(user) != item->user ||
        (which && item->changed > sim.now)) {
        sim_fail("exactness: item %d is stored as the vendor never gave it",
                 index);
        return;
    }
    if (item->is_stored && item->version != which) {
        sim_fail("immutability: item %d has changed", index);
        return;
    }
    if (!item->is_stored) {
        item->is_stored = 1;
        item->version = (char)which;
        sim_check_stored++;
        add(item, amount);
    }
}

/* Looks the item up. */
static void look_up(int index)
{
    char id[40];

    sqlite3_bind_text(find_row, 1, sim_vendor_id(id, index), -1,
                      SQLITE_TRANSIENT);
    if (sqlite3_step(find_row) == SQLITE_ROW) {
        const char *user = (const char *)sqlite3_column_text(find_row, 0);

        see_row(index, user, sqlite3_column_int64(find_row, 1),
                sqlite3_column_int(find_row, 2),
                sqlite3_column_int64(find_row, 3));
    } else if (sim_items[index].is_stored) {
        sqlite3_reset(find_row);
        sim_fail("immutability: item %d has disappeared", index);
        return;
    }
    sqlite3_reset(find_row);
}

void sim_check_answered(const int *items, int count)
{
    int i;

    answered_count = 0;
    for (i = 0; i < count && i < ANSWERED_MOST; i++) {
        answered[answered_count++] = items[i];
        sim_items[items[i]].is_answered = 1;
    }
}

/* --- sums
 * --------------------------------------------------------------------
 */

static void compare_sums(sqlite3_stmt *found, const sums_t *expected,
                         const char *what, int user)
{
    int type, has_row = sqlite3_step(found) == SQLITE_ROW, is_equal = 1;

    for (type = 0; type < UBAL_TYPE_COUNT; type++) {
        apr_int64_t value = has_row ? sqlite3_column_int64(found, type) : 0;

        is_equal &= value == expected->of[type];
    }
    sqlite3_reset(found);
    if (!is_equal) {
        sim_fail("money: the %s of user %d is not the sum of what is stored",
                 what, user);
    }
}

static void check_balance(int user)
{
    char name[24];

    sqlite3_bind_text(find_balance, 1, sim_vendor_user(name, user), -1,
                      SQLITE_TRANSIENT);
    compare_sums(find_balance, &balances[user], "balance", user);
}

static void check_day(const sim_item_t *item)
{
    char name[24];

    sqlite3_bind_text(find_day, 1, sim_vendor_user(name, item->user), -1,
                      SQLITE_TRANSIENT);
    sqlite3_bind_int64(find_day, 2, item->created / SIM_DAY);
    compare_sums(find_day, day_sums(item), "day", item->user);
}

static void check_answered(void)
{
    char is_seen[SIM_USERS] = {0};
    int i;

    for (i = 0; i < answered_count; i++) {
        look_up(answered[i]);
    }
    for (i = 0; i < answered_count; i++) {
        const sim_item_t *item = &sim_items[answered[i]];

        if (!is_seen[item->user]) {
            is_seen[item->user] = 1;
            check_balance(item->user);
        }
        check_day(item);
    }
}

/* --- coverage
 * ----------------------------------------------------------------
 */

/* Whether what is covered must hold the item. */
static int is_owed(const sim_item_t *item)
{
    return !item->fault && !item->is_excused && item->gone == SIM_NEVER;
}

static void read_coverage(void)
{
    apr_int64_t begin = 0, end = 0;

    if (sqlite3_step(find_vendor) == SQLITE_ROW) {
        begin = sqlite3_column_int64(find_vendor, 0);
        end = sqlite3_column_int64(find_vendor, 1);
    }
    sqlite3_reset(find_vendor);
    if (begin != since || end < as_of) {
        cursor = sim_vendor_find(begin);
    }
    since = begin;
    as_of = end;
}

static void check_coverage(void)
{
    apr_int64_t end = as_of - (sim.profile.rounding > 0 ? SIM_SECOND : 0);

    if (!sim.was_ahead && as_of > sim.now - sim.profile.settle + SIM_SECOND) {
        sim_fail("coverage: as-of is ahead of what the vendor has settled");
    }
    for (; cursor < sim_item_count && sim_items[cursor].created < end;
         cursor++) {
        if (is_owed(&sim_items[cursor]) && !sim_items[cursor].is_stored) {
            look_up(cursor);
            if (!sim_items[cursor].is_stored) {
                sim_fail("coverage: item %d of %s is not stored, though "
                         "as-of is %s",
                         cursor,
                         ubal_time_print(sim_items[cursor].created, seed_pool),
                         ubal_time_print(as_of, seed_pool));
                return;
            }
        }
    }
}

/* --- all
 * -----------------------------------------------------------------------
 */

static void check_rows(int is_restored)
{
    sqlite3_stmt *rows = prepare("SELECT id, user_id, created_at, type, "
                                 "amount FROM transactions");
    char *is_there = calloc((size_t)sim_item_count + 1, 1);
    int i;

    while (rows && sqlite3_step(rows) == SQLITE_ROW && !sim.is_broken) {
        int index =
            sim_vendor_index((const char *)sqlite3_column_text(rows, 0));

        if (index < 0) {
            sim_fail("exactness: a transaction that the vendor never had");
        } else {
            is_there[index] = 1;
            see_row(index, (const char *)sqlite3_column_text(rows, 1),
                    sqlite3_column_int64(rows, 2), sqlite3_column_int(rows, 3),
                    sqlite3_column_int64(rows, 4));
        }
    }
    sqlite3_finalize(rows);
    for (i = 0; i < sim_item_count; i++) {
        if (sim_items[i].is_stored && !is_there[i]) {
            if (!is_restored) {
                sim_fail("immutability: item %d has disappeared", i);
                break;
            }
            sim_items[i].is_stored = 0;
            add(&sim_items[i],
                -sim_items[i].amounts[(int)sim_items[i].version]);
        }
    }
    free(is_there);
}

static void check_all_balances(void)
{
    int user;

    for (user = 0; user < sim.profile.users && !sim.is_broken; user++) {
        check_balance(user);
    }
}

/* What the verify command does. */
static void verify(void)
{
    apr_pool_t *pool;
    ubal_db_t *reader;
    ubal_error_t *err;
    const char *finding = NULL;
    int i;

    apr_pool_create(&pool, seed_pool);
    err = ubal_db_open_reader(
        &reader, "sqlite3",
        apr_pstrcat(pool, "file:", sim_disk_path(), "?mode=ro", NULL), pool);
    if (!err) {
        err = ubal_db_begin_read(reader, pool);
    }
    for (i = 0; !err && !finding && i < ubal_verify_count; i++) {
        err = ubal_verify_run(&finding, reader, i, 2, pool);
    }
    if (err) {
        printf("verify: %s\n", err->message);
        sim_fail("verify cannot run");
    } else if (finding) {
        sim_ring_note("verify: %s", finding);
        sim_fail("verify %d, %s: %s", ubal_verify_checks[i - 1].number,
                 ubal_verify_checks[i - 1].title,
                 apr_pstrdup(seed_pool, finding));
    } else {
        ubal_db_rollback(reader, pool);
    }
    apr_pool_destroy(pool);
}

void sim_check_all(int is_restored)
{
    int was_inside = sim.is_inside;

    sim.is_inside = 0;
    if (is_ready()) {
        if (is_restored) {
            answered_count = 0;
        }
        check_rows(is_restored);
        if (!sim.is_broken) {
            check_all_balances();
        }
        if (!sim.is_broken) {
            read_coverage();
            if (is_restored) {
                cursor = sim_vendor_find(since);
            }
            check_coverage();
        }
        if (!sim.is_broken) {
            verify();
        }
    }
    sim.is_inside = was_inside;
}

/* --- steps -----------------------------------------------------------------
 */

static apr_int64_t number(const char *text)
{
    sqlite3_stmt *statement = prepare(text);
    apr_int64_t value = -1;

    if (statement && sqlite3_step(statement) == SQLITE_ROW) {
        value = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return value;
}

static int is_changed(void)
{
    apr_int64_t was = version;

    sqlite3_step(find_version);
    version = sqlite3_column_int64(find_version, 0);
    sqlite3_reset(find_version);
    return version != was;
}

/* Whether a late item is to be found in the end: only totals show that it is
 * missing, of a vendor that compares times as it shows them. */
static int is_owed_late(const sim_item_t *item)
{
    return !item->fault && item->gone == SIM_NEVER && sim.profile.has_totals &&
           !sim.profile.mask[SIM_VANISHED] &&
           !sim.profile.mask[SIM_TOTAL_WRONG] && !sim.profile.rounding;
}

/* The first item that is covered, owed and not stored; -1 where none. */
static int find_missing(void)
{
    int i;

    for (i = sim_vendor_find(since);
         i < sim_item_count && sim_items[i].created < as_of; i++) {
        if (!sim_items[i].is_stored &&
            (is_owed(&sim_items[i]) || is_owed_late(&sim_items[i]))) {
            return i;
        }
    }
    return -1;
}

/* Has the operator retry what is parked, and compare all with the vendor. */
static void call_operator(void)
{
    if (number("SELECT COUNT(*) FROM windows WHERE state = 2") > 0) {
        sim_fault_count(SIM_RETRIED);
        sim_control_ask("retry", 0, 0);
    } else if (sim.now > sim.latest && sim.now > compare_at) {
        has_compared = 1; /* and again, should it find no end */
        compare_at = sim.now + SIM_DAY + 5 * sim.interval;
        sim_control_ask("reconcile", since, as_of);
    }
}

/* All that was listed is covered, nothing that can be found is missing, and no
 * window is left open. */
static void look_for_end(void)
{
    apr_int64_t last = sim.profile.begin + sim.profile.length;

    call_operator();
    last = last > sim.latest ? last : sim.latest;
    if (as_of > last + sim.profile.settle && has_compared &&
        number("SELECT COUNT(*) FROM windows WHERE state IN (0, 2)") == 0 &&
        find_missing() < 0 && (!sim.since || since <= sim.since)) {
        sim.is_settled = 1;
        sim.end = UBAL_END_NOW;
    } else if (sim.now > last + SIM_HOUR + 2000 * sim.interval ||
               sim.now > last + 20 * SIM_DAY + 20 * sim.interval) {
        int missing = find_missing();

        if (missing >= 0) {
            sim_fail("completeness: item %d of %s is not found", missing,
                     ubal_time_print(sim_items[missing].created, seed_pool));
        } else {
            sim_fail("progress: it does not settle, as-of is %s",
                     ubal_time_print(as_of, seed_pool));
        }
    }
}

void sim_check_step(void)
{
    int was_inside = sim.is_inside;

    sim_check_steps++;
    sim.is_inside = 0;
    if (is_ready() && is_changed()) {
        check_answered();
        read_coverage();
        check_coverage();
        if (++steps % STEPS_BETWEEN == 0) {
            sim_check_all(0);
        }
        if (sim.is_calm) {
            look_for_end();
        }
    }
    sim.is_inside = was_inside;
}

void sim_check_end(void)
{
    int missing = find_missing();

    if (missing >= 0) {
        sim_fail("completeness: item %d is not stored at the end", missing);
    } else if (sim.since && since > sim.since) {
        sim_fail("coverage: it begins after UbalSince");
    }
}
