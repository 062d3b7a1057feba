/* A reader's connection follows the file at its path: replaced, removed and
 * put back, and its -shm taken away; an answer is never of a file that is no
 * longer there. */
#include <sys/stat.h>
#include <sys/wait.h>
#include <sys/xattr.h>

#include "store/checkpoint.h"
#include "store_fixture.h"

static apr_pool_t *lasting;
static ubal_db_t *reader;

static ubal_error_t *earned_of(apr_int64_t *earned)
{
    ubal_coverage_t coverage;
    ubal_sums_t sums = {{0}};
    int is_known;
    ubal_error_t *err = ubal_db_follow(&reader, path, lasting, pool);

    if (!err) {
        err =
            ubal_read_user(&coverage, &sums, &is_known, reader, "12", 2, pool);
    }
    *earned = err ? -1 : sums.of[UBAL_TYPE_EARNED];
    return err;
}

static apr_int64_t earned(void)
{
    apr_int64_t value;

    must(earned_of(&value));
    return value;
}

static void store_one(const char *id, apr_int64_t amount)
{
    ubal_page_t *page = new_page();

    add(page, id, "12", 1, UBAL_TYPE_EARNED, amount);
    store(page);
}

static const char *beside(const char *suffix)
{
    return apr_pstrcat(pool, path, suffix, NULL);
}

/* As README says: the old file's -wal and -shm first. */
static void put_in_place(const char *copy)
{
    unlink(beside("-wal"));
    unlink(beside("-shm"));
    rename(copy, path);
}

static void test_same(void)
{
    ubal_db_t *before;

    store_one("a", 5);
    tap_is_int(earned(), 5, "the first question opens");
    before = reader;
    store_one("b", 2);
    tap_is_int(earned(), 7, "what is committed is seen");
    sql("VACUUM");
    tap_is_int(earned(), 7, "after VACUUM too");
    tap_ok(reader == before, "on the same connection");
}

static void test_replaced(void)
{
    const char *copy = beside(".copy");
    apr_int64_t value;

    sql(apr_psprintf(pool, "VACUUM INTO '%s'", copy));
    store_one("c", 100);
    tap_is_int(earned(), 107, "before the restore");
    put_in_place(copy);
    tap_is_int(earned(), 7, "the next answer after a rename is the copy's");
    sql("PRAGMA journal_mode=WAL");
    tap_is_int(earned(), 7, "and once it has a log of its own");
    sql("UPDATE balances SET earned = 8");
    tap_is_int(earned(), 8, "what another writes to it is seen");

    rename(path, copy);
    fails(earned_of(&value), UBAL_ERR_NO_SCHEMA, "there is no database",
          "a file that is taken away is not answered from");
    tap_ok(!reader, "and not held open");
    rename(copy, path);
    tap_is_int(earned(), 8, "put back, it is read again");
}

static void test_index(void)
{
    ubal_db_t *before;
    sqlite3 *held = other();

    sqlite3_exec(held, "PRAGMA journal_mode=WAL; SELECT * FROM balances", NULL,
                 NULL, NULL);
    tap_is_int(earned(), 8, "before");
    before = reader;
    sqlite3_close(held);
    unlink(beside("-shm"));
    tap_is_int(earned(), 8, "without its -shm it is read anew");
    sql("UPDATE balances SET earned = 9");
    tap_is_int(earned(), 9, "or what is written would not be seen");
    (void)before;
}

/* In another process, which does not share what this one has mapped. */
static void elsewhere(const char *text)
{
    pid_t child = fork();
    int status = 1;

    if (!child) {
        execlp("sqlite3", "sqlite3", "-batch", "-cmd", ".output /dev/null",
               "-cmd", ".filectrl persist_wal 1", path, text, (char *)NULL);
        _exit(127);
    }
    if (child < 0 || waitpid(child, &status, 0) != child || status) {
        printf("Bail out! %s\n", text);
        exit(1);
    }
}

/* Others of the process hold on to an -shm that was removed: it says nothing
 * of the log that another process has begun since. */
static void test_shared(void)
{
    ubal_db_t *idle;
    apr_int64_t value;

    must(ubal_db_open_reader(&idle, "sqlite3", path, pool));
    must(ubal_db_script(idle, "SELECT 1 FROM balances", pool));
    tap_is_int(earned(), 9, "one of two readers of a process");
    unlink(beside("-wal"));
    unlink(beside("-shm"));
    elsewhere("UPDATE balances SET earned = 10");
    fails(earned_of(&value), UBAL_ERR_DB, "-shm was removed",
          "does not read by an -shm that was removed");
    apr_pool_destroy(idle->pool);
    tap_is_int(earned(), 10, "and by the new one as soon as the other ends");
    elsewhere("UPDATE balances SET earned = 9");
    tap_is_int(earned(), 9, "sees what is written");
}

/* Who writes to a log that is removed writes for nobody; and what would be
 * moved from there to the file, its readers would see half of. */
static void test_writer(void)
{
    sql(apr_psprintf(pool, "VACUUM INTO '%s'", beside(".copy")));
    put_in_place(beside(".copy"));
    own();
    store_one("w", 1);
    tap_is_int(earned(), 10, "before");
    unlink(beside("-wal"));
    unlink(beside("-shm"));
    fails(ubal_meta_begin(db, &owner, pool), UBAL_ERR_FENCED, "-shm",
          "a writer whose -shm was removed writes no more");
    fails(ubal_checkpoint_run(db, pool), UBAL_ERR_FENCED, "-shm",
          "nor does it move to the file what nobody sees");
    apr_pool_destroy(reader->pool);
    reader = NULL;
    apr_pool_destroy(db->pool);
    own();
    store_one("x", 1);
    tap_is_int(earned(), 11, "the next owner goes on where the file is");
}

static const char tag[] = "user.ubal.database";

static int has_tag(void)
{
    char text[128];

    return getxattr(beside("-shm"), tag, text, sizeof(text)) > 0;
}

/* README says to remove the old file's log first. SQLite would read the copy
 * by it: users without money, and pages of both. */
static void test_log_left(void)
{
    const char *copy = beside(".copy");
    ubal_db_t *other_db;
    apr_int64_t value;
    int is_told;

    apr_pool_destroy(db->pool);
    sql(apr_psprintf(pool, "VACUUM INTO '%s'", copy));
    own();
    store_one("y", 100);
    tap_is_int(earned(), 111, "before");
    is_told = has_tag();
    apr_pool_destroy(db->pool);
    rename(copy, path);
    if (is_told) {
        fails(earned_of(&value), UBAL_ERR_DB, "remove both",
              "a copy beside the old file's log is not read");
        fails(earned_of(&value), UBAL_ERR_DB, "remove both", "nor later");
        fails(ubal_db_open(&other_db, "sqlite3", path, pool), UBAL_ERR_DB,
              "remove both", "nor written to");
    } else {
        printf("# this file system has no extended attributes\n");
    }
    unlink(beside("-wal"));
    unlink(beside("-shm"));
    tap_is_int(earned(), 11, "it heals when that is removed");
    own();
    store_one("z", 1);
    tap_is_int(earned(), 12, "and the copy is whole");
}

/* The same as README has it, with a question between its two steps: the old
 * file's -shm is there again. */
static void test_between(void)
{
    const char *copy = beside(".copy");

    sql(apr_psprintf(pool, "VACUUM INTO '%s'", copy));
    store_one("between", 100);
    apr_pool_destroy(db->pool);
    sql("PRAGMA wal_checkpoint(TRUNCATE)");
    apr_pool_destroy(reader->pool);
    reader = NULL;
    unlink(beside("-wal"));
    unlink(beside("-shm"));
    tap_is_int(earned(), 112, "between the steps of a restore");
    rename(copy, path);
    tap_is_int(earned(), 12, "and after them the copy is read");
    own();
    store_one("after", 1);
    tap_is_int(earned(), 13, "and written to");
}

/* A folder that was copied whole, with its attributes. */
static void test_copied(void)
{
    char text[128] = "";
    ssize_t length = getxattr(beside("-shm"), tag, text, sizeof(text));

    if (length > 0) {
        text[0] = text[0] == '1' ? '2' : '1'; /* another -shm's */
        setxattr(beside("-shm"), tag, text, (size_t)length, 0);
        text[length - 1] = text[length - 1] == '1' ? '2' : '1';
        setxattr(beside("-shm"), tag, text, (size_t)length, 0);
    }
    apr_pool_destroy(reader->pool);
    reader = NULL;
    tap_is_int(earned(), 13,
               "what a -shm was when it was copied is no matter");
}

/* A connection of mod_dbd's lasts for days. */
static void test_memory(void)
{
    apr_int64_t value;
    int i;

    rename(path, beside(".away"));
    for (i = 0; i < 1000; i++) {
        ubal_error_t *err = earned_of(&value);

        if (!err || err->kind != UBAL_ERR_NO_SCHEMA) {
            break;
        }
    }
    tap_is_int(i, 1000, "asked a thousand times while it is away");
    rename(beside(".away"), path);
    tap_is_int(earned(), 13, "it heals by itself");
}

/* Until the last change of the folder is so long ago that the reader goes by
 * the folder's time alone. */
static void settle(void)
{
    int i;

    (void)earned();
    for (i = 0; i < 100 && !reader->folder.is_known; i++) {
        apr_sleep(100000);
        (void)earned();
    }
    if (!reader->folder.is_known) {
        printf("# this file system is looked at file by file\n");
    }
}

/* The database with what is beside it. */
static void move_to(const char *to)
{
    const char *const suffixes[] = {"", "-wal", "-shm"};
    int i;

    for (i = 0; i < 3; i++) {
        rename(beside(suffixes[i]), apr_pstrcat(pool, to, suffixes[i], NULL));
    }
    path = to;
}

static void test_folder(void)
{
    const char *folder = apr_pstrmemdup(pool, path, strlen(path) - 3);
    const char *aside = apr_pstrcat(pool, folder, ".aside", NULL);
    const char *there = apr_pstrcat(pool, folder, "/there", NULL);
    apr_int64_t value;

    mkdir(folder, 0700);
    move_to(apr_pstrcat(pool, folder, "/ubal.db", NULL));
    settle();
    sql("UPDATE balances SET earned = 20");
    tap_is_int(earned(), 20,
               "in a folder where nothing changes, what is "
               "committed is seen");
    sql(apr_psprintf(pool, "VACUUM INTO '%s'", there));
    sql("UPDATE balances SET earned = 21");
    settle();
    put_in_place(there);
    tap_is_int(earned(), 20, "a restore there, by the next answer");
    settle();
    unlink(beside("-wal"));
    unlink(beside("-shm"));
    elsewhere("UPDATE balances SET earned = 22");
    tap_is_int(earned(), 22, "a -shm that is taken away, too");
    settle();
    rename(folder, aside);
    fails(earned_of(&value), UBAL_ERR_NO_SCHEMA, "there is no database",
          "and that the folder has gone");
    tap_ok(!symlink(aside, folder), "the folder is a link to one");
    tap_is_int(earned(), 22, "which is followed");
    settle();
    unlink(folder);
    mkdir(folder, 0700);
    fails(earned_of(&value), UBAL_ERR_NO_SCHEMA, "there is no database",
          "to another folder as well");
}

/* The folder of a link says nothing of where it leads. */
static void test_link(void)
{
    const char *folder = apr_pstrmemdup(pool, path, strlen(path) - 8);
    const char *aside = apr_pstrcat(pool, folder, ".aside", NULL);
    const char *target = apr_pstrcat(pool, aside, "/ubal.db", NULL);
    const char *copy = apr_pstrcat(pool, target, ".copy", NULL);
    int i;

    tap_ok(!symlink(target, path), "the file is a link to one elsewhere");
    tap_is_int(earned(), 22, "which is read");
    sql(apr_psprintf(pool, "VACUUM INTO '%s'", copy));
    sql("UPDATE balances SET earned = 23");
    tap_is_int(earned(), 23, "and what is written there");
    /* as long as the link's folder would take to be gone by */
    for (i = 0; i < 30; i++) {
        apr_sleep(100000);
        (void)earned();
    }
    unlink(apr_pstrcat(pool, target, "-wal", NULL));
    unlink(apr_pstrcat(pool, target, "-shm", NULL));
    rename(copy, target);
    tap_is_int(earned(), 22, "a restore there is seen by the next answer");
    unlink(path);
    rmdir(folder);
    path = target;
    move_to(apr_pstrcat(pool, folder, ".db", NULL));
    rmdir(aside);
}

static void make_copy(const char *copy, int value)
{
    sql(apr_psprintf(pool, "UPDATE balances SET earned = %d", value));
    sql(apr_psprintf(pool, "VACUUM INTO '%s'", copy));
}

/* One restore after another, all of the same time as far as the folder
 * tells. */
static void test_quick(void)
{
    const char *copies[] = {beside(".0"), beside(".1")};
    int i, right = 0;

    make_copy(copies[0], 30);
    make_copy(copies[1], 31);
    unlink(beside("-wal"));
    unlink(beside("-shm"));
    for (i = 0; i < 100; i++) {
        right += !link(copies[i % 2], beside(".next")) &&
                 !rename(beside(".next"), path) && earned() == 30 + i % 2 &&
                 earned() == 30 + i % 2;
    }
    tap_is_int(right, 100, "a hundred restores at once, each is seen");
    unlink(copies[0]);
    unlink(copies[1]);
}

int main(void)
{
    only_sqlite();
    fixture_begin();
    apr_pool_create(&lasting, NULL);
    test_same();
    test_replaced();
    test_index();
    test_shared();
    test_writer();
    test_log_left();
    test_between();
    test_copied();
    test_memory();
    test_folder();
    test_link();
    test_quick();
    apr_pool_destroy(lasting);
    fixture_end();
    return tap_done();
}
