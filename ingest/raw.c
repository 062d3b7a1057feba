/* An item's bytes as text; see raw.h. */
#include "raw.h"

#include <apr_base64.h>
#include <apr_escape.h>
#include <apr_sha1.h>
#include <apr_strings.h>
#include <string.h>

#include "core/id.h"

static const char prefix[] = "base64:";

const char *ubal_raw_keep(const ubal_slice_t *slice, apr_pool_t *pool)
{
    int length = (int)slice->length;
    char *raw;

    if (ubal_id_is_utf8(slice->text, slice->length)) {
        return apr_pstrmemdup(pool, slice->text, slice->length);
    }
    raw = apr_palloc(pool, sizeof(prefix) +
                               (apr_size_t)apr_base64_encode_len(length));
    memcpy(raw, prefix, sizeof(prefix) - 1);
    apr_base64_encode(raw + sizeof(prefix) - 1, slice->text, length);
    return raw;
}

ubal_slice_t ubal_raw_slice(const char *raw, apr_pool_t *pool)
{
    ubal_slice_t slice = {raw, strlen(raw)};

    if (!strncmp(raw, prefix, sizeof(prefix) - 1)) {
        const char *encoded = raw + sizeof(prefix) - 1;
        char *bytes =
            apr_palloc(pool, (apr_size_t)apr_base64_decode_len(encoded) + 1);

        slice.length = (apr_size_t)apr_base64_decode(bytes, encoded);
        bytes[slice.length] = '\0';
        slice.text = bytes;
    }
    return slice;
}

const char *ubal_raw_digest(const ubal_slice_t *slice, apr_pool_t *pool)
{
    unsigned char digest[APR_SHA1_DIGESTSIZE];
    apr_sha1_ctx_t sha1;

    apr_sha1_init(&sha1);
    apr_sha1_update_binary(&sha1, (const unsigned char *)slice->text,
                           (unsigned int)slice->length);
    apr_sha1_final(digest, &sha1);
    return apr_pescape_hex(pool, digest, sizeof(digest), 0);
}
