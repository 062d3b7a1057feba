/* Asks httpd for the settings. Knows how httpd is run and where its answer
 * begins and ends; must not know what a directive means. */
#include "ask.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <apr_file_info.h>
#include <apr_file_io.h>
#include <apr_strings.h>
#include <apr_thread_proc.h>

#include "config.h"

/* A file without a name for what httpd says besides; NULL: it goes where our
 * own errors go. */
static apr_file_t *open_aside(apr_pool_t *pool)
{
    apr_file_t *file;
    const char *folder;
    char *name;

    if (apr_temp_dir_get(&folder, pool) != APR_SUCCESS) {
        return NULL;
    }
    name = apr_pstrcat(pool, folder, "/ubal-XXXXXX", NULL);
    return apr_file_mktemp(&file, name, 0, pool) == APR_SUCCESS ? file : NULL;
}

/* Shows what httpd said, where it found fault. */
static void show_aside(apr_file_t *aside)
{
    apr_off_t begin = 0;
    char bytes[4096];
    apr_size_t length;

    if (!aside || apr_file_seek(aside, APR_SET, &begin) != APR_SUCCESS) {
        return;
    }
    for (;;) {
        length = sizeof(bytes);
        if (apr_file_read(aside, bytes, &length) != APR_SUCCESS) {
            return;
        }
        fwrite(bytes, 1, length, stderr);
    }
}

/* What the child of apr_proc_create ends with where exec fails, which nobody
 * finds out before for a program that PATH is to find. */
#define NOT_RUN 255

/* Whether httpd said anything aside. */
static int has_said(apr_file_t *aside)
{
    apr_off_t end = 0;

    return aside && apr_file_seek(aside, APR_END, &end) == APR_SUCCESS &&
           end > 0;
}

/* Starts `argv` with a pipe for its standard output, and `aside` (or our own)
 * as its standard error. */
static apr_status_t start(apr_proc_t *proc, const char *const *argv,
                          apr_file_t *aside, apr_pool_t *pool)
{
    apr_procattr_t *attr;
    apr_status_t rv = apr_procattr_create(&attr, pool);

    if (rv == APR_SUCCESS) {
        rv = apr_procattr_io_set(attr, APR_NO_PIPE, APR_FULL_BLOCK,
                                 APR_NO_PIPE);
    }
    if (rv == APR_SUCCESS && aside) {
        rv = apr_procattr_child_err_set(attr, aside, NULL);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_procattr_cmdtype_set(attr, APR_PROGRAM_PATH);
    }
    if (rv == APR_SUCCESS) {
        rv = apr_procattr_error_check_set(attr, 1);
    }
    return rv != APR_SUCCESS
               ? rv
               : apr_proc_create(proc, argv[0], argv, NULL, attr, pool);
}

static ubal_error_t *run_httpd(char **text, const char *const *argv,
                               apr_pool_t *pool)
{
    apr_exit_why_e why;
    apr_size_t length;
    ubal_error_t *err;
    apr_proc_t proc;
    apr_file_t *aside = open_aside(pool);
    apr_status_t rv = start(&proc, argv, aside, pool);
    int code;

    if (rv != APR_SUCCESS) {
        return ubal_error_make(UBAL_ERR_SYSTEM, pool, "cannot run %s: %pm",
                               argv[0], &rv);
    }
    err = ubal_config_read_all(text, &length, proc.out, argv[0], pool);
    apr_proc_wait(&proc, &code, &why, APR_WAIT);
    if (!err && code == NOT_RUN && !**text && !has_said(aside)) {
        return ubal_error_make(UBAL_ERR_SYSTEM, pool,
                               "cannot run %s: there is no such program",
                               argv[0]);
    }
    if (!err && (!APR_PROC_CHECK_EXIT(why) || code)) {
        show_aside(aside);
        err = ubal_error_make(UBAL_ERR_CONFIG, pool,
                              "%s -t found httpd's configuration faulty",
                              argv[0]);
    }
    return err;
}

/* The command that names httpd; NULL where there is none. Fixed folders, not
 * PATH: this may run as root. */
static const char *httpd_program(apr_pool_t *pool)
{
    static const char *const names[] = {"apachectl", "apache2ctl", "httpd",
                                        "apache2"};
    static const char *const folders[] = {"/usr/local/sbin", "/usr/local/bin",
                                          "/usr/sbin", "/usr/bin"};
    const char *given = getenv("UBAL_HTTPD");
    apr_size_t i;

    for (i = 0; !given && i < 16; i++) {
        const char *path =
            apr_pstrcat(pool, folders[i % 4], "/", names[i / 4], NULL);

        if (access(path, X_OK) == 0) {
            return path;
        }
    }
    return given;
}

static ubal_error_t *dump(char **text, apr_pool_t *pool)
{
    static const char *const asks[] = {"-t", "-D", "DUMP_UBAL", NULL};
    apr_array_header_t *argv = apr_array_make(pool, 8, sizeof(char *));
    const char *program = httpd_program(pool);
    char **words;
    int i;

    if (!program) {
        return ubal_error_make(UBAL_ERR_CONFIG, pool,
                               "no httpd was found to ask for the settings: "
                               "set UBAL_HTTPD or give --config FILE");
    }
    apr_tokenize_to_argv(program, &words, pool);
    while (*words) {
        APR_ARRAY_PUSH(argv, const char *) = *words++;
    }
    for (i = 0; i < 4; i++) {
        APR_ARRAY_PUSH(argv, const char *) = asks[i];
    }
    return run_httpd(text, (const char *const *)argv->elts, pool);
}

/* Cuts what httpd printed into an array of ubal_settings_t *. */
static ubal_error_t *cut_settings(apr_array_header_t *all, char *text,
                                  apr_pool_t *pool)
{
    while ((text = strstr(text, UBAL_SETTINGS_BEGIN)) != NULL) {
        char *body = strchr(text, '\n');
        char *end = body ? strstr(body, UBAL_SETTINGS_END) : NULL;
        ubal_settings_t *settings;
        ubal_error_t *err;

        if (!end) {
            return ubal_error_make(UBAL_ERR_INPUT, pool,
                                   "what httpd printed was cut off");
        }
        *end = '\0';
        err =
            ubal_settings_parse(&settings, body + 1, "httpd's settings", pool);
        if (err) {
            return err;
        }
        APR_ARRAY_PUSH(all, ubal_settings_t *) = settings;
        text = end + 1;
    }
    return NULL;
}

/* What an administrator knows a database by. */
static const char *name_of(const ubal_settings_t *settings, apr_pool_t *pool)
{
    const char *path;

    return ubal_settings_sqlite_path(&path, settings->params, 0, pool)
               ? settings->params
               : path;
}

static ubal_error_t *choose(ubal_settings_t **settings,
                            const apr_array_header_t *all, const char *which,
                            apr_pool_t *pool)
{
    const char *list = "";
    int i;

    for (i = 0; i < all->nelts; i++) {
        const char *number = apr_itoa(pool, i + 1);
        const char *name;

        *settings = APR_ARRAY_IDX(all, i, ubal_settings_t *);
        name = name_of(*settings, pool);
        if (which ? strcmp(which, number) == 0 || strcmp(which, name) == 0
                  : all->nelts == 1) {
            return NULL;
        }
        list = apr_pstrcat(pool, list, *list ? ", " : "", number, " (", name,
                           ")", NULL);
    }
    if (!all->nelts) {
        return ubal_error_make(UBAL_ERR_CONFIG, pool,
                               "httpd's configuration has no <UbalVendor>");
    }
    return ubal_error_make(UBAL_ERR_CONFIG, pool,
                           "choose with --database one of: %s", list);
}

ubal_error_t *ubal_ask_httpd(ubal_settings_t **settings, const char *which,
                             apr_pool_t *pool)
{
    apr_array_header_t *all = apr_array_make(pool, 2, sizeof(*settings));
    ubal_error_t *err;
    char *text;

    err = dump(&text, pool);
    if (!err) {
        err = cut_settings(all, text, pool);
    }
    return err ? err : choose(settings, all, which, pool);
}
