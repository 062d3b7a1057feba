/* ubal-ingest migrate: brings the database to this program's schema, under
 * the lock. The daemon does the same when it starts. */
#include "cmd.h"

#include <stdio.h>
#include <unistd.h>

#include "call.h"
#include "host_turn.h"
#include "store/meta.h"

static ubal_error_t *migrate(int *before, int *after, const ubal_cmd_t *cmd)
{
    const ubal_settings_t *settings = cmd->settings;
    ubal_error_t *err;
    ubal_db_t *db;

    err = ubal_db_open(&db, settings->driver, settings->params, cmd->pool);
    if (!err) { /* no daemon is to meet tables that change under it */
        err = ubal_host_turn_by_hand(db, cmd->pool);
    }
    return err ? err : ubal_meta_migrate(db, before, after, cmd->pool);
}

int ubal_cmd_migrate(const ubal_cmd_t *cmd)
{
    int before, after, lock_fd, code;
    ubal_error_t *err;

    code = ubal_cmd_lock(&lock_fd, cmd);
    if (code != UBAL_EXIT_DONE) {
        return code;
    }
    err = migrate(&before, &after, cmd);
    close(lock_fd);
    if (err) {
        return ubal_call_exit(err);
    }
    if (cmd->is_json) {
        printf("{\"before\":%d,\"after\":%d}\n", before, after);
    } else if (before == after) {
        printf("schema %d, nothing to do\n", after);
    } else {
        printf("schema %d, was %d\n", after, before);
    }
    return UBAL_EXIT_DONE;
}
