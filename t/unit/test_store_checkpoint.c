/* Commits leave the moving of the log to whoever has time for it; the log has
 * an end all the same, also after a reader that took long. */
#include <sys/stat.h>

#include "store/checkpoint.h"
#include "store_fixture.h"

#define MB APR_INT64_C(1048576)

static long long size_of(const char *suffix)
{
    struct stat file;

    return stat(apr_pstrcat(pool, path, suffix, NULL), &file)
               ? -1
               : (long long)file.st_size;
}

/* Commits so many times a megabyte, each by itself. */
static void fill(int megabytes)
{
    int i;

    for (i = 0; i < megabytes; i++) {
        must(ubal_db_script(
            db, "UPDATE filling SET bytes = randomblob(1048576)", pool));
    }
}

static void test_away(void)
{
    long long before;

    must(ubal_db_script(db, "CREATE TABLE filling (bytes BLOB)", pool));
    must(ubal_db_script(db, "INSERT INTO filling VALUES (zeroblob(1))", pool));
    must(ubal_checkpoint_run(db, pool));
    tap_is_int(ubal_checkpoint_waiting(db), 0, "at first nothing waits");
    before = size_of("");
    fill(20);
    tap_is_int(size_of(""), before, "commits do not touch the database");
    tap_ok(ubal_checkpoint_waiting(db) > 20 * MB, "what they wrote waits");
    tap_ok(size_of("-wal") > 20 * MB, "in the log");
    must(ubal_checkpoint_run(db, pool));
    tap_is_int(ubal_checkpoint_waiting(db), 0, "a checkpoint moves it all");
    tap_ok(size_of("") > before, "into the database");
    before = size_of("-wal");
    fill(5);
    tap_is_int(size_of("-wal"), before, "and the log begins anew");
    tap_ok(ubal_checkpoint_waiting(db) < 7 * MB, "with what is new alone");
}

static void test_net(void)
{
    must(ubal_checkpoint_run(db, pool));
    fill(100);
    tap_ok(size_of("-wal") < UBAL_CHECKPOINT_MOST + 4 * MB,
           "where nobody asks for checkpoints the log has an end, too");
    tap_ok(ubal_checkpoint_waiting(db) <= UBAL_CHECKPOINT_MOST,
           "and what waits");
}

static void test_reader(void)
{
    sqlite3 *reader = other();
    sqlite3_stmt *stmt;

    must(ubal_checkpoint_run(db, pool));
    must(ubal_db_script(db, "CREATE TABLE seen (n INT)", pool));
    if (sqlite3_exec(reader, "BEGIN", NULL, NULL, NULL) ||
        sqlite3_prepare_v2(reader, "SELECT COUNT(*) FROM seen", -1, &stmt,
                           NULL) ||
        sqlite3_step(stmt) != SQLITE_ROW) {
        printf("Bail out! %s\n", sqlite3_errmsg(reader));
        exit(1);
    }
    sqlite3_reset(stmt);
    must(ubal_db_script(db, "INSERT INTO seen VALUES (1)", pool));
    fill(80);
    must(ubal_checkpoint_run(db, pool));
    tap_ok(size_of("-wal") > 80 * MB,
           "what a reader may still need stays in the log");
    sqlite3_step(stmt);
    tap_is_int(sqlite3_column_int64(stmt, 0), 0, "it sees what it saw");
    sqlite3_finalize(stmt);
    sqlite3_close(reader);
    must(ubal_checkpoint_run(db, pool));
    tap_is_int(ubal_checkpoint_waiting(db), 0, "once it ends all is moved");
    fill(1);
    tap_ok(size_of("-wal") <= UBAL_CHECKPOINT_MOST,
           "and the next commit cuts the file");
    tap_is_int(number("SELECT COUNT(*) FROM seen"), 1, "nothing is lost");
}

static int fail_to_sync(sqlite3_file *file, int flags)
{
    (void)file;
    (void)flags;
    return SQLITE_IOERR_FSYNC;
}

/* What the disk did not sync may be lost although a second try succeeds: the
 * log, which has it, must stay until the database is opened anew. */
static void test_sync(void)
{
    const sqlite3_io_methods *sound;
    sqlite3_io_methods broken;
    sqlite3_file *file = NULL;
    sqlite3 *handle = ubal_db_native(db);
    long long log;

    must(ubal_checkpoint_run(db, pool));
    must(ubal_db_script(db, "INSERT INTO seen VALUES (2)", pool));
    fill(3);
    sqlite3_file_control(handle, "main", SQLITE_FCNTL_FILE_POINTER, &file);
    sound = file->pMethods;
    broken = *sound;
    broken.xSync = fail_to_sync;
    file->pMethods = &broken;
    fails(ubal_checkpoint_run(db, pool), UBAL_ERR_DB, "checkpoint",
          "a sync that fails is an error");
    file->pMethods = sound;
    log = size_of("-wal");
    fails(ubal_checkpoint_run(db, pool), UBAL_ERR_DB, "checkpoint",
          "and stays one, though the disk is sound again");
    tap_ok(ubal_checkpoint_waiting(db) > 3 * MB && size_of("-wal") == log,
           "a sync that failed is not tried again, and the log stays");
    tap_is_int(number("SELECT COUNT(*) FROM seen"), 2, "with all that it has");
    must(ubal_db_script(db, "INSERT INTO seen VALUES (3)", pool));
    tap_is_int(number("SELECT COUNT(*) FROM seen"), 3,
               "and what is committed until the end");
}

int main(void)
{
    only_sqlite();
    fixture_begin();
    test_away();
    test_net();
    test_reader();
    test_sync();
    fixture_end();
    return tap_done();
}
