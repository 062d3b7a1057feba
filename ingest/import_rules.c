/* What an import may do. See import_rules.h. */
#include "import_rules.h"

#include <string.h>

#include <apr_strings.h>

#include "core/time.h"
#include "owner.h"
#include "store/import_range.h"
#include "store/opening.h"
#include "store/vendor_row.h"
#include "takeover.h"

/* A window of history has so many full pages at most. */
#define PAGES 10

ubal_error_t *ubal_rules_vendor(const ubal_vendor_t **vendor,
                                const ubal_settings_t *settings,
                                const char *name, apr_pool_t *pool)
{
    const apr_array_header_t *vendors = settings->vendors;
    const char *names = "";
    int i;

    for (i = 0; i < vendors->nelts; i++) {
        *vendor = APR_ARRAY_IDX(vendors, i, const ubal_vendor_t *);
        if (name && (!strcmp((*vendor)->name, name) ||
                     (!*name && vendors->nelts == 1))) {
            return NULL;
        }
        names = apr_pstrcat(pool, names, " ", (*vendor)->name, NULL);
    }
    return ubal_error_make(UBAL_ERR_INPUT, pool,
                           name && *name
                               ? "no such vendor; there are:%s"
                               : "which vendor is it of? --vendor one of:%s",
                           names);
}

/* Up to where a range may be claimed: beyond, live windows come, and they go
 * on from the end of the last one there is. */
static ubal_error_t *check_end(const ubal_rules_t *rules, apr_int64_t to,
                               apr_pool_t *pool)
{
    apr_int64_t now = ubal_owner_wall();
    apr_int64_t limit = rules->hull_to ? rules->hull_to : rules->row.since;

    if (to > now) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "--to is in the future: nobody can say yet "
                               "that all of it is in the file");
    }
    if (limit && to > limit) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "--to must not be later than %s: what comes "
                               "after is fetched",
                               ubal_time_print(limit, pool));
    }
    return NULL;
}

static ubal_error_t *check_range(const ubal_rules_t *rules, ubal_db_t *db,
                                 apr_int64_t from, apr_int64_t to,
                                 apr_pool_t *pool)
{
    if (from >= to) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "--from must be earlier than --to");
    }
    if (rules->opening > from) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "opening balances are set at %s: what comes "
                               "before is in them and would be counted twice",
                               ubal_time_print(rules->opening, pool));
    }
    return ubal_import_check_backfill(db, rules->row.id, from, to, pool);
}

ubal_error_t *ubal_rules_look(ubal_rules_t *rules, ubal_db_t *db,
                              const ubal_vendor_t *vendor, apr_int64_t from,
                              apr_int64_t to, apr_pool_t *pool)
{
    ubal_error_t *err =
        ubal_vendor_row_settle(&rules->row, db, vendor->name, pool);

    if (!err) {
        err = ubal_vendor_row_settle_id(
            db, &rules->row, vendor->name,
            ubal_takeover_id_fields(vendor->mapping, pool), pool);
    }
    if (!err) {
        err = ubal_import_hull(&rules->hull_from, &rules->hull_to, db,
                               rules->row.id, pool);
    }
    if (!err) {
        err = ubal_opening_at(&rules->opening, db, pool);
    }
    if (!err && to) {
        err = check_end(rules, to, pool);
    }
    if (!err && to) {
        err = check_range(rules, db, from, to, pool);
    }
    return err;
}

/* Where nothing was ever fetched, coverage begins with the import. */
static ubal_error_t *settle_since(ubal_db_t *db, const ubal_vendor_t *vendor,
                                  const ubal_import_t *import,
                                  apr_pool_t *pool)
{
    ubal_vendor_row_t row;
    ubal_error_t *err = ubal_vendor_row_settle(&row, db, vendor->name, pool);

    if (err || row.since) {
        return err;
    }
    row.since = import->from;
    return ubal_vendor_row_save(db, &row, pool);
}

ubal_error_t *ubal_rules_cover(apr_int64_t *cursor, int *made, ubal_db_t *db,
                               const ubal_vendor_t *vendor,
                               const ubal_import_t *import, apr_pool_t *pool)
{
    ubal_error_t *err = ubal_import_check_backfill(
        db, import->vendor, import->from, import->to, pool);

    if (!err) {
        err = settle_since(db, vendor, import, pool);
    }
    if (!err) {
        err = ubal_import_cover(cursor, made, db, import,
                                (apr_int64_t)PAGES * vendor->page_size, pool);
    }
    return err || *cursor < import->to
               ? err
               : ubal_import_forget(db, import->id, pool);
}

/* Whether what is listed of `vendor` goes on from `at`, or a little later. */
static ubal_error_t *check_vendor(apr_int64_t *since, ubal_db_t *db,
                                  const ubal_vendor_t *vendor, apr_int64_t at,
                                  apr_pool_t *pool)
{
    int is_fetching;
    ubal_vendor_row_t row;
    ubal_error_t *err = ubal_vendor_row_settle(&row, db, vendor->name, pool);

    if (err) {
        return err;
    }
    *since = row.since ? row.since : vendor->since;
    if (*since && at > *since) {
        return ubal_error_make(
            UBAL_ERR_INPUT, pool,
            "--at must not be later than %s, from where on the "
            "transactions of vendor %s are fetched: they would be counted "
            "twice",
            ubal_time_print(*since, pool), vendor->name);
    }
    err = ubal_opening_is_fetching(&is_fetching, db, row.id, at, pool);
    return err || !is_fetching
               ? err
               : ubal_error_make(
                     UBAL_ERR_INPUT, pool,
                     "history of vendor %s from before %s is being fetched: "
                     "wait for its end, or end it (ubal-ingest backfill "
                     "cancel)",
                     vendor->name, ubal_time_print(at, pool));
}

ubal_error_t *ubal_rules_opening(apr_int64_t *since, ubal_db_t *db,
                                 const ubal_settings_t *settings,
                                 apr_int64_t at, apr_pool_t *pool)
{
    ubal_error_t *err = NULL;
    int i;

    *since = 0;
    if (at <= 1 || at > ubal_owner_wall()) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "--at must be an instant of the past");
    }
    for (i = 0; !err && i < settings->vendors->nelts; i++) {
        const ubal_vendor_t *vendor =
            APR_ARRAY_IDX(settings->vendors, i, const ubal_vendor_t *);
        apr_int64_t begin;

        err = check_vendor(&begin, db, vendor, at, pool);
        *since = !err && begin > *since ? begin : *since;
    }
    return err;
}
