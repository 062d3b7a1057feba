/* The commands by name: what each may be given, what it needs. */
#ifndef UBAL_COMMAND_H
#define UBAL_COMMAND_H

#include "cmd.h"

/* Options that not every command takes; each is in ubal_cmd_t. */
#define UBAL_TAKES_JSON 1u
#define UBAL_TAKES_RANGE 2u /* --from, --to */
#define UBAL_TAKES_DRY_RUN 4u
#define UBAL_TAKES_ALL 8u
#define UBAL_TAKES_OPENING 16u /* --opening, --at */
#define UBAL_TAKES_REPAIR 32u
#define UBAL_TAKES_VENDOR 64u
#define UBAL_TAKES_FORMAT 128u

typedef struct ubal_command_t {
    const char *name;
    const char *words; /* what may follow it, for the help; NULL: nothing */
    int (*run)(const ubal_cmd_t *cmd);
    int needs_secrets;
    unsigned int takes;
    const char *help;
} ubal_command_t;

/* Ended by a row without name. */
extern const ubal_command_t ubal_commands[];

/* NULL where there is none of that name. */
const ubal_command_t *ubal_command_find(const char *name);

#endif
