/* ubal-ingest verify: the invariants of a database, one line each, in one
 * snapshot. The first that fails ends it with 1. */
#include "cmd.h"

#include <stdio.h>

#include "store/verify.h"

static void print(const ubal_cmd_t *cmd, int index, const char *finding)
{
    const ubal_verify_check_t *check = &ubal_verify_checks[index];

    if (!cmd->is_json) {
        printf("%s %d: %s\n", finding ? "FAILED" : "ok", check->number,
               check->title);
        if (finding) {
            printf("  %s\n", finding);
        }
        return;
    }
    printf("%s{\"number\":%d,\"title\":", index ? "," : "", check->number);
    ubal_cmd_print_string(check->title);
    fputs(",\"finding\":", stdout);
    ubal_cmd_print_string(finding);
    putchar('}');
}

static ubal_error_t *run_checks(const char **finding, const ubal_cmd_t *cmd,
                                ubal_db_t *db)
{
    ubal_error_t *err = NULL;
    int i;

    for (i = 0; i < ubal_verify_count && !err && !*finding; i++) {
        err = ubal_verify_run(finding, db, i, cmd->settings->scale, cmd->pool);
        if (!err) {
            print(cmd, i, *finding);
            fflush(stdout);
        }
    }
    return err;
}

int ubal_cmd_verify(const ubal_cmd_t *cmd)
{
    const ubal_settings_t *settings = cmd->settings;
    const char *finding = NULL;
    ubal_error_t *err;
    ubal_db_t *db;

    err = ubal_db_open_reader(&db, settings->driver, settings->params,
                              cmd->pool);
    if (err || (err = ubal_db_begin_read(db, cmd->pool))) {
        return ubal_cmd_fail(err);
    }
    fputs(cmd->is_json ? "{\"checks\":[" : "", stdout);
    err = run_checks(&finding, cmd, db);
    ubal_db_rollback(db, cmd->pool);
    if (cmd->is_json) {
        printf("],\"ok\":%s}\n", err || finding ? "false" : "true");
    }
    if (err) {
        return ubal_cmd_fail(err);
    }
    return finding ? UBAL_EXIT_FAILED : UBAL_EXIT_DONE;
}
