/* The daemon's configuration, set as directives are. */
#include <apr_strings.h>
#include <stdlib.h>

#include "sim.h"

static void set(ubal_vendor_t *vendor, apr_pool_t *pool, const char *name,
                const char *first, const char *second)
{
    const char *words[] = {first, second};
    ubal_error_t *err =
        ubal_vendor_set(vendor, name, second ? 2 : 1, words, pool);

    if (err) {
        fprintf(stderr, "ubal-sim: %s\n", err->message);
        exit(1);
    }
}

static const char *ms(apr_int64_t us, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%" APR_INT64_T_FMT "ms", us / 1000);
}

const ubal_settings_t *sim_settings_make(apr_pool_t *pool)
{
    ubal_settings_t *settings = ubal_settings_make(pool);
    ubal_vendor_t *vendor = ubal_vendor_make("game", pool);

    settings->driver = "sqlite3";
    settings->params = sim_disk_path();
    settings->lock = apr_pstrcat(pool, sim_disk_path(), ".lock", NULL);
    set(vendor, pool, "UbalURL", "http://vendor.example/transactions", NULL);
    set(vendor, pool, "UbalRate", apr_itoa(pool, sim.rate_count),
        ms(sim.rate_period, pool));
    set(vendor, pool, "UbalInterval", ms(sim.interval, pool), NULL);
    set(vendor, pool, "UbalTimeout", ms(sim.profile.timeout, pool), NULL);
    set(vendor, pool, "UbalPageSize", apr_itoa(pool, sim.profile.page_size),
        NULL);
    set(vendor, pool, "UbalRetries", apr_itoa(pool, sim.profile.retries),
        NULL);
    set(vendor, pool, "UbalWindow",
        apr_pstrcat(pool, "settle=", ms(sim.profile.settle, pool), NULL),
        sim.profile.is_reconciled ? NULL : "lookback=off");
    if (!sim.profile.is_reconciled) {
        set(vendor, pool, "UbalReconcile", "off", NULL);
    }
    if (sim.since) {
        set(vendor, pool, "UbalSince", ubal_time_print(sim.since, pool), NULL);
    }
    APR_ARRAY_PUSH(settings->vendors, ubal_vendor_t *) = vendor;
    return settings;
}

/* Never more than the vendor allows. */
void sim_settings_change(void)
{
    const sim_profile_t *p = &sim.profile;

    sim_fault_count(SIM_SETTINGS);
    sim.rate_count = (int)sim_random_in(SIM_OF_LIFE, 1, p->rate_count);
    sim.rate_period =
        p->rate_period * sim_random_in(SIM_OF_LIFE, 100, 150) / 100;
    sim.rate_period -= sim.rate_period % 1000;
    sim.interval = p->interval * sim_random_in(SIM_OF_LIFE, 50, 200) / 100;
    sim.interval -= sim.interval % 1000;
    if (sim_random_hits(SIM_OF_LIFE, 500)) {
        sim.rate_count = p->rate_count;
        sim.rate_period = p->rate_period;
        sim.interval = p->interval;
    }
    sim_ring_note("settings: UbalRate %d %" APR_INT64_T_FMT
                  "ms, UbalInterval %" APR_INT64_T_FMT "ms",
                  sim.rate_count, sim.rate_period / 1000, sim.interval / 1000);
}
