/* What is imported as a file. Knows files alone. See import_spool.h. */
#include "import_spool.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <apr_strings.h>

static ubal_error_t *fault(const char *doing, const char *path,
                           apr_pool_t *pool)
{
    apr_status_t rv = errno;

    return ubal_error_make(rv == ENOENT ? UBAL_ERR_INPUT : UBAL_ERR_SYSTEM,
                           pool, "cannot %s %s: %pm", doing, path, &rv);
}

static int write_all(int fd, const char *bytes, ssize_t length)
{
    while (length > 0) {
        ssize_t written = write(fd, bytes, (size_t)length);

        if (written < 0 && errno != EINTR) {
            return 0;
        }
        bytes += written > 0 ? written : 0;
        length -= written > 0 ? written : 0;
    }
    return 1;
}

static ubal_error_t *copy(int fd, const char *folder, apr_pool_t *pool)
{
    static char bytes[65536];
    ssize_t got;

    while ((got = read(STDIN_FILENO, bytes, sizeof(bytes))) != 0) {
        if (got < 0 && errno != EINTR) {
            return fault("read", "standard input", pool);
        }
        if (!write_all(fd, bytes, got)) {
            return fault("keep standard input in", folder, pool);
        }
    }
    return NULL;
}

/* A file that is gone when it is closed. */
static ubal_error_t *make_nameless(int *fd, const char *folder,
                                   apr_pool_t *pool)
{
    char *name = apr_pstrcat(pool, folder, "/.ubal-import-XXXXXX", NULL);

    *fd = mkostemp(name, O_CLOEXEC);
    if (*fd < 0) {
        return fault("keep standard input in", folder, pool);
    }
    unlink(name);
    return NULL;
}

ubal_error_t *ubal_import_spool(int *fd, apr_int64_t *size, const char *path,
                                const char *folder, apr_pool_t *pool)
{
    ubal_error_t *err = NULL;
    struct stat st;

    *fd = strcmp(path, "-") ? open(path, O_RDONLY | O_CLOEXEC)
                            : fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3);
    if (*fd < 0 || fstat(*fd, &st)) {
        return fault("read", path, pool);
    }
    if (!S_ISREG(st.st_mode) && strcmp(path, "-")) {
        close(*fd);
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "%s is no file: pipe it in, as -", path);
    }
    if (!S_ISREG(st.st_mode)) {
        close(*fd);
        err = make_nameless(fd, folder, pool);
        if (!err) {
            err = copy(*fd, folder, pool);
        }
        if (!err && fstat(*fd, &st)) {
            err = fault("read", folder, pool);
        }
    }
    *size = err ? 0 : (apr_int64_t)st.st_size;
    return err;
}
