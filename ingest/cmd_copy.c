/* ubal-ingest copy CONNINFO: moves an SQLite database to PostgreSQL, while the
 * daemon goes on. Knows the terminal, and what may not be in an argument. */
#include <stdio.h>
#include <string.h>

#include "call.h"
#include "core/time.h"
#include "progress.h"
#include "store/copy.h"

typedef struct work_t {
    ubal_progress_t *rows, *check;
    int is_checking;
} work_t;

static void on_progress(void *baton, ubal_copy_phase_e phase, apr_int64_t done,
                        apr_int64_t total)
{
    work_t *work = baton;

    if (phase == UBAL_COPY_CHECK && !work->is_checking) {
        work->is_checking = 1;
        ubal_progress_end(work->rows);
    }
    ubal_progress_show(work->is_checking ? work->check : work->rows, done,
                       total, (double)done);
}

static void print(const ubal_cmd_t *cmd, const ubal_copy_t *copied)
{
    const char *as_of =
        copied->as_of ? ubal_time_print(copied->as_of, cmd->pool) : NULL;

    if (!cmd->is_json) {
        printf("%s: %" APR_INT64_T_FMT " transactions of %" APR_INT64_T_FMT
               " users (%" APR_INT64_T_FMT " new), as of %s; each user is as "
               "in the database, and verify finds no fault\n",
               copied->is_again ? "brought up to date" : "copied",
               copied->transactions, copied->users, copied->added,
               as_of ? as_of : "before anything was fetched");
        return;
    }
    printf("{\"transactions\":%" APR_INT64_T_FMT ",\"users\":%" APR_INT64_T_FMT
           ",\"new\":%" APR_INT64_T_FMT ",\"isAgain\":%s,\"asOf\":",
           copied->transactions, copied->users, copied->added,
           copied->is_again ? "true" : "false");
    ubal_cmd_print_string(as_of);
    puts("}");
}

static ubal_error_t *copy(ubal_copy_t *copied, const ubal_cmd_t *cmd)
{
    const ubal_settings_t *settings = cmd->settings;
    work_t work = {
        .rows = ubal_progress_make("copying", "rows", cmd->is_json, cmd->pool),
        .check = ubal_progress_make("comparing", "transactions", cmd->is_json,
                                    cmd->pool)};
    ubal_db_t *source, *target;
    ubal_error_t *err = ubal_db_open_reader(&source, settings->driver,
                                            settings->params, cmd->pool);

    if (!err) {
        err = ubal_db_open(&target, "pgsql", cmd->words[0], cmd->pool);
    }
    if (!err) {
        err = ubal_copy_make(copied, source, target, on_progress, &work,
                             cmd->pool);
    }
    ubal_progress_end(work.is_checking ? work.check : work.rows);
    return err;
}

int ubal_cmd_copy(const ubal_cmd_t *cmd)
{
    ubal_copy_t copied;
    ubal_error_t *err;

    if (!cmd->words[0] || cmd->words[1]) {
        return ubal_cmd_usage("copy to which PostgreSQL database? one word "
                              "such as 'service=ubal' or 'host=/run/postgresql"
                              " dbname=ubal'",
                              NULL);
    }
    err = ubal_settings_pgsql_check(cmd->words[0], cmd->pool);
    if (err) { /* which in an argument all could read */
        return ubal_call_exit(err);
    }
    if (strcmp(cmd->settings->driver, "sqlite3") != 0) {
        return ubal_cmd_usage("copy is from SQLite; from PostgreSQL pg_dump "
                              "copies",
                              NULL);
    }
    err = copy(&copied, cmd);
    if (!err) {
        print(cmd, &copied);
    }
    return ubal_call_exit(err);
}
