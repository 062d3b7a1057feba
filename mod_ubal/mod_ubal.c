/* The module record and its hooks, nothing else. */
#include "mod_ubal.h"

#include <http_core.h>
#include <http_request.h>

#include "mod_ubal_check.h"
#include "mod_ubal_config.h"
#include "mod_ubal_db.h"
#include "mod_ubal_handler.h"
#include "mod_ubal_location.h"
#include "mod_ubal_mount.h"
#include "mod_ubal_supervisor.h"

/* Runs twice at a start, the first time in a process that may not last. */
static int post_config(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *s)
{
    const ubal_server_t *server =
        ap_get_module_config(s->module_config, &ubal_module);

    if (ap_state_query(AP_SQ_MAIN_STATE) == AP_SQ_MS_CREATE_PRE_CONFIG) {
        return OK;
    }
    ubal_check_summarize(s, ptemp);
    return ubal_supervisor_post_config(server->databases, pconf, plog, s);
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_optional_fn_retrieve(mod_ubal_db_find_dbd, NULL, NULL,
                                 APR_HOOK_MIDDLE);
    ap_hook_check_config(ubal_check_config, NULL, NULL, APR_HOOK_LAST);
    ap_hook_test_config(ubal_check_test, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_post_config(post_config, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_child_init(ubal_supervisor_child_init, NULL, NULL,
                       APR_HOOK_MIDDLE);
    ap_hook_child_init(ubal_config_child_init, NULL, NULL, APR_HOOK_MIDDLE);
    /* After all who may want the URL, before core, who looks for a file. */
    ap_hook_translate_name(ubal_mount_translate, NULL, NULL, APR_HOOK_LAST);
    ap_hook_map_to_storage(ubal_mount_map, NULL, NULL, APR_HOOK_FIRST);
    ap_hook_type_checker(ubal_mount_type, NULL, NULL, APR_HOOK_REALLY_FIRST);
    ap_hook_handler(ubal_handler_run, NULL, NULL, APR_HOOK_MIDDLE);
}

AP_DECLARE_MODULE(ubal) = {STANDARD20_MODULE_STUFF,
                           ubal_location_create,
                           ubal_location_merge,
                           ubal_config_create,
                           NULL, /* nothing is merged: see ubal_server_t */
                           ubal_config_directives,
                           register_hooks,
                           AP_MODULE_FLAG_NONE};
