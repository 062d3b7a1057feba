/* Directives of a Location. See mod_ubal_location.h. */
#include "mod_ubal_location.h"

#include <apr_strings.h>

#include "core/time.h"
#include "mod_ubal.h"

void *ubal_location_create(apr_pool_t *pool, char *dir)
{
    (void)dir;
    return apr_pcalloc(pool, sizeof(ubal_location_t));
}

void *ubal_location_merge(apr_pool_t *pool, void *around, void *within)
{
    const ubal_location_t *own = within;
    ubal_location_t *merged =
        apr_pmemdup(pool, around, sizeof(ubal_location_t));

    if (own->has_balance) {
        merged->balance = own->balance;
        merged->has_balance = 1;
    }
    if (own->has_max_stale) {
        merged->max_stale = own->max_stale;
        merged->has_max_stale = 1;
    }
    if (own->has_amounts) {
        merged->amounts = own->amounts;
        merged->has_amounts = 1;
    }
    if (own->has_unknown) {
        merged->is_unknown_missing = own->is_unknown_missing;
        merged->has_unknown = 1;
    }
    return merged;
}

const ubal_location_t *ubal_location_of(request_rec *r)
{
    return ap_get_module_config(r->per_dir_config, &ubal_module);
}

/* Sets `*index` to where `text` stands among `words`, in any case; returns
 * NULL, or what to write instead. */
static const char *find_word(int *index, cmd_parms *cmd, const char *text,
                             const char *const *words)
{
    const char *list = "";
    int i;

    for (i = 0; words[i]; i++) {
        if (!ap_cstr_casecmp(words[i], text)) {
            *index = i;
            return NULL;
        }
        list = apr_pstrcat(cmd->pool, list, i ? "|" : "", words[i], NULL);
    }
    return apr_psprintf(cmd->pool, "%s '%s' is none of %s; write: %s %s",
                        cmd->cmd->name, text, list, cmd->cmd->name, words[0]);
}

const char *ubal_location_amounts(cmd_parms *cmd, void *location,
                                  const char *text)
{
    static const char *const words[] = {"decimal", "string", "minor", NULL};
    ubal_location_t *own = location;
    int index = 0;
    const char *fault = find_word(&index, cmd, text, words);

    own->amounts = (ubal_amounts_e)index;
    own->has_amounts = 1;
    return fault;
}

const char *ubal_location_unknown(cmd_parms *cmd, void *location,
                                  const char *text)
{
    static const char *const words[] = {"200", "404", NULL};
    ubal_location_t *own = location;
    const char *fault = find_word(&own->is_unknown_missing, cmd, text, words);

    own->has_unknown = 1;
    return fault;
}

const char *ubal_location_max_stale(cmd_parms *cmd, void *location,
                                    const char *text)
{
    ubal_location_t *own = location;

    own->has_max_stale = 1;
    own->max_stale = 0;
    if (!ap_cstr_casecmp(text, "off") ||
        !ubal_time_duration(&own->max_stale, text, cmd->temp_pool)) {
        return NULL;
    }
    return apr_psprintf(cmd->pool,
                        "%s '%s' is neither off nor a time such as 120, 2min, "
                        "1h; write: %s 120",
                        cmd->cmd->name, text, cmd->cmd->name);
}

const char *ubal_location_balance(cmd_parms *cmd, void *location, int argc,
                                  char *const argv[])
{
    ubal_location_t *own = location;
    ubal_weights_t *weights = apr_pcalloc(cmd->pool, sizeof(*weights));
    const char *fault = argc ? NULL : "there is none";
    int i;

    for (i = 0; i < argc && !fault; i++) {
        fault = ubal_type_weigh(weights, argv[i]);
        if (fault) {
            fault = apr_psprintf(cmd->pool, "'%s' %s", argv[i], fault);
        }
    }
    own->balance = weights;
    own->has_balance = 1;
    return fault ? apr_psprintf(cmd->pool,
                                "%s takes earned, spent, payout and paid_out, "
                                "each once at most, with or without a sign: "
                                "%s; write: %s earned -spent -paid_out",
                                cmd->cmd->name, fault, cmd->cmd->name)
                 : NULL;
}
