/* URL and query -> what is asked. Knows the rules of ids and routes; neither
 * database nor reply. */
#ifndef MOD_UBAL_REQUEST_H
#define MOD_UBAL_REQUEST_H

#include <httpd.h>

typedef struct ubal_request_t {
    const char *user_id; /* decoded, as ubal_id_fault() allows */
    const char *route;   /* what follows the id: "" or "payouts", say */
} ubal_request_t;

/* Takes `rest`, what follows the mount's path, apart into `request`. Returns
 * NULL, or why not, for the client, and sets `*status` to 400 or 404. Which
 * routes there are, the caller knows. */
const char *ubal_request_parse(ubal_request_t *request, int *status,
                               request_rec *r, const char *rest);

/* Returns NULL where the query names no parameter, else what is wrong, naming
 * the first: no route has any yet. */
const char *ubal_request_query_fault(request_rec *r);

#endif
