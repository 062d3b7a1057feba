/* The lock file: its records survive nothing but what was written whole, and
 * the wait between starts grows. */
#include "store/lock.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/file.h>
#include <unistd.h>

#include <apr_general.h>

#include "owner.h"
#include "tap.h"

static char folder[] = "/tmp/ubal-lock-XXXXXX";

static char *path_of(const char *name)
{
    static char path[256];

    snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static void check_open(void)
{
    int fd = ubal_lock_open(path_of("lock")), other;

    tap_ok(fd >= 0, "a missing lock file is made");
    tap_ok(ubal_lock_is_at(fd, path_of("lock")), "and is the one at its path");
    tap_ok(!ubal_lock_is_held(path_of("lock")), "nobody holds it yet");
    flock(fd, LOCK_EX);
    tap_ok(ubal_lock_is_held(path_of("lock")), "now someone does");
    unlink(path_of("lock"));
    tap_ok(!ubal_lock_is_at(fd, path_of("lock")),
           "removed, it is not at its path any more");
    tap_ok(!ubal_lock_is_held(path_of("lock")), "nobody holds a missing file");
    other = ubal_lock_open(path_of("lock"));
    tap_ok(!ubal_lock_is_at(fd, path_of("lock")),
           "nor when another is in its place");
    close(other);
    close(fd);
    tap_ok(symlink("lock", path_of("link")) == 0 &&
               ubal_lock_open(path_of("link")) < 0 && errno == ELOOP,
           "no link is followed");
}

static void check_records(void)
{
    int fd = ubal_lock_open(path_of("records"));
    apr_int64_t stamp;
    char text[16], other[16] = "another";

    tap_ok(!ubal_lock_read(fd, 0, text, sizeof(text)) && !text[0],
           "an empty file has no record");
    tap_ok(ubal_lock_write(fd, 0, "fifteen letters", 16), "one is written");
    tap_ok(ubal_lock_write(fd, 512, other, 16), "and another beside it");
    tap_ok(ubal_lock_read(fd, 0, text, 16), "the first is read back");
    tap_is_str(text, "fifteen letters", "as it was");
    tap_ok(pwrite(fd, "F", 1, 0) == 1 && !ubal_lock_read(fd, 0, text, 16),
           "a changed byte makes it none");
    tap_ok(ubal_lock_read(fd, 512, text, 16), "the other one stands");
    tap_ok(pread(fd, &stamp, sizeof(stamp), 1024) == sizeof(stamp) &&
               (stamp -= 10000000) &&
               pwrite(fd, &stamp, sizeof(stamp), 1024) == sizeof(stamp) &&
               !ubal_lock_read(fd, 512, text, 16),
           "none does in a file that was copied back");
    tap_ok(ubal_lock_write(fd, 0, "fifteen letters", 16) &&
               ubal_lock_read(fd, 0, text, 16),
           "what is written from then on does");
    tap_ok(!ubal_lock_read(fd, 512, text, 16), "what was there does not");
    ubal_lock_write(fd, 512, other, 16);
    tap_ok(ftruncate(fd, 520) == 0 && !ubal_lock_read(fd, 512, text, 16),
           "cut off, it is none either");
    close(fd);
}

static void check_delay(void)
{
    static const apr_int64_t expected[] = {
        100000, 200000, 400000, 800000, 1600000, 3200000, 6400000, 12800000};
    int fd = ubal_lock_open(path_of("delay"));
    ubal_lock_start_t start;
    apr_size_t i;

    tap_is_int(ubal_lock_delay(&start, fd, 7), 0,
               "the first start is at once");
    for (i = 0; i < sizeof(expected) / sizeof(*expected); i++) {
        ubal_lock_note_start(fd, &start);
        tap_is_int(ubal_lock_delay(&start, fd, 7), expected[i],
                   "after %d that ended at once", (int)i + 1);
    }
    start.failures = 1000000;
    ubal_lock_note_start(fd, &start);
    tap_is_int(ubal_lock_delay(&start, fd, 7), 30000000, "never above 30 s");
    start.at -= 6000000;
    ubal_lock_write(fd, UBAL_LOCK_START, &start, sizeof(start));
    tap_is_int(ubal_lock_delay(&start, fd, 7), 0,
               "a daemon that lived resets it");
    start.failures = 3;
    ubal_lock_note_start(fd, &start);
    tap_is_int(ubal_lock_delay(&start, fd, 8), 0, "so does a restart");
    start.failures = 3;
    ubal_lock_note_start(fd, &start);
    ubal_lock_note_end(fd);
    tap_is_int(ubal_lock_delay(&start, fd, 7), 0, "so does an orderly end");
    start.at = APR_INT64_MAX / 2;
    ubal_lock_write(fd, UBAL_LOCK_START, &start, sizeof(start));
    tap_is_int(ubal_lock_delay(&start, fd, 7), 0, "and another boot");
    close(fd);
}

static void check_owner(apr_pool_t *pool)
{
    ubal_witness_t in = {"boot", "token", 42, 43}, out;
    ubal_lock_start_t start = {0, 0, 0};
    const char *boot = "";
    int fd, other, has_boot;

    tap_ok(!ubal_owner_lock(&fd, path_of("owner"), pool) && fd >= 0,
           "an owner takes the lock");
    tap_ok(!ubal_owner_lock(&other, path_of("owner"), pool) && other == -1,
           "a second does not");
    tap_ok(!ubal_owner_read_witness(&out, fd, pool) && !out.boot[0] &&
               out.slot == 0,
           "a new lock file has no witness");
    tap_ok(!ubal_owner_write_witness(fd, &in, pool), "one is written");
    ubal_lock_note_start(fd, &start);
    ubal_owner_read_witness(&out, fd, pool);
    tap_ok(strcmp(out.boot, "boot") == 0 && strcmp(out.token, "token") == 0 &&
               out.slot == 42 && out.at == 43,
           "and is read back beside the note of the start");
    has_boot = !ubal_owner_boot(&boot, pool);
    tap_ok(has_boot && strlen(boot) > 36 && strlen(boot) < sizeof(in.boot),
           "this boot has a name: %s", boot);
    close(fd);
    tap_ok(!ubal_owner_lock(&other, path_of("owner"), pool) && other >= 0,
           "let go, another takes it");
    close(other);
}

static void check_end(apr_pool_t *pool)
{
    ubal_watch_t watch = {-1, path_of("owner"), -1, -1, 0, -1};
    int ends[2], parent[2];

    if (pipe(ends) || pipe(parent) ||
        ubal_owner_lock(&watch.lock_fd, watch.lock_path, pool)) {
        tap_ok(0, "pipes and lock");
        return;
    }
    watch.generation_fd = ends[0];
    watch.parent_fd = parent[0];
    tap_is_int(ubal_owner_end(&watch), UBAL_END_NOT, "nothing says to end");
    tap_is_int(write(ends[1], "", 1), 1, "a byte in the generation's pipe");
    tap_is_int(ubal_owner_end(&watch), UBAL_END_FINISH, "says to finish");
    unlink(watch.lock_path);
    tap_is_int(ubal_owner_end(&watch), UBAL_END_DISOWNED,
               "a lock file that is gone says more");
    close(parent[1]);
    tap_is_int(ubal_owner_end(&watch), UBAL_END_NOW,
               "a parent that is gone most");
    watch.parent_fd = -1;
    watch.parent_pid = 0x7ffffff0;
    tap_is_int(ubal_owner_end(&watch), UBAL_END_NOW, "by its pid, too");
    tap_is_int(ubal_owner_patience(&watch), 200000, "which is asked often");
    watch.parent_pid = 0;
    tap_is_int(ubal_owner_patience(&watch), 1000000,
               "files are, once a second");
}

int main(void)
{
    apr_pool_t *pool;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    if (!mkdtemp(folder)) {
        return 1;
    }
    check_open();
    check_records();
    check_delay();
    check_owner(pool);
    check_end(pool);
    unlink(path_of("lock"));
    unlink(path_of("link"));
    unlink(path_of("records"));
    unlink(path_of("delay"));
    rmdir(folder);
    apr_terminate();
    return tap_done();
}
