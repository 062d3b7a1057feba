/* From a request at a mount to the endpoint that answers it. */
#ifndef MOD_UBAL_HANDLER_H
#define MOD_UBAL_HANDLER_H

#include <httpd.h>

/* httpd's handler. Goes by r->uri and the mounts alone: after [PT] and its
 * like, path_info is not to be trusted. */
int ubal_handler_run(request_rec *r);

#endif
