/* The log that is written in large pieces holds what SQLite's own would:
 * whatever is committed, rolled back and read, by turns with another
 * connection, with a cache that is too small, and on a disk that is full. */
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "store/checkpoint.h"
#include "store_fixture.h"

static unsigned int seed = 1;

/* `end` is at most 65536. */
static unsigned int random_below(unsigned int end)
{
    seed = seed * 1103515245u + 12345u;
    return (seed >> 16) % end;
}

static void run(const char *text)
{
    must(ubal_db_script(db, text, pool));
}

/* Calls that wrote to a file. */
static long long writes(void)
{
    char line[128];
    long long count = -1;
    FILE *io = fopen("/proc/self/io", "re");

    while (io && fgets(line, sizeof(line), io)) {
        if (!strncmp(line, "syscw: ", 7)) {
            count = strtoll(line + 7, NULL, 10);
        }
    }
    if (io) {
        fclose(io);
    }
    return count;
}

static void test_pieces(void)
{
    long long before;

    run("CREATE TABLE filling (id INTEGER PRIMARY KEY, bytes BLOB)");
    run("CREATE TABLE counted (n INTEGER)");
    run("INSERT INTO counted VALUES (0)");
    before = writes();
    run("WITH RECURSIVE n (i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n "
        "WHERE i < 1000) INSERT INTO filling SELECT i, randomblob(3000) "
        "FROM n");
    tap_ok(writes() - before < 200,
           "a thousand pages are written by less than 200 calls");
    printf("# by %lld\n", writes() - before);
    tap_is_int(number("SELECT COUNT(*) FROM filling"), 1000,
               "and others read them");
}

/* What both connections do is counted in a row of its own, within the same
 * transaction. */
static const char *insert(void)
{
    return apr_psprintf(
        pool,
        "INSERT INTO filling (bytes) SELECT randomblob(%u) FROM filling LIMIT "
        "%u; UPDATE counted SET n = (SELECT COUNT(*) FROM filling)",
        random_below(6000), 1 + random_below(60));
}

static int is_whole(void)
{
    return number("SELECT n = (SELECT COUNT(*) FROM filling) FROM counted") ==
               1 &&
           number("SELECT COUNT(*) FROM pragma_integrity_check "
                  "WHERE integrity_check = 'ok'") == 1;
}

/* One transaction, of which some parts or all are taken back, with what it
 * has written read in between. Returns by how many rows there are more. */
static void act(void)
{
    unsigned int i, parts = random_below(4);

    run("BEGIN IMMEDIATE");
    run(insert());
    for (i = 0; i < parts; i++) {
        run("SAVEPOINT part");
        run(insert());
        run("UPDATE filling SET bytes = randomblob(length(bytes)) "
            "WHERE id % 7 = 0");
        run("SELECT sum(length(bytes)) FROM filling");
        run(random_below(2) ? "RELEASE part" : "ROLLBACK TO part");
    }
    run(random_below(3) ? "COMMIT" : "ROLLBACK");
}

static void test_turns(void)
{
    static const char *const checkpoints[] = {
        "PRAGMA wal_checkpoint(PASSIVE)", "PRAGMA wal_checkpoint(RESTART)",
        "PRAGMA wal_checkpoint(TRUNCATE)"};
    int i, whole = 0;

    run("DELETE FROM filling WHERE id > 100; UPDATE counted SET n = 100");
    run("PRAGMA cache_size = 20");
    for (i = 0; i < 60; i++) {
        act();
        if (random_below(2)) {
            sql(apr_pstrcat(pool, "BEGIN; ", insert(), "; COMMIT", NULL));
        }
        if (!random_below(5)) {
            sql(checkpoints[random_below(3)]);
        } else if (!random_below(5)) {
            must(ubal_checkpoint_run(db, pool));
        }
        if (!random_below(20)) {
            sql("DELETE FROM filling WHERE id % 3 = 1; UPDATE counted SET n = "
                "(SELECT COUNT(*) FROM filling)");
        }
        whole += is_whole();
    }
    tap_is_int(whole, 60,
               "60 transactions by turns with another's: all is whole");
}

/* EFBIG in place of ENOSPC: the limit is this process's. */
static void limit(rlim_t bytes)
{
    struct rlimit file;

    getrlimit(RLIMIT_FSIZE, &file);
    file.rlim_cur = bytes;
    setrlimit(RLIMIT_FSIZE, &file);
}

static void test_full(void)
{
    long long before;
    int i, failed = 0, whole = 0;

    signal(SIGXFSZ, SIG_IGN);
    for (i = 0; i < 30; i++) {
        sql("DELETE FROM filling WHERE id % 2; UPDATE counted SET n = "
            "(SELECT COUNT(*) FROM filling)");
        before = number("SELECT n FROM counted");
        sql("PRAGMA wal_checkpoint(TRUNCATE)");
        limit((rlim_t)8000 * random_below(100));
        failed +=
            ubal_db_script(db,
                           apr_pstrcat(pool, "BEGIN IMMEDIATE; ", insert(),
                                       "; ", insert(), "; COMMIT", NULL),
                           pool) != NULL;
        limit(RLIM_INFINITY);
        ubal_db_rollback(db, pool);
        sql(apr_pstrcat(pool, "BEGIN; ", insert(), "; COMMIT", NULL));
        run(insert());
        whole += is_whole() && number("SELECT n FROM counted") > before;
    }
    tap_ok(failed > 4 && failed < 30, "some commits meet a full disk");
    printf("# %d of 30\n", failed);
    tap_is_int(whole, 30, "and what others commit then is whole, too");
}

int main(void)
{
    only_sqlite();
    fixture_begin();
    test_pieces();
    test_turns();
    test_full();
    fixture_end();
    return tap_done();
}
