/* The table of verbs, and what they all use. See verb.h. */
#include "verb.h"

#include <stdarg.h>
#include <string.h>

#include <apr_strings.h>

/* clang-format off */
static const ubal_verb_t verbs[] = {
    {"accept", 1, ubal_verb_accept},
    {"retry", 1, ubal_verb_retry},
    {"replay", 0, ubal_verb_replay},
    {"drop", 0, ubal_verb_drop},
    {"backfill", 1, ubal_verb_backfill},
    {"cancel", 1, ubal_verb_cancel},
    {"reconcile", 1, ubal_verb_reconcile},
    {"repair", 0, ubal_verb_repair},
    {"import", 0, ubal_verb_import},
    {"opening", 0, ubal_verb_opening},
    {NULL, 0, NULL}};
/* clang-format on */

const ubal_verb_t *ubal_verb_find(const char *name)
{
    const ubal_verb_t *verb;

    for (verb = verbs; verb->name; verb++) {
        if (!strcmp(verb->name, name)) {
            return verb;
        }
    }
    return NULL;
}

void ubal_verb_say(ubal_session_t *session, ...)
{
    apr_array_header_t *words =
        apr_array_make(session->step, 4, sizeof(const char *));
    const char *word;
    va_list args;

    va_start(args, session);
    while ((word = va_arg(args, const char *))) {
        APR_ARRAY_PUSH(words, const char *) = apr_pstrdup(session->step, word);
    }
    va_end(args);
    APR_ARRAY_PUSH(session->lines, apr_array_header_t *) = words;
}

const char *ubal_verb_word(const ubal_session_t *session, int index)
{
    return index < session->words->nelts
               ? APR_ARRAY_IDX(session->words, index, const char *)
               : NULL;
}
