/* The words of one directive inside <UbalVendor>, as its setter reads them:
 * numbers, times, tokens, and how one is refused. Knows no directive. */
#ifndef UBAL_CORE_VENDOR_WORDS_H
#define UBAL_CORE_VENDOR_WORDS_H

#include "core/error.h"

typedef struct ubal_words_t {
    const char *directive;
    int count;
    const char *const *word;
    apr_pool_t *pool;
} ubal_words_t;

/* UBAL_ERR_INPUT: "UbalX: what", and with the word "UbalX: 'word' what". */
ubal_error_t *ubal_words_refuse(const ubal_words_t *w, const char *what);
ubal_error_t *ubal_words_refuse_one(const ubal_words_t *w, const char *word,
                                    const char *what);

/* Reads a whole number from `least` to `most`. */
ubal_error_t *ubal_words_number(apr_int64_t *value, const ubal_words_t *w,
                                const char *text, apr_int64_t least,
                                apr_int64_t most);

/* Reads a time in httpd's units into `*us`; with `may_be_off` also the word
 * off, which is 0. */
ubal_error_t *ubal_words_duration(apr_int64_t *us, const ubal_words_t *w,
                                  const char *text, int may_be_off);

int ubal_words_has_control(const char *text);

/* 1 for a token of RFC 9110, section 5.6.2. */
int ubal_words_is_token(const char *text);

#endif
