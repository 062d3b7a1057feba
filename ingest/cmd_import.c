/* ubal-ingest import: reads a file, and has the owner store its rows. Knows
 * the order of things: what is looked at before anything is stored, where an
 * import that was cut off goes on. */
#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#include "core/time.h"
#include "import_item.h"
#include "import_rules.h"
#include "import_send.h"
#include "importing.h"
#include "progress.h"

/* Rows of a batch: some 50 ms of the owner's time. */
#define ROWS 4000
/* The first ones that are looked for: most often one of them tells. */
#define ROWS_FIRST 100

typedef struct work_t {
    const ubal_cmd_t *cmd;
    ubal_import_file_t *file;
    ubal_import_mapper_t mapper;
    ubal_send_t send;
    ubal_batch_t batch;
    apr_int64_t from, to;                    /* --from, --to; 0: none */
    apr_int64_t hull_from, hull_to, opening; /* as the owner has them */
    ubal_progress_t *progress;
    apr_pool_t *row; /* of one row */
    apr_pool_t *pool;
} work_t;

static ubal_error_t *read_instant(apr_int64_t *us, const char *option,
                                  const char *text, apr_pool_t *pool)
{
    ubal_error_t *err;

    *us = 0;
    if (!text) {
        return NULL;
    }
    err = ubal_time_parse(us, text, strlen(text), pool);
    return err ? ubal_error_wrap(err, pool, "%s %s", option, text) : NULL;
}

static ubal_error_t *read_format(ubal_import_format_e *format,
                                 const char *name, apr_pool_t *pool)
{
    *format = !name                     ? UBAL_IMPORT_ANY
              : !strcmp(name, "csv")    ? UBAL_IMPORT_CSV
              : !strcmp(name, "ndjson") ? UBAL_IMPORT_NDJSON
                                        : UBAL_IMPORT_ANY;
    return name && *format == UBAL_IMPORT_ANY
               ? ubal_error_make(UBAL_ERR_INPUT, pool,
                                 "--format %s: it is csv or ndjson", name)
               : NULL;
}

static ubal_error_t *open_file(ubal_import_file_t **file,
                               const ubal_cmd_t *cmd, const char *path,
                               apr_pool_t *pool)
{
    const char *lock = cmd->settings->lock, *slash = strrchr(lock, '/');
    const char *folder =
        slash ? apr_pstrndup(pool, lock, (apr_size_t)(slash - lock)) : ".";
    ubal_import_format_e format;
    ubal_error_t *err = read_format(&format, cmd->format, pool);

    return err ? err : ubal_import_file_open(file, path, folder, format, pool);
}

/* All that can be wrong before the owner is asked. */
static ubal_error_t *prepare(work_t *work, const char *path)
{
    const ubal_cmd_t *cmd = work->cmd;
    apr_pool_t *pool = work->pool;
    const ubal_vendor_t *vendor;
    ubal_error_t *err = ubal_rules_vendor(
        &vendor, cmd->settings, cmd->vendor ? cmd->vendor : "", pool);

    if (!err && !cmd->from != !cmd->to) {
        err = ubal_error_make(UBAL_ERR_INPUT, pool,
                              "--from and --to go together");
    }
    if (!err) {
        err = read_instant(&work->from, "--from", cmd->from, pool);
    }
    if (!err) {
        err = read_instant(&work->to, "--to", cmd->to, pool);
    }
    if (!err && cmd->to && work->from >= work->to) {
        err = ubal_error_make(UBAL_ERR_INPUT, pool,
                              "--from must be earlier than --to");
    }
    if (!err) {
        err = open_file(&work->file, cmd, path, pool);
    }
    return err ? err
               : ubal_import_mapper_make(&work->mapper, work->file, vendor,
                                         cmd->settings->scale);
}

static ubal_error_t *open_call(work_t *work)
{
    const char *words[] = {"import",
                           work->mapper.vendor->name,
                           work->file->name,
                           ubal_importing_number(work->file->size, work->pool),
                           work->file->head,
                           ubal_importing_number(work->from, work->pool),
                           ubal_importing_number(work->to, work->pool),
                           NULL};

    return ubal_send_open(&work->send, work->cmd, words, work->pool);
}

/* Goes to the next row; `*has_row` 0 at the end. */
static ubal_error_t *next_item(int *has_row, ubal_item_t *item, work_t *work)
{
    ubal_error_t *err = ubal_import_file_next(has_row, work->file);

    if (!err && *has_row) {
        apr_pool_clear(work->row);
        ubal_import_item(item, &work->mapper, work->file, work->row);
    }
    return err;
}

static ubal_error_t *send_probe(int *is_known, work_t *work)
{
    ubal_error_t *err = ubal_send_batch(&work->send, &work->batch);

    if (!err) {
        err = ubal_send_drain(&work->send);
    }
    *is_known = !err && ubal_send_number(&work->send, 1) != 0;
    ubal_batch_begin(&work->batch, UBAL_BATCH_PROBE);
    return err;
}

static ubal_error_t *check_opening(const work_t *work, const ubal_item_t *item)
{
    if (item->fault || item->created_at >= work->opening) {
        return NULL;
    }
    return ubal_import_file_fault(
        work->file,
        apr_psprintf(work->pool,
                     "it is from before %s, at which opening balances are "
                     "set: they have it, and it would be counted twice; "
                     "nothing is stored",
                     ubal_time_print(work->opening, work->pool)));
}

/* Before anything is stored: where the vendor's list was read already, some
 * of the file's rows must be known. Goes through the whole file unless one
 * is. */
static ubal_error_t *look_through(work_t *work)
{
    int has_row = 1, is_known = !work->hull_to, most = ROWS_FIRST;
    ubal_item_t item;
    ubal_error_t *err = NULL;

    ubal_batch_begin(&work->batch, UBAL_BATCH_PROBE);
    while (!err && has_row && (!is_known || work->opening)) {
        err = next_item(&has_row, &item, work);
        if (err || !has_row) {
            break;
        }
        err = check_opening(work, &item);
        if (err || is_known || item.fault ||
            item.created_at < work->hull_from ||
            item.created_at >= work->hull_to) {
            continue;
        }
        item.raw = "";
        if (work->batch.count == most ||
            !ubal_batch_add(&work->batch, &item)) {
            most = ROWS;
            err = send_probe(&is_known, work);
            ubal_batch_add(&work->batch, &item);
        }
    }
    if (!err && work->batch.count) {
        err = send_probe(&is_known, work);
    }
    if (!err) {
        ubal_batch_begin(&work->batch, UBAL_BATCH_PROBED);
        err = send_probe(&is_known, work);
    }
    return err ? err : ubal_import_file_rewind(work->file);
}

/* Where an import of this file was cut off it goes on, if the bytes up to
 * there are the same. */
static ubal_error_t *go_on(work_t *work)
{
    ubal_send_t *send = &work->send;
    apr_int64_t position = ubal_send_number(send, 1);
    int is_same = 1;
    ubal_error_t *err = NULL;

    work->hull_from = ubal_send_number(send, 4);
    work->hull_to = ubal_send_number(send, 5);
    work->opening = ubal_send_number(send, 6);
    if (position) {
        err = ubal_import_file_skip(&is_same, work->file, position,
                                    ubal_send_number(send, 2), send->words[3]);
        if (err || is_same) {
            return err;
        }
        ubal_batch_begin(&work->batch, UBAL_BATCH_AFRESH);
        err = ubal_send_batch(send, &work->batch);
    }
    if (!err) {
        err = ubal_send_drain(send);
    }
    if (!err && (work->hull_to || work->opening)) {
        err = look_through(work);
    }
    return err;
}

/* Sends what there is: all before `line`. */
static ubal_error_t *send_rows(work_t *work, apr_int64_t position,
                               apr_int64_t line, const apr_sha1_ctx_t *sha1)
{
    char digest[UBAL_IMPORT_DIGEST + 1];
    ubal_error_t *err;

    if (!work->batch.count) {
        return NULL;
    }
    ubal_import_file_digest(digest, sha1);
    ubal_batch_set_place(&work->batch, position, line, digest);
    err = ubal_send_batch(&work->send, &work->batch);
    ubal_batch_begin(&work->batch, UBAL_BATCH_STORE);
    if (!err) {
        ubal_progress_show(work->progress, position, work->file->size,
                           (double)ubal_send_number(&work->send, 1));
    }
    return err;
}

/* Sends the rows, up to one that is malformed: those before it are good. */
static ubal_error_t *send_all(work_t *work)
{
    const ubal_import_file_t *file = work->file;
    ubal_error_t *err = NULL;

    ubal_batch_begin(&work->batch, UBAL_BATCH_STORE);
    while (!err) {
        /* the place before the row, which may not fit */
        apr_int64_t position = file->position;
        apr_int64_t line = file->line + file->lines;
        apr_sha1_ctx_t sha1 = file->sha1;
        ubal_item_t item;
        int has_row;
        ubal_error_t *fault = next_item(&has_row, &item, work);

        if (fault || !has_row) {
            err = send_rows(work, position, line, &sha1);
            return err ? err : fault;
        }
        if (work->batch.count == ROWS ||
            !ubal_batch_add(&work->batch, &item)) {
            err = send_rows(work, position, line, &sha1);
            ubal_batch_add(&work->batch, &item);
        }
    }
    return err;
}

static ubal_error_t *import(work_t *work, const char *path)
{
    ubal_error_t *err = prepare(work, path), *ending;

    if (!err) {
        err = open_call(work);
    }
    if (!err) {
        err = go_on(work);
    }
    if (err) {
        return err;
    }
    ubal_progress_show(work->progress, work->file->position, work->file->size,
                       (double)ubal_send_number(&work->send, 1));
    err = send_all(work);
    if (!err) {
        return ubal_send_finish(&work->send);
    }
    /* a malformed row: what comes before it is to be stored */
    ubal_batch_begin(&work->batch, UBAL_BATCH_FLUSH);
    ending = ubal_send_batch(&work->send, &work->batch);
    if (!ending) {
        ending = ubal_send_drain(&work->send);
    }
    return ending ? ending : err;
}

static void print_result(const work_t *work)
{
    static const char *const names[] = {"rows", "new",       "duplicates",
                                        "dead", "conflicts", "windows"};
    int i;

    if (work->cmd->is_json) {
        printf("{\"vendor\":\"%s\"", work->mapper.vendor->name);
        for (i = 0; i < 6; i++) {
            printf(",\"%s\":%s", names[i], work->send.words[i + 1]);
        }
        puts("}");
        return;
    }
    printf("imported for vendor %s:", work->mapper.vendor->name);
    for (i = 0; i < 6; i++) {
        printf("%s %s %s", i ? "," : "", work->send.words[i + 1], names[i]);
    }
    putchar('\n');
}

int ubal_cmd_import(const ubal_cmd_t *cmd)
{
    work_t work = {.cmd = cmd, .pool = cmd->pool};
    ubal_error_t *err;

    if (cmd->opening) {
        return ubal_cmd_opening(cmd);
    }
    if (cmd->at) {
        return ubal_cmd_usage("--at goes with --opening", NULL);
    }
    if (!cmd->words[0] || cmd->words[1]) {
        return ubal_cmd_usage("import which file? FILE or -", NULL);
    }
    apr_pool_create(&work.row, cmd->pool);
    ubal_batch_make(&work.batch, cmd->pool);
    work.progress =
        ubal_progress_make("importing", "rows", cmd->is_json, cmd->pool);
    err = import(&work, cmd->words[0]);
    ubal_progress_end(work.progress);
    if (!err) {
        print_result(&work);
    }
    return ubal_call_exit(err);
}
