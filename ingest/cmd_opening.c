/* ubal-ingest import --opening: what users had at an instant, from a file.
 * Knows its fields; every line must be good, or nothing is stored. */
#include <stdio.h>
#include <string.h>

#include <apr_hash.h>
#include <apr_strings.h>

#include "core/time.h"
#include "import_opening.h"
#include "import_send.h"
#include "importing.h"

#define USERS 1000

typedef struct work_t {
    const ubal_cmd_t *cmd;
    ubal_import_file_t *file;
    ubal_opening_reader_t reader;
    apr_int64_t at;
    apr_int64_t since; /* where what is fetched begins; 0: not known */
    apr_hash_t *users; /* that came already */
    ubal_send_t send;
    ubal_batch_t batch;
    apr_pool_t *row; /* of one row */
    apr_pool_t *pool;
} work_t;

static ubal_error_t *prepare(work_t *work)
{
    const ubal_cmd_t *cmd = work->cmd;
    const char *lock = cmd->settings->lock, *slash = strrchr(lock, '/');
    const char *folder =
        slash ? apr_pstrndup(work->pool, lock, (apr_size_t)(slash - lock))
              : ".";
    ubal_error_t *err =
        ubal_time_parse(&work->at, cmd->at, strlen(cmd->at), work->pool);

    if (err) {
        return ubal_error_wrap(err, work->pool, "--at %s", cmd->at);
    }
    err = ubal_import_file_open(&work->file, cmd->opening, folder,
                                UBAL_IMPORT_ANY, work->pool);
    return err ? err
               : ubal_opening_reader_make(&work->reader, work->file,
                                          cmd->settings->scale);
}

/* Each user comes once. */
static ubal_error_t *note_user(work_t *work, const char *user)
{
    if (apr_hash_get(work->users, user, APR_HASH_KEY_STRING)) {
        return ubal_import_file_fault(
            work->file,
            apr_pstrcat(work->pool, "user ", user, " comes twice", NULL));
    }
    apr_hash_set(work->users, apr_pstrdup(work->pool, user),
                 APR_HASH_KEY_STRING, "");
    return NULL;
}

static ubal_error_t *send_users(work_t *work, char what)
{
    ubal_error_t *err = NULL;

    if (work->batch.count) {
        err = ubal_send_batch(&work->send, &work->batch);
    }
    ubal_batch_begin(&work->batch, what);
    return err;
}

/* A user's four sums, those that are zero too. */
static ubal_error_t *add_user(work_t *work, char what,
                              const ubal_opening_t *opening)
{
    ubal_error_t *err = NULL;
    int type;

    if (work->batch.count == USERS * UBAL_TYPE_COUNT) {
        err = send_users(work, what);
    }
    for (type = 0; type < UBAL_TYPE_COUNT; type++) {
        ubal_item_t item = {.user_id = opening->user_id,
                            .type = (ubal_type_e)type,
                            .amount = opening->sums.of[type],
                            .raw = "opening balance"};

        item.id = ubal_opening_id(opening->user_id, item.type, work->row);
        item.key = apr_pstrcat(work->row, "i", item.id, NULL);
        ubal_batch_add(&work->batch, &item);
    }
    return err;
}

/* Goes through the file: first all of it is looked at, then stored. */
static ubal_error_t *pass(work_t *work, char what)
{
    ubal_import_file_t *file = work->file;
    int has_row = 1;
    ubal_error_t *err = ubal_import_file_rewind(file);

    ubal_batch_begin(&work->batch, what);
    while (!err && !(err = ubal_import_file_next(&has_row, file)) && has_row) {
        ubal_opening_t opening;

        apr_pool_clear(work->row);
        err = ubal_opening_read(&opening, &work->reader, work->row);
        if (!err && what == UBAL_BATCH_PROBE) {
            err = note_user(work, opening.user_id);
        }
        if (!err) {
            err = add_user(work, what, &opening);
        }
    }
    if (!err) {
        err = send_users(work, what);
    }
    return err ? err : ubal_send_drain(&work->send);
}

static ubal_error_t *set_all(work_t *work)
{
    const char *words[] = {"opening", NULL, NULL};
    ubal_error_t *err = prepare(work);

    if (!err) {
        words[1] = ubal_importing_number(work->at, work->pool);
        err = ubal_send_open(&work->send, work->cmd, words, work->pool);
    }
    if (!err) {
        work->since = ubal_send_number(&work->send, 1);
        err = pass(work, UBAL_BATCH_PROBE);
    }
    if (!err) {
        err = pass(work, UBAL_BATCH_STORE);
    }
    return err ? err : ubal_send_finish(&work->send);
}

/* What happened between the instant and where coverage begins is in no
 * balance. */
static void warn_of_gap(const work_t *work)
{
    if (work->since > work->at) {
        fprintf(stderr,
                "warning: what happened from %s to %s is not in any balance "
                "until it is fetched: ubal-ingest backfill --from %s\n",
                ubal_time_print(work->at, work->pool),
                ubal_time_print(work->since, work->pool),
                ubal_time_print(work->at, work->pool));
    }
}

int ubal_cmd_opening(const ubal_cmd_t *cmd)
{
    work_t work = {.cmd = cmd, .pool = cmd->pool};
    ubal_error_t *err;

    if (!cmd->at || cmd->words[0] || cmd->from || cmd->to || cmd->vendor) {
        return ubal_cmd_usage("--opening FILE goes with --at DATE alone",
                              NULL);
    }
    apr_pool_create(&work.row, cmd->pool);
    work.users = apr_hash_make(cmd->pool);
    ubal_batch_make(&work.batch, cmd->pool);
    err = set_all(&work);
    if (err) {
        return ubal_call_exit(err);
    }
    warn_of_gap(&work);
    printf(cmd->is_json
               ? "{\"users\":%u,\"sums\":%s,\"new\":%s,\"duplicates\":%s}\n"
               : "opening balances of %u users: %s sums, %s new, %s there "
                 "already\n",
           apr_hash_count(work.users), work.send.words[1], work.send.words[2],
           work.send.words[3]);
    return UBAL_EXIT_DONE;
}
