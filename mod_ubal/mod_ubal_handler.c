/* Method, mount, route: the table of endpoints. A new one is a row here and a
 * file of its own. */
#include "mod_ubal_handler.h"

#include <http_log.h>
#include <http_protocol.h>

#include "mod_ubal.h"
#include "mod_ubal_bulk.h"
#include "mod_ubal_history.h"
#include "mod_ubal_mount.h"
#include "mod_ubal_payouts.h"
#include "mod_ubal_query.h"
#include "mod_ubal_reply.h"
#include "mod_ubal_request.h"
#include "mod_ubal_transactions.h"
#include "mod_ubal_user.h"

APLOG_USE_MODULE(ubal);

typedef struct endpoint_t {
    const char *route;
    int (*answer)(request_rec *r, const ubal_request_t *request);
    const ubal_query_parameter_t *parameters; /* NULL: it has none */
} endpoint_t;

/* The mount itself: /user. */
static const endpoint_t of_mount = {"", mod_ubal_bulk_answer,
                                    mod_ubal_bulk_parameters};

/* The mount of ubal-payouts, below which is nothing. */
static const endpoint_t of_payouts = {"", ubal_payouts_answer,
                                      ubal_payouts_parameters};

/* What may follow /user/{id}. */
static const endpoint_t of_user[] = {
    {"", ubal_user_balance, ubal_user_parameters},
    {"payouts", ubal_user_payouts, NULL},
    {"transactions", ubal_transactions_answer, ubal_walk_parameters},
    {"history", mod_ubal_history_answer, mod_ubal_history_parameters},
    {NULL, NULL, NULL},
};

static const endpoint_t *find(const endpoint_t *endpoints, const char *route)
{
    for (; endpoints->route; endpoints++) {
        if (!strcmp(route, endpoints->route)) {
            return endpoints;
        }
    }
    return NULL;
}

/* Gives what the endpoint answers once its parameters are read. */
static int answer_by(const endpoint_t *endpoint, request_rec *r,
                     ubal_request_t *request)
{
    const char *fault = ubal_query_read(request->query, endpoint->parameters,
                                        r->args, r->pool);

    return fault ? ubal_reply_problem(r, HTTP_BAD_REQUEST, fault)
                 : endpoint->answer(r, request);
}

static int answer_payouts(request_rec *r, const char *rest)
{
    ubal_request_t request = {.route = ""};

    return ubal_request_is_mount(r, rest)
               ? answer_by(&of_payouts, r, &request)
               : ubal_reply_problem(r, HTTP_NOT_FOUND,
                                    "the list of payouts has nothing below "
                                    "it");
}

static int answer_user(request_rec *r, const char *rest)
{
    ubal_request_t request;
    int status;
    const char *fault = ubal_request_parse(&request, &status, r, rest);
    const endpoint_t *endpoint;

    if (fault) {
        return ubal_reply_problem(r, status, fault);
    }
    endpoint = request.user_id ? find(of_user, request.route) : &of_mount;
    if (!endpoint) {
        return ubal_reply_problem(r, HTTP_NOT_FOUND,
                                  "a user has nothing of this name");
    }
    return answer_by(endpoint, r, &request);
}

/* ap_request_has_body() knows of none with HEAD. */
static int has_body(request_rec *r)
{
    return apr_table_get(r->headers_in, "Content-Length") ||
           apr_table_get(r->headers_in, "Transfer-Encoding");
}

int ubal_handler_run(request_rec *r)
{
    const ubal_server_t *server =
        ap_get_module_config(r->server->module_config, &ubal_module);
    const char *handler = ubal_mount_handler(r->handler);
    const char *rest;
    int status = OK;

    if (!handler) {
        return DECLINED;
    }
    /* What mod_mime read out of an id, where the hooks were passed by. */
    r->content_encoding = NULL;
    r->content_languages = NULL;
    /* A body is read and dropped, or it would be taken for a request. */
    if (has_body(r)) {
        status = ap_discard_request_body(r);
    }
    if (status != OK) {
        return status;
    }
    rest = ubal_mount_rest(server, handler, r->uri);
    if (!rest || !server->database) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                      "the handler %s was reached at %s, where no <Location> "
                      "mounts it",
                      handler, r->uri);
        return ubal_reply_problem(r, HTTP_NOT_FOUND, NULL);
    }
    if (r->method_number != M_GET) {
        return ubal_reply_method(r);
    }
    return strcmp(handler, UBAL_MOUNT_PAYOUTS) ? answer_user(r, rest)
                                               : answer_payouts(r, rest);
}
