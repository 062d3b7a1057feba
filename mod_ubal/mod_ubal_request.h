/* URL and query -> what is asked. Knows the rules of ids and routes; neither
 * database nor reply. */
#ifndef MOD_UBAL_REQUEST_H
#define MOD_UBAL_REQUEST_H

#include <httpd.h>

#include "mod_ubal_query.h"

typedef struct ubal_request_t {
    const char *user_id; /* decoded, as ubal_id_fault() allows; NULL at the
                          * mount itself */
    const char *route;   /* what follows the id: "" or "payouts", say */
    ubal_query_value_t query[UBAL_QUERY_MAX]; /* by the endpoint's table */
} ubal_request_t;

/* Takes `rest`, what follows the mount's path in r->uri, apart into `request`,
 * all but the query. Returns NULL, or why not, for the client, and sets
 * `*status` to 400 or 404. Which routes there are, the caller knows. */
const char *ubal_request_parse(ubal_request_t *request, int *status,
                               request_rec *r, const char *rest);

/* 1 where `rest` is nothing: the mount itself was asked for. */
int ubal_request_is_mount(request_rec *r, const char *rest);

#endif
