/* ubal-ingest status: the state of the whole, for people or as JSON. Reads
 * the database alone; needs no lock and no secret. */
#include "cmd.h"

#include <stdio.h>

#include <apr_strings.h>
#include <apr_time.h>

#include "core/time.h"
#include "store/growth.h"
#include "store/lock.h"
#include "store/status.h"

#define COUNT APR_INT64_T_FMT

/* What is known of the whole. */
typedef struct shown_t {
    const ubal_status_t *status;
    const ubal_growth_t *growth;
    int is_running;
} shown_t;

/* An instant for people; "-" where it is not known. */
static const char *instant(apr_int64_t us, apr_pool_t *pool)
{
    return us ? ubal_time_print(us, pool) : "-";
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

static void print_vendor(const ubal_status_vendor_t *vendor, apr_pool_t *pool)
{
    printf("\nvendor        %s%s\n", vendor->name,
           vendor->is_retired ? " (retired)" : "");
    printf("  covers      %s to %s\n", instant(vendor->since, pool),
           instant(vendor->as_of, pool));
    printf("  windows     %" COUNT " open, %" COUNT " parked\n",
           vendor->windows_open, vendor->windows_parked);
    printf("  requests    %" COUNT ", %" COUNT " failed, last at %s\n",
           vendor->requests, vendor->failed_requests,
           instant(vendor->last_request, pool));
    if (vendor->last_fault) {
        printf("  last fault  %s\n", vendor->last_fault);
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
        printf(", full in %" COUNT " days", growth->days_left);
    }
    putchar('\n');
}

static void print_text(const shown_t *shown, apr_pool_t *pool)
{
    const ubal_status_t *status = shown->status;
    const ubal_coverage_t *coverage = &status->coverage;
    const ubal_status_vendor_t *vendors =
        (const ubal_status_vendor_t *)status->vendors->elts;
    int i;

    printf("daemon        %s", shown->is_running ? "running" : "not running");
    if (status->owner_host) {
        printf(" (last owner: process %" COUNT " on %s)", status->owner_pid,
               status->owner_host);
    }
    printf("\ncovers        %s to %s\n", instant(coverage->since, pool),
           instant(coverage->as_of, pool));
    if (coverage->as_of) {
        printf("lag           %.1f s\n",
               (double)(apr_time_now() - coverage->as_of) / 1e6);
    }
    printf("incomplete    %s\n", incomplete(coverage, pool));
    printf("transactions  %" COUNT " of %" COUNT " users\n",
           status->transactions, status->users);
    print_growth(shown->growth, pool);
    printf("schema        %d, scale %d\n", status->schema, status->scale);
    for (i = 0; i < status->vendors->nelts; i++) {
        print_vendor(&vendors[i], pool);
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

static void json_vendor(const ubal_status_vendor_t *vendor, apr_pool_t *pool)
{
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
    const ubal_status_vendor_t *vendors =
        (const ubal_status_vendor_t *)status->vendors->elts;
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
        json_vendor(&vendors[i], pool);
    }
    puts("]}");
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
    if (err) {
        return ubal_cmd_fail_db(cmd, err);
    }
    shown.status = status;
    (cmd->is_json ? print_json : print_text)(&shown, cmd->pool);
    return UBAL_EXIT_DONE;
}
