/* ubal-ingest reconcile: has the daemon compare a range with what the vendor
 * lists now. It does so as its budget allows; what it finds is in its log and
 * in ubal-ingest windows. */
#include "cmd.h"

#include <stdio.h>

#include <apr_strings.h>

#include "call.h"

/* A line has the vendor and how many ranges that is. */
static ubal_error_t *print(void *baton, const apr_array_header_t *words,
                           apr_pool_t *pool)
{
    const ubal_cmd_t *cmd = baton;
    const char *const *word = (const char *const *)words->elts;

    apr_int64_t ranges = apr_atoi64(word[1]);

    (void)pool;
    if (cmd->is_json) {
        fputs("{\"vendor\":", stdout);
        ubal_cmd_print_string(word[0]);
        printf(",\"ranges\":%s}\n", word[1]);
    } else if (ranges) {
        printf("vendor %s: is compared from now on, as far as it is covered, "
               "in %s range%s; the companion's log says what is found\n",
               word[0], word[1], ranges == 1 ? "" : "s");
    } else {
        printf("vendor %s: nothing there that could be compared\n", word[0]);
    }
    return NULL;
}

int ubal_cmd_reconcile(const ubal_cmd_t *cmd)
{
    const char *words[] = {"reconcile", NULL, NULL, NULL};
    apr_int64_t from, to;

    if (!ubal_cmd_range(&from, &to, 1, cmd)) {
        return UBAL_EXIT_USAGE;
    }
    words[1] = apr_psprintf(cmd->pool, "%" APR_INT64_T_FMT, from);
    words[2] = apr_psprintf(cmd->pool, "%" APR_INT64_T_FMT, to);
    return ubal_call_exit(ubal_call_run(cmd, words, print, (void *)cmd));
}
