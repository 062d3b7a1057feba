/* What the commands share: how they fail, who holds the lock, JSON strings.
 * Knows standard output and standard error. */
#include "cmd.h"

#include <stdio.h>

#include <apr_strings.h>

#include "store/status.h"

int ubal_cmd_fail(const ubal_error_t *err)
{
    fprintf(stderr, "ubal-ingest: %s\n", err->message);
    return UBAL_EXIT_FAILED;
}

/* The owner as it noted itself at its take-over. A holder that has not come
 * that far (or that only waits to start a daemon) has no name there. */
static const char *holder(const ubal_cmd_t *cmd)
{
    const ubal_settings_t *settings = cmd->settings;
    ubal_status_t *status;
    ubal_db_t *db;

    if (ubal_db_open_reader(&db, settings->driver, settings->params,
                            cmd->pool) ||
        ubal_status_read(&status, db, cmd->pool) || !status->owner_host) {
        return "another process";
    }
    return apr_psprintf(
        cmd->pool, "a daemon (last seen: process %" APR_INT64_T_FMT " on %s)",
        status->owner_pid, status->owner_host);
}

int ubal_cmd_lock(int *fd, const ubal_cmd_t *cmd)
{
    const char *path = cmd->settings->lock;
    ubal_error_t *err = ubal_owner_lock(fd, path, cmd->pool);

    if (err) {
        return ubal_cmd_fail(err);
    }
    if (*fd < 0) {
        fprintf(stderr, "ubal-ingest: busy: %s holds %s\n", holder(cmd), path);
        return UBAL_EXIT_BUSY;
    }
    return UBAL_EXIT_DONE;
}

void ubal_cmd_print_string(const char *text)
{
    if (!text) {
        fputs("null", stdout);
        return;
    }
    putchar('"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20 || c == 0x7f) {
            printf("\\u%04x", c);
        } else {
            printf(c == '"' || c == '\\' ? "\\%c" : "%c", c);
        }
    }
    putchar('"');
}
