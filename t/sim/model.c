/* What is stored, as the simulation has seen it: compared with the database by
 * a connection of its own, row by row and sum by sum. Knows no coverage. */
#include "model.h"

#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>

#include "core/type.h"
#include "sim.h"

#define ANSWERED_MOST 4096
#define DAYS_AROUND 4

typedef struct sums_t {
    apr_int64_t of[UBAL_TYPE_COUNT];
} sums_t;

apr_int64_t sim_model_stored;

static sqlite3 *db;
static sqlite3_stmt *find_row, *find_balance, *find_day, *find_vendor;
static sqlite3_stmt *find_version;
static sums_t balances[SIM_USERS];
static sums_t *days; /* a user's days one after another */
static int day_count;
static int answered[ANSWERED_MOST], answered_count;
static apr_int64_t version;

/* --- the connection ---------------------------------------------------- */

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
                       "sums WHERE user_id = ? AND level = 2 AND bucket = ?");
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

void sim_model_open(void)
{
    if (sqlite3_open_v2(sim_disk_path(), &db, SQLITE_OPEN_READWRITE, NULL)) {
        sqlite3_close(db);
        db = NULL; /* not made yet */
        return;
    }
    prepare_all();
    version = -1;
}

void sim_model_close(void)
{
    finalize_all();
    sqlite3_close(db);
    db = NULL;
}

/* 1 where there are tables to look at. */
int sim_model_is_ready(void)
{
    if (!db) {
        sim_model_open();
    }
    if (db && !find_vendor) {
        finalize_all();
        prepare_all();
    }
    return db && find_vendor;
}

void sim_model_begin(apr_pool_t *pool)
{
    memset(balances, 0, sizeof(balances));
    day_count = (int)(sim.profile.length / SIM_DAY) + 2 * DAYS_AROUND;
    days =
        apr_pcalloc(pool, sizeof(*days) * (apr_size_t)day_count * SIM_USERS);
    answered_count = 0;
    version = -1;
}

void sim_model_coverage(apr_int64_t *since, apr_int64_t *as_of)
{
    *since = *as_of = 0;
    if (sqlite3_step(find_vendor) == SQLITE_ROW) {
        *since = sqlite3_column_int64(find_vendor, 0);
        *as_of = sqlite3_column_int64(find_vendor, 1);
    }
    sqlite3_reset(find_vendor);
}

apr_int64_t sim_model_number(const char *text)
{
    sqlite3_stmt *statement = prepare(text);
    apr_int64_t value = -1;

    if (statement && sqlite3_step(statement) == SQLITE_ROW) {
        value = sqlite3_column_int64(statement, 0);
    }
    sqlite3_finalize(statement);
    return value;
}

int sim_model_is_changed(void)
{
    apr_int64_t was = version;

    sqlite3_step(find_version);
    version = sqlite3_column_int64(find_version, 0);
    sqlite3_reset(find_version);
    return version != was;
}

/* --- the model --------------------------------------------------------- */

static apr_int64_t day_of(apr_int64_t at)
{
    return at / SIM_DAY - sim.profile.begin / SIM_DAY + DAYS_AROUND;
}

static sums_t *day_sums(const sim_item_t *item)
{
    return &days[(apr_int64_t)item->user * day_count + day_of(item->created)];
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
        sim_model_stored++;
        add(item, amount);
    }
}

/* Looks the item up. */
void sim_model_look_up(int index)
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

void sim_model_answered(const int *items, int count)
{
    int i;

    answered_count = 0;
    for (i = 0; i < count && i < ANSWERED_MOST; i++) {
        answered[answered_count++] = items[i];
        sim_items[items[i]].is_answered = 1;
    }
}

/* --- sums -------------------------------------------------------------- */

static void compare_sums(sqlite3_stmt *found, const sums_t *expected,
                         const char *what, int user)
{
    int type, has_row = sqlite3_step(found) == SQLITE_ROW, is_equal = 1;

    if (!has_row && found == find_day) {
        sqlite3_reset(found); /* days are kept of users who have much */
        return;
    }
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

void sim_model_check_answered(void)
{
    char is_seen[SIM_USERS] = {0};
    int i;

    for (i = 0; i < answered_count; i++) {
        sim_model_look_up(answered[i]);
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

void sim_model_check_rows(int is_restored)
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

void sim_model_check_balances(void)
{
    int user;

    for (user = 0; user < sim.profile.users && !sim.is_broken; user++) {
        check_balance(user);
    }
}
