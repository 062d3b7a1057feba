/* Method, mount, route: the table of endpoints. A new one is a row here and a
 * file of its own. */
#include "mod_ubal_handler.h"

#include <http_log.h>
#include <http_protocol.h>

#include "mod_ubal.h"
#include "mod_ubal_bulk.h"
#include "mod_ubal_history.h"
#include "mod_ubal_mount.h"
#include "mod_ubal_query.h"
#include "mod_ubal_reply.h"
#include "mod_ubal_request.h"
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

/* What may follow /user/{id}. */
static const endpoint_t of_user[] = {
    {"", ubal_user_balance, ubal_user_parameters},
    {"payouts", ubal_user_payouts, NULL},
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

static int answer(request_rec *r, const char *rest)
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
    fault =
        ubal_query_read(request.query, endpoint->parameters, r->args, r->pool);
    if (fault) {
        return ubal_reply_problem(r, HTTP_BAD_REQUEST, fault);
    }
    return endpoint->answer(r, &request);
}

int ubal_handler_run(request_rec *r)
{
    const ubal_server_t *server =
        ap_get_module_config(r->server->module_config, &ubal_module);
    const char *rest;
    int status;

    if (!r->handler || strcmp(r->handler, UBAL_MOUNT_HANDLER)) {
        return DECLINED;
    }
    /* What mod_mime read out of an id, where the hooks were passed by. */
    r->content_encoding = NULL;
    r->content_languages = NULL;
    /* A body is read and dropped, or it would be taken for a request. */
    status = ap_discard_request_body(r);
    if (status != OK) {
        return status;
    }
    rest = ubal_mount_rest(server, r->uri);
    if (!rest || !server->database) {
        ap_log_rerror(APLOG_MARK, APLOG_WARNING, 0, r,
                      "the handler " UBAL_MOUNT_HANDLER " was reached at %s, "
                      "where no <Location> mounts it",
                      r->uri);
        return ubal_reply_problem(r, HTTP_NOT_FOUND, NULL);
    }
    if (r->method_number != M_GET) {
        return ubal_reply_method(r);
    }
    return answer(r, rest);
}
