/* Becoming the owner. The ledger is believed where the lock file, which only
 * owners on this host write, names its last slot and its last owner, in this
 * boot, and no other host can have sent anything since. Otherwise (a restore,
 * a failover, another boot or host) it may lack requests that were sent: then
 * all slots count as used, and given up just now. */
#include "takeover.h"

#include <apr_strings.h>
#include <string.h>
#include <unistd.h>

#include "budget.h"
#include "core/time.h"
#include "host_turn.h"
#include "log.h"
#include "store/slot.h"
#include "store/vendor_row.h"
#include "witness.h"

/* Until when an owner of another host, who may live and not know yet that it
 * is none any more, may be waiting for what it has asked for. */
static apr_int64_t last_wait(const ubal_daemon_t *daemon, apr_int64_t found,
                             apr_int64_t timeout)
{
    return daemon->db->dialect == UBAL_DIALECT_PGSQL ? found + timeout : found;
}

static ubal_error_t *use_slot(ubal_daemon_t *daemon, const char *account,
                              apr_int64_t vendor, apr_int64_t now,
                              apr_int64_t ended, apr_pool_t *pool)
{
    ubal_slot_t slot = {.account = account,
                        .boot = daemon->boot,
                        .started = now,
                        .vendor = vendor,
                        .at = ubal_owner_wall()};
    ubal_outcome_t outcome = {.ended = ended, .fault = UBAL_SLOT_ASSUMED};
    ubal_error_t *err = ubal_slot_open(daemon->db, &slot, pool);

    return err ? err : ubal_slot_close(daemon->db, slot.id, &outcome, pool);
}

/* Fills the account's ledger with as many slots as the budget has, all as ones
 * that were given up: any of those that it may lack can have been, and the
 * vendor may still read it. */
static ubal_error_t *use_all(ubal_daemon_t *daemon,
                             const ubal_vendor_t *vendor, const char *account,
                             apr_int64_t vendor_id, apr_pool_t *pool)
{
    apr_int64_t now = ubal_owner_now();
    apr_int64_t ended = ubal_budget_given_up(
        last_wait(daemon, now, vendor->timeout), vendor->rate_period);
    int i;

    for (i = 0; i < vendor->rate_count; i++) {
        ubal_error_t *err =
            use_slot(daemon, account, vendor_id, now, ended, pool);

        if (err) {
            return err;
        }
    }
    ubal_log_line(UBAL_LOG_WARN,
                  "vendor %s: the ledger of requests is not this host's own "
                  "latest; all %d slots count as used",
                  vendor->name, vendor->rate_count);
    return NULL;
}

/* A vendor that is only given a new name would have its transactions stored a
 * second time, beside those under the old one. */
static ubal_error_t *refuse_renamed(ubal_daemon_t *daemon,
                                    const ubal_vendor_t *vendor,
                                    const ubal_vendor_row_t *row,
                                    const char *account, apr_pool_t *pool)
{
    const char *former;
    ubal_error_t *err;

    if (row->largest_page) {
        return NULL;
    }
    err = ubal_vendor_row_former(&former, daemon->db, row->id, account, pool);
    if (err || !former) {
        return err;
    }
    return ubal_error_make(
        UBAL_ERR_CONFIG, pool,
        "vendor %s has the origin and credentials of vendor "
        "%s, whose transactions are stored: under a new "
        "name they would be stored twice; call it %s again, "
        "or use another database",
        vendor->name, former, former);
}

const char *ubal_takeover_id_fields(const ubal_mapping_t *mapping,
                                    apr_pool_t *pool)
{
    const char *text = mapping->paths[0].text;
    int i;

    for (i = 1; i < mapping->ids; i++) {
        text = apr_pstrcat(pool, text, " ", mapping->paths[i].text, NULL);
    }
    return text;
}

static ubal_error_t *settle_vendor(ubal_daemon_t *daemon,
                                   const ubal_witness_t *witness,
                                   const ubal_vendor_t *vendor,
                                   apr_pool_t *pool)
{
    const char *account =
        ubal_vendor_account(vendor, daemon->owner.account_key, pool);
    ubal_vendor_row_t row;
    ubal_error_t *err =
        ubal_vendor_row_settle(&row, daemon->db, vendor->name, pool);
    int is_foreign = !witness || ubal_witness_is_stale(witness, daemon,
                                                       vendor->rate_period);

    if (!err) {
        err = refuse_renamed(daemon, vendor, &row, account, pool);
    }
    if (!err) {
        err = ubal_vendor_row_settle_id(
            daemon->db, &row, vendor->name,
            ubal_takeover_id_fields(vendor->mapping, pool), pool);
    }
    if (!err && !is_foreign) {
        err = ubal_witness_find_foreign(&is_foreign, daemon, account,
                                        vendor->rate_count, pool);
    }
    if (!err && is_foreign) {
        err = use_all(daemon, vendor, account, row.id, pool);
    }
    return err;
}

/* What had no end, and when to count it as ended: an owner on this host is
 * gone. */
static ubal_error_t *abandon(ubal_daemon_t *daemon, int is_ours,
                             apr_pool_t *pool)
{
    const apr_array_header_t *vendors = daemon->settings->vendors;
    apr_int64_t found = ubal_owner_now(), longest = 0, timeout = 0;
    ubal_error_t *err;
    int i, lost = 0;

    for (i = 0; i < vendors->nelts; i++) {
        const ubal_vendor_t *vendor =
            APR_ARRAY_IDX(vendors, i, const ubal_vendor_t *);

        longest =
            vendor->rate_period > longest ? vendor->rate_period : longest;
        timeout = vendor->timeout > timeout ? vendor->timeout : timeout;
    }
    if (!is_ours) {
        found = last_wait(daemon, found, timeout);
    }
    err = ubal_slot_abandon(&lost, daemon->db, daemon->boot,
                            ubal_budget_given_up(found, longest), pool);
    if (!err && lost) {
        ubal_log_line(UBAL_LOG_WARN,
                      "%d request%s of an earlier owner had no end; counted "
                      "as ended one period from now",
                      lost, lost == 1 ? "" : "s");
    }
    return err;
}

/* `witness`: NULL where it is not the last owner's. */
static ubal_error_t *settle_ledger(ubal_daemon_t *daemon,
                                   const ubal_witness_t *witness,
                                   apr_pool_t *pool)
{
    const apr_array_header_t *vendors = daemon->settings->vendors;
    ubal_error_t *err = abandon(daemon, witness != NULL, pool);
    int i;

    for (i = 0; !err && i < vendors->nelts; i++) {
        err = settle_vendor(daemon, witness,
                            APR_ARRAY_IDX(vendors, i, const ubal_vendor_t *),
                            pool);
    }
    return err ? err
               : ubal_vendor_row_retire(daemon->db, daemon->settings, pool);
}

static ubal_error_t *open_database(ubal_daemon_t *daemon, apr_pool_t *pool)
{
    const ubal_settings_t *settings = daemon->settings;
    char host[256] = "";
    int before, after;
    ubal_error_t *err =
        ubal_db_open(&daemon->db, settings->driver, settings->params, pool);

    if (!err) {
        err = ubal_host_turn_take(daemon, pool);
        daemon->turn_at = ubal_owner_now();
    }
    if (!err) {
        err = ubal_meta_migrate(daemon->db, &before, &after, pool);
    }
    if (!err && before != after) {
        ubal_log_line(UBAL_LOG_INFO, "database schema brought from %d to %d",
                      before, after);
    }
    if (!err) {
        gethostname(host, sizeof(host) - 1);
        err = ubal_meta_take_over(&daemon->owner, daemon->db, settings->scale,
                                  host, (long)getpid(), pool);
    }
    return err;
}

static ubal_error_t *commit_ledger(ubal_daemon_t *daemon,
                                   const ubal_witness_t *witness,
                                   apr_pool_t *pool)
{
    ubal_error_t *err = ubal_meta_begin(daemon->db, &daemon->owner, pool);

    if (err) {
        return err;
    }
    err = settle_ledger(daemon, witness, pool);
    if (!err) {
        err = ubal_meta_update_coverage(daemon->db, pool);
    }
    if (!err) {
        err = ubal_db_commit(daemon->db, pool);
    }
    if (err) {
        ubal_db_rollback(daemon->db, pool);
    }
    return err;
}

/* The token that ends up in the witness must be that of an owner who has
 * settled the ledger: it is written last. */
static ubal_error_t *write_first_witness(ubal_daemon_t *daemon,
                                         apr_pool_t *pool)
{
    apr_int64_t last = 0;
    ubal_error_t *err = ubal_slot_last(&last, daemon->db, pool);

    return err ? err : ubal_witness_write(daemon, last, pool);
}

ubal_error_t *ubal_takeover(ubal_daemon_t *daemon, apr_pool_t *pool)
{
    ubal_witness_t witness;
    ubal_error_t *err = ubal_owner_boot(&daemon->boot, pool);

    if (!err) {
        err = ubal_owner_read_witness(&witness, daemon->watch->lock_fd, pool);
    }
    if (!err) {
        err = open_database(daemon, pool);
    }
    if (!err) {
        err = commit_ledger(
            daemon, ubal_witness_is_owner(&witness, daemon) ? &witness : NULL,
            pool);
    }
    return err ? err : write_first_witness(daemon, pool);
}

static ubal_error_t *settle_ids(ubal_daemon_t *daemon, apr_pool_t *pool)
{
    const apr_array_header_t *vendors = daemon->settings->vendors;
    ubal_error_t *err = ubal_meta_begin(daemon->db, &daemon->owner, pool);
    int i;

    if (err) {
        return err;
    }
    for (i = 0; !err && i < vendors->nelts; i++) {
        const ubal_vendor_t *vendor =
            APR_ARRAY_IDX(vendors, i, const ubal_vendor_t *);
        ubal_vendor_row_t row;

        err = ubal_vendor_row_settle(&row, daemon->db, vendor->name, pool);
        if (!err) {
            err = ubal_vendor_row_settle_id(
                daemon->db, &row, vendor->name,
                ubal_takeover_id_fields(vendor->mapping, pool), pool);
        }
    }
    if (!err) {
        err = ubal_db_commit(daemon->db, pool);
    }
    if (err) {
        ubal_db_rollback(daemon->db, pool);
    }
    return err;
}

ubal_error_t *ubal_takeover_by_hand(ubal_daemon_t *daemon, apr_pool_t *pool)
{
    ubal_witness_t witness;
    ubal_error_t *err = ubal_owner_boot(&daemon->boot, pool);

    if (!err) {
        err = ubal_owner_read_witness(&witness, daemon->watch->lock_fd, pool);
    }
    if (!err) {
        err = open_database(daemon, pool);
    }
    if (!err) {
        err = settle_ids(daemon, pool);
    }
    if (err) {
        return err;
    }
    daemon->is_ledger_doubtful = !ubal_witness_is_enough(&witness, daemon);
    return write_first_witness(daemon, pool);
}
