/* The commands of ubal-ingest, one file each (cmd_<name>.c). */
#ifndef UBAL_CMD_H
#define UBAL_CMD_H

#include "core/vendor.h"
#include "owner.h"

#define UBAL_EXIT_DONE 0
#define UBAL_EXIT_FAILED 1
#define UBAL_EXIT_USAGE 2
#define UBAL_EXIT_BUSY 75

/* What every command gets. */
typedef struct ubal_cmd_t {
    const ubal_settings_t *settings; /* secrets read for run and check only */
    int is_json;                     /* --json */
    ubal_watch_t watch; /* what httpd handed over; by hand: lock_fd -1 and
                         * nothing else to watch */
    apr_pool_t *pool;
} ubal_cmd_t;

/* Each returns one of the exit codes, having printed its result to standard
 * output or its error to standard error. */
int ubal_cmd_run(const ubal_cmd_t *cmd);
int ubal_cmd_status(const ubal_cmd_t *cmd);
int ubal_cmd_check(const ubal_cmd_t *cmd);
int ubal_cmd_verify(const ubal_cmd_t *cmd);
int ubal_cmd_migrate(const ubal_cmd_t *cmd);

/* Prints the sentence of `err` to standard error; UBAL_EXIT_FAILED. */
int ubal_cmd_fail(const ubal_error_t *err);

/* Takes the lock for a command: UBAL_EXIT_DONE and `*fd`, or, having said on
 * standard error who holds it, UBAL_EXIT_BUSY, or UBAL_EXIT_FAILED. */
int ubal_cmd_lock(int *fd, const ubal_cmd_t *cmd);

/* Prints text to standard output as a JSON string, or null for NULL. */
void ubal_cmd_print_string(const char *text);

#endif
