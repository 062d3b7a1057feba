/* The daemon's log: a line an event. Knows a descriptor; must not know what
 * is logged, nor fail: logging never stops the daemon. */
#include "log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <apr_strings.h>

#define TEXT_MAX 4096

/* The one sink of the process. */
static struct {
    int fd;
    ubal_log_level_e level;
    unsigned long lost;
} sink = {STDERR_FILENO, UBAL_LOG_INFO, 0};

static const char *const level_names[] = {"error", "warn", "info", "debug"};

int ubal_log_find_level(ubal_log_level_e *level, const char *name)
{
    int i;

    for (i = UBAL_LOG_ERROR; i <= UBAL_LOG_DEBUG; i++) {
        if (strcmp(name, level_names[i]) == 0) {
            *level = (ubal_log_level_e)i;
            return 1;
        }
    }
    return 0;
}

ubal_error_t *ubal_log_open(const char *path, ubal_log_level_e level,
                            apr_pool_t *pool)
{
    int flags = O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY;
    int fd = STDERR_FILENO;
    apr_status_t rv;

    sink.level = level;
    if (path && (fd = open(path, flags, 0640)) < 0) {
        rv = errno;
        return ubal_error_make(UBAL_ERR_SYSTEM, pool,
                               "cannot open the log %s: %pm", path, &rv);
    }
    if (sink.fd != STDERR_FILENO) {
        close(sink.fd);
    }
    sink.fd = fd;
    return NULL;
}

/* Copies `text` with control characters and bytes above ASCII as \xHH, so
 * that no vendor's text can forge a line or confuse a terminal. Returns the
 * length, at most `size`. */
static apr_size_t escape(char *out, apr_size_t size, const char *text)
{
    static const char hex[] = "0123456789abcdef";
    apr_size_t length = 0;

    for (; *text && length + 4 <= size; text++) {
        unsigned char c = (unsigned char)*text;

        if (c >= 0x20 && c < 0x7f) {
            out[length++] = (char)c;
            continue;
        }
        out[length++] = '\\';
        out[length++] = 'x';
        out[length++] = hex[c >> 4];
        out[length++] = hex[c & 15];
    }
    return length;
}

/* [2026-03-01T12:00:00.250Z] [ubal:info] [pid 12] */
static apr_size_t print_prefix(char *out, apr_size_t size,
                               ubal_log_level_e level)
{
    struct timespec t;
    struct tm utc;
    apr_size_t length;

    clock_gettime(CLOCK_REALTIME, &t);
    gmtime_r(&t.tv_sec, &utc);
    length = strftime(out, size, "[%Y-%m-%dT%H:%M:%S", &utc);
    return length + (apr_size_t)apr_snprintf(
                        out + length, size - length,
                        ".%03ldZ] [ubal:%s] [pid %ld] ", t.tv_nsec / 1000000,
                        level_names[level], (long)getpid());
}

/* The line is one write(2), so that the lines of several writers of a file
 * or pipe stay whole. */
static int write_line(ubal_log_level_e level, const char *text)
{
    char line[2 * TEXT_MAX];
    apr_size_t length = print_prefix(line, 128, level);
    ssize_t written;

    length += escape(line + length, sizeof(line) - length - 1, text);
    line[length++] = '\n';
    do {
        written = write(sink.fd, line, length);
    } while (written < 0 && errno == EINTR);
    return written == (ssize_t)length;
}

void ubal_log_line(ubal_log_level_e level, const char *format, ...)
{
    char text[TEXT_MAX];
    va_list args;

    if (level > sink.level) {
        return;
    }
    if (sink.lost) {
        snprintf(text, sizeof(text), "%lu lines of this log were lost",
                 sink.lost);
        if (write_line(UBAL_LOG_WARN, text)) {
            sink.lost = 0;
        }
    }
    va_start(args, format);
    vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    if (!write_line(level, text)) {
        sink.lost++;
    }
}
