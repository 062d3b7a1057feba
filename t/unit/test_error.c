/* Errors: kind and sentence stay together on the way up. */
#include "core_fixture.h"

static void check_long(void)
{
    char *text = malloc(100001);
    ubal_error_t *err;

    memset(text, 'x', 100000);
    text[100000] = '\0';
    err = ubal_error_make(UBAL_ERR_DB, pool, "%s", text);
    tap_is_str(err->message, text, "a long sentence is not cut");
    free(text);
}

static void check_lifetime(void)
{
    apr_pool_t *child;
    ubal_error_t *inner, *outer;
    char word[] = "copied";

    apr_pool_create(&child, pool);
    inner = ubal_error_make(UBAL_ERR_NET, child, "%s", word);
    strcpy(word, "gone..");
    tap_is_str(inner->message, "copied", "the sentence is a copy");
    outer = ubal_error_wrap(inner, pool, "%s %d", "round", 7);
    apr_pool_destroy(child);
    tap_is_str(outer->message, "round 7: copied",
               "a wrapped error needs nothing of the pool of the first");
    tap_is_int(outer->kind, UBAL_ERR_NET, "and has its kind");
}

int main(void)
{
    ubal_error_t *err, *wrapped;

    core_begin();
    err = ubal_error_make(UBAL_ERR_BUDGET, pool, "%d of %s%%", 6, "5");
    tap_is_int(err->kind, UBAL_ERR_BUDGET, "an error has its kind");
    tap_is_str(err->message, "6 of 5%", "and its sentence");
    wrapped = ubal_error_wrap(err, pool, "vendor %s", "game");
    tap_is_str(wrapped->message, "vendor game: 6 of 5%",
               "what wraps it comes first, a per cent sign stays");
    tap_is_int(wrapped->kind, UBAL_ERR_BUDGET, "the kind stays");
    tap_is_str(err->message, "6 of 5%", "the first is as it was");
    check_lifetime();
    check_long();
    return tap_done();
}
