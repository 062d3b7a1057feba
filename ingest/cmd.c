/* What the commands share: how they fail, who holds the lock, JSON strings.
 * Knows standard output and standard error. */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include <apr_strings.h>
#include <apr_time.h>

#include "core/time.h"
#include "store/status.h"

int ubal_cmd_fail(const ubal_error_t *err)
{
    fprintf(stderr, "ubal-ingest: %s\n", err->message);
    return UBAL_EXIT_FAILED;
}

int ubal_cmd_fail_db(const ubal_cmd_t *cmd, const ubal_error_t *err)
{
    const ubal_settings_t *settings = cmd->settings;
    const char *path = settings->params;

    if (strcmp(settings->driver, "sqlite3") || strstr(err->message, path)) {
        return ubal_cmd_fail(err);
    }
    fprintf(stderr, "ubal-ingest: the database %s cannot be read: %s\n", path,
            err->message);
    return UBAL_EXIT_FAILED;
}

int ubal_cmd_usage(const char *what, const char *value)
{
    fprintf(stderr, "ubal-ingest: %s%s\nTry ubal-ingest --help.\n", what,
            value ? value : "");
    return UBAL_EXIT_USAGE;
}

/* 18 digits are less than int64 holds. */
static int is_id(const char *word)
{
    size_t length = strlen(word);

    return length && length <= 18 && *word != '0' &&
           strspn(word, "0123456789") == length;
}

int ubal_cmd_are_ids(const char *const *words)
{
    if (!*words) {
        ubal_cmd_usage("which ID?", NULL);
        return 0;
    }
    for (; *words; words++) {
        if (!is_id(*words)) {
            ubal_cmd_usage("not an ID: ", *words);
            return 0;
        }
    }
    return 1;
}

static int read_date(apr_int64_t *us, const char *option, const char *text,
                     apr_pool_t *pool)
{
    ubal_error_t *err;

    if (!text) {
        ubal_cmd_usage("needs ", option);
        return 0;
    }
    err = ubal_time_parse(us, text, strlen(text), pool);
    if (err) {
        ubal_cmd_usage(apr_pstrcat(pool, option, " ", text, " ", NULL),
                       err->message);
    }
    return !err;
}

int ubal_cmd_range(apr_int64_t *from, apr_int64_t *to, int is_open,
                   const ubal_cmd_t *cmd)
{
    *to = apr_time_now();
    if (!read_date(from, "--from", cmd->from, cmd->pool) ||
        ((cmd->to || !is_open) &&
         !read_date(to, "--to", cmd->to, cmd->pool))) {
        return 0;
    }
    if (*from >= *to) {
        ubal_cmd_usage("--from must lie before --to", NULL);
    }
    return *from < *to;
}

const char *ubal_cmd_holder(const ubal_cmd_t *cmd)
{
    const ubal_settings_t *settings = cmd->settings;
    ubal_status_t *status;
    ubal_db_t *db;

    if (ubal_db_open_reader(&db, settings->driver, settings->params,
                            cmd->pool) ||
        ubal_status_read(&status, db, cmd->pool) || !status->owner_host) {
        return "another process";
    }
    return apr_psprintf(
        cmd->pool, "a daemon (last seen: process %" APR_INT64_T_FMT " on %s)",
        status->owner_pid, status->owner_host);
}

int ubal_cmd_lock(int *fd, const ubal_cmd_t *cmd)
{
    const char *path = cmd->settings->lock;
    ubal_error_t *err = ubal_owner_lock(fd, path, cmd->pool);

    if (err) {
        return ubal_cmd_fail(err);
    }
    if (*fd < 0) {
        fprintf(stderr, "ubal-ingest: busy: %s holds %s\n",
                ubal_cmd_holder(cmd), path);
        return UBAL_EXIT_BUSY;
    }
    return UBAL_EXIT_DONE;
}

void ubal_cmd_print_string(const char *text)
{
    if (!text) {
        fputs("null", stdout);
        return;
    }
    putchar('"');
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;

        if (c < 0x20 || c == 0x7f) {
            printf("\\u%04x", c);
        } else {
            printf(c == '"' || c == '\\' ? "\\%c" : "%c", c);
        }
    }
    putchar('"');
}
