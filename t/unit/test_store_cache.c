/* Which state a database is in is told without asking it, and an answer is
 * found in memory in that state alone. */
#include <fcntl.h>
#include <sys/mman.h>

#include "store/cache.h"
#include "store_fixture.h"

static ubal_db_t *reader;

static void test_stamp(void)
{
    static const char *const changes[] = {
        "UPDATE coverage SET as_of = as_of + 1",
        "INSERT INTO balances (user_id, earned, spent, payout, paid_out, n, "
        "changed_at) "
        "VALUES ('12', 1, 0, 0, 0, 1, 1)",
        "PRAGMA user_version = 3",
        "VACUUM",
        "PRAGMA wal_checkpoint(RESTART); UPDATE coverage SET as_of = as_of + "
        "1",
    };
    ubal_stamp_t before, after;
    size_t i;

    tap_ok(ubal_stamp_take(&before, reader), "the state can be told");
    tap_ok(ubal_stamp_take(&after, reader) &&
               ubal_stamp_is_equal(&before, &after),
           "and is the same until something is changed");
    sql("BEGIN; UPDATE coverage SET as_of = 0; ROLLBACK");
    tap_ok(ubal_stamp_take(&after, reader) &&
               ubal_stamp_is_equal(&before, &after),
           "what was taken back is no change");
    for (i = 0; i < sizeof(changes) / sizeof(changes[0]); i++) {
        sql(changes[i]);
        tap_ok(!ubal_stamp_take(&after, reader) ||
                   !ubal_stamp_is_equal(&before, &after),
               "%s is one", changes[i]);
        before = after;
    }
}

/* A commit writes the second header, then the first: who looks between the
 * two, or finds an index that is not set up, is told nothing. */
static void test_torn(void)
{
    const char *name = apr_pstrcat(pool, path, "-shm", NULL);
    int fd = open(name, O_RDWR);
    char *index = mmap(NULL, 4096, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
    ubal_stamp_t stamp;

    sql("UPDATE coverage SET as_of = as_of + 1");
    tap_ok(ubal_stamp_take(&stamp, reader), "a whole header tells");
    index[48 + 8]++;
    tap_ok(!ubal_stamp_take(&stamp, reader), "one in mid-commit does not");
    index[48 + 8]--;
    index[12] = index[48 + 12] = 0;
    tap_ok(!ubal_stamp_take(&stamp, reader), "nor one in recovery");
    index[12] = index[48 + 12] = 1;
    tap_ok(ubal_stamp_take(&stamp, reader), "until it is whole again");
    munmap(index, 4096);
    /* open: closing it would drop this process's locks */
}

static void test_empty(void)
{
    const char *name = apr_pstrcat(pool, path, ".empty", NULL);
    ubal_stamp_t stamp;
    ubal_db_t *empty;
    const char *was = path;

    sql(apr_psprintf(pool, "VACUUM INTO '%s'", name));
    path = name;
    sql("PRAGMA journal_mode = WAL");
    must(ubal_db_open_reader(&empty, "sqlite3", name, pool));
    tap_is_int(number("SELECT COUNT(*) FROM coverage"), 1, "a log is empty");
    tap_ok(!ubal_stamp_take(&stamp, empty),
           "an empty log looks the same in all states, and tells none");
    apr_pool_destroy(empty->pool);
    path = was;
}

static ubal_answer_t answer_of(apr_int64_t earned)
{
    ubal_answer_t answer;

    memset(&answer, 0, sizeof(answer));
    answer.is_known = 1;
    answer.sums.of[UBAL_TYPE_EARNED] = earned;
    return answer;
}

static apr_int64_t find(ubal_cache_t *cache, const ubal_stamp_t *stamp,
                        const char *user_id)
{
    ubal_answer_t answer;

    return ubal_cache_find(&answer, cache, stamp, user_id)
               ? answer.sums.of[UBAL_TYPE_EARNED]
               : -1;
}

static void keep(ubal_cache_t *cache, const ubal_stamp_t *stamp,
                 const char *user_id, apr_int64_t earned)
{
    ubal_answer_t answer = answer_of(earned);

    ubal_cache_keep(cache, stamp, user_id, &answer);
}

static void test_cache(void)
{
    ubal_cache_t *cache = ubal_cache_make(64, pool);
    ubal_stamp_t now = {.file = {1, 2}, .index = {3}};
    ubal_stamp_t later = {.file = {1, 2}, .index = {4}};
    ubal_stamp_t elsewhere = {.file = {1, 5}, .index = {3}};
    const char *longest =
        apr_pstrcat(pool, "0123456789012345678901234567890123456789",
                    "012345678901234567890123456789", NULL);
    int i, kept = 0, lost = 0, wrong = 0;

    tap_is_int(find(cache, &now, "12"), -1, "nothing is kept at first");
    keep(cache, &now, "12", 5);
    tap_is_int(find(cache, &now, "12"), 5, "an answer is found again");
    tap_is_int(find(cache, &later, "12"), -1, "not in another state");
    tap_is_int(find(cache, &elsewhere, "12"), -1, "nor of another file");
    tap_is_int(find(cache, &now, "13"), -1, "nor for another user");
    keep(cache, &later, "12", 6);
    tap_is_int(find(cache, &later, "12"), 6, "a later one takes its place");
    tap_is_int(find(cache, &now, "12"), -1, "for good");
    keep(cache, &now, longest, 7);
    tap_is_int(find(cache, &now, longest), -1, "a long id is asked each time");
    for (i = 0; i < 10000; i++) {
        keep(cache, &now, apr_psprintf(pool, "u%d", i), i);
        lost += find(cache, &now, apr_psprintf(pool, "u%d", i)) != i;
    }
    for (i = 0; i < 10000; i++) {
        apr_int64_t found = find(cache, &now, apr_psprintf(pool, "u%d", i));

        kept += found == i;
        wrong += found != i && found != -1;
    }
    tap_is_int(lost, 0, "what was kept last is found");
    tap_is_int(wrong, 0, "a user's own answer, or none");
    tap_is_int(kept, 64, "as many are kept as there is room for");
}

int main(void)
{
    only_sqlite();
    fixture_begin();
    must(ubal_db_open_reader(&reader, "sqlite3", path, pool));
    test_stamp();
    test_torn();
    test_empty();
    test_cache();
    apr_pool_destroy(reader->pool);
    fixture_end();
    return tap_done();
}
