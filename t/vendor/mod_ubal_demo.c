/* mod_ubal_demo: a vendor to try mod_ubal with, and to test it against. It
 * makes up its transactions (demo_stream.c), keeps its limit, and has its
 * faults when asked. Here is the way in: what a request counts as and which
 * file answers it. Not installed; shares no code with mod_ubal.
 *
 *   <Location "/vendor">
 *       SetHandler ubal-demo
 *       UbalDemoRate 5 60s
 *   </Location>
 *
 *   /vendor/transactions?startDate=&endDate=&page=&limit=   the list
 *   /vendor/truth?from=&to=[&userId=]   exact sums; counts as no request
 *   /vendor/arrivals                    who came, and most in any period
 *   /vendor/fault?NAME[=VALUE]&...      sets faults (UbalDemoFaults on)
 *       [&next=n] for the next n requests, else until cleared; [&skip=n] after
 *       n others; [&page=n] on that page only; [&at=time]; clear, clear=NAME.
 *       The names are in demo_fault.c.
 */
#include <httpd.h>

#include <apr_strings.h>
#include <http_config.h>
#include <http_log.h>
#include <http_protocol.h>
#include <http_request.h>

#include "demo_config.h"
#include "demo_control.h"
#include "demo_faulty.h"
#include "demo_ledger.h"
#include "demo_list.h"
#include "demo_reply.h"
#include "demo_truth.h"

/* A request that counts, until its reply was sent. */
typedef struct {
    demo_account_t *account;
    int64_t number;
    apr_file_t *log;
} visit_t;

/* Counts the arrival. Returns 0 where it is let in, else the seconds to
 * wait. */
static int64_t arrive(request_rec *r, const demo_config_t *config,
                      demo_account_t *account)
{
    visit_t *visit = apr_palloc(r->pool, sizeof(*visit));
    int64_t wait;

    visit->account = account;
    visit->log = config->log;
    wait = demo_ledger_arrive(&visit->number, account, config->limit,
                              config->period);
    ap_set_module_config(r->request_config, &ubal_demo_module, visit);
    return (wait + 999999) / 1000000;
}

static int is_allowed(request_rec *r, const demo_config_t *config)
{
    const char *given = apr_table_get(r->headers_in, "Authorization");

    return !config->token ||
           (given && !strcmp(given, apr_pstrcat(r->pool, "Bearer ",
                                                config->token, NULL)));
}

static int too_many(request_rec *r, int64_t seconds)
{
    apr_table_setn(r->err_headers_out, "Retry-After",
                   apr_psprintf(r->pool, "%" APR_INT64_T_FMT, seconds));
    return demo_reply_problem(r, HTTP_TOO_MANY_REQUESTS,
                              "more requests than are allowed");
}

static int bad_parameter(request_rec *r, const char *name)
{
    return demo_reply_problem(r, HTTP_BAD_REQUEST,
                              apr_pstrcat(r->pool, "bad ", name, NULL));
}

static demo_faults_t *meet(request_rec *r, demo_account_t *account,
                           int64_t page)
{
    demo_faults_t *faults = apr_palloc(r->pool, sizeof(*faults));

    demo_ledger_lock();
    demo_fault_meet(faults, &account->faults, page);
    demo_ledger_unlock();
    return faults;
}

static int list(request_rec *r, const demo_config_t *config,
                demo_account_t *account, apr_table_t *args)
{
    apr_bucket_brigade *body = demo_reply_body(r);
    int64_t wait = arrive(r, config, account);
    demo_faults_t *faults;
    demo_query_t query;
    const char *wrong;
    int rv;

    if (wait > 0) {
        return too_many(r, wait);
    }
    if (!is_allowed(r, config)) {
        apr_table_setn(r->err_headers_out, "WWW-Authenticate", "Bearer");
        return demo_reply_problem(r, HTTP_UNAUTHORIZED, "no or wrong token");
    }
    if ((wrong = demo_query_list(&query, args, r->request_time))) {
        return bad_parameter(r, wrong);
    }
    faults = meet(r, account, query.page);
    rv = demo_faulty_answer(r, faults);
    if (rv != DECLINED) {
        return rv;
    }
    demo_list_print(body, &config->stream, &query, r->request_time, faults,
                    r->pool);
    return demo_faulty_send(r, body, faults);
}

static int truth(request_rec *r, const demo_config_t *config,
                 apr_table_t *args)
{
    apr_bucket_brigade *body = demo_reply_body(r);
    int64_t from, to;

    if (!demo_query_time(&from, args, "from", 0)) {
        return bad_parameter(r, "from");
    }
    if (!demo_query_time(&to, args, "to", r->request_time + 1)) {
        return bad_parameter(r, "to");
    }
    demo_truth_print(body, &config->stream, apr_table_get(args, "userId"),
                     from, to, r->request_time, r->pool);
    return demo_reply_json(r, body);
}

/* Sets the vendor's clock, which is the request's time: of that httpd makes
 * the header Date, and up to it transactions exist. */
static void skew(request_rec *r, const demo_account_t *account)
{
    const demo_fault_t *fault = &account->faults.of[DEMO_FAULT_DATESKEW];

    demo_ledger_lock();
    if (fault->on) {
        r->request_time += fault->value * 1000000;
    }
    demo_ledger_unlock();
}

static int handle(request_rec *r)
{
    const demo_config_t *config;
    demo_account_t *account;
    const char *route;
    apr_table_t *args;

    if (!r->handler || strcmp(r->handler, "ubal-demo") != 0) {
        return DECLINED;
    }
    config = demo_config_get(r);
    account = demo_ledger_account(config->account);
    if (!account) {
        return demo_reply_problem(r, HTTP_INTERNAL_SERVER_ERROR,
                                  "too many accounts");
    }
    args = demo_query_read(r->args, r->pool);
    route = ap_strrchr_c(r->uri, '/');
    if (config->has_faults && !strcmp(route, "/fault")) {
        return demo_control_fault(r, account, args);
    }
    if (r->method_number != M_GET) {
        r->allowed |= AP_METHOD_BIT << M_GET;
        return HTTP_METHOD_NOT_ALLOWED;
    }
    if (!strcmp(route, "/arrivals")) {
        return demo_control_arrivals(r, account, config->period);
    }
    skew(r, account);
    if (!strcmp(route, "/transactions")) {
        return list(r, config, account, args);
    }
    if (!strcmp(route, "/truth")) {
        return truth(r, config, args);
    }
    return demo_reply_problem(r, HTTP_NOT_FOUND, "no such path");
}

/* Runs when the whole reply was written, or could not be. */
static int end(request_rec *r)
{
    visit_t *visit =
        ap_get_module_config(r->request_config, &ubal_demo_module);
    demo_arrival_t arrival;
    const char *line;
    apr_size_t length;

    if (!visit) {
        return DECLINED;
    }
    arrival = demo_ledger_end(visit->account, visit->number, r->status);
    if (visit->log) {
        line = apr_psprintf(
            r->pool, "%" APR_INT64_T_FMT " %" APR_INT64_T_FMT " %d %s\n",
            arrival.arrived, arrival.ended, r->status,
            r->args ? ap_escape_logitem(r->pool, r->args) : "-");
        length = strlen(line);
        apr_file_write(visit->log, line, &length);
    }
    return DECLINED;
}

static int open_ledger(apr_pool_t *pconf, apr_pool_t *plog, apr_pool_t *ptemp,
                       server_rec *s)
{
    apr_status_t rv = demo_ledger_open();

    (void)pconf, (void)plog, (void)ptemp;
    if (rv != APR_SUCCESS) {
        ap_log_error(APLOG_MARK, APLOG_CRIT, rv, s,
                     "the demo vendor has no shared memory");
        return HTTP_INTERNAL_SERVER_ERROR;
    }
    return OK;
}

static void register_hooks(apr_pool_t *pool)
{
    (void)pool;
    ap_hook_post_config(open_ledger, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_handler(handle, NULL, NULL, APR_HOOK_MIDDLE);
    ap_hook_log_transaction(end, NULL, NULL, APR_HOOK_MIDDLE);
}

AP_DECLARE_MODULE(ubal_demo) = {STANDARD20_MODULE_STUFF,
                                demo_config_create,
                                demo_config_merge,
                                NULL,
                                NULL,
                                demo_config_directives,
                                register_hooks,
                                AP_MODULE_FLAG_NONE};
