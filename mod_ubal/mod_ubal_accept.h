/* Which of several media types a client wants (RFC 9110, section 12.5.1).
 * Knows the Accept field; nothing of what is sent. */
#ifndef MOD_UBAL_ACCEPT_H
#define MOD_UBAL_ACCEPT_H

#include <httpd.h>

/* Gives the index in `types`, which ends with NULL, of the one that the
 * request's Accept likes best: the earlier of equals, the first where there is
 * no Accept. -1 where it wants none of them. What it says about parameters
 * other than q is passed over, and so is what cannot be read. Says in the
 * reply that it varies by Accept. */
int ubal_accept_choose(request_rec *r, const char *const *types);

#endif
