/* The link to the next page of a list (RFC 8288). Knows URLs and queries; no
 * list. */
#ifndef MOD_UBAL_LINK_H
#define MOD_UBAL_LINK_H

#include <httpd.h>

/* Sets "Link: <...>; rel="next"" to the URL as the client asked for it, with
 * all its parameters but `after`, which becomes `cursor`. */
void ubal_link_next(request_rec *r, const char *cursor);

#endif
