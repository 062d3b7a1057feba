/* A busy child holds the snapshot's lock for a moment at a time: others see
 * the lock, and neither commits nor checkpoints are kept by it. */
#include <fcntl.h>
#include <sys/wait.h>

#include "store/checkpoint.h"
#include "store/linger.h"
#include "store_fixture.h"

static ubal_linger_t *linger;
static apr_pool_t *child;

/* Whether this process holds any lock of a reader: what another one is told.
 * See "WAL-mode File Format" of SQLite's documentation. */
static int is_held(void)
{
    struct flock readers = {
        .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 123, .l_len = 5};
    pid_t other_pid = fork();
    int status = 2;

    if (!other_pid) {
        int fd = open(apr_pstrcat(pool, path, "-shm", NULL), O_RDWR);

        _exit(fd < 0 || fcntl(fd, F_GETLK, &readers) ? 2
              : readers.l_type == F_UNLCK            ? 0
                                                     : 1);
    }
    if (other_pid < 0 || waitpid(other_pid, &status, 0) != other_pid ||
        !WIFEXITED(status) || WEXITSTATUS(status) > 1) {
        printf("Bail out! the locks cannot be asked for\n");
        exit(1);
    }
    return WEXITSTATUS(status);
}

static void touch(int times)
{
    while (times--) {
        ubal_linger_touch(linger);
    }
}

/* Waits, with so many questions each time, until the lock is held or not. */
static int becomes(int held, int times)
{
    int i;

    for (i = 0; i < 1000 && is_held() != held; i++) {
        touch(times);
    }
    return i < 1000;
}

static void test_hold(void)
{
    int i, held = 0;

    for (i = 0; i < 20; i++) {
        touch(1);
        held += is_held();
        apr_sleep(10000);
    }
    tap_is_int(held, 0, "a question now and then holds nothing");
    tap_ok(becomes(1, 1000), "thousands at once hold the lock");
    tap_ok(becomes(0, 0), "and it is given back with no more to come");
}

static void test_reading(void)
{
    ubal_coverage_t coverage;
    ubal_sums_t sums = {{0}};
    ubal_db_t *reader = NULL;
    apr_int64_t i, right = 0;
    int is_known;

    for (i = 1; i <= 200; i++) {
        ubal_page_t *page = new_page();

        touch(100);
        add(page, apr_psprintf(pool, "%d", (int)i), "12", 1, UBAL_TYPE_EARNED,
            1);
        store(page);
        touch(100);
        must(ubal_db_follow(&reader, path, child, pool));
        must(ubal_read_user(&coverage, &sums, &is_known, reader, "12", 2,
                            pool));
        right += sums.of[UBAL_TYPE_EARNED] == i;
    }
    tap_is_int(right, 200, "what is committed meanwhile is read at once");
}

/* The thread may be late on a busy machine, but not most times. */
static void test_checkpoint(void)
{
    int i, all = 0;

    for (i = 0; i < 50; i++) {
        touch(100);
        must(
            ubal_db_script(db, "UPDATE coverage SET as_of = as_of + 1", pool));
        must(ubal_checkpoint_run(db, pool));
        all += ubal_checkpoint_waiting(db) == 0;
    }
    tap_ok(all > i / 2,
           "a checkpoint waits for the lock and moves the whole log");
    printf("# %d of %d times\n", all, i);
}

static void test_gone(void)
{
    const char *away = apr_pstrcat(pool, path, ".away", NULL);

    rename(path, away);
    touch(1000);
    tap_ok(becomes(0, 0), "of a file that is gone nothing is held");
    rename(away, path);
    tap_ok(becomes(1, 1000), "but once it is there again");
    apr_pool_destroy(child);
    tap_ok(!is_held(), "a child that ends gives it back");
}

int main(void)
{
    only_sqlite();
    fixture_begin();
    apr_pool_create(&child, NULL);
    linger = ubal_linger_make(path, child);
    tap_ok(linger != NULL, "it is made");
    test_hold();
    test_reading();
    test_checkpoint();
    test_gone();
    fixture_end();
    return tap_done();
}
