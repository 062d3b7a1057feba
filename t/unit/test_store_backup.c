/* A copy is the database as it was at one instant, whatever is written while
 * it is made; it never takes the place of a file, and is whole or not there.
 */
#include "store/backup.h"

#include <dirent.h>
#include <sys/stat.h>

#include "store_fixture.h"

static ubal_db_t *reader;
static const char *file;

/* How many files of the folder there are whose name begins with that of the
 * copy. */
static int count_files(void)
{
    const char *name = strrchr(file, '/') + 1;
    DIR *folder =
        opendir(apr_pstrmemdup(pool, file, (apr_size_t)(name - file)));
    struct dirent *entry;
    int count = 0;

    while ((entry = readdir(folder))) {
        count += !strncmp(entry->d_name, name, strlen(name));
    }
    closedir(folder);
    return count;
}

static long long number_in(const char *copy, const char *text)
{
    const char *whole = path;
    long long value;

    path = copy;
    value = number(text);
    path = whole;
    return value;
}

/* Commits between the steps of the copy; ends it at step `*left`. */
static int write_and_count(void *baton, int done, int all)
{
    int *left = baton;
    ubal_page_t *page = new_page();

    add(page, apr_psprintf(pool, "p%d", *left), "12", *left, UBAL_TYPE_EARNED,
        5);
    store(page);
    return --*left == 0 && done < all;
}

static void test_live(void)
{
    long long before = number("SELECT SUM(earned) FROM balances");
    int left = 1000;
    ubal_backup_t copied;
    struct stat st;

    must(
        ubal_backup_make(&copied, reader, file, write_and_count, &left, pool));
    tap_ok(left < 999, "commits in between were %d", 1000 - left);
    tap_is_str(copied.file, file, "it says where");
    stat(file, &st);
    tap_is_int(copied.bytes, st.st_size, "and how large");
    tap_is_int(copied.as_of, SINCE + 77, "as of when");
    tap_is_int(st.st_mode & 07777, 0640, "not for all to read");
    tap_is_int(number_in(file, "SELECT SUM(earned) FROM balances"), before,
               "it is as it was when it began");
    tap_is_int(number_in(file, "SELECT COUNT(*) FROM pragma_integrity_check "
                               "WHERE integrity_check <> 'ok'"),
               0, "and sound");
    tap_is_int(number("SELECT SUM(earned) FROM balances"),
               before + 5LL * (1000 - left), "what was written stays");
    unlink(apr_pstrcat(pool, file, "-wal", NULL));
    unlink(apr_pstrcat(pool, file, "-shm", NULL));
    tap_is_int(count_files(), 1, "nothing else is there");
}

static void test_refused(void)
{
    const char *none = apr_pstrcat(pool, file, "/x", NULL);
    ubal_backup_t copied;
    int left = 1;

    fails(ubal_backup_make(&copied, reader, file, NULL, NULL, pool),
          UBAL_ERR_INPUT, "nothing is written over it",
          "a file that is there is left as it is");
    fails(ubal_backup_make(&copied, reader, none, NULL, NULL, pool),
          UBAL_ERR_SYSTEM, "cannot create", "a folder must be one");
    tap_is_int(count_files(), 1, "nothing is left of either");
    unlink(file);
    tap_ok(!symlink("/nowhere/at/all", file), "a link in its place");
    fails(ubal_backup_make(&copied, reader, file, NULL, NULL, pool),
          UBAL_ERR_INPUT, "nothing is written over it",
          "nor is a link followed");
    unlink(file);
    fails(
        ubal_backup_make(&copied, reader, file, write_and_count, &left, pool),
        UBAL_ERR_SYSTEM, "broken off", "one that is broken off");
    tap_is_int(count_files(), 0, "leaves nothing");
    reader->dialect = UBAL_DIALECT_PGSQL;
    fails(ubal_backup_make(&copied, reader, file, NULL, NULL, pool),
          UBAL_ERR_INPUT, "pg_dump", "PostgreSQL has its own");
    reader->dialect = UBAL_DIALECT_SQLITE;
}

/* Someone else makes the file while the copy is being made. */
static int make_file(void *baton, int done, int all)
{
    FILE *out = fopen(file, "w");

    (void)baton;
    (void)done;
    (void)all;
    fputs("mine", out);
    fclose(out);
    return 0;
}

static void test_race(void)
{
    ubal_backup_t copied;
    struct stat st;

    fails(ubal_backup_make(&copied, reader, file, make_file, NULL, pool),
          UBAL_ERR_INPUT, "nothing is written over it",
          "a file that came meanwhile is not written over");
    stat(file, &st);
    tap_is_int(st.st_size, 4, "and is as it was");
    tap_is_int(count_files(), 1, "without anything beside it");
    unlink(file);
}

int main(void)
{
    only_sqlite();
    fixture_begin();
    sql("CREATE TABLE filler (x TEXT); WITH RECURSIVE n(i) AS (SELECT 1 UNION "
        "ALL SELECT i + 1 FROM n WHERE i < 4000) INSERT INTO filler SELECT "
        "hex(randomblob(2000)) FROM n; UPDATE coverage SET as_of = since + 77;"
        " UPDATE vendors SET as_of = since + 77");
    file = apr_pstrcat(pool, path, ".copy", NULL);
    {
        ubal_page_t *page = new_page();

        add(page, "a", "12", 1, UBAL_TYPE_EARNED, 1000);
        store(page);
    }
    must(ubal_db_open_reader(&reader, "sqlite3", path, pool));
    test_live();
    test_refused();
    test_race();
    fixture_end();
    return tap_done();
}
