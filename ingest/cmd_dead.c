/* ubal-ingest dead: the items that could not be stored. list and show read
 * the database alone; replay and drop are done by the owner. */
#include "cmd.h"

#include <stdio.h>
#include <string.h>

#include <apr_strings.h>

#include "call.h"
#include "core/money.h"
#include "core/time.h"
#include "store/dead.h"

#define COUNT APR_INT64_T_FMT
#define BATCH 500

static const char *kind_of(const ubal_letter_t *letter)
{
    return letter->is_conflict ? "conflict" : "dead";
}

/* `key` brings its comma along. */
static void json_text(const char *key, const char *text)
{
    fputs(key, stdout);
    ubal_cmd_print_string(text);
}

static void json_head(const ubal_letter_t *letter, apr_pool_t *pool)
{
    printf("{\"id\":%" COUNT, letter->id);
    json_text(",\"vendor\":", letter->vendor_name);
    json_text(",\"kind\":", kind_of(letter));
    json_text(",\"state\":", letter->state);
    json_text(",\"item\":", letter->item_id);
    json_text(",\"at\":", ubal_time_print(letter->at, pool));
    json_text(",\"reason\":", letter->reason);
}

static void text_head(const ubal_letter_t *letter)
{
    printf("%" COUNT " %s of vendor %s", letter->id, kind_of(letter),
           letter->vendor_name);
    if (letter->item_id) {
        fputs(", item ", stdout);
        ubal_cmd_print_string(letter->item_id);
    }
    printf(": %s\n", letter->reason);
}

static void print_letters(int *count, const ubal_cmd_t *cmd,
                          const apr_array_header_t *letters, apr_pool_t *pool)
{
    int i;

    for (i = 0; i < letters->nelts; i++) {
        const ubal_letter_t *letter =
            &APR_ARRAY_IDX(letters, i, ubal_letter_t);

        if (cmd->is_json) {
            fputs(*count ? "," : "", stdout);
            json_head(letter, pool);
            putchar('}');
        } else {
            text_head(letter);
        }
        ++*count;
    }
}

/* All open ones, in batches: there can be any number. */
static ubal_error_t *print_all(int *count, const ubal_cmd_t *cmd,
                               ubal_db_t *db)
{
    apr_int64_t after = 0;
    apr_pool_t *batch;
    ubal_error_t *err;

    apr_pool_create(&batch, cmd->pool);
    for (;;) {
        apr_array_header_t *letters;

        apr_pool_clear(batch);
        err = ubal_dead_list(&letters, db, after, BATCH, batch);
        if (err || !letters->nelts) {
            return err;
        }
        print_letters(count, cmd, letters, batch);
        after = APR_ARRAY_IDX(letters, letters->nelts - 1, ubal_letter_t).id;
    }
}

static int list(const ubal_cmd_t *cmd, ubal_db_t *db)
{
    ubal_error_t *err;
    int count = 0;

    fputs(cmd->is_json ? "{\"letters\":[" : "", stdout);
    err = print_all(&count, cmd, db);
    if (cmd->is_json) {
        printf("],\"ok\":%s}\n", err ? "false" : "true");
    } else if (!err && !count) {
        puts("no dead letters");
    }
    return err ? ubal_cmd_fail_db(cmd, err) : UBAL_EXIT_DONE;
}

/* What is stored under the same id. */
static void print_stored(const ubal_cmd_t *cmd, const ubal_item_t *stored)
{
    const char *at = ubal_time_print(stored->created_at, cmd->pool);
    const char *amount =
        ubal_money_print(stored->amount, cmd->settings->scale, cmd->pool);

    if (cmd->is_json) {
        json_text(",\"stored\":{\"userId\":", stored->user_id);
        json_text(",\"createdAt\":", at);
        json_text(",\"type\":", ubal_type_name(stored->type));
        printf(",\"amount\":%s}", amount);
    } else {
        printf("  stored: user %s  %s  %s %s\n", stored->user_id, at,
               ubal_type_name(stored->type), amount);
    }
}

/* For a terminal: what is no text is shown as what it is. */
static void print_raw(const char *raw)
{
    for (; *raw; raw++) {
        unsigned char byte = (unsigned char)*raw;

        printf(byte < 0x20 || byte == 0x7f ? "\\x%02x" : "%c", byte);
    }
    putchar('\n');
}

static ubal_error_t *show(const ubal_cmd_t *cmd, ubal_db_t *db, apr_int64_t id)
{
    ubal_item_t stored = {0};
    ubal_letter_t letter;
    int exists = 0;
    ubal_error_t *err = ubal_dead_get(&letter, db, id, cmd->pool);

    if (!err && !letter.id) {
        err = ubal_error_make(UBAL_ERR_INPUT, cmd->pool,
                              "there is no dead letter %" COUNT, id);
    }
    if (!err) {
        err = ubal_dead_stored(&stored, &exists, db, &letter, cmd->pool);
    }
    if (err) {
        return err;
    }
    if (cmd->is_json) {
        json_head(&letter, cmd->pool);
        json_text(",\"raw\":", letter.raw);
    } else {
        text_head(&letter);
        printf("  state:  %s, since %s\n  came as ", letter.state,
               ubal_time_print(letter.at, cmd->pool));
        print_raw(letter.raw);
    }
    if (exists) {
        print_stored(cmd, &stored);
    }
    fputs(cmd->is_json ? "}\n" : "", stdout);
    return NULL;
}

typedef struct outcomes_t {
    const ubal_cmd_t *cmd;
    int count;
} outcomes_t;

/* A line of replay or drop: id, outcome, and the item's id or what is wrong
 * with it. */
static ubal_error_t *
print_outcome(void *baton, const apr_array_header_t *words, apr_pool_t *pool)
{
    outcomes_t *outcomes = baton;
    const ubal_cmd_t *cmd = outcomes->cmd;
    const char *const *word = (const char *const *)words->elts;

    (void)pool;
    outcomes->count++;
    if (cmd->is_json) {
        printf("{\"id\":%s", word[0]);
        json_text(",\"outcome\":", word[1]);
        json_text(",\"text\":", word[2]);
        puts("}");
    } else {
        printf("%s %s: %s\n", word[0], word[1], word[2]);
    }
    return NULL;
}

static int call(const ubal_cmd_t *cmd, const char *verb,
                const char *const *words)
{
    apr_array_header_t *all =
        apr_array_make(cmd->pool, 4, sizeof(const char *));
    outcomes_t outcomes = {cmd, 0};
    ubal_error_t *err;

    APR_ARRAY_PUSH(all, const char *) = verb;
    for (; *words; words++) {
        APR_ARRAY_PUSH(all, const char *) = *words;
    }
    APR_ARRAY_PUSH(all, const char *) = NULL;
    err = ubal_call_run(cmd, (const char *const *)all->elts, print_outcome,
                        &outcomes);
    if (!err && !outcomes.count && !cmd->is_json) {
        puts("no dead letters");
    }
    return ubal_call_exit(err);
}

static int replay(const ubal_cmd_t *cmd, const char *const *ids)
{
    static const char *const all[] = {"all", NULL};

    if (cmd->is_all && *ids) {
        return ubal_cmd_usage("either IDs or --all", NULL);
    }
    if (*ids && !ubal_cmd_are_ids(ids)) {
        return UBAL_EXIT_USAGE;
    }
    return call(cmd, "replay", cmd->is_all ? all : ids);
}

/* list and show, on a connection of their own. */
static int read_only(const ubal_cmd_t *cmd, const char *id)
{
    const ubal_settings_t *settings = cmd->settings;
    ubal_db_t *db;
    ubal_error_t *err = ubal_db_open_reader(&db, settings->driver,
                                            settings->params, cmd->pool);

    if (err) {
        return ubal_cmd_fail_db(cmd, err);
    }
    return id ? ubal_call_exit(show(cmd, db, apr_atoi64(id))) : list(cmd, db);
}

int ubal_cmd_dead(const ubal_cmd_t *cmd)
{
    const char *what = *cmd->words ? *cmd->words : "list";
    const char *const *ids = cmd->words + (*cmd->words != NULL);
    int takes_ids = !strcmp(what, "show") || !strcmp(what, "drop");

    if (cmd->is_all && strcmp(what, "replay")) {
        return ubal_cmd_usage("--all is for replay alone", NULL);
    }
    if (takes_ids && !ubal_cmd_are_ids(ids)) {
        return UBAL_EXIT_USAGE;
    }
    if (!strcmp(what, "replay")) {
        return replay(cmd, ids);
    }
    if (!strcmp(what, "drop")) {
        return call(cmd, "drop", ids);
    }
    if (takes_ids ? ids[1] != NULL : strcmp(what, "list") || *ids) {
        return ubal_cmd_usage("unexpected: ", takes_ids              ? ids[1]
                                              : strcmp(what, "list") ? what
                                                                     : *ids);
    }
    return read_only(cmd, takes_ids ? *ids : NULL);
}
