/* Where the settings and secrets come from: descriptors that httpd filled, or
 * files. Knows no directive. */
#ifndef UBAL_CONFIG_H
#define UBAL_CONFIG_H

#include <apr_file_io.h>

#include "core/vendor.h"

/* Reads the settings from `fd` to its end and puts /dev/null in its place.
 * They must end with the line
 * "# ubal-settings end": a text that was cut off is refused. */
ubal_error_t *ubal_config_read_fd(ubal_settings_t **settings, int fd,
                                  apr_pool_t *pool);

/* Reads the file at `path`, relative to the working directory. */
ubal_error_t *ubal_config_read_file(ubal_settings_t **settings,
                                    const char *path, apr_pool_t *pool);

/* Fills in the vendors' secrets: from `fd` ("name NUL secret NUL" each, to
 * its end, then /dev/null takes its place), or, where it is -1, from where the
 * settings say. */
ubal_error_t *ubal_config_read_secrets(const ubal_settings_t *settings, int fd,
                                       apr_pool_t *pool);

/* Reads `file` (called `origin` in errors) to its end, at most 16 MiB, and
 * puts a NUL behind it. */
ubal_error_t *ubal_config_read_all(char **text, apr_size_t *length,
                                   apr_file_t *file, const char *origin,
                                   apr_pool_t *pool);

#endif
