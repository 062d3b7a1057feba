/* What the command line says. Knows options; what a command may be given, the
 * table of commands says. */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define UBAL_VERSION "0.1.0"

static void print_help(FILE *out)
{
    const ubal_command_t *command;

    fputs("Usage: ubal-ingest COMMAND [WORD]... [OPTION]...\n\nCommands:\n",
          out);
    for (command = ubal_commands; command->name; command++) {
        fprintf(out, "  %-9s %s\n", command->name, command->help);
        if (command->words) {
            fprintf(out, "  %-9s   %s\n", "", command->words);
        }
    }
    fputs("\nOptions:\n"
          "  --config FILE      settings, instead of asking httpd for them\n"
          "  --database WHICH   number or path, where httpd has several\n"
          "  --json             print JSON\n"
          "  --from DATE, --to DATE, --dry-run, --all, --opening FILE,\n"
          "  --at DATE, --vendor NAME, --format csv|ndjson, --repair\n"
          "                     where a command takes them\n"
          "  --log-level LEVEL  error, warn, info or debug (run)\n"
          "  --help, --version\n"
          "\nWithout --config, $UBAL_HTTPD or apachectl is asked with\n"
          "-t -D DUMP_UBAL. Exit codes: 0 done, 1 failed, 2 usage, 75 busy.\n",
          out);
}

enum {
    OPT_CONFIG = 256,
    OPT_DATABASE,
    OPT_JSON,
    OPT_LEVEL,
    OPT_HELP,
    OPT_VERSION,
    OPT_FROM,
    OPT_TO,
    OPT_DRY_RUN,
    OPT_ALL,
    OPT_OPENING,
    OPT_AT,
    OPT_REPAIR,
    OPT_VENDOR,
    OPT_FORMAT,
    OPT_LOCK,
    OPT_SECRETS,
    OPT_GENERATION,
    OPT_PARENT,
    OPT_PARENT_PID
};

/* The last five are between httpd's child and the daemon it starts. */
static const struct option known[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"database", required_argument, NULL, OPT_DATABASE},
    {"json", no_argument, NULL, OPT_JSON},
    {"log-level", required_argument, NULL, OPT_LEVEL},
    {"from", required_argument, NULL, OPT_FROM},
    {"to", required_argument, NULL, OPT_TO},
    {"dry-run", no_argument, NULL, OPT_DRY_RUN},
    {"all", no_argument, NULL, OPT_ALL},
    {"opening", required_argument, NULL, OPT_OPENING},
    {"at", required_argument, NULL, OPT_AT},
    {"repair", no_argument, NULL, OPT_REPAIR},
    {"vendor", required_argument, NULL, OPT_VENDOR},
    {"format", required_argument, NULL, OPT_FORMAT},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {"lock-fd", required_argument, NULL, OPT_LOCK},
    {"secrets-fd", required_argument, NULL, OPT_SECRETS},
    {"generation-fd", required_argument, NULL, OPT_GENERATION},
    {"parent-fd", required_argument, NULL, OPT_PARENT},
    {"parent-pid", required_argument, NULL, OPT_PARENT_PID},
    {NULL, 0, NULL, 0}};

/* A number from 0; -1 where it is none. */
static int number(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);

    return *end || end == text || value < 0 || value > 0x7fffffff ? -1
                                                                  : (int)value;
}

/* Where a number option goes; NULL for the others. */
static int *number_option(ubal_options_t *options, int option, int *parent_pid)
{
    switch (option) {
    case OPT_LOCK:
        return &options->cmd.watch.lock_fd;
    case OPT_SECRETS:
        return &options->secrets_fd;
    case OPT_GENERATION:
        return &options->cmd.watch.generation_fd;
    case OPT_PARENT:
        return &options->cmd.watch.parent_fd;
    case OPT_PARENT_PID:
        return parent_pid;
    default:
        return NULL;
    }
}

/* Where the text of an option goes; NULL for the others. */
static const char **text_option(ubal_options_t *options, int option)
{
    switch (option) {
    case OPT_CONFIG:
        return &options->config;
    case OPT_DATABASE:
        return &options->database;
    case OPT_FROM:
        return &options->cmd.from;
    case OPT_TO:
        return &options->cmd.to;
    case OPT_OPENING:
        return &options->cmd.opening;
    case OPT_AT:
        return &options->cmd.at;
    case OPT_VENDOR:
        return &options->cmd.vendor;
    case OPT_FORMAT:
        return &options->cmd.format;
    default:
        return NULL;
    }
}

/* Where a yes goes; NULL for the others. */
static int *flag_option(ubal_options_t *options, int option)
{
    switch (option) {
    case OPT_JSON:
        return &options->cmd.is_json;
    case OPT_DRY_RUN:
        return &options->cmd.is_dry_run;
    case OPT_ALL:
        return &options->cmd.is_all;
    case OPT_REPAIR:
        return &options->cmd.is_repair;
    default:
        return NULL;
    }
}

/* The bit of an option that not every command takes; 0 for the others. */
static unsigned int bit_of(int option)
{
    switch (option) {
    case OPT_JSON:
        return UBAL_TAKES_JSON;
    case OPT_FROM:
    case OPT_TO:
        return UBAL_TAKES_RANGE;
    case OPT_DRY_RUN:
        return UBAL_TAKES_DRY_RUN;
    case OPT_ALL:
        return UBAL_TAKES_ALL;
    case OPT_OPENING:
    case OPT_AT:
        return UBAL_TAKES_OPENING;
    case OPT_REPAIR:
        return UBAL_TAKES_REPAIR;
    case OPT_VENDOR:
        return UBAL_TAKES_VENDOR;
    case OPT_FORMAT:
        return UBAL_TAKES_FORMAT;
    default:
        return 0;
    }
}

static int take_number(ubal_options_t *options, int option, int *target,
                       int *parent_pid)
{
    *target = number(optarg);
    options->cmd.watch.parent_pid +=
        option == OPT_PARENT_PID ? *parent_pid : 0;
    return *target < 0 ? ubal_cmd_usage("not a number: ", optarg) : -1;
}

/* One option; -1 to go on, else the exit code. */
static int take_option(ubal_options_t *options, int option)
{
    int parent_pid = 0;
    int *target = number_option(options, option, &parent_pid);
    const char **text = text_option(options, option);
    int *flag = flag_option(options, option);

    if (target) {
        return take_number(options, option, target, &parent_pid);
    }
    if (text) {
        *text = optarg;
        return -1;
    }
    if (flag) {
        *flag = 1;
        return -1;
    }
    switch (option) {
    case OPT_LEVEL:
        return ubal_log_find_level(&options->level, optarg)
                   ? -1
                   : ubal_cmd_usage("no such log level: ", optarg);
    case OPT_HELP:
        print_help(stdout);
        return UBAL_EXIT_DONE;
    case OPT_VERSION:
        puts("ubal-ingest " UBAL_VERSION);
        return UBAL_EXIT_DONE;
    default: /* getopt_long has said what is wrong */
        fputs("Try ubal-ingest --help.\n", stderr);
        return UBAL_EXIT_USAGE;
    }
}

/* The name that is given to an option's number. */
static const char *name_of(int option)
{
    const struct option *row;

    for (row = known; row->val != option; row++) {
    }
    return row->name;
}

/* Whether the command takes the words and options that it was given; `given`
 * has the number of each such option, ended by 0. */
static int check_given(const ubal_options_t *options, const int *given)
{
    const ubal_command_t *command = options->command;

    for (; *given; given++) {
        if (bit_of(*given) & ~command->takes) {
            return ubal_cmd_usage("not an option of this command: --",
                                  name_of(*given));
        }
    }
    return options->cmd.words[0] && !command->words
               ? ubal_cmd_usage("unexpected: ", options->cmd.words[0])
               : -1;
}

int ubal_options_read(ubal_options_t *options, int argc, char **argv)
{
    int *given = calloc((size_t)argc + 1, sizeof(*given));
    int option, count = 0, code = given ? -1 : UBAL_EXIT_FAILED;

    while (code < 0 &&
           (option = getopt_long(argc, argv, "", known, NULL)) != -1) {
        code = take_option(options, option);
        given[count++] = option;
    }
    if (code < 0 && optind == argc) {
        code = ubal_cmd_usage("which command?", NULL);
    }
    if (code < 0) {
        options->command = ubal_command_find(argv[optind]);
        options->cmd.words = (const char *const *)argv + optind + 1;
        code = options->command
                   ? check_given(options, given)
                   : ubal_cmd_usage("no such command: ", argv[optind]);
    }
    free(given);
    return code;
}
