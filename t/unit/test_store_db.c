/* Connections outlive what other processes do to the database: its statistics,
 * its schema, its file; and say plainly what is not there. */
#include <sys/stat.h>

#include "store/vendor_row.h"
#include "store_fixture.h"

static ubal_error_t *read_user(ubal_db_t *reader, apr_int64_t *earned)
{
    ubal_coverage_t coverage;
    ubal_sums_t sums = {{0}};
    int is_known;
    ubal_error_t *err =
        ubal_read_user(&coverage, &sums, &is_known, reader, "12", 2, pool);

    *earned = err ? -1 : sums.of[UBAL_TYPE_EARNED];
    return err;
}

static void test_absent(void)
{
    ubal_db_t *reader;
    struct stat file;
    apr_int64_t earned;

    fails(ubal_db_open_reader(&reader, "sqlite3", path, pool),
          UBAL_ERR_NO_SCHEMA, "there is no database",
          "a reader says that there is no database");
    tap_ok(stat(path, &file) != 0, "and does not make one");
    must(ubal_db_open(&db, "sqlite3", path, pool));
    tap_ok(!stat(path, &file) && (file.st_mode & 0777) == 0640,
           "a writer makes it, closed to others");
    must(ubal_db_open_reader(&reader, "sqlite3", path, pool));
    fails(read_user(reader, &earned), UBAL_ERR_NO_SCHEMA, "no such table",
          "a missing table is told from other trouble");
    own();
    must(read_user(reader, &earned));
    tap_is_int(earned, 0, "the same connection reads once it is there");
    sql("UPDATE coverage SET scale = -1");
    fails(read_user(reader, &earned), UBAL_ERR_NO_SCHEMA, "not been owned",
          "a database without a scale is not ready");
    sql("UPDATE coverage SET scale = 3");
    fails(read_user(reader, &earned), UBAL_ERR_CONFIG, "UbalScale says 2",
          "another scale is a matter of configuration");
    sql("UPDATE coverage SET scale = 2, schema = 99");
    fails(read_user(reader, &earned), UBAL_ERR_CONFIG, "has schema 99",
          "another schema too");
    sql(apr_psprintf(pool, "UPDATE coverage SET schema = %d",
                     ubal_migration_count));
    tap_is_int(number("PRAGMA user_version"), 0, "nothing else was touched");
}

/* The path of a file that is there and means nothing. */
static const char *garbage(void)
{
    const char *name = apr_pstrcat(pool, path, ".garbage", NULL);
    FILE *file = fopen(name, "w");
    int i;

    for (i = 0; file && i < 2000; i++) {
        fputs("no database ", file);
    }
    if (!file || fclose(file)) {
        printf("Bail out! cannot write %s\n", name);
        exit(1);
    }
    return name;
}

static void test_open(void)
{
    ubal_db_t *none;
    struct stat file;

    fails(ubal_db_open(&none, "nosuch", "x", pool), UBAL_ERR_CONFIG,
          "no driver nosuch", "a driver that is missing is named");
    fails(ubal_db_open(&none, "sqlite3", "ubal.db", pool), UBAL_ERR_INPUT,
          "ubal.db", "a relative path is refused");
    fails(ubal_db_open(&none, "sqlite3", "/tmp", pool), UBAL_ERR_CONFIG,
          "is not a file", "a folder is refused");
    fails(ubal_db_open(&none, "sqlite3", garbage(), pool), UBAL_ERR_DB,
          "not a database", "a file that is no database too");
    unlink(garbage());
    fails(ubal_db_open(&none, "sqlite3", "/nonexistent/ubal.db", pool),
          UBAL_ERR_SYSTEM, "cannot create", "a folder that is missing too");
    must(ubal_db_open(&none, "sqlite3",
                      apr_pstrcat(pool, "file:", path, "?mode=ro", NULL),
                      pool));
    must(ubal_db_begin(none, pool));
    must(ubal_db_commit(none, pool));
    tap_ok(1, "a reader's parameters are opened for writing all the same");
    apr_pool_destroy(none->pool);
    tap_ok(!stat(apr_pstrcat(pool, path, "-wal", NULL), &file),
           "the -wal file outlives a connection");
}

/* What another process does makes every prepared statement fail once. */
static void test_outdated(void)
{
    static const char *const changes[] = {
        "ANALYZE",
        "VACUUM",
        "CREATE TABLE another (x)",
        "ALTER TABLE another ADD COLUMN y",
        "DROP TABLE another",
        "REINDEX",
    };
    ubal_page_t *page = new_page();
    ubal_db_t *reader;
    apr_int64_t earned;
    size_t i;

    must(ubal_db_open_reader(&reader, "sqlite3", path, pool));
    add(page, "a", "12", 1, UBAL_TYPE_EARNED, 5);
    store(page);
    must(read_user(reader, &earned));
    for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        ubal_error_t *err;

        sql(changes[i]);
        err = read_user(reader, &earned);
        tap_ok(!err && earned == 5, "a reader outlives %s", changes[i]);
        page = new_page();
        add(page, apr_psprintf(pool, "s%d", (int)i), "13", 1, UBAL_TYPE_EARNED,
            1);
        tap_is_int(store(page).stored, 1, "and so does the owner");
    }
    tap_is_int(number("SELECT earned FROM balances WHERE user_id = '13'"), 6,
               "with nothing lost or doubled");
}

/* A statement fails within a transaction: all of it is undone. */
static void test_failure(void)
{
    ubal_window_t bad = {.from = 10, .to = 5};
    ubal_window_t good = {.from = 5, .to = 10, .next_page = 1};

    begin();
    must(ubal_window_save(db, 1, &good, pool));
    fails(ubal_window_save(db, 1, &bad, pool), UBAL_ERR_DB, "CHECK",
          "a failure has the driver's text");
    ubal_db_rollback(db, pool);
    tap_is_int(number("SELECT COUNT(*) FROM windows"), 0,
               "what came before it is undone");
    begin();
    ubal_db_rollback(db, pool);
    ubal_db_rollback(db, pool);
    begin();
    commit();
    tap_ok(1, "rolling back twice does no harm");
}

static void test_snapshot(void)
{
    apr_int64_t before, after;
    ubal_page_t *page = new_page();
    ubal_db_t *reader;

    must(ubal_db_open_reader(&reader, "sqlite3", path, pool));
    must(ubal_db_begin_read(reader, pool));
    must(read_user(reader, &before));
    add(page, "snap", "12", 1, UBAL_TYPE_EARNED, 100);
    store(page);
    must(read_user(reader, &after));
    tap_is_int(after, before, "a reading transaction is one snapshot");
    ubal_db_rollback(reader, pool);
    must(read_user(reader, &after));
    tap_is_int(after, before + 100, "the next sees what was written since");
    fails(ubal_db_run(reader, NULL, pool, UBAL_SQL_META_SET, "a", "b"),
          UBAL_ERR_DB, "readonly", "a reader cannot write");
}

/* A lock can be met while a statement is prepared, too: where the schema is
 * not known yet. */
static void test_locked(void)
{
    const char *mine = path;
    ubal_db_t *reader;
    sqlite3 *holder;

    path = apr_pstrcat(pool, mine, ".held", NULL);
    sql("PRAGMA journal_mode=WAL; CREATE TABLE a (b)");
    must(ubal_db_open_reader(&reader, "sqlite3", path, pool));
    holder = other();
    sqlite3_exec(holder,
                 "PRAGMA locking_mode=EXCLUSIVE; INSERT INTO a VALUES (1)",
                 NULL, NULL, NULL);
    fails(ubal_db_script(reader, "SELECT b FROM a", pool), UBAL_ERR_DB,
          "locked", "a script that meets a lock has not been run");
    sqlite3_close(holder);
    must(ubal_db_script(reader, "SELECT b FROM a", pool));
    apr_pool_destroy(reader->pool);
    unlink(path);
    path = mine;
}

/* One who has asked before against one who has not. */
static int agree(ubal_db_t *asker, const char *user_id)
{
    ubal_coverage_t covered[2];
    ubal_sums_t sums[2];
    int i, is_known[2];
    ubal_db_t *fresh;

    must(ubal_db_open_reader(&fresh, "sqlite3", path, pool));
    for (i = 0; i < 2; i++) {
        memset(&covered[i], 0, sizeof(covered[i]));
        must(ubal_read_user(&covered[i], &sums[i], &is_known[i],
                            i ? fresh : asker, user_id, 2, pool));
    }
    apr_pool_destroy(fresh->pool);
    return !memcmp(&covered[0], &covered[1], sizeof(covered[0])) &&
           !memcmp(&sums[0], &sums[1], sizeof(sums[0])) &&
           is_known[0] == is_known[1];
}

/* What was read of coverage is not believed longer than it holds. */
static void test_known(void)
{
    static const char *const changes[] = {
        "UPDATE coverage SET has_gaps = 1",
        "SELECT 1",
        "UPDATE coverage SET as_of = as_of + 1, has_dead = 1",
        "UPDATE balances SET spent = spent + 7 WHERE user_id = '12'",
        "DELETE FROM balances WHERE user_id = '13'",
        "UPDATE coverage SET has_gaps = 0, has_dead = 0, since = since + 5"};
    ubal_coverage_t coverage;
    ubal_sums_t sums;
    ubal_db_t *reader;
    int is_known;
    size_t i;

    must(ubal_db_open_reader(&reader, "sqlite3", path, pool));
    tap_ok(agree(reader, "12"), "the first answer is that of all");
    for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        sql(changes[i]);
        tap_ok(agree(reader, "12") && agree(reader, "13") &&
                   agree(reader, "nobody"),
               "so is each after %s", changes[i]);
    }
    must(ubal_read_user(&coverage, &sums, &is_known, db, "12", 2, pool));
    begin();
    must(ubal_db_script(db, "UPDATE coverage SET has_conflicts = 1", pool));
    must(ubal_read_user(&coverage, &sums, &is_known, db, "12", 2, pool));
    tap_ok(coverage.has_conflicts, "a writer sees what it has not committed");
    ubal_db_rollback(db, pool);
    must(ubal_read_user(&coverage, &sums, &is_known, db, "12", 2, pool));
    tap_ok(!coverage.has_conflicts, "and not what it has taken back");
    sql("UPDATE coverage SET scale = 3");
    fails(ubal_read_user(&coverage, &sums, &is_known, reader, "12", 2, pool),
          UBAL_ERR_CONFIG, "UbalScale says 2", "nor is an old scale believed");
    sql("UPDATE coverage SET scale = 2");
    fails(ubal_read_user(&coverage, &sums, &is_known, reader, "12", 4, pool),
          UBAL_ERR_CONFIG, "UbalScale says 4", "another scale can ask, too");
}

static void test_replaced(void)
{
    const char *copy = apr_pstrcat(pool, path, ".copy", NULL);

    tap_ok(!ubal_db_was_replaced(db), "the file is the one that was opened");
    sql(apr_psprintf(pool, "VACUUM INTO '%s'", copy));
    rename(copy, path);
    tap_ok(ubal_db_was_replaced(db), "a restore by rename is noticed");
    unlink(path);
    tap_ok(ubal_db_was_replaced(db), "and so is a file that is gone");
}

int main(void)
{
    only_sqlite();
    fixture_begin_empty();
    test_absent();
    begin();
    must(ubal_vendor_row_settle(&vendor, db, "game", pool));
    commit();
    test_open();
    test_outdated();
    test_failure();
    test_snapshot();
    test_locked();
    test_known();
    test_replaced();
    fixture_end();
    return tap_done();
}
