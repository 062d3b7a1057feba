/* The commands of ubal-ingest, one file each (cmd_<name>.c). */
#ifndef UBAL_CMD_H
#define UBAL_CMD_H

#include "core/vendor.h"

#define UBAL_EXIT_DONE 0
#define UBAL_EXIT_FAILED 1
#define UBAL_EXIT_USAGE 2
#define UBAL_EXIT_BUSY 75

/* What every command gets. */
typedef struct ubal_cmd_t {
    const ubal_settings_t *settings; /* secrets not read yet */
    int is_json;                     /* --json */
    int argc;                        /* what follows the command's options */
    const char *const *argv;
    apr_pool_t *pool;
} ubal_cmd_t;

/* Each returns one of the exit codes, having printed its result to standard
 * output or its error to standard error. */
int ubal_cmd_run(const ubal_cmd_t *cmd);
int ubal_cmd_status(const ubal_cmd_t *cmd);
int ubal_cmd_check(const ubal_cmd_t *cmd);
int ubal_cmd_verify(const ubal_cmd_t *cmd);
int ubal_cmd_migrate(const ubal_cmd_t *cmd);

#endif
