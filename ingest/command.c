/* The table of commands. Knows what each may be given, not what it does. */
#include "command.h"

#include <string.h>

const ubal_command_t ubal_commands[] = {
    {"run", NULL, ubal_cmd_run, 1, 0,
     "fetch until told to end (httpd starts this)"},
    {"status", NULL, ubal_cmd_status, 0, UBAL_TAKES_JSON,
     "say what is covered and how it goes"},
    {"check", NULL, ubal_cmd_check, 1, UBAL_TAKES_JSON,
     "make one real request, show its first items, store nothing"},
    {"windows", "[accept ID...]", ubal_cmd_windows, 0, UBAL_TAKES_JSON,
     "list what could not be fetched, or let coverage pass it"},
    {"retry", "[ID...]", ubal_cmd_retry, 0, UBAL_TAKES_JSON | UBAL_TAKES_ALL,
     "fetch parked windows again, at once"},
    {"backfill", "[cancel]", ubal_cmd_backfill, 0,
     UBAL_TAKES_JSON | UBAL_TAKES_RANGE | UBAL_TAKES_DRY_RUN,
     "fetch history of --from to --to, or say how far that is"},
    {"reconcile", NULL, ubal_cmd_reconcile, 0,
     UBAL_TAKES_JSON | UBAL_TAKES_RANGE,
     "compare --from to --to with what the vendor lists now"},
    {"dead", "[list|show ID|replay [ID...]|drop ID...]", ubal_cmd_dead, 0,
     UBAL_TAKES_JSON | UBAL_TAKES_ALL,
     "items that could not be stored: show, store now, or put away"},
    {"import", "FILE|-|--opening FILE --at DATE", ubal_cmd_import, 0,
     UBAL_TAKES_JSON | UBAL_TAKES_RANGE | UBAL_TAKES_OPENING |
         UBAL_TAKES_VENDOR | UBAL_TAKES_FORMAT,
     "store history from a CSV or NDJSON file"},
    {"verify", NULL, ubal_cmd_verify, 0, UBAL_TAKES_JSON | UBAL_TAKES_REPAIR,
     "check what must always be true; --repair makes sums again"},
    {"backup", "FILE", ubal_cmd_backup, 0, UBAL_TAKES_JSON,
     "copy the database while it is in use"},
    {"copy", "CONNINFO", ubal_cmd_copy, 0, UBAL_TAKES_JSON,
     "copy it to PostgreSQL, exactly, while it is in use"},
    {"migrate", NULL, ubal_cmd_migrate, 0, UBAL_TAKES_JSON,
     "bring the database to this schema"},
    {NULL, NULL, NULL, 0, 0, NULL}};

const ubal_command_t *ubal_command_find(const char *name)
{
    const ubal_command_t *command;

    for (command = ubal_commands; command->name; command++) {
        if (!strcmp(command->name, name)) {
            return command;
        }
    }
    return NULL;
}
