/* ubal-ingest: which command, with which settings, as whom. Knows options and
 * the order of the start; must not know what a command does. */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <apr_general.h>

#include "ask.h"
#include "become.h"
#include "cmd.h"
#include "config.h"
#include "log.h"

#define UBAL_VERSION "0.1.0"

typedef struct command_t {
    const char *name;
    int (*run)(const ubal_cmd_t *cmd);
    int needs_secrets;
    const char *help;
} command_t;

static const command_t commands[] = {
    {"run", ubal_cmd_run, 1, "fetch until told to end (httpd starts this)"},
    {"status", ubal_cmd_status, 0, "say what is covered and how it goes"},
    {"check", ubal_cmd_check, 1,
     "make one real request, show its first items, store nothing"},
    {"verify", ubal_cmd_verify, 0, "check what must always be true"},
    {"migrate", ubal_cmd_migrate, 0, "bring the database to this schema"},
    {NULL, NULL, 0, NULL}};

/* What the command line says. */
typedef struct line_t {
    const command_t *command;
    const char *config;
    const char *database;
    ubal_log_level_e level;
    int is_json;
    int secrets_fd;
    ubal_watch_t watch;
} line_t;

static void print_help(FILE *out)
{
    const command_t *command;

    fputs("Usage: ubal-ingest COMMAND [OPTION]...\n\nCommands:\n", out);
    for (command = commands; command->name; command++) {
        fprintf(out, "  %-9s %s\n", command->name, command->help);
    }
    fputs("\nOptions:\n"
          "  --config FILE      settings, instead of asking httpd for them\n"
          "  --database WHICH   number or path, where httpd has several\n"
          "  --json             print JSON (status, verify, migrate)\n"
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
    OPT_LOCK,
    OPT_SECRETS,
    OPT_GENERATION,
    OPT_PARENT,
    OPT_PARENT_PID
};

/* The second half is between httpd's child and the daemon it starts. */
static const struct option options[] = {
    {"config", required_argument, NULL, OPT_CONFIG},
    {"database", required_argument, NULL, OPT_DATABASE},
    {"json", no_argument, NULL, OPT_JSON},
    {"log-level", required_argument, NULL, OPT_LEVEL},
    {"help", no_argument, NULL, OPT_HELP},
    {"version", no_argument, NULL, OPT_VERSION},
    {"lock-fd", required_argument, NULL, OPT_LOCK},
    {"secrets-fd", required_argument, NULL, OPT_SECRETS},
    {"generation-fd", required_argument, NULL, OPT_GENERATION},
    {"parent-fd", required_argument, NULL, OPT_PARENT},
    {"parent-pid", required_argument, NULL, OPT_PARENT_PID},
    {NULL, 0, NULL, 0}};

static int usage(const char *what, const char *value)
{
    fprintf(stderr, "ubal-ingest: %s%s\nTry ubal-ingest --help.\n", what,
            value);
    return UBAL_EXIT_USAGE;
}

/* A number from 0; -1 where it is none. */
static int number(const char *text)
{
    char *end;
    long value = strtol(text, &end, 10);

    return *end || end == text || value < 0 || value > 0x7fffffff ? -1
                                                                  : (int)value;
}

/* Where a number option goes; NULL for the others. */
static int *number_option(line_t *line, int option, int *parent_pid)
{
    switch (option) {
    case OPT_LOCK:
        return &line->watch.lock_fd;
    case OPT_SECRETS:
        return &line->secrets_fd;
    case OPT_GENERATION:
        return &line->watch.generation_fd;
    case OPT_PARENT:
        return &line->watch.parent_fd;
    case OPT_PARENT_PID:
        return parent_pid;
    default:
        return NULL;
    }
}

/* One option; -1 to go on, else the exit code. */
static int take_option(line_t *line, int option)
{
    int parent_pid = 0;
    int *target = number_option(line, option, &parent_pid);

    if (target) {
        *target = number(optarg);
        line->watch.parent_pid += option == OPT_PARENT_PID ? parent_pid : 0;
        return *target < 0 ? usage("not a number: ", optarg) : -1;
    }
    switch (option) {
    case OPT_CONFIG:
        line->config = optarg;
        return -1;
    case OPT_DATABASE:
        line->database = optarg;
        return -1;
    case OPT_JSON:
        line->is_json = 1;
        return -1;
    case OPT_LEVEL:
        return ubal_log_find_level(&line->level, optarg)
                   ? -1
                   : usage("no such log level: ", optarg);
    case OPT_HELP:
        print_help(stdout);
        return UBAL_EXIT_DONE;
    case OPT_VERSION:
        puts("ubal-ingest " UBAL_VERSION);
        return UBAL_EXIT_DONE;
    default: /* getopt_long has said what is wrong */
        return usage("cannot go on", "");
    }
}

/* -1 to go on, else the exit code. */
static int read_line(line_t *line, int argc, char **argv)
{
    int option, code;

    while ((option = getopt_long(argc, argv, "", options, NULL)) != -1) {
        code = take_option(line, option);
        if (code >= 0) {
            return code;
        }
    }
    if (optind == argc) {
        return usage("which command?", "");
    }
    if (optind + 1 < argc) {
        return usage("unexpected: ", argv[optind + 1]);
    }
    for (line->command = commands; line->command->name; line->command++) {
        if (strcmp(line->command->name, argv[optind]) == 0) {
            return -1;
        }
    }
    return usage("no such command: ", argv[optind]);
}

/* Settings and secrets, read as whoever started us: they may be root's. */
static ubal_error_t *read_settings(ubal_settings_t **settings,
                                   const line_t *line, apr_pool_t *pool)
{
    ubal_error_t *err;

    if (line->watch.lock_fd >= 0) {
        err = ubal_config_read_fd(settings, STDIN_FILENO, pool);
    } else if (line->config) {
        err = ubal_config_read_file(settings, line->config, pool);
    } else {
        err = ubal_ask_httpd(settings, line->database, pool);
    }
    if (!err && line->command->needs_secrets) {
        err = ubal_config_read_secrets(*settings, line->secrets_fd, pool);
    }
    return err;
}

static ubal_error_t *become(const line_t *line,
                            const ubal_settings_t *settings, apr_pool_t *pool)
{
    if (line->command->run == ubal_cmd_run) {
        return geteuid() ? NULL
                         : ubal_error_make(UBAL_ERR_SYSTEM, pool,
                                           "the daemon does not run as root: "
                                           "start it as the user that the "
                                           "database belongs to");
    }
    return ubal_become_owner(settings->lock, pool);
}

/* The daemon's errors go to its log, a command's to standard error. */
static ubal_error_t *
open_log(const line_t *line, const ubal_settings_t *settings, apr_pool_t *pool)
{
    int is_daemon = line->command->run == ubal_cmd_run;

    return ubal_log_open(is_daemon ? settings->log : NULL, line->level, pool);
}

static int run_command(const line_t *line, apr_pool_t *pool)
{
    ubal_cmd_t cmd = {NULL, line->is_json, line->watch, pool};
    ubal_settings_t *settings;
    ubal_error_t *err = read_settings(&settings, line, pool);

    if (!err) {
        err = become(line, settings, pool);
    }
    if (!err) {
        err = open_log(line, settings, pool);
    }
    if (err && line->command->run == ubal_cmd_run) {
        ubal_log_line(UBAL_LOG_ERROR, "%s", err->message);
        return UBAL_EXIT_FAILED;
    }
    if (err) {
        return ubal_cmd_fail(err);
    }
    cmd.settings = settings;
    return line->command->run(&cmd);
}

/* What other modules of httpd left open. Since glibc 2.34 httpd's child does
 * not hand it over in the first place. */
static void close_others(const ubal_watch_t *watch)
{
#if !__GLIBC_PREREQ(2, 34)
    int fd = watch->parent_fd > watch->generation_fd ? watch->parent_fd
                                                     : watch->generation_fd;
    long end = sysconf(_SC_OPEN_MAX);

    while (watch->lock_fd >= 0 && ++fd < end) {
        close(fd);
    }
#else
    (void)watch;
#endif
}

int main(int argc, char **argv)
{
    line_t line = {
        NULL, NULL, NULL, UBAL_LOG_INFO, 0, -1, {-1, NULL, -1, -1, 0, -1}};
    apr_pool_t *pool;
    int code = read_line(&line, argc, argv);

    if (code >= 0) {
        return code;
    }
    close_others(&line.watch);
    if (apr_initialize() != APR_SUCCESS ||
        apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        return UBAL_EXIT_FAILED;
    }
    code = run_command(&line, pool);
    apr_terminate();
    return code;
}
