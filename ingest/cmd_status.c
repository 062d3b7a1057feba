/* ubal-ingest status: the state of the whole, for people or as JSON. Reads
 * the database alone; needs no lock and no secret. */
#include "cmd.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <apr_strings.h>
#include <apr_time.h>

#include "budget.h"
#include "core/time.h"
#include "headroom.h"
#include "store/growth.h"
#include "store/lock.h"
#include "store/slot.h"
#include "store/status.h"

#define COUNT APR_INT64_T_FMT

/* A vendor and, where the configuration has it, when it can be asked. */
typedef struct vendor_t {
    const ubal_status_vendor_t *stored;
    const ubal_vendor_t *configured; /* or NULL */
    ubal_headroom_t headroom;
} vendor_t;

/* What is known of the whole. */
typedef struct shown_t {
    const ubal_status_t *status;
    const ubal_growth_t *growth;
    vendor_t *vendors; /* of each in `status` */
    int is_running;
} shown_t;

/* An interval for people. */
static const char *interval(apr_int64_t from, apr_int64_t to, apr_pool_t *pool)
{
    return to ? apr_psprintf(pool, "%s to %s", ubal_time_print(from, pool),
                             ubal_time_print(to, pool))
              : "nothing yet";
}

static const char *incomplete(const ubal_coverage_t *coverage,
                              apr_pool_t *pool)
{
    const char *text = apr_pstrcat(
        pool, coverage->has_backfill ? ", backfill" : "",
        coverage->has_gaps ? ", gaps" : "", coverage->has_dead ? ", dead" : "",
        coverage->has_conflicts ? ", conflicts" : "", NULL);

    return *text ? text + 2 : "nothing";
}

/* Whom the database knows as its owner. One that ended without a successor on
 * this host has the database as it came, out of a backup as a rule. */
static void print_owner(const shown_t *shown)
{
    const ubal_status_t *status = shown->status;
    char host[256] = "";
    int is_gone;

    gethostname(host, sizeof(host) - 1);
    is_gone = status->owner_host && !strcmp(host, status->owner_host) &&
              kill((pid_t)status->owner_pid, 0) && errno == ESRCH;
    printf("daemon        %s", shown->is_running ? "running" : "not running");
    if (shown->is_running && is_gone) {
        fputs(", has not taken this database over yet", stdout);
    }
    if (status->owner_host) {
        printf(" (%s: process %" COUNT " on %s)",
               shown->is_running && !is_gone ? "owner" : "last owner",
               status->owner_pid, status->owner_host);
    }
    putchar('\n');
}

/* Until when the limit has the next request wait, and why. */
static void print_budget(const vendor_t *vendor, int is_running,
                         apr_pool_t *pool)
{
    const ubal_headroom_t *headroom = &vendor->headroom;
    const char *fault = vendor->stored->last_fault;

    printf("  limit       %d in any %.3g s, ", vendor->configured->rate_count,
           (double)vendor->configured->rate_period / UBAL_TIME_SECOND);
    if (headroom->is_foreign) {
        puts(is_running ? "kept by another host"
                        : "all used when the companion starts, as the ledger "
                          "is not of this boot: the first request comes two "
                          "periods later");
    } else if (headroom->at == UBAL_BUDGET_NEVER) {
        puts("all used: the next request waits for one under way");
    } else if (headroom->at) {
        printf("%s: the next request waits until %s (%.0f s)\n",
               headroom->is_held ? "but the vendor asked for a pause"
               : fault && !strcmp(fault, UBAL_SLOT_ASSUMED)
                   ? "all used as far as is known (a restore, a reboot or a "
                     "lost lock file)"
                   : "all used",
               ubal_time_print(headroom->at, pool),
               (double)(headroom->at - apr_time_now()) / UBAL_TIME_SECOND);
    } else {
        puts("a request may be made now");
    }
}

static void print_requests(const ubal_status_vendor_t *vendor,
                           apr_pool_t *pool)
{
    if (!vendor->requests) {
        puts("  requests    none yet");
        return;
    }
    printf("  requests    %" COUNT ", %" COUNT " failed, last at %s\n",
           vendor->requests, vendor->failed_requests,
           ubal_time_print(vendor->last_request, pool));
}

static void print_vendor(const vendor_t *shown, int is_running,
                         apr_pool_t *pool)
{
    const ubal_status_vendor_t *vendor = shown->stored;

    printf("\nvendor        %s%s\n", vendor->name,
           vendor->is_retired ? " (retired)" : "");
    printf("  covers      %s\n", interval(vendor->since, vendor->as_of, pool));
    printf("  windows     %" COUNT " open, %" COUNT " parked\n",
           vendor->windows_open, vendor->windows_parked);
    print_requests(vendor, pool);
    if (vendor->last_fault) {
        printf("  last fault  %s\n", vendor->last_fault);
    }
    if (shown->configured) {
        print_budget(shown, is_running, pool);
    }
    printf("  dead        %" COUNT ", conflicts %" COUNT "\n", vendor->dead,
           vendor->conflicts);
}

/* Bytes for people. */
static const char *size(apr_int64_t bytes, apr_pool_t *pool)
{
    return bytes < 0 ? "?"
                     : apr_psprintf(pool, "%.1f MB", (double)bytes / 1e6);
}

static void print_growth(const ubal_growth_t *growth, apr_pool_t *pool)
{
    printf("database      %s", size(growth->bytes, pool));
    if (growth->free_bytes >= 0) {
        printf(", %s free", size(growth->free_bytes, pool));
    }
    if (growth->bytes_per_day >= 0) {
        printf("; in the last 24 hours %s a day",
               size(growth->bytes_per_day, pool));
    }
    if (growth->days_left >= 0 && growth->days_left != UBAL_GROWTH_NEVER) {
        printf(", full in %" COUNT " day%s", growth->days_left,
               growth->days_left == 1 ? "" : "s");
    }
    putchar('\n');
}

static void print_text(const shown_t *shown, apr_pool_t *pool)
{
    const ubal_status_t *status = shown->status;
    const ubal_coverage_t *coverage = &status->coverage;
    int i;

    print_owner(shown);
    printf("covers        %s\n",
           interval(coverage->since, coverage->as_of, pool));
    if (coverage->as_of) {
        printf("lag           %.1f s\n",
               (double)(apr_time_now() - coverage->as_of) / 1e6);
    }
    printf("incomplete    %s\n", incomplete(coverage, pool));
    printf("transactions  %" COUNT " of %" COUNT " user%s\n",
           status->transactions, status->users, status->users == 1 ? "" : "s");
    print_growth(shown->growth, pool);
    printf("schema        %d, scale %d\n", status->schema, status->scale);
    for (i = 0; i < status->vendors->nelts; i++) {
        print_vendor(&shown->vendors[i], shown->is_running, pool);
    }
}

static void json_instant(const char *key, apr_int64_t us, apr_pool_t *pool)
{
    printf("\"%s\":", key);
    ubal_cmd_print_string(us ? ubal_time_print(us, pool) : NULL);
    putchar(',');
}

static void json_bool(const char *key, int value)
{
    printf("\"%s\":%s,", key, value ? "true" : "false");
}

static void json_vendor(const vendor_t *shown, apr_pool_t *pool)
{
    const ubal_status_vendor_t *vendor = shown->stored;
    apr_int64_t waits = shown->headroom.at;

    fputs("{\"name\":", stdout);
    ubal_cmd_print_string(vendor->name);
    putchar(',');
    json_bool("retired", vendor->is_retired);
    json_instant("since", vendor->since, pool);
    json_instant("asOf", vendor->as_of, pool);
    printf("\"windowsOpen\":%" COUNT ",\"windowsParked\":%" COUNT
           ",\"requests\":%" COUNT ",\"failedRequests\":%" COUNT ",",
           vendor->windows_open, vendor->windows_parked, vendor->requests,
           vendor->failed_requests);
    json_instant("lastRequest", vendor->last_request, pool);
    json_instant("waitsUntil", waits == UBAL_BUDGET_NEVER ? 0 : waits, pool);
    fputs("\"lastFault\":", stdout);
    ubal_cmd_print_string(vendor->last_fault);
    printf(",\"dead\":%" COUNT ",\"conflicts\":%" COUNT "}", vendor->dead,
           vendor->conflicts);
}

static void json_coverage(const ubal_coverage_t *coverage, apr_pool_t *pool)
{
    json_instant("since", coverage->since, pool);
    json_instant("asOf", coverage->as_of, pool);
    json_bool("backfill", coverage->has_backfill);
    json_bool("gaps", coverage->has_gaps);
    json_bool("dead", coverage->has_dead);
    json_bool("conflicts", coverage->has_conflicts);
}

/* A number, null where it is not known. */
static void json_count(const char *key, apr_int64_t value)
{
    if (value < 0 || value == UBAL_GROWTH_NEVER) {
        printf("\"%s\":null,", key);
    } else {
        printf("\"%s\":%" COUNT ",", key, value);
    }
}

static void json_growth(const ubal_growth_t *growth)
{
    json_count("bytes", growth->bytes);
    json_count("bytesFree", growth->free_bytes);
    json_count("transactionsPerDay", growth->rows_per_day);
    json_count("bytesPerDay", growth->bytes_per_day);
    json_count("daysUntilFull", growth->days_left);
}

static void print_json(const shown_t *shown, apr_pool_t *pool)
{
    const ubal_status_t *status = shown->status;
    int i;

    putchar('{');
    json_bool("running", shown->is_running);
    fputs("\"ownerHost\":", stdout);
    ubal_cmd_print_string(status->owner_host);
    printf(",\"ownerPid\":%" COUNT ",", status->owner_pid);
    json_coverage(&status->coverage, pool);
    json_growth(shown->growth);
    printf("\"transactions\":%" COUNT ",\"users\":%" COUNT
           ",\"schema\":%d,\"scale\":%d,\"vendors\":[",
           status->transactions, status->users, status->schema, status->scale);
    for (i = 0; i < status->vendors->nelts; i++) {
        fputs(i ? "," : "", stdout);
        json_vendor(&shown->vendors[i], pool);
    }
    puts("]}");
}

static const ubal_vendor_t *find_configured(const ubal_settings_t *settings,
                                            const char *name)
{
    int i;

    for (i = 0; i < settings->vendors->nelts; i++) {
        const ubal_vendor_t *vendor =
            APR_ARRAY_IDX(settings->vendors, i, const ubal_vendor_t *);

        if (!strcmp(vendor->name, name)) {
            return vendor;
        }
    }
    return NULL;
}

static ubal_error_t *read_vendors(shown_t *shown, ubal_db_t *db,
                                  const ubal_cmd_t *cmd)
{
    const apr_array_header_t *stored = shown->status->vendors;
    ubal_error_t *err = NULL;
    int i;

    shown->vendors =
        apr_pcalloc(cmd->pool, sizeof(vendor_t) * (apr_size_t)stored->nelts);
    for (i = 0; !err && i < stored->nelts; i++) {
        vendor_t *vendor = &shown->vendors[i];

        vendor->stored = &APR_ARRAY_IDX(stored, i, const ubal_status_vendor_t);
        vendor->configured =
            find_configured(cmd->settings, vendor->stored->name);
        if (vendor->configured) {
            err = ubal_headroom_read(&vendor->headroom, db, vendor->configured,
                                     cmd->pool);
        }
    }
    return err;
}

int ubal_cmd_status(const ubal_cmd_t *cmd)
{
    const ubal_settings_t *settings = cmd->settings;
    ubal_growth_t growth;
    ubal_status_t *status = NULL;
    shown_t shown = {.growth = &growth,
                     .is_running = ubal_lock_is_held(settings->lock)};
    ubal_error_t *err;
    ubal_db_t *db;

    err = ubal_db_open_reader(&db, settings->driver, settings->params,
                              cmd->pool);
    if (!err) {
        err = ubal_status_read(&status, db, cmd->pool);
    }
    if (!err) {
        err = ubal_growth_read(&growth, db, status->transactions,
                               apr_time_now(), cmd->pool);
    }
    if (!err) {
        shown.status = status;
        err = read_vendors(&shown, db, cmd);
    }
    if (err) {
        return ubal_cmd_fail_db(cmd, err);
    }
    (cmd->is_json ? print_json : print_text)(&shown, cmd->pool);
    return UBAL_EXIT_DONE;
}
