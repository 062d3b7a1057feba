/* ubal-ingest backup FILE: a copy of the database while the daemon goes on.
 * Knows the terminal and the signals that break it off. */
#include "cmd.h"

#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/time.h"
#include "store/backup.h"

static volatile sig_atomic_t is_broken_off;

static void break_off(int signal_number)
{
    (void)signal_number;
    is_broken_off = 1;
}

/* An incomplete copy is removed. */
static void catch_signals(void)
{
    static const int numbers[] = {SIGINT, SIGTERM, SIGHUP};
    struct sigaction action = {.sa_handler = break_off};
    size_t i;

    for (i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
        sigaction(numbers[i], &action, NULL);
    }
}

static int progress(void *baton, int done, int all)
{
    int *shown = baton;
    int percent = all ? (int)(100 * (apr_int64_t)done / all) : 0;

    if (*shown >= 0 && percent != *shown) {
        fprintf(stderr, "\r%3d %%%s", percent, percent == 100 ? "\n" : "");
        *shown = percent;
    }
    return is_broken_off;
}

static void print(const ubal_cmd_t *cmd, const ubal_backup_t *copied)
{
    const char *as_of =
        copied->as_of ? ubal_time_print(copied->as_of, cmd->pool) : NULL;

    if (!cmd->is_json) {
        printf("%s: %" APR_INT64_T_FMT " bytes, as of %s\n", copied->file,
               copied->bytes, as_of ? as_of : "before anything was fetched");
        return;
    }
    fputs("{\"file\":", stdout);
    ubal_cmd_print_string(copied->file);
    printf(",\"bytes\":%" APR_INT64_T_FMT ",\"asOf\":", copied->bytes);
    ubal_cmd_print_string(as_of);
    puts("}");
}

int ubal_cmd_backup(const ubal_cmd_t *cmd)
{
    const ubal_settings_t *settings = cmd->settings;
    int shown = isatty(STDERR_FILENO) ? 0 : -1;
    ubal_backup_t copied;
    ubal_error_t *err;
    ubal_db_t *db;

    if (!cmd->words[0] || cmd->words[1]) {
        return ubal_cmd_usage("backup to which FILE?", NULL);
    }
    catch_signals();
    err = ubal_db_open_reader(&db, settings->driver, settings->params,
                              cmd->pool);
    if (!err) {
        err = ubal_backup_make(&copied, db, cmd->words[0], progress, &shown,
                               cmd->pool);
    }
    if (err) {
        return ubal_cmd_fail(err);
    }
    print(cmd, &copied);
    return UBAL_EXIT_DONE;
}
