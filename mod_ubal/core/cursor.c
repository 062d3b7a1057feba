/* A cursor is 8 bytes of SipHash over what follows and the scope, then three
 * numbers and an id with spaces between, all in hexadecimal digits. See
 * cursor.h. */
#include "core/cursor.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include <apr_escape.h>
#include <apr_md5.h>
#include <apr_strings.h>

#include "core/id.h"

/* Three numbers of up to 20 characters, each with its space, and an id. */
#define CONTENTS_MAX (3 * 21 + UBAL_ID_MAX)

static const char *contents_of(const ubal_cursor_t *cursor, apr_pool_t *pool)
{
    return apr_psprintf(
        pool,
        "%" APR_INT64_T_FMT " %" APR_INT64_T_FMT " %" APR_INT64_T_FMT " %s",
        cursor->commit_seq, cursor->created_at, cursor->vendor, cursor->id);
}

/* An id has no newline, so that it is clear where the scope begins. */
static void digest(unsigned char check[APR_SIPHASH_DSIZE],
                   const char *contents, const char *scope, const char *owner,
                   apr_pool_t *pool)
{
    const char *all = apr_pstrcat(pool, contents, "\n", scope, NULL);
    unsigned char key[APR_MD5_DIGESTSIZE];

    apr_md5(key, owner, strlen(owner));
    apr_siphash24_auth(check, all, strlen(all), key);
}

const char *ubal_cursor_print(const ubal_cursor_t *cursor, const char *scope,
                              const char *owner, apr_pool_t *pool)
{
    const char *contents = contents_of(cursor, pool);
    apr_size_t length = strlen(contents);
    unsigned char *bytes = apr_palloc(pool, APR_SIPHASH_DSIZE + length);

    digest(bytes, contents, scope, owner, pool);
    memcpy(bytes + APR_SIPHASH_DSIZE, contents, length);
    return apr_pescape_hex(pool, bytes, APR_SIPHASH_DSIZE + length, 0);
}

/* Reads digits and the space behind them; NULL where there are none. */
static const char *take_number(apr_int64_t *number, const char *text)
{
    char *end;

    errno = 0;
    *number = apr_strtoi64(text, &end, 10);
    return errno || end == text || *end != ' ' ? NULL : end + 1;
}

int ubal_cursor_parse(ubal_cursor_t *cursor, const char *text,
                      apr_pool_t *pool)
{
    apr_size_t length = strlen(text);
    unsigned char bytes[APR_SIPHASH_DSIZE + CONTENTS_MAX + 1];
    const char *contents = (const char *)bytes + APR_SIPHASH_DSIZE;
    const char *at = contents;

    if (length % 2 || length <= sizeof(cursor->check) * 2 ||
        length >= 2 * sizeof(bytes) ||
        strspn(text, "0123456789abcdef") != length ||
        apr_unescape_hex(bytes, text, (apr_ssize_t)length, 0, NULL)) {
        return 0;
    }
    length /= 2;
    bytes[length] = '\0';
    memcpy(cursor->check, bytes, APR_SIPHASH_DSIZE);
    if (strlen(at) != length - APR_SIPHASH_DSIZE ||
        !(at = take_number(&cursor->commit_seq, at)) ||
        !(at = take_number(&cursor->created_at, at)) ||
        !(at = take_number(&cursor->vendor, at)) ||
        ubal_id_fault(at, strlen(at))) {
        return 0;
    }
    cursor->id = apr_pstrdup(pool, at);
    /* Not another spelling of the same numbers. */
    return cursor->commit_seq >= 0 &&
           !strcmp(contents, contents_of(cursor, pool));
}

int ubal_cursor_is_of(const ubal_cursor_t *cursor, const char *scope,
                      const char *owner, apr_pool_t *pool)
{
    unsigned char check[APR_SIPHASH_DSIZE];

    digest(check, contents_of(cursor, pool), scope, owner, pool);
    return !memcmp(check, cursor->check, sizeof(check));
}
