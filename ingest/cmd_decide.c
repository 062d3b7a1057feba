/* What the commands that decide about windows share: the call of their verb,
 * and the printing of what it says. */
#include <stdio.h>

#include "call.h"

typedef struct decided_t {
    const ubal_cmd_t *cmd;
    const char *outcome;
    int count;
} decided_t;

/* A line has id, from and to. */
static ubal_error_t *print(void *baton, const apr_array_header_t *words,
                           apr_pool_t *pool)
{
    decided_t *decided = baton;
    const char *const *word = (const char *const *)words->elts;

    (void)pool;
    if (decided->cmd->is_json) {
        printf("%s{\"id\":%s,\"from\":", decided->count ? "," : "", word[0]);
        ubal_cmd_print_string(word[1]);
        fputs(",\"to\":", stdout);
        ubal_cmd_print_string(word[2]);
        putchar('}');
    } else {
        printf("window %s, %s to %s, is %s\n", word[0], word[1], word[2],
               decided->outcome);
    }
    decided->count++;
    return NULL;
}

int ubal_cmd_decide(const ubal_cmd_t *cmd, const char *verb,
                    const char *const *words, const char *outcome)
{
    decided_t decided = {cmd, outcome, 0};
    apr_array_header_t *call =
        apr_array_make(cmd->pool, 4, sizeof(const char *));
    ubal_error_t *err;

    APR_ARRAY_PUSH(call, const char *) = verb;
    for (; *words; words++) {
        APR_ARRAY_PUSH(call, const char *) = *words;
    }
    APR_ARRAY_PUSH(call, const char *) = NULL;
    fputs(cmd->is_json ? "{\"windows\":[" : "", stdout);
    err = ubal_call_run(cmd, (const char *const *)call->elts, print, &decided);
    if (cmd->is_json) {
        printf("],\"ok\":%s}\n", err ? "false" : "true");
    } else if (!err && !decided.count) {
        puts("no window needs it");
    }
    return ubal_call_exit(err);
}
