/* ubal-ingest backfill: has history fetched, says what that costs (--dry-run)
 * and how far it is, ends it (cancel). */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#include "call.h"
#include "core/time.h"
#include "history.h"
#include "store/backfill.h"
#include "store/meta.h"
#include "store/vendor_row.h"

#define COUNT APR_INT64_T_FMT
#define MINUTE (60 * UBAL_TIME_SECOND)

/* What the owner is told to do, and how that is said. */
typedef struct order_t {
    const ubal_cmd_t *cmd;
    const char *key;  /* of the count, as JSON */
    const char *done; /* "%s range(s) ..." for people */
    apr_int64_t count;
} order_t;

/* A line has the vendor and how many ranges. */
static ubal_error_t *print_order(void *baton, const apr_array_header_t *words,
                                 apr_pool_t *pool)
{
    order_t *order = baton;
    const char *const *word = (const char *const *)words->elts;

    (void)pool;
    order->count += apr_atoi64(word[1]);
    if (order->cmd->is_json) {
        fputs("{\"vendor\":", stdout);
        ubal_cmd_print_string(word[0]);
        printf(",\"%s\":%s}\n", order->key, word[1]);
    } else {
        printf("vendor %s: %s %s\n", word[0], word[1], order->done);
    }
    return NULL;
}

static int cancel(const ubal_cmd_t *cmd)
{
    static const char *const words[] = {"cancel", NULL};
    order_t order = {cmd, "cancelled",
                     "cancelled; what was fetched stays, and can be gone on "
                     "with",
                     0};

    return ubal_call_exit(ubal_call_run(cmd, words, print_order, &order));
}

static int add(const ubal_cmd_t *cmd, apr_int64_t from, apr_int64_t to)
{
    const char *words[] = {"backfill",
                           apr_psprintf(cmd->pool, "%" COUNT, from),
                           apr_psprintf(cmd->pool, "%" COUNT, to), NULL};
    order_t order = {cmd, "added", "range(s) to be fetched", 0};
    int code = ubal_call_exit(ubal_call_run(cmd, words, print_order, &order));

    return code == UBAL_EXIT_DONE && order.count ? ubal_cmd_follow(cmd) : code;
}

/* --- what it would cost ---------------------------------------------------*/

/* "3 d 4 h", "12 min". */
static const char *duration(apr_int64_t us, apr_pool_t *pool)
{
    apr_int64_t minutes = us / MINUTE + (us % MINUTE != 0);
    apr_int64_t hours = minutes / 60, days = hours / 24;

    if (us == APR_INT64_MAX) {
        return "for ever, as rounds leave nothing of the budget";
    }
    if (days > 1) {
        return apr_psprintf(pool, "%" COUNT " d %" COUNT " h", days,
                            hours % 24);
    }
    return hours > 1 ? apr_psprintf(pool, "%" COUNT " h %" COUNT " min", hours,
                                    minutes % 60)
                     : apr_psprintf(pool, "%" COUNT " min", minutes);
}

static void print_cost(const ubal_cmd_t *cmd, const char *name,
                       const ubal_pace_cost_t *cost)
{
    if (cmd->is_json) {
        fputs("{\"vendor\":", stdout);
        ubal_cmd_print_string(name);
        printf(",\"windows\":%" COUNT ",\"requests\":%" COUNT ",\"seconds\":",
               cost->windows, cost->requests);
        cost->us == APR_INT64_MAX
            ? printf("null}\n")
            : printf("%" COUNT "}\n", cost->us / UBAL_TIME_SECOND);
        return;
    }
    printf("vendor %s: about %" COUNT " windows, %" COUNT
           " requests; takes %s\n",
           name, cost->windows, cost->requests, duration(cost->us, cmd->pool));
}

/* What of the range is not there yet, us. */
static ubal_error_t *missing(apr_int64_t *us, ubal_db_t *db,
                             const ubal_vendor_row_t *row, apr_int64_t from,
                             apr_int64_t to, apr_pool_t *pool)
{
    apr_array_header_t *pieces;
    ubal_error_t *err;
    int i;

    *us = 0;
    to = row->since && row->since < to ? row->since : to;
    if (from >= to) {
        return NULL;
    }
    err = ubal_backfill_find(&pieces, db, row->id, from, to, pool);
    for (i = 0; !err && i < pieces->nelts; i++) {
        const ubal_backfill_t *piece =
            &APR_ARRAY_IDX(pieces, i, ubal_backfill_t);

        *us += piece->to - piece->from;
    }
    return err;
}

static ubal_error_t *cost_of(const ubal_cmd_t *cmd, ubal_db_t *db,
                             const ubal_vendor_t *vendor, apr_int64_t from,
                             apr_int64_t to)
{
    ubal_pace_cost_t cost = {0};
    ubal_vendor_row_t row;
    apr_int64_t range;
    ubal_error_t *err =
        ubal_vendor_row_find(&row, db, vendor->name, cmd->pool);

    if (!err) {
        err = missing(&range, db, &row, from, to, cmd->pool);
    }
    if (!err && range) {
        err = ubal_history_cost(&cost, db, row.id, vendor, range, cmd->pool);
    }
    if (!err) {
        print_cost(cmd, vendor->name, &cost);
    }
    return err;
}

static int dry_run(const ubal_cmd_t *cmd, apr_int64_t from, apr_int64_t to)
{
    const ubal_settings_t *settings = cmd->settings;
    ubal_db_t *db;
    ubal_error_t *err = ubal_db_open_reader(&db, settings->driver,
                                            settings->params, cmd->pool);
    int i;

    for (i = 0; !err && i < settings->vendors->nelts; i++) {
        err =
            cost_of(cmd, db,
                    APR_ARRAY_IDX(settings->vendors, i, const ubal_vendor_t *),
                    from, to);
    }
    return err ? ubal_cmd_fail_db(cmd, err) : UBAL_EXIT_DONE;
}

int ubal_cmd_backfill(const ubal_cmd_t *cmd)
{
    apr_int64_t from, to;
    int has_range = cmd->from || cmd->to || cmd->is_dry_run;

    if (*cmd->words) {
        if (strcmp(*cmd->words, "cancel") || cmd->words[1]) {
            return ubal_cmd_usage("unexpected: ", cmd->words[0]);
        }
        return has_range ? ubal_cmd_usage("cancel takes no range", NULL)
                         : cancel(cmd);
    }
    if (!has_range) {
        return ubal_cmd_follow(cmd);
    }
    if (!ubal_cmd_range(&from, &to, 1, cmd)) {
        return UBAL_EXIT_USAGE;
    }
    return cmd->is_dry_run ? dry_run(cmd, from, to) : add(cmd, from, to);
}
