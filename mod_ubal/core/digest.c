/* SipHash. See digest.h. */
#include "core/digest.h"

#include <string.h>

typedef struct state_t {
    apr_uint64_t v0, v1, v2, v3;
} state_t;

static inline apr_uint64_t rotate(apr_uint64_t value, int bits)
{
    return value << bits | value >> (64 - bits);
}

static inline void mix(state_t *s, int rounds)
{
    while (rounds--) {
        s->v0 += s->v1;
        s->v2 += s->v3;
        s->v1 = rotate(s->v1, 13) ^ s->v0;
        s->v3 = rotate(s->v3, 16) ^ s->v2;
        s->v0 = rotate(s->v0, 32) + s->v3;
        s->v2 += s->v1;
        s->v3 = rotate(s->v3, 21) ^ s->v0;
        s->v1 = rotate(s->v1, 17) ^ s->v2;
        s->v2 = rotate(s->v2, 32);
    }
}

/* Eight bytes, the first the lowest, whatever the machine's order. */
static inline apr_uint64_t word_of(const unsigned char *bytes)
{
    apr_uint64_t word;

    memcpy(&word, bytes, sizeof(word));
    return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(word)
                                                  : word;
}

/* Less than eight, and their number above them. */
static inline apr_uint64_t rest_of(const unsigned char *bytes,
                                   apr_size_t length)
{
    apr_uint64_t word = length & 0xff;
    apr_size_t i;

    for (i = 7; i-- > 0;) {
        word = word << 8 | (i < (length & 7) ? bytes[i] : 0u);
    }
    return word;
}

static inline void absorb(state_t *s, apr_uint64_t word, int rounds)
{
    s->v3 ^= word;
    mix(s, rounds);
    s->v0 ^= word;
}

static inline void make(apr_uint64_t *digest, const apr_uint64_t *key,
                        int rounds, int final_rounds, const void *text,
                        apr_size_t length)
{
    const unsigned char *at = text, *last = at + (length & ~(apr_size_t)7);
    /* The constants of the paper, 0xee put to the second for 128 bits. */
    state_t s = {key[0] ^ 0x736f6d6570736575u, key[1] ^ 0x646f72616e646f83u,
                 key[0] ^ 0x6c7967656e657261u, key[1] ^ 0x7465646279746573u};

    for (; at < last; at += 8) {
        absorb(&s, word_of(at), rounds);
    }
    absorb(&s, rest_of(at, length), rounds);
    s.v2 ^= 0xee;
    mix(&s, final_rounds);
    digest[0] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
    s.v1 ^= 0xdd;
    mix(&s, final_rounds);
    digest[1] = s.v0 ^ s.v1 ^ s.v2 ^ s.v3;
}

void ubal_digest_make(apr_uint64_t *digest, const void *text,
                      apr_size_t length)
{
    static const apr_uint64_t key[2] = {0x6d6f645f7562616cu, 1};

    make(digest, key, 1, 3, text, length);
}

void ubal_digest_siphash(apr_uint64_t *digest, const apr_uint64_t *key,
                         int rounds, int final_rounds, const void *text,
                         apr_size_t length)
{
    make(digest, key, rounds, final_rounds, text, length);
}
