/* URLs of vendors: what may be one, and which server it is of. */
#ifndef UBAL_CORE_VENDOR_URL_H
#define UBAL_CORE_VENDOR_URL_H

#include <apr_pools.h>

/* Returns NULL where `url` is http or https with a host and a port that there
 * can be, without user info and fragment; else what is wrong, a static phrase
 * that shows nothing of it. Hosts are names in ASCII, or addresses. */
const char *ubal_vendor_url_fault(const char *url, apr_pool_t *pool);

/* Gives "scheme://host:port" of such a URL, in lower case and with the port
 * that is in effect, so that two spellings of one server are equal. */
const char *ubal_vendor_url_origin(const char *url, apr_pool_t *pool);

#endif
