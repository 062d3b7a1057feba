/* Method, mount, route: the table of endpoints. A new one is a row here and a
 * file of its own. */
#include "mod_ubal_handler.h"

#include <http_log.h>
#include <http_protocol.h>

#include "mod_ubal.h"
#include "mod_ubal_mount.h"
#include "mod_ubal_reply.h"
#include "mod_ubal_request.h"
#include "mod_ubal_user.h"

APLOG_USE_MODULE(ubal);

typedef int (*answer_fn)(request_rec *r, const ubal_request_t *request);

/* What may follow /user/{id}. */
static const struct {
    const char *name;
    answer_fn answer;
} routes[] = {
    {"", ubal_user_balance},
    {"payouts", ubal_user_payouts},
    {NULL, NULL},
};

static answer_fn find_route(const char *name)
{
    int i;

    for (i = 0; routes[i].name; i++) {
        if (!strcmp(name, routes[i].name)) {
            return routes[i].answer;
        }
    }
    return NULL;
}

static int answer(request_rec *r, const char *rest)
{
    ubal_request_t request;
    int status;
    const char *fault = ubal_request_parse(&request, &status, r, rest);
    answer_fn route;

    if (fault) {
        return ubal_reply_problem(r, status, fault);
    }
    route = find_route(request.route);
    if (!route) {
        return ubal_reply_problem(r, HTTP_NOT_FOUND,
                                  "a user has nothing of this name");
    }
    fault = ubal_request_query_fault(r);
    if (fault) {
        return ubal_reply_problem(r, HTTP_BAD_REQUEST, fault);
    }
    return route(r, &request);
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
