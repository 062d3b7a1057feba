/* Strong entity tags made of a body, and what a client has of them. */
#ifndef MOD_UBAL_ETAG_H
#define MOD_UBAL_ETAG_H

#include <httpd.h>

/* Makes a tag, quotes included, of body[0..length): the same wherever and
 * whenever the body is the same, another where it is not. In `pool`. */
const char *ubal_etag_make(const char *body, apr_size_t length,
                           apr_pool_t *pool);

/* Gives the tag to send with 304 where If-None-Match has `tag`, by the weak
 * comparison of RFC 9110, section 8.8.3.2: `tag` itself, or with the suffix
 * that a compressing filter has put to it. "*" has any. NULL where the body is
 * to be sent, as always in a subrequest, whose client asked for something
 * else, and where another status than 200 is under way. */
const char *ubal_etag_match(request_rec *r, const char *tag);

#endif
