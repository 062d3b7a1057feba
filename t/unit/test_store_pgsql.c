/* PostgreSQL's manners: what is not there is said plainly, readers outlive
 * what others do to the database and to their connections, a writer's that is
 * cut stays so, and writers come one after another. */
#include <sys/wait.h>

#include "store/host_lock.h"
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

static ubal_db_t *open_reader(void)
{
    ubal_db_t *reader;

    must(ubal_db_open_reader(&reader, driver(), params(), pool));
    return reader;
}

static void test_absent(void)
{
    ubal_db_t *reader;
    apr_int64_t earned;

    fails(ubal_db_open_reader(&reader, "pgsql", "host=/nonexistent", pool),
          UBAL_ERR_DB, "/nonexistent", "a server that is not there is named");
    reader = open_reader();
    fails(read_user(reader, &earned), UBAL_ERR_NO_SCHEMA, "42P01",
          "a missing table is told from other trouble, by its code");
    own();
    must(read_user(reader, &earned));
    tap_is_int(earned, 0, "the same connection reads once it is there");
    sql("UPDATE coverage SET scale = 3");
    fails(read_user(reader, &earned), UBAL_ERR_CONFIG, "UbalScale says 2",
          "another scale is a matter of configuration");
    sql("UPDATE coverage SET scale = 2");
    begin();
    must(ubal_vendor_row_settle(&vendor, db, "game", pool));
    vendor.since = SINCE;
    must(ubal_vendor_row_save(db, &vendor, pool));
    must(ubal_meta_update_coverage(db, pool));
    commit();
}

/* What another session does, a reader outlives, and so does the owner. */
static void test_changes(void)
{
    static const char *const changes[] = {
        "ANALYZE",
        "VACUUM FULL balances",
        "ALTER TABLE balances ADD COLUMN other BIGINT",
        "ALTER TABLE balances DROP COLUMN other",
        "REINDEX TABLE balances",
    };
    ubal_page_t *page = new_page();
    ubal_db_t *reader = open_reader();
    apr_int64_t earned;
    size_t i;

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
    tap_is_int(number("SELECT earned FROM balances WHERE user_id = '13'"), 5,
               "with nothing lost or doubled");
}

/* Ends the other sessions of this database. */
static void cut_sessions(void)
{
    number("SELECT COUNT(pg_terminate_backend(pid, 5000)) FROM "
           "pg_stat_activity WHERE datname = current_database() "
           "AND pid <> pg_backend_pid()");
}

static void test_cut(void)
{
    ubal_db_t *reader = open_reader();
    apr_int64_t earned;
    ubal_error_t *err;

    must(read_user(reader, &earned));
    cut_sessions();
    err = read_user(reader, &earned);
    tap_ok(!err && earned == 5, "a reader that was cut off connects again");
    fails(ubal_meta_begin(db, &owner, pool), UBAL_ERR_DB, "",
          "a writer does not: what it held is gone");
    fails(ubal_meta_begin(db, &owner, pool), UBAL_ERR_DB, "",
          "however often it tries");
    must(ubal_db_open(&db, driver(), params(), pool));
    begin();
    cut_sessions();
    fails(ubal_db_commit(db, pool), UBAL_ERR_DB, "",
          "nor can it commit what it had begun");
    must(ubal_db_open(&db, driver(), params(), pool));
    begin();
    commit();
    tap_ok(1, "another connection of the same owner can");
}

/* A reader's transaction is of one moment, and only reads. */
static void test_snapshot(void)
{
    ubal_db_t *reader = open_reader();
    apr_int64_t earned;

    must(ubal_db_begin_read(reader, pool));
    must(read_user(reader, &earned));
    sql("UPDATE balances SET earned = 6 WHERE user_id = '12'");
    must(read_user(reader, &earned));
    tap_is_int(earned, 5, "a reader's transaction sees what it saw");
    fails(ubal_meta_set(reader, "x", "y", pool), UBAL_ERR_DB, "25006",
          "and cannot write");
    ubal_db_rollback(reader, pool);
    must(read_user(reader, &earned));
    tap_is_int(earned, 6, "the next one sees what is there then");
    sql("UPDATE balances SET earned = 5 WHERE user_id = '12'");
}

/* Until a session waits for a lock. */
static void wait_for_waiting(void)
{
    while (number("SELECT COUNT(*) FROM pg_stat_activity "
                  "WHERE datname = current_database() "
                  "AND wait_event_type = 'Lock'") < 1) {
        apr_sleep(1000);
    }
}

/* Writers wait for the owner's token, and see what the one before wrote. */
static void test_turns(void)
{
    ubal_db_t *second;
    ubal_owner_t next;
    pid_t pid;
    int status = 0;

    begin();
    fflush(stdout);
    pid = fork();
    if (!pid) {
        must(ubal_db_open(&second, driver(), params(), pool));
        _exit(ubal_meta_begin(second, &owner, pool) ? 3 : 0);
    }
    wait_for_waiting();
    must(ubal_meta_set(db, "written", "1", pool));
    commit();
    waitpid(pid, &status, 0);
    tap_is_int(WEXITSTATUS(status), 0, "a writer waits for the one before it");
    must(ubal_db_open(&second, driver(), params(), pool));
    begin();
    fails(ubal_meta_take_over(&next, second, 2, "elsewhere", 7, pool),
          UBAL_ERR_DB, "locked",
          "who takes over waits for it too, and not for ever");
    commit();
    must(ubal_meta_take_over(&next, second, 2, "elsewhere", 7, pool));
    fails(ubal_meta_begin(db, &owner, pool), UBAL_ERR_FENCED, "another owner",
          "and then the former one cannot write");
    own();
}

/* Of two that wait for each other the server chooses one, which is told so
 * that the whole transaction is made again. */
static void test_deadlock(void)
{
    pgsql_session_t session = pgsql_connect(&pg, NULL);
    ubal_error_t *err;
    pid_t pid;

    sql("INSERT INTO ubal_meta VALUES ('x', '1'), ('y', '1') "
        "ON CONFLICT DO NOTHING");
    fflush(stdout);
    pgsql_run(&session, "BEGIN; UPDATE ubal_meta SET value = 2 "
                        "WHERE key = 'y'");
    begin();
    must(ubal_meta_set(db, "x", "3", pool));
    pid = fork();
    if (!pid) {
        int rows;

        apr_dbd_query(session.driver, session.handle, &rows,
                      "UPDATE ubal_meta SET value = 2 WHERE key = 'x'");
        _exit(0);
    }
    wait_for_waiting();
    must(ubal_db_script(db, "SET LOCAL deadlock_timeout = '10ms'", pool));
    err = ubal_meta_set(db, "y", "3", pool);
    fails(err, UBAL_ERR_DB, "locked by another transaction",
          "a deadlock is a lock that is worth another try");
    ubal_db_rollback(db, pool);
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
}

static const char *make_database(const char *name, const char *encoding)
{
    pgsql_session_t session = pgsql_connect(&pg, "postgres");

    pgsql_run(&session, apr_pstrcat(pool, "CREATE DATABASE ", name,
                                    " TEMPLATE template0 LOCALE 'C' "
                                    "LOCALE_PROVIDER libc ENCODING '",
                                    encoding, "'", NULL));
    pgsql_close(&session);
    return apr_psprintf(pool, "%s dbname=%s", pg.server, name);
}

/* A user is the bytes of UTF-8, whatever the role, the environment or the
 * database say of encodings: in another one it would be nobody's, with zeros.
 */
static void test_encoding(void)
{
    const char *name = apr_pstrcat(pool, pg.database, "_other", NULL);
    ubal_coverage_t coverage;
    ubal_sums_t sums = {{0}};
    ubal_db_t *reader, *other_db;
    int is_known = 0;

    sql("INSERT INTO balances VALUES (U&'\\00e9', 5, 0, 0, 0, 0, 1)");
    must(ubal_db_open_reader(
        &reader, driver(),
        apr_pstrcat(pool, params(), " client_encoding=LATIN1", NULL), pool));
    must(ubal_read_user(&coverage, &sums, &is_known, reader, "\xc3\xa9", 2,
                        pool));
    tap_ok(is_known && sums.of[UBAL_TYPE_EARNED] == 5,
           "a role of another encoding finds the user");
    fails(
        ubal_db_open(&other_db, driver(), make_database(name, "LATIN1"), pool),
        UBAL_ERR_CONFIG, "LATIN1", "a database of another one is refused");
    pgsql_drop(&pg, name);
    must(ubal_db_open(&other_db, driver(), make_database(name, "SQL_ASCII"),
                      pool));
    tap_ok(1, "one that knows of none is not");
    pgsql_drop(&pg, name);
}

/* One lock for one set of tables, whatever schema a role looks at first; and
 * its session is not ended while there is nothing to do. */
static void test_host_lock(void)
{
    const char *elsewhere =
        apr_pstrcat(pool, params(),
                    " options='-c search_path=other,public "
                    "-c idle_session_timeout=60000'",
                    NULL);
    ubal_db_t *second;
    int is_ours;

    sql("CREATE SCHEMA other");
    must(ubal_host_lock_try(&is_ours, db, pool));
    tap_ok(is_ours, "the first has the lock of all hosts");
    must(ubal_db_open(&second, driver(), elsewhere, pool));
    must(ubal_host_lock_try(&is_ours, second, pool));
    tap_ok(!is_ours, "a role of another search_path has not");
    must(ubal_host_lock_set_up(second, pool));
    tap_ok(!ubal_db_script(second,
                           "DO $$ BEGIN ASSERT current_setting("
                           "'idle_session_timeout') = '0'; END $$",
                           pool),
           "a session that waits for its round is not ended");
}

int main(void)
{
    if (!is_pgsql()) {
        printf("1..0 # SKIP of PostgreSQL alone\n");
        return 0;
    }
    fixture_begin_empty();
    test_absent();
    test_changes();
    test_cut();
    test_snapshot();
    test_turns();
    test_deadlock();
    test_encoding();
    test_host_lock();
    fixture_end();
    return tap_done();
}
