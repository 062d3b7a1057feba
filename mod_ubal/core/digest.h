/* 128 bits of a text, by which two texts are told apart. No secret is in it:
 * who may choose both texts freely could look for two alike. */
#ifndef UBAL_CORE_DIGEST_H
#define UBAL_CORE_DIGEST_H

#include <apr.h>

/* Makes digest[2] of text[0..length): SipHash with 128 bits of output
 * (Aumasson and Bernstein, 2012) and a fixed key, of 1 round a word and 3 at
 * the end. The same on every machine. */
void ubal_digest_make(apr_uint64_t *digest, const void *text,
                      apr_size_t length);

/* The same with other numbers of rounds, and key[2]: what has published test
 * vectors is 2 and 4. */
void ubal_digest_siphash(apr_uint64_t *digest, const apr_uint64_t *key,
                         int rounds, int final_rounds, const void *text,
                         apr_size_t length);

#endif
