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
    const char *const *words; /* what follows the command's name; ends with
                               * NULL */
    int is_json;              /* --json */
    int is_all;               /* --all */
    int is_dry_run;           /* --dry-run */
    int is_repair;            /* --repair */
    const char *from, *to;    /* as they were given; NULL: not */
    const char *opening, *at; /* the same */
    const char *vendor;       /* --vendor; NULL: there is only one */
    const char *format;       /* --format; NULL: what the file says */
    ubal_watch_t watch; /* what httpd handed over; by hand: lock_fd -1 and
                         * nothing else to watch */
    apr_pool_t *pool;
} ubal_cmd_t;

/* Each returns one of the exit codes, having printed its result to standard
 * output or its error to standard error. */
int ubal_cmd_run(const ubal_cmd_t *cmd);
int ubal_cmd_status(const ubal_cmd_t *cmd);
int ubal_cmd_check(const ubal_cmd_t *cmd);
int ubal_cmd_windows(const ubal_cmd_t *cmd);
int ubal_cmd_retry(const ubal_cmd_t *cmd);
int ubal_cmd_backfill(const ubal_cmd_t *cmd);
int ubal_cmd_reconcile(const ubal_cmd_t *cmd);
int ubal_cmd_dead(const ubal_cmd_t *cmd);
int ubal_cmd_import(const ubal_cmd_t *cmd);
int ubal_cmd_opening(const ubal_cmd_t *cmd); /* import --opening */
int ubal_cmd_verify(const ubal_cmd_t *cmd);
int ubal_cmd_backup(const ubal_cmd_t *cmd);
int ubal_cmd_copy(const ubal_cmd_t *cmd);
int ubal_cmd_migrate(const ubal_cmd_t *cmd);

/* Prints the sentence of `err` to standard error; UBAL_EXIT_FAILED. */
int ubal_cmd_fail(const ubal_error_t *err);

/* The same for an error of the database, whose file is named. */
int ubal_cmd_fail_db(const ubal_cmd_t *cmd, const ubal_error_t *err);

/* Says on standard error that the command was not used as it is to be;
 * UBAL_EXIT_USAGE. `value` (NULL: none) is what is wrong. */
int ubal_cmd_usage(const char *what, const char *value);

/* 1 where all the words, one at least, are numbers above 0; else 0, having
 * said what is wrong. */
int ubal_cmd_are_ids(const char *const *words);

/* Reads --from and --to (now, where it was not given and `is_open`), dates as
 * UbalSince takes them; else 0, having said what is wrong. */
int ubal_cmd_range(apr_int64_t *from, apr_int64_t *to, int is_open,
                   const ubal_cmd_t *cmd);

/* Calls `verb` with `words` (ended by NULL) and prints the windows that it
 * names, each as being `outcome`. Returns the exit code. */
int ubal_cmd_decide(const ubal_cmd_t *cmd, const char *verb,
                    const char *const *words, const char *outcome);

/* Follows the history that is being fetched; the exit code. */
int ubal_cmd_follow(const ubal_cmd_t *cmd);

/* Takes the lock for a command: UBAL_EXIT_DONE and `*fd`, or, having said on
 * standard error who holds it, UBAL_EXIT_BUSY, or UBAL_EXIT_FAILED. */
int ubal_cmd_lock(int *fd, const ubal_cmd_t *cmd);

/* Who holds the lock: the owner as it noted itself at its take-over. One that
 * has not come that far (or only waits to start a daemon) has no name there.
 */
const char *ubal_cmd_holder(const ubal_cmd_t *cmd);

/* Prints text to standard output as a JSON string, or null for NULL. */
void ubal_cmd_print_string(const char *text);

#endif
