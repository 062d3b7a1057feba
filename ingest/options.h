/* What the command line says. */
#ifndef UBAL_OPTIONS_H
#define UBAL_OPTIONS_H

#include "command.h"
#include "log.h"

typedef struct ubal_options_t {
    const ubal_command_t *command;
    const char *config;   /* --config; NULL: httpd is asked */
    const char *database; /* --database */
    ubal_log_level_e level;
    int secrets_fd; /* -1: secrets are where the settings say */
    ubal_cmd_t cmd; /* all of it but settings and pool */
} ubal_options_t;

/* Reads the command line; -1 to go on, else the exit code, all being said. */
int ubal_options_read(ubal_options_t *options, int argc, char **argv);

#endif
