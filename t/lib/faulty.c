/* Makes faults happen in a process that it is preloaded into, where a test
 * says so by the environment:
 *   UBAL_KILL_AT=N       SIGKILL before the N-th call that changes a file or
 *                        sends something (as counted below)
 *   UBAL_COUNT_FILE=F    the number of those calls is written to F at exit
 *   UBAL_CLOCK_FILE=F    the wall clock is off by the seconds that F says,
 *                        read anew at each look; other clocks are right
 *   UBAL_FULL_FILE=F     while F exists, writes and syncs of regular files
 *                        fail with ENOSPC
 *   UBAL_NO_PIDFD=1      pidfd_open is forbidden, as container runtimes do
 *   UBAL_CA_FILE=F       F is read in place of the system's certificates
 * Only for tests; knows nothing of what it is preloaded into. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

static long calls, kill_at;
static const char *count_file, *clock_file, *full_file;

/* Looked up once: dlsym allocates, and allocators ask for the time. */
#define REAL(name)                                                            \
    (*({                                                                      \
        static __typeof__(&name) real;                                        \
        if (!real) {                                                          \
            real = (__typeof__(&name))dlsym(RTLD_NEXT, #name);                \
        }                                                                     \
        real;                                                                 \
    }))

__attribute__((constructor)) static void read_orders(void)
{
    const char *at = getenv("UBAL_KILL_AT");

    kill_at = at ? atol(at) : 0;
    count_file = getenv("UBAL_COUNT_FILE");
    clock_file = getenv("UBAL_CLOCK_FILE");
    full_file = getenv("UBAL_FULL_FILE");
}

__attribute__((destructor)) static void tell_count(void)
{
    FILE *file = count_file ? fopen(count_file, "w") : NULL;

    if (file) {
        fprintf(file, "%ld\n", calls);
        fclose(file);
    }
}

static void step(void)
{
    if (__atomic_add_fetch(&calls, 1, __ATOMIC_SEQ_CST) == kill_at) {
        kill(getpid(), SIGKILL);
    }
}

static int is_full(int fd)
{
    struct stat st;

    if (full_file && access(full_file, F_OK) == 0 && fstat(fd, &st) == 0 &&
        S_ISREG(st.st_mode)) {
        errno = ENOSPC;
        return 1;
    }
    return 0;
}

ssize_t pwrite64(int fd, const void *data, size_t size, off64_t at)
{
    step();
    return is_full(fd) ? -1 : REAL(pwrite64)(fd, data, size, at);
}

ssize_t pwrite(int fd, const void *data, size_t size, off_t at)
{
    step();
    return is_full(fd) ? -1 : REAL(pwrite)(fd, data, size, at);
}

int fsync(int fd)
{
    step();
    return is_full(fd) ? -1 : REAL(fsync)(fd);
}

int fdatasync(int fd)
{
    step();
    return is_full(fd) ? -1 : REAL(fdatasync)(fd);
}

int ftruncate64(int fd, off64_t size)
{
    step();
    return is_full(fd) ? -1 : REAL(ftruncate64)(fd, size);
}

int ftruncate(int fd, off_t size)
{
    step();
    return is_full(fd) ? -1 : REAL(ftruncate)(fd, size);
}

ssize_t send(int fd, const void *data, size_t size, int flags)
{
    step();
    return REAL(send)(fd, data, size, flags);
}

ssize_t recv(int fd, void *data, size_t size, int flags)
{
    step();
    return REAL(recv)(fd, data, size, flags);
}

static long clock_offset(void)
{
    char text[32] = "";
    int fd = clock_file ? open(clock_file, O_RDONLY | O_CLOEXEC) : -1;
    ssize_t got;

    if (fd < 0) {
        return 0;
    }
    got = read(fd, text, sizeof(text) - 1);
    close(fd);
    return got > 0 ? atol(text) : 0;
}

int clock_gettime(clockid_t clock, struct timespec *now)
{
    int rv = REAL(clock_gettime)(clock, now);

    if (clock == CLOCK_REALTIME) {
        now->tv_sec += clock_offset();
    }
    return rv;
}

int gettimeofday(struct timeval *now, void *zone)
{
    int rv = REAL(gettimeofday)(now, zone);

    now->tv_sec += clock_offset();
    return rv;
}

time_t time(time_t *out)
{
    time_t now = REAL(time)(NULL) + clock_offset();

    if (out) {
        *out = now;
    }
    return now;
}

long syscall(long number, ...)
{
    long words[6];
    va_list args;
    int i;

#ifdef SYS_pidfd_open
    if (number == SYS_pidfd_open && getenv("UBAL_NO_PIDFD")) {
        errno = EPERM;
        return -1;
    }
#endif
    va_start(args, number);
    for (i = 0; i < 6; i++) {
        words[i] = va_arg(args, long);
    }
    va_end(args);
    return REAL(syscall)(number, words[0], words[1], words[2], words[3],
                         words[4], words[5]);
}

/* Debian's place of them, which libcurl is built with, and Fedora's. */
static const char *trusted(const char *path)
{
    const char *file = getenv("UBAL_CA_FILE");

    return file && (strcmp(path, "/etc/ssl/certs/ca-certificates.crt") == 0 ||
                    strcmp(path, "/etc/pki/tls/certs/ca-bundle.crt") == 0)
               ? file
               : path;
}

FILE *fopen(const char *path, const char *mode)
{
    return REAL(fopen)(trusted(path), mode);
}

FILE *fopen64(const char *path, const char *mode)
{
    return REAL(fopen64)(trusted(path), mode);
}
