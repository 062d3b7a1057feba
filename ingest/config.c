/* Where the settings and secrets come from. Knows descriptors and files; must
 * not know what a directive means. */
#include "config.h"

#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include <apr_portable.h>

#define TEXT_MAX ((apr_size_t)16 << 20)

ubal_error_t *ubal_config_read_all(char **text, apr_size_t *length,
                                   apr_file_t *file, const char *origin,
                                   apr_pool_t *pool)
{
    apr_size_t room = 8192, got;
    apr_status_t rv = APR_SUCCESS;
    char *bytes = apr_palloc(pool, room);

    for (*length = 0; *length < TEXT_MAX; *length += got) {
        if (*length + 1 == room) {
            char *larger = apr_palloc(pool, 2 * room);

            memcpy(larger, bytes, room);
            bytes = larger;
            room *= 2;
        }
        got = room - *length - 1;
        rv = apr_file_read(file, bytes + *length, &got);
        if (rv != APR_SUCCESS) {
            break;
        }
    }
    bytes[*length] = '\0';
    *text = bytes;
    if (rv == APR_EOF) {
        return NULL;
    }
    if (rv == APR_SUCCESS) {
        return ubal_error_make(UBAL_ERR_INPUT, pool, "%s is too long", origin);
    }
    return ubal_error_make(UBAL_ERR_SYSTEM, pool, "cannot read %s: %pm",
                           origin, &rv);
}

/* Lets go of `fd`, so that nobody finds in it what was read. Something stays
 * open in its place, lest a later file become standard input. */
static void forget(int fd)
{
    int null_fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

    if (null_fd < 0 || dup2(null_fd, fd) < 0) {
        close(fd);
    }
    if (null_fd >= 0) {
        close(null_fd);
    }
}

static ubal_error_t *read_fd(char **text, apr_size_t *length, int fd,
                             const char *origin, apr_pool_t *pool)
{
    ubal_error_t *err;
    apr_file_t *file;
    apr_status_t rv =
        apr_os_file_put(&file, &fd, APR_FOPEN_READ | APR_FOPEN_BINARY, pool);

    if (rv != APR_SUCCESS) {
        return ubal_error_make(UBAL_ERR_SYSTEM, pool, "cannot read %s: %pm",
                               origin, &rv);
    }
    err = ubal_config_read_all(text, length, file, origin, pool);
    forget(fd);
    return err;
}

ubal_error_t *ubal_config_read_fd(ubal_settings_t **settings, int fd,
                                  apr_pool_t *pool)
{
    const char *origin = "httpd's settings";
    apr_size_t length;
    char *text, *end;
    ubal_error_t *err = read_fd(&text, &length, fd, origin, pool);

    if (err) {
        return err;
    }
    end = strstr(text, UBAL_SETTINGS_END "\n");
    if (!end || end[sizeof(UBAL_SETTINGS_END)] || strlen(text) != length) {
        return ubal_error_make(UBAL_ERR_INPUT, pool, "%s were cut off",
                               origin);
    }
    return ubal_settings_parse(settings, text, origin, pool);
}

ubal_error_t *ubal_config_read_file(ubal_settings_t **settings,
                                    const char *path, apr_pool_t *pool)
{
    apr_file_t *file;
    apr_size_t length;
    ubal_error_t *err;
    char *text;
    apr_status_t rv = apr_file_open(&file, path, APR_FOPEN_READ, 0, pool);

    if (rv != APR_SUCCESS) {
        return ubal_error_make(UBAL_ERR_SYSTEM, pool, "cannot open %s: %pm",
                               path, &rv);
    }
    err = ubal_config_read_all(&text, &length, file, path, pool);
    apr_file_close(file);
    if (!err && strlen(text) != length) {
        err = ubal_error_make(UBAL_ERR_INPUT, pool, "%s is not text", path);
    }
    return err ? err : ubal_settings_parse(settings, text, path, pool);
}

static ubal_vendor_t *find_vendor(const ubal_settings_t *settings,
                                  const char *name)
{
    int i;

    for (i = 0; i < settings->vendors->nelts; i++) {
        ubal_vendor_t *vendor =
            APR_ARRAY_IDX(settings->vendors, i, ubal_vendor_t *);

        if (strcmp(vendor->name, name) == 0) {
            return vendor;
        }
    }
    return NULL;
}

static ubal_error_t *read_sources(const ubal_settings_t *settings,
                                  apr_pool_t *pool)
{
    ubal_error_t *err = NULL;
    int i;

    for (i = 0; i < settings->vendors->nelts && !err; i++) {
        err = ubal_vendor_read_secret(
            APR_ARRAY_IDX(settings->vendors, i, ubal_vendor_t *), pool);
    }
    return err;
}

ubal_error_t *ubal_config_read_secrets(const ubal_settings_t *settings, int fd,
                                       apr_pool_t *pool)
{
    apr_size_t length;
    char *text, *end;
    ubal_error_t *err;

    if (fd < 0) {
        return read_sources(settings, pool);
    }
    err = read_fd(&text, &length, fd, "httpd's secrets", pool);
    if (err) {
        return err;
    }
    end = text + length;
    while (text < end) {
        char *secret = text + strlen(text) + 1;
        ubal_vendor_t *vendor = find_vendor(settings, text);

        if (secret >= end || !vendor) {
            return ubal_error_make(UBAL_ERR_INPUT, pool,
                                   "httpd's secrets do not fit its settings");
        }
        vendor->secret = secret;
        text = secret + strlen(secret) + 1;
    }
    return NULL;
}
