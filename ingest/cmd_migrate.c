/* ubal-ingest migrate: brings the database to this program's schema, under
 * the lock. The daemon does the same when it starts. */
#include "cmd.h"

#include <stdio.h>
#include <unistd.h>

#include <apr_time.h>

#include "call.h"
#include "store/host_lock.h"
#include "store/meta.h"

/* How long a daemon that is ending, or cannot begin, may take. */
#define TRIES 50
#define PAUSE APR_INT64_C(100000)

/* A daemon of another host, or of another lock file here, must not meet tables
 * that change under it. */
static ubal_error_t *take_turn(ubal_db_t *db, apr_pool_t *pool)
{
    int i, is_ours = 0;
    ubal_error_t *err = ubal_host_lock_try(&is_ours, db, pool);

    for (i = 0; !err && !is_ours && i < TRIES; i++) {
        apr_sleep(PAUSE);
        err = ubal_host_lock_try(&is_ours, db, pool);
    }
    return err || is_ours
               ? err
               : ubal_error_make(UBAL_ERR_FENCED, pool,
                                 "a companion fetches into this database: "
                                 "those of all hosts are to be stopped first");
}

static ubal_error_t *migrate(int *before, int *after, const ubal_cmd_t *cmd)
{
    const ubal_settings_t *settings = cmd->settings;
    ubal_error_t *err;
    ubal_db_t *db;

    err = ubal_db_open(&db, settings->driver, settings->params, cmd->pool);
    if (!err) {
        err = take_turn(db, cmd->pool);
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
