/* Entity tags. Knows RFC 9110 and what compressing filters make of tags. */
#include "mod_ubal_etag.h"

#include <apr_strings.h>

#include "core/digest.h"

/* Hexadecimal digits of half a digest. */
#define DIGITS 16

const char *ubal_etag_make(const char *body, apr_size_t length,
                           apr_pool_t *pool)
{
    static const char hex[] = "0123456789abcdef";
    char *tag = apr_palloc(pool, 2 * DIGITS + 3);
    char *out = tag;
    apr_uint64_t digest[2];
    int i, digit;

    ubal_digest_make(digest, body, length);
    *out++ = '"';
    for (i = 0; i < 2; i++) {
        for (digit = 0; digit < DIGITS; digit++) {
            *out++ = hex[digest[i] & 15];
            digest[i] >>= 4;
        }
    }
    *out++ = '"';
    *out = '\0';
    return tag;
}

/* Whether opaque[0..length), a tag's text between its quotes, is that of
 * `tag`, as it is or as a filter has altered it. */
static int is_form(const char *opaque, apr_size_t length, const char *tag)
{
    static const char *const suffixes[] = {"", "-gzip", "-br", NULL};
    apr_size_t own = strlen(tag) - 2;
    int i;

    if (length < own || memcmp(opaque, tag + 1, own) != 0) {
        return 0;
    }
    for (i = 0; suffixes[i]; i++) {
        if (strlen(suffixes[i]) == length - own &&
            !memcmp(opaque + own, suffixes[i], length - own)) {
            return 1;
        }
    }
    return 0;
}

/* Goes through a list of tags; a comma may stand inside of one. What is no
 * tag ends it: the body is never wrong. */
static const char *find(const char *list, const char *tag, apr_pool_t *pool)
{
    const char *end;

    for (;; list = end + 1) {
        list += strspn(list, " \t,");
        if (list[0] == 'W' && list[1] == '/') {
            list += 2;
        }
        end = *list == '"' ? strchr(list + 1, '"') : NULL;
        if (!end) {
            return NULL;
        }
        if (is_form(list + 1, (apr_size_t)(end - list) - 1, tag)) {
            return apr_pstrmemdup(pool, list, (apr_size_t)(end - list) + 1);
        }
    }
}

const char *ubal_etag_match(request_rec *r, const char *tag)
{
    const char *list = apr_table_get(r->headers_in, "If-None-Match");

    /* no_local_copy is what httpd sets in subrequests. */
    if (!list || r->status != HTTP_OK || r->no_local_copy) {
        return NULL;
    }
    return strcmp(list, "*") ? find(list, tag, r->pool) : tag;
}
