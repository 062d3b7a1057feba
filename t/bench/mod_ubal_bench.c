/* A handler that only writes: what a reply costs without what it says. For
 * the bench of reads; no hook of it but the handler's. */
#include <string.h>

#include <httpd.h>

#include <http_config.h>
#include <http_protocol.h>

extern module AP_MODULE_DECLARE_DATA ubal_bench_module;

static const char *body = "";

static const char *set_body(cmd_parms *cmd, void *unused, const char *text)
{
    (void)cmd;
    (void)unused;
    body = text;
    return NULL;
}

static int run(request_rec *r)
{
    if (!r->handler || strcmp(r->handler, "ubal-bench")) {
        return DECLINED;
    }
    ap_set_content_type(r, "application/json");
    ap_set_content_length(r, (apr_off_t)strlen(body));
    ap_rputs(body, r);
    return OK;
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_handler(run, NULL, NULL, APR_HOOK_MIDDLE);
}

static const command_rec directives[] = {
    AP_INIT_TAKE1("UbalBenchBody", set_body, NULL, RSRC_CONF,
                  "what the handler ubal-bench writes"),
    {NULL}};

AP_DECLARE_MODULE(ubal_bench) = {STANDARD20_MODULE_STUFF,
                                 NULL,
                                 NULL,
                                 NULL,
                                 NULL,
                                 directives,
                                 register_hooks,
                                 AP_MODULE_FLAG_NONE};
