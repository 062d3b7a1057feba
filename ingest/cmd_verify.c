/* ubal-ingest verify: the invariants of a database, one line each, in one
 * snapshot. The first that fails ends it with 1. With --repair the sums are
 * made again first, and all that still fails is named. */
#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#include "call.h"
#include "core/type.h"
#include "store/verify.h"

typedef struct verify_t {
    const ubal_cmd_t *cmd;
    int changes; /* lines of the repair */
    int faults;  /* sums that it could not make, and checks that failed */
} verify_t;

/* --- the repair -----------------------------------------------------------
 */

/* The sums of a line as JSON; each word of it is a number. */
static void print_json_sums(const char *name, const char *words,
                            apr_pool_t *pool)
{
    char *last, *word = apr_strtok(apr_pstrdup(pool, words), " ", &last);
    int i;

    printf(",\"%s\":%s", name, word ? "{" : "null");
    for (i = 0; word && i < UBAL_TYPE_COUNT; i++) {
        printf("%s\"%s\":%s", i ? "," : "", ubal_type_name((ubal_type_e)i),
               word);
        word = apr_strtok(NULL, " ", &last);
    }
    fputs(*words ? "}" : "", stdout);
}

static void print_json_change(const char *const *word, int index,
                              apr_pool_t *pool)
{
    printf("%s{\"userId\":", index ? "," : "");
    ubal_cmd_print_string(word[1]);
    if (*word[2]) {
        printf(",\"sumsWrong\":%s", word[2]);
    } else {
        print_json_sums("before", word[3], pool);
        print_json_sums("after", word[4], pool);
    }
    printf(",\"isRepaired\":%s}",
           strcmp(word[0], "repaired") ? "false" : "true");
}

/* The sums of a line as text. */
static const char *show_sums(const char *words, apr_pool_t *pool)
{
    char *last, *word = apr_strtok(apr_pstrdup(pool, words), " ", &last);
    const char *text = word ? "" : "none";
    int i;

    for (i = 0; word && i < UBAL_TYPE_COUNT; i++) {
        text = apr_pstrcat(pool, text, i ? ", " : "", word, " ",
                           ubal_type_name((ubal_type_e)i), NULL);
        word = apr_strtok(NULL, " ", &last);
    }
    return text;
}

static void print_change(const char *const *word, apr_pool_t *pool)
{
    if (strcmp(word[0], "repaired")) {
        printf("NOT REPAIRED user %s: its transactions sum up to more than "
               "can be stored; balance and sums over time stay as they are\n",
               word[1]);
    } else if (*word[2]) {
        printf("repaired user %s, sums over time: %s were wrong\n", word[1],
               word[2]);
    } else {
        printf("repaired user %s, balance: was %s; is %s\n", word[1],
               show_sums(word[3], pool), show_sums(word[4], pool));
    }
}

static ubal_error_t *on_line(void *baton, const apr_array_header_t *words,
                             apr_pool_t *pool)
{
    verify_t *verify = baton;
    const char *const *word = (const char *const *)words->elts;

    if (verify->cmd->is_json) {
        print_json_change(word, verify->changes, pool);
    } else {
        print_change(word, pool);
    }
    verify->changes++;
    verify->faults += strcmp(word[0], "repaired") != 0;
    return NULL;
}

/* --- the checks -----------------------------------------------------------
 */

static void print(const ubal_cmd_t *cmd, int index, const char *finding)
{
    const ubal_verify_check_t *check = &ubal_verify_checks[index];

    if (!cmd->is_json) {
        printf("%s %d: %s\n", finding ? "FAILED" : "ok", check->number,
               check->title);
        if (finding) {
            printf("  %s\n", finding);
        }
        return;
    }
    printf("%s{\"number\":%d,\"title\":", index ? "," : "", check->number);
    ubal_cmd_print_string(check->title);
    fputs(",\"finding\":", stdout);
    ubal_cmd_print_string(finding);
    putchar('}');
}

/* Runs the checks up to the first that fails; after a repair all of them, and
 * one that cannot be run has failed. */
static ubal_error_t *run_checks(verify_t *verify, ubal_db_t *db)
{
    const ubal_cmd_t *cmd = verify->cmd;
    int i;

    for (i = 0; i < ubal_verify_count; i++) {
        const char *finding = NULL;
        ubal_error_t *err =
            ubal_verify_run(&finding, db, i, cmd->settings->scale, cmd->pool);

        if (err && !cmd->is_repair) {
            return err;
        }
        finding = err ? err->message : finding;
        print(cmd, i, finding);
        fflush(stdout);
        verify->faults += finding != NULL;
        if (finding && !cmd->is_repair) {
            break;
        }
    }
    return NULL;
}

static ubal_error_t *check(verify_t *verify)
{
    const ubal_cmd_t *cmd = verify->cmd;
    const ubal_settings_t *settings = cmd->settings;
    ubal_db_t *db;
    ubal_error_t *err = ubal_db_open_reader(&db, settings->driver,
                                            settings->params, cmd->pool);

    if (!err) {
        err = ubal_db_begin_read(db, cmd->pool);
    }
    if (!err) {
        err = run_checks(verify, db);
        ubal_db_rollback(db, cmd->pool);
    }
    return err;
}

int ubal_cmd_verify(const ubal_cmd_t *cmd)
{
    static const char *const repair[] = {"repair", NULL};
    verify_t verify = {.cmd = cmd};
    ubal_error_t *err = NULL;

    fputs(cmd->is_json ? "{" : "", stdout);
    if (cmd->is_repair) {
        fputs(cmd->is_json ? "\"changes\":[" : "", stdout);
        err = ubal_call_run(cmd, repair, on_line, &verify);
        fputs(cmd->is_json ? "]," : "", stdout);
    }
    fputs(cmd->is_json ? "\"checks\":[" : "", stdout);
    if (!err) {
        err = check(&verify);
    }
    if (cmd->is_json) {
        printf("],\"ok\":%s}\n", err || verify.faults ? "false" : "true");
    }
    if (err) {
        return cmd->is_repair ? ubal_call_exit(err) : ubal_cmd_fail(err);
    }
    return verify.faults ? UBAL_EXIT_FAILED : UBAL_EXIT_DONE;
}
