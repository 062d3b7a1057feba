/* Digests: SipHash as published, and another for every text that differs. */
#include "core/digest.h"

#include <string.h>

#include <apr_hash.h>
#include <apr_strings.h>

#include "core_fixture.h"

static const char *hex(const apr_uint64_t *digest)
{
    return apr_psprintf(
        pool, "%016" APR_UINT64_T_HEX_FMT "%016" APR_UINT64_T_HEX_FMT,
        __builtin_bswap64(digest[0]), __builtin_bswap64(digest[1]));
}

/* The first of the reference's vectors of 128 bits: bytes 0, 1, 2 ... under
 * the key of bytes 0 to 15. */
static void check_published(void)
{
    static const apr_uint64_t key[2] = {0x0706050403020100u,
                                        0x0f0e0d0c0b0a0908u};
    static const char *const expected[] = {"a3817f04ba25a8e66df67214c7550293",
                                           "da87c1d86b99af44347659119b22fc45"};
    apr_uint64_t digest[2];
    size_t i;

    for (i = 0; i < sizeof(expected) / sizeof(expected[0]); i++) {
        ubal_digest_siphash(digest, key, 2, 4, "\0\1\2", i);
        tap_is_str(hex(digest), expected[i], "as published, %d bytes", (int)i);
    }
}

/* Each byte counts, in its place, and so does the length. */
static void check_each(void)
{
    apr_hash_t *seen = apr_hash_make(pool);
    char text[200] = {0};
    apr_uint64_t digest[2];
    int i, bit, count = 0;

    for (i = 0; i < 200; i++) {
        for (bit = 0; bit < 8; bit++, count++) {
            text[i] = (char)(1 << bit);
            ubal_digest_make(digest, text, sizeof(text));
            apr_hash_set(seen, hex(digest), APR_HASH_KEY_STRING, "");
            text[i] = 0;
        }
        ubal_digest_make(digest, text, (apr_size_t)i);
        apr_hash_set(seen, hex(digest), APR_HASH_KEY_STRING, "");
        count++;
    }
    tap_is_int((int)apr_hash_count(seen), count,
               "each bit and each length makes another");
}

static void check_fixed(void)
{
    apr_uint64_t first[2], again[2];
    char shifted[] = "xabcdefghijk";

    ubal_digest_make(first, "abcdefghijk", 11);
    ubal_digest_make(again, shifted + 1, 11);
    tap_is_str(hex(again), hex(first), "wherever the text lies");
}

int main(void)
{
    core_begin();
    check_published();
    check_each();
    check_fixed();
    return tap_done();
}
