/* ubal-ingest windows: what could not be fetched as it should be, and what to
 * do about it; windows accept: lets coverage pass. */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#include "call.h"
#include "core/time.h"
#include "store/gap.h"

#define COUNT APR_INT64_T_FMT

static const char *state_of(const ubal_window_t *window)
{
    static const char *const names[] = {[UBAL_WINDOW_OPEN] = "failing",
                                        [UBAL_WINDOW_DONE] = "done",
                                        [UBAL_WINDOW_PARKED] = "parked",
                                        [UBAL_WINDOW_ACCEPTED] = "accepted",
                                        [UBAL_WINDOW_RECHECK] = "read again"};

    return names[window->state];
}

/* What an operator does about it. */
static const char *advice(const ubal_window_t *window, apr_pool_t *pool)
{
    switch (window->state) {
    case UBAL_WINDOW_OPEN:
        return apr_psprintf(pool,
                            "it is tried again by itself; ubal-ingest retry "
                            "%" COUNT " tries it now",
                            window->id);
    case UBAL_WINDOW_PARKED:
        return apr_psprintf(pool,
                            "once the vendor is mended: ubal-ingest retry "
                            "%" COUNT "; if it never will be: ubal-ingest "
                            "windows accept %" COUNT,
                            window->id, window->id);
    case UBAL_WINDOW_ACCEPTED:
        return apr_psprintf(pool,
                            "coverage passes it and replies say gaps; "
                            "ubal-ingest retry %" COUNT
                            " fetches it after all",
                            window->id);
    case UBAL_WINDOW_RECHECK:
        return "nothing: it stays covered while it is read again";
    default:
        return window->vanished
                   ? "ask the vendor: what is no longer listed stays stored"
                   : "ask the vendor: its total is not what it lists";
    }
}

static void print_text(const ubal_gap_t *gap, apr_pool_t *pool)
{
    const ubal_window_t *window = &gap->window;

    printf("window %" COUNT " of vendor %s, %s to %s: %s", window->id,
           gap->vendor, ubal_time_print(window->from, pool),
           ubal_time_print(window->to, pool), state_of(window));
    if (window->failures) {
        printf(" after %d failures", window->failures);
    }
    if (window->drift) {
        printf(", total %+" COUNT " beside what is listed", window->drift);
    }
    if (window->vanished) {
        printf(", %" COUNT " no longer listed", window->vanished);
    }
    if (gap->fault) {
        printf("\n  last fault: %s", gap->fault);
    }
    printf("\n  what to do: %s\n", advice(window, pool));
}

/* `key` brings its comma along. */
static void json_text(const char *key, const char *text)
{
    fputs(key, stdout);
    ubal_cmd_print_string(text);
}

static void print_json(const ubal_gap_t *gap, apr_pool_t *pool)
{
    const ubal_window_t *window = &gap->window;

    printf("{\"id\":%" COUNT, window->id);
    json_text(",\"vendor\":", gap->vendor);
    json_text(",\"from\":", ubal_time_print(window->from, pool));
    json_text(",\"to\":", ubal_time_print(window->to, pool));
    json_text(",\"state\":", state_of(window));
    printf(",\"failures\":%d,\"drift\":%" COUNT ",\"vanished\":%" COUNT,
           window->failures, window->drift, window->vanished);
    json_text(",\"fault\":", gap->fault);
    json_text(",\"advice\":", advice(window, pool));
    putchar('}');
}

static int list(const ubal_cmd_t *cmd)
{
    const ubal_settings_t *settings = cmd->settings;
    apr_array_header_t *gaps;
    ubal_db_t *db;
    ubal_error_t *err = ubal_db_open_reader(&db, settings->driver,
                                            settings->params, cmd->pool);
    int i;

    if (err || (err = ubal_gap_list(&gaps, db, cmd->pool))) {
        return ubal_cmd_fail_db(cmd, err);
    }
    fputs(cmd->is_json  ? "{\"windows\":["
          : gaps->nelts ? ""
                        : "no window needs anyone\n",
          stdout);
    for (i = 0; i < gaps->nelts; i++) {
        const ubal_gap_t *gap = &APR_ARRAY_IDX(gaps, i, ubal_gap_t);

        fputs(cmd->is_json && i ? "," : "", stdout);
        (cmd->is_json ? print_json : print_text)(gap, cmd->pool);
    }
    fputs(cmd->is_json ? "]}\n" : "", stdout);
    return UBAL_EXIT_DONE;
}

static int accept_gaps(const ubal_cmd_t *cmd)
{
    const char *const *ids = cmd->words + 1;

    if (!ubal_cmd_are_ids(ids)) {
        return UBAL_EXIT_USAGE;
    }
    return ubal_cmd_decide(cmd, "accept", ids, "accepted: coverage passes it");
}

int ubal_cmd_windows(const ubal_cmd_t *cmd)
{
    if (!*cmd->words) {
        return list(cmd);
    }
    return strcmp(*cmd->words, "accept")
               ? ubal_cmd_usage("unexpected: ", *cmd->words)
               : accept_gaps(cmd);
}
