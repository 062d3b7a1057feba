/* ubal-ingest: a command, with which settings, as whom. Knows the order of the
 * start; must not know what a command does. */
#include <unistd.h>

#include <apr_general.h>

#include "ask.h"
#include "become.h"
#include "config.h"
#include "options.h"

/* Settings and secrets, read as whoever started us: they may be root's. */
static ubal_error_t *read_settings(ubal_settings_t **settings,
                                   const ubal_options_t *options,
                                   apr_pool_t *pool)
{
    ubal_error_t *err;

    if (options->cmd.watch.lock_fd >= 0) {
        err = ubal_config_read_fd(settings, STDIN_FILENO, pool);
    } else if (options->config) {
        err = ubal_config_read_file(settings, options->config, pool);
    } else {
        err = ubal_ask_httpd(settings, options->database, pool);
    }
    if (!err && options->command->needs_secrets) {
        err = ubal_config_read_secrets(*settings, options->secrets_fd, pool);
    }
    return err;
}

static ubal_error_t *become(const ubal_options_t *options,
                            const ubal_settings_t *settings, apr_pool_t *pool)
{
    if (options->command->run == ubal_cmd_run) {
        return geteuid() ? NULL
                         : ubal_error_make(UBAL_ERR_SYSTEM, pool,
                                           "the daemon does not run as root: "
                                           "start it as the user that the "
                                           "database belongs to");
    }
    return ubal_become_owner(settings->lock, pool);
}

/* The daemon's errors go to its log, a command's to standard error. */
static ubal_error_t *open_log(const ubal_options_t *options,
                              const ubal_settings_t *settings,
                              apr_pool_t *pool)
{
    int is_daemon = options->command->run == ubal_cmd_run;

    return ubal_log_open(is_daemon ? settings->log : NULL, options->level,
                         pool);
}

static int run_command(const ubal_options_t *options, apr_pool_t *pool)
{
    ubal_cmd_t cmd = options->cmd;
    ubal_settings_t *settings;
    ubal_error_t *err = read_settings(&settings, options, pool);

    if (!err) {
        err = become(options, settings, pool);
    }
    if (!err) {
        err = open_log(options, settings, pool);
    }
    if (err && options->command->run == ubal_cmd_run) {
        ubal_log_line(UBAL_LOG_ERROR, "%s", err->message);
        return UBAL_EXIT_FAILED;
    }
    if (err) {
        return ubal_cmd_fail(err);
    }
    cmd.settings = settings;
    cmd.pool = pool;
    return options->command->run(&cmd);
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
    ubal_options_t options = {.level = UBAL_LOG_INFO,
                              .secrets_fd = -1,
                              .cmd.watch = {-1, NULL, -1, -1, 0, -1}};
    apr_pool_t *pool;
    int code = ubal_options_read(&options, argc, argv);

    if (code >= 0) {
        return code;
    }
    close_others(&options.cmd.watch);
    if (apr_initialize() != APR_SUCCESS ||
        apr_pool_create(&pool, NULL) != APR_SUCCESS) {
        return UBAL_EXIT_FAILED;
    }
    code = run_command(&options, pool);
    apr_terminate();
    return code;
}
