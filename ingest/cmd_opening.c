/* ubal-ingest import --opening: what users had at an instant, from a CSV file.
 * Knows the columns; every line must be good, or nothing is stored. */
#include <stdio.h>
#include <string.h>

#include <apr_hash.h>
#include <apr_strings.h>

#include "core/id.h"
#include "core/money.h"
#include "core/time.h"
#include "import_item.h"
#include "import_send.h"
#include "importing.h"
#include "show.h"
#include "store/opening.h"

#define USERS 1000

typedef struct work_t {
    const ubal_cmd_t *cmd;
    ubal_import_file_t *file;
    int user; /* the columns; -1: there is none */
    int balance;
    int of[UBAL_TYPE_COUNT];
    apr_int64_t at;
    apr_hash_t *users; /* that came already */
    ubal_send_t send;
    ubal_batch_t batch;
    apr_pool_t *row; /* of one row */
    apr_pool_t *pool;
} work_t;

static ubal_error_t *find_columns(work_t *work)
{
    ubal_error_t *err = ubal_import_column(&work->user, work->file, "userId");
    int type, sums = 0;

    if (!err) {
        err = ubal_import_column(&work->balance, work->file, "balance");
    }
    for (type = 0; !err && type < UBAL_TYPE_COUNT; type++) {
        err = ubal_import_column(&work->of[type], work->file,
                                 ubal_type_name((ubal_type_e)type));
        sums += !err && work->of[type] >= 0;
    }
    if (err) {
        return err;
    }
    if (work->user < 0) {
        err = ubal_import_file_fault(work->file,
                                     "the header has no column userId");
    } else if ((sums > 0) == (work->balance >= 0)) {
        err = ubal_import_file_fault(
            work->file, "the header must have either balance, or some of "
                        "earned, spent, payout and paid_out");
    }
    return err;
}

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
    if (!err && work->file->format != UBAL_IMPORT_CSV) {
        err = ubal_error_make(UBAL_ERR_INPUT, work->pool,
                              "opening balances are read from CSV");
    }
    return err ? err : find_columns(work);
}

static const ubal_csv_field_t *field(const work_t *work, int column)
{
    return &work->file->csv.fields[column];
}

static ubal_error_t *read_user(const char **user, work_t *work, int is_first)
{
    const ubal_csv_field_t *text = field(work, work->user);
    const char *fault = ubal_id_fault(text->text, text->length);

    if (fault) {
        return ubal_import_file_fault(
            work->file, apr_pstrcat(work->pool, "userId ", fault, NULL));
    }
    *user = apr_pstrmemdup(work->row, text->text, text->length);
    if (!is_first) {
        return NULL;
    }
    if (apr_hash_get(work->users, *user, APR_HASH_KEY_STRING)) {
        return ubal_import_file_fault(
            work->file,
            apr_pstrcat(work->pool, "user ", *user, " comes twice", NULL));
    }
    apr_hash_set(work->users, apr_pstrdup(work->pool, *user),
                 APR_HASH_KEY_STRING, "");
    return NULL;
}

static ubal_error_t *read_amount(apr_int64_t *minor, const work_t *work,
                                 int column)
{
    const ubal_csv_field_t *text = field(work, column);
    ubal_error_t *err =
        ubal_money_parse(minor, text->text, text->length,
                         work->cmd->settings->scale, work->row);

    return err ? ubal_import_file_fault(
                     work->file,
                     apr_pstrcat(
                         work->pool, "'",
                         ubal_show_text(text->text, text->length, work->pool),
                         "' ", err->message, NULL))
               : NULL;
}

/* A balance alone is earned or, below zero, spent. */
static ubal_error_t *read_sums(ubal_sums_t *sums, const work_t *work)
{
    ubal_error_t *err = NULL;
    apr_int64_t balance;
    int type;

    *sums = (ubal_sums_t){0};
    if (work->balance >= 0) {
        err = read_amount(&balance, work, work->balance);
        if (!err && balance >= 0) {
            sums->of[UBAL_TYPE_EARNED] = balance;
        } else if (!err) {
            sums->of[UBAL_TYPE_SPENT] = -balance;
        }
    }
    for (type = 0; !err && type < UBAL_TYPE_COUNT; type++) {
        if (work->of[type] >= 0) {
            err = read_amount(&sums->of[type], work, work->of[type]);
        }
    }
    return err;
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
static ubal_error_t *add_user(work_t *work, char what, const char *user,
                              const ubal_sums_t *sums)
{
    ubal_error_t *err = NULL;
    int type;

    if (work->batch.count == USERS * UBAL_TYPE_COUNT) {
        err = send_users(work, what);
    }
    for (type = 0; type < UBAL_TYPE_COUNT; type++) {
        ubal_item_t item = {.user_id = user,
                            .type = (ubal_type_e)type,
                            .amount = sums->of[type],
                            .raw = "opening balance"};

        item.id = ubal_opening_id(user, item.type, work->row);
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
        const char *user = NULL;
        ubal_sums_t sums;

        apr_pool_clear(work->row);
        if (file->csv.count != file->columns) {
            return ubal_import_file_fault(
                file, "it has not as many fields as the header");
        }
        err = read_user(&user, work, what == UBAL_BATCH_PROBE);
        if (!err) {
            err = read_sums(&sums, work);
        }
        if (!err) {
            err = add_user(work, what, user, &sums);
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
        err = pass(work, UBAL_BATCH_PROBE);
    }
    if (!err) {
        err = pass(work, UBAL_BATCH_STORE);
    }
    return err ? err : ubal_send_finish(&work->send);
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
    printf(cmd->is_json
               ? "{\"users\":%u,\"sums\":%s,\"new\":%s,\"duplicates\":%s}\n"
               : "opening balances of %u users: %s sums, %s new, %s there "
                 "already\n",
           apr_hash_count(work.users), work.send.words[1], work.send.words[2],
           work.send.words[3]);
    return UBAL_EXIT_DONE;
}
