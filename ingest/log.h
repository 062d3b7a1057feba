/* The daemon's log: a line an event, to standard error or UbalIngestLog. */
#ifndef UBAL_LOG_H
#define UBAL_LOG_H

#include <apr_pools.h>

#include "core/error.h"

typedef enum {
    UBAL_LOG_ERROR,
    UBAL_LOG_WARN,
    UBAL_LOG_INFO,
    UBAL_LOG_DEBUG
} ubal_log_level_e;

/* Finds a level by name (error, warn, info, debug); 0 where it is none. */
int ubal_log_find_level(ubal_log_level_e *level, const char *name);

/* Sends later lines to `path` (appended, made with mode 0640), or to standard
 * error where it is NULL; lines less urgent than `level` are dropped. */
ubal_error_t *ubal_log_open(const char *path, ubal_log_level_e level,
                            apr_pool_t *pool);

/* Writes one line: time (UTC), level, pid, text. Control characters of the
 * text are escaped; the line is one write(2). A failed write is counted and
 * said with the next line that succeeds: logging never stops the daemon. */
void ubal_log_line(ubal_log_level_e level, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

#endif
