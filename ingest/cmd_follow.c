/* How far the history is that was asked for: a bar on a terminal, a line a
 * second as JSON, until it is all there; else how it stands. Reads the
 * database alone: who follows can go at any time. */
#include "cmd.h"

#include <stdio.h>
#include <unistd.h>

#include <apr_strings.h>
#include <apr_time.h>

#include "core/time.h"
#include "progress.h"
#include "store/backfill.h"
#include "store/lock.h"

#define COUNT APR_INT64_T_FMT
#define HOUR (3600 * UBAL_TIME_SECOND)

/* All open ranges together, us of history. */
typedef struct far_t {
    int ranges;
    apr_int64_t done, total;
} far_t;

static void print_range(const ubal_cmd_t *cmd, const ubal_backfill_t *range)
{
    const char *from = ubal_time_print(range->from, cmd->pool);
    const char *to = ubal_time_print(range->to, cmd->pool);
    const char *down_to = ubal_time_print(range->cursor, cmd->pool);

    if (!cmd->is_json) {
        printf("vendor %s, %s to %s: fetched down to %s, with %" COUNT
               " windows that wait\n",
               range->vendor, from, to, down_to, range->open);
        return;
    }
    fputs("{\"vendor\":", stdout);
    ubal_cmd_print_string(range->vendor);
    printf(
        ",\"from\":\"%s\",\"to\":\"%s\",\"downTo\":\"%s\",\"waiting\":%" COUNT
        "}\n",
        from, to, down_to, range->open);
}

/* Sums up the open ranges, and prints each where `is_shown`. */
static ubal_error_t *look(far_t *far, const ubal_cmd_t *cmd, ubal_db_t *db,
                          int is_shown, apr_pool_t *pool)
{
    apr_array_header_t *ranges;
    ubal_error_t *err = ubal_backfill_list(&ranges, db, pool);
    int i;

    *far = (far_t){0};
    for (i = 0; !err && i < ranges->nelts; i++) {
        const ubal_backfill_t *range =
            &APR_ARRAY_IDX(ranges, i, ubal_backfill_t);

        if (range->state == UBAL_BACKFILL_OPEN) {
            far->ranges++;
            far->done += range->to - range->cursor - range->open_us;
            far->total += range->to - range->from;
            if (is_shown) {
                print_range(cmd, range);
            }
        }
    }
    return err;
}

/* `all`: how much there was when it began; ranges leave as they are done. */
static ubal_error_t *watch(const ubal_cmd_t *cmd, ubal_db_t *db,
                           apr_int64_t all)
{
    ubal_progress_t *progress =
        ubal_progress_make("fetching", "hours", cmd->is_json, cmd->pool);
    apr_pool_t *turn;
    ubal_error_t *err;
    far_t far;

    apr_pool_create(&turn, cmd->pool);
    for (;;) {
        apr_int64_t done;

        apr_pool_clear(turn);
        err = look(&far, cmd, db, 0, turn);
        done = all - (far.total - far.done);
        if (err || !far.ranges || !ubal_lock_is_held(cmd->settings->lock)) {
            break;
        }
        ubal_progress_show(progress, done, all, (double)done / HOUR);
        apr_sleep(UBAL_TIME_SECOND);
    }
    ubal_progress_end(progress);
    return err;
}

static ubal_error_t *follow(const ubal_cmd_t *cmd, ubal_db_t *db)
{
    int is_held = ubal_lock_is_held(cmd->settings->lock);
    int is_watched = is_held && (cmd->is_json || isatty(STDERR_FILENO));
    far_t far;
    ubal_error_t *err = look(&far, cmd, db, !is_watched, cmd->pool);

    if (!err && far.ranges && is_watched) {
        err = watch(cmd, db, far.total);
        if (!err) {
            err = look(&far, cmd, db, 0, cmd->pool);
        }
    }
    if (err) {
        return err;
    }
    if (!far.ranges) {
        puts(cmd->is_json ? "{\"open\":0}" : "no history is waited for");
    } else if (!ubal_lock_is_held(cmd->settings->lock)) {
        fputs("no daemon runs: it goes on with the next\n", stderr);
    }
    return NULL;
}

int ubal_cmd_follow(const ubal_cmd_t *cmd)
{
    const ubal_settings_t *settings = cmd->settings;
    ubal_db_t *db;
    ubal_error_t *err = ubal_db_open_reader(&db, settings->driver,
                                            settings->params, cmd->pool);

    if (!err) {
        err = follow(cmd, db);
    }
    return err ? ubal_cmd_fail_db(cmd, err) : UBAL_EXIT_DONE;
}
