/* The demo vendor's directives. They stand in a server or a Location. */
#include "demo_config.h"

#include <apr_strings.h>
#include <http_log.h>

#include "demo_ledger.h"
#include "demo_time.h"

#define DEFAULT_EPOCH INT64_C(1767225600000000) /* 2026-01-01 */

/* Numbers that were not given. */
#define UNSET INT64_MIN

typedef struct {
    int64_t seed, volume, users, epoch, limit, period, has_faults;
    const char *account, *token, *mount;
    apr_file_t *log;
} conf_t;

void *demo_config_create(apr_pool_t *pool, char *dir)
{
    conf_t *conf = apr_pcalloc(pool, sizeof(*conf));

    conf->seed = conf->volume = conf->users = conf->epoch = UNSET;
    conf->limit = conf->period = conf->has_faults = UNSET;
    conf->mount = dir;
    return conf;
}

static int64_t given(int64_t value, int64_t otherwise)
{
    return value == UNSET ? otherwise : value;
}

void *demo_config_merge(apr_pool_t *pool, void *base, void *add)
{
    const conf_t *old = base, *new = add;
    conf_t *conf = apr_pcalloc(pool, sizeof(*conf));

    conf->seed = given(new->seed, old->seed);
    conf->volume = given(new->volume, old->volume);
    conf->users = given(new->users, old->users);
    conf->epoch = given(new->epoch, old->epoch);
    conf->limit = given(new->limit, old->limit);
    conf->period = given(new->period, old->period);
    conf->has_faults = given(new->has_faults, old->has_faults);
    conf->account = new->account ? new->account : old->account;
    conf->token = new->token ? new->token : old->token;
    conf->mount = new->mount ? new->mount : old->mount;
    conf->log = new->log ? new->log : old->log;
    return conf;
}

const demo_config_t *demo_config_get(request_rec *r)
{
    const conf_t *conf =
        ap_get_module_config(r->per_dir_config, &ubal_demo_module);
    demo_config_t *config = apr_pcalloc(r->pool, sizeof(*config));

    config->stream.seed = (uint64_t)given(conf->seed, 1);
    config->stream.epoch = given(conf->epoch, DEFAULT_EPOCH);
    config->stream.volume = given(conf->volume, 60);
    config->stream.users = given(conf->users, 40);
    config->limit = given(conf->limit, 5);
    config->period = given(conf->period, 60 * INT64_C(1000000));
    config->account = conf->account ? conf->account
                      : conf->mount ? conf->mount
                                    : "";
    /* A name is what tells an account from an empty place. */
    if (!*config->account) {
        config->account = "default";
    }
    config->token = conf->token;
    config->log = conf->log;
    config->has_faults = given(conf->has_faults, 0) == 1;
    return config;
}

static const char *number(int64_t *value, cmd_parms *cmd, const char *text,
                          int64_t least, int64_t most)
{
    char *end;

    *value = apr_strtoi64(text, &end, 10);
    if (end == text || *end || *value < least || *value > most) {
        return apr_psprintf(cmd->pool,
                            "%s: not a number from %" APR_INT64_T_FMT
                            " to %" APR_INT64_T_FMT,
                            cmd->cmd->name, least, most);
    }
    return NULL;
}

static const char *set_seed(cmd_parms *cmd, void *conf, const char *text)
{
    return number(&((conf_t *)conf)->seed, cmd, text, 0, INT64_MAX);
}

static const char *set_volume(cmd_parms *cmd, void *conf, const char *text)
{
    return number(&((conf_t *)conf)->volume, cmd, text, 1, 100000);
}

static const char *set_users(cmd_parms *cmd, void *conf, const char *text)
{
    return number(&((conf_t *)conf)->users, cmd, text, 1, 100000);
}

static const char *set_epoch(cmd_parms *cmd, void *conf, const char *text)
{
    int64_t *epoch = &((conf_t *)conf)->epoch;

    (void)cmd;
    if (!demo_time_parse(epoch, text) || *epoch % 1000000) {
        return "UbalDemoEpoch: not a date, nor a time of whole seconds";
    }
    return NULL;
}

static const char *set_rate(cmd_parms *cmd, void *dir, const char *count,
                            const char *period)
{
    conf_t *conf = dir;
    apr_interval_time_t time;

    if (ap_timeout_parameter_parse(period, &time, "s") != APR_SUCCESS ||
        time <= 0) {
        return "UbalDemoRate: the period is a time, such as 60s or 500ms";
    }
    conf->period = time;
    return number(&conf->limit, cmd, count, 1, DEMO_LEDGER_ARRIVALS - 1);
}

static const char *set_log(cmd_parms *cmd, void *dir, const char *path)
{
    conf_t *conf = dir;
    const char *full = ap_server_root_relative(cmd->pool, path);
    apr_status_t rv;

    rv = apr_file_open(&conf->log, full,
                       APR_FOPEN_WRITE | APR_FOPEN_APPEND | APR_FOPEN_CREATE,
                       APR_FPROT_OS_DEFAULT, cmd->pool);
    if (rv != APR_SUCCESS) {
        return apr_psprintf(cmd->pool, "UbalDemoLog: %s: %pm", full, &rv);
    }
    return NULL;
}

static const char *set_faults(cmd_parms *cmd, void *conf, int on)
{
    (void)cmd;
    ((conf_t *)conf)->has_faults = on ? 1 : 0;
    return NULL;
}

static const char *set_token(cmd_parms *cmd, void *conf, const char *text)
{
    (void)cmd;
    ((conf_t *)conf)->token = text;
    return NULL;
}

static const char *set_account(cmd_parms *cmd, void *conf, const char *text)
{
    (void)cmd;
    ((conf_t *)conf)->account = text;
    return NULL;
}

const command_rec demo_config_directives[] = {
    AP_INIT_TAKE1("UbalDemoSeed", set_seed, NULL, RSRC_CONF | ACCESS_CONF,
                  "which transactions there are (1)"),
    AP_INIT_TAKE1("UbalDemoVolume", set_volume, NULL, RSRC_CONF | ACCESS_CONF,
                  "transactions a minute (60)"),
    AP_INIT_TAKE1("UbalDemoUsers", set_users, NULL, RSRC_CONF | ACCESS_CONF,
                  "how many users there are (40)"),
    AP_INIT_TAKE1("UbalDemoEpoch", set_epoch, NULL, RSRC_CONF | ACCESS_CONF,
                  "when the first transaction was (2026-01-01)"),
    AP_INIT_TAKE2("UbalDemoRate", set_rate, NULL, RSRC_CONF | ACCESS_CONF,
                  "how many requests in any period are allowed (5 60s)"),
    AP_INIT_TAKE1("UbalDemoAccount", set_account, NULL,
                  RSRC_CONF | ACCESS_CONF,
                  "mounts of one account share limit and faults (the path)"),
    AP_INIT_TAKE1("UbalDemoToken", set_token, NULL, RSRC_CONF | ACCESS_CONF,
                  "the bearer token that is demanded (none)"),
    AP_INIT_TAKE1("UbalDemoLog", set_log, NULL, RSRC_CONF | ACCESS_CONF,
                  "where to log each arrival (nowhere)"),
    AP_INIT_FLAG("UbalDemoFaults", set_faults, NULL, RSRC_CONF | ACCESS_CONF,
                 "whether faults can be set (off)"),
    {NULL, {NULL}, NULL, 0, RAW_ARGS, NULL}};
