/* The lock file of a database, its two records and its stamp. Knows files
 * alone; must not use pools (see lock.h). */
#include "store/lock.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RECORD_MAX 256
/* Where the time of the last change is kept, by the clock of the file's own
 * ctime, and how much that may be off. */
#define STAMP 1024
#define STAMP_OFF APR_INT64_C(2000000)
#define LIVED_WELL APR_INT64_C(5000000)
#define DELAY_MIN APR_INT64_C(100000)
#define DELAY_MAX APR_INT64_C(30000000)

int ubal_lock_open(const char *path)
{
    struct stat info;
    int fd = open(path, O_RDWR | O_CREAT | O_NOFOLLOW | O_CLOEXEC, 0640);

    if (fd >= 0 && (fstat(fd, &info) || !S_ISREG(info.st_mode))) {
        close(fd);
        errno = EINVAL;
        return -1;
    }
    return fd;
}

int ubal_lock_is_at(int fd, const char *path)
{
    struct stat ours, there;

    return fstat(fd, &ours) == 0 && lstat(path, &there) == 0 &&
           ours.st_dev == there.st_dev && ours.st_ino == there.st_ino;
}

int ubal_lock_is_held(const char *path)
{
    int fd = open(path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC | O_NONBLOCK);
    int is_held;

    if (fd < 0) {
        return 0;
    }
    is_held = flock(fd, LOCK_SH | LOCK_NB) != 0 && errno == EWOULDBLOCK;
    close(fd);
    return is_held;
}

/* FNV-1a, 64 bits: tells a cut or foreign record, not a forged one; who may
 * write the file may as well take the lock. */
static apr_uint64_t checksum(const unsigned char *bytes, apr_size_t size)
{
    apr_uint64_t sum = APR_UINT64_C(0xcbf29ce484222325);
    apr_size_t i;

    for (i = 0; i < size; i++) {
        sum = (sum ^ bytes[i]) * APR_UINT64_C(0x100000001b3);
    }
    return sum;
}

static apr_int64_t changed_at(int fd)
{
    struct stat info;

    return fstat(fd, &info) ? 0
                            : (apr_int64_t)info.st_ctim.tv_sec * 1000000 +
                                  info.st_ctim.tv_nsec / 1000;
}

/* Whether nobody has changed the file since we did. What a copy puts in its
 * place, or writes into it, is older than the file's ctime, which no program
 * can set. */
static int is_untouched(int fd)
{
    apr_int64_t stamp, off;

    if (pread(fd, &stamp, sizeof(stamp), STAMP) != sizeof(stamp)) {
        return 0;
    }
    off = changed_at(fd) - stamp;
    return off <= STAMP_OFF && off >= -STAMP_OFF;
}

static int write_stamp(int fd)
{
    apr_int64_t stamp = changed_at(fd);

    return pwrite(fd, &stamp, sizeof(stamp), STAMP) == sizeof(stamp);
}

int ubal_lock_read(int fd, apr_off_t offset, void *record, apr_size_t size)
{
    unsigned char bytes[RECORD_MAX + sizeof(apr_uint64_t)];
    apr_uint64_t sum;

    memset(record, 0, size);
    if (size > RECORD_MAX || !is_untouched(fd) ||
        pread(fd, bytes, size + sizeof(sum), offset) !=
            (ssize_t)(size + sizeof(sum))) {
        return 0;
    }
    memcpy(&sum, bytes + size, sizeof(sum));
    if (sum != checksum(bytes, size)) {
        return 0;
    }
    memcpy(record, bytes, size);
    return 1;
}

int ubal_lock_write(int fd, apr_off_t offset, const void *record,
                    apr_size_t size)
{
    unsigned char bytes[RECORD_MAX + sizeof(apr_uint64_t)];
    apr_uint64_t sum;
    ssize_t written;

    if (size > RECORD_MAX) {
        errno = EINVAL;
        return 0;
    }
    if (!is_untouched(fd) && ftruncate(fd, 0)) {
        return 0; /* else the other record would be believed again */
    }
    memcpy(bytes, record, size);
    sum = checksum(bytes, size);
    memcpy(bytes + size, &sum, sizeof(sum));
    do {
        written = pwrite(fd, bytes, size + sizeof(sum), offset);
    } while (written < 0 && errno == EINTR);
    if (written >= 0 && written < (ssize_t)(size + sizeof(sum))) {
        errno = ENOSPC;
    }
    return written == (ssize_t)(size + sizeof(sum)) && write_stamp(fd);
}

static apr_int64_t now(void)
{
    struct timespec t;

    clock_gettime(CLOCK_BOOTTIME, &t);
    return (apr_int64_t)t.tv_sec * 1000000 + t.tv_nsec / 1000;
}

apr_int64_t ubal_lock_delay(ubal_lock_start_t *start, int fd,
                            apr_int64_t generation)
{
    apr_int64_t lived, delay = DELAY_MIN, i;

    /* A time ahead of the clock is of an earlier boot. */
    if (!ubal_lock_read(fd, UBAL_LOCK_START, start, sizeof(*start)) ||
        start->at == 0 || start->generation != generation ||
        (lived = now() - start->at) < 0 || lived > LIVED_WELL) {
        start->failures = 0;
        start->generation = generation;
        return 0;
    }
    start->failures++;
    for (i = 1; i < start->failures && delay < DELAY_MAX; i++) {
        delay *= 2;
    }
    return delay < DELAY_MAX ? delay : DELAY_MAX;
}

/* A note that cannot be written (a full disk) is not an error: without it
 * the next start comes at once. */
void ubal_lock_note_start(int fd, ubal_lock_start_t *start)
{
    start->at = now();
    ubal_lock_write(fd, UBAL_LOCK_START, start, sizeof(*start));
}

void ubal_lock_note_end(int fd)
{
    static const ubal_lock_start_t none;

    ubal_lock_write(fd, UBAL_LOCK_START, &none, sizeof(none));
}
