/* ubal-ingest retry: windows that were given up, or accepted, are fetched
 * again, at once. */
#include "cmd.h"

int ubal_cmd_retry(const ubal_cmd_t *cmd)
{
    static const char *const all[] = {"all", NULL};

    if (cmd->is_all && *cmd->words) {
        return ubal_cmd_usage("either IDs or --all", NULL);
    }
    if (*cmd->words && !ubal_cmd_are_ids(cmd->words)) {
        return UBAL_EXIT_USAGE;
    }
    return ubal_cmd_decide(cmd, "retry", cmd->is_all ? all : cmd->words,
                           "to be fetched again");
}
