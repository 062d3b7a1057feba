/* The words of a directive; see vendor_words.h. */
#include "core/vendor_words.h"

#include <apr_lib.h>
#include <string.h>
#include <strings.h>

#include "core/time.h"

ubal_error_t *ubal_words_refuse(const ubal_words_t *w, const char *what)
{
    return ubal_error_make(UBAL_ERR_INPUT, w->pool, "%s: %s", w->directive,
                           what);
}

ubal_error_t *ubal_words_refuse_one(const ubal_words_t *w, const char *word,
                                    const char *what)
{
    return ubal_error_make(UBAL_ERR_INPUT, w->pool, "%s: '%s' %s",
                           w->directive, word, what);
}

ubal_error_t *ubal_words_number(apr_int64_t *value, const ubal_words_t *w,
                                const char *text, apr_int64_t least,
                                apr_int64_t most)
{
    apr_int64_t number = 0;
    const char *at = text;

    for (; apr_isdigit(*at) && number <= most; at++) {
        number = number * 10 + (*at - '0');
    }
    if (at == text || *at || number < least || number > most) {
        return ubal_error_make(UBAL_ERR_INPUT, w->pool,
                               "%s: '%s' is no number from %" APR_INT64_T_FMT
                               " to %" APR_INT64_T_FMT,
                               w->directive, text, least, most);
    }
    *value = number;
    return NULL;
}

ubal_error_t *ubal_words_duration(apr_int64_t *us, const ubal_words_t *w,
                                  const char *text, int may_be_off)
{
    ubal_error_t *err;

    if (may_be_off && strcasecmp(text, "off") == 0) {
        *us = 0;
        return NULL;
    }
    err = ubal_time_duration(us, text, w->pool);
    if (err && may_be_off) {
        return ubal_error_make(UBAL_ERR_INPUT, w->pool, "%s: %s, nor off",
                               w->directive, err->message);
    }
    return err ? ubal_error_wrap(err, w->pool, "%s", w->directive) : NULL;
}

int ubal_words_has_control(const char *text)
{
    for (; *text; text++) {
        if (apr_iscntrl(*text)) {
            return 1;
        }
    }
    return 0;
}

int ubal_words_is_token(const char *text)
{
    if (!*text) {
        return 0;
    }
    for (; *text; text++) {
        if (!apr_isalnum(*text) && !strchr("!#$%&'*+-.^_`|~", *text)) {
            return 0;
        }
    }
    return 1;
}
