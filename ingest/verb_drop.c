/* The verb that puts dead letters away. They stay in their table, so that the
 * same bytes, when they come again, are not reported again. */
#include <apr_strings.h>
#include <string.h>

#include "log.h"
#include "store/dead.h"
#include "verb.h"

/* Letters that one step takes: on PostgreSQL each is a round trip or two. */
#define STEP_MOST 100

/* All are looked up before the first is dropped: a number that is none loses
 * nothing. */
typedef struct drop_t {
    int at; /* the word that comes next */
    int is_known;
} drop_t;

static ubal_error_t *find(ubal_letter_t *letter, ubal_session_t *session,
                          const char *word)
{
    apr_int64_t id = apr_atoi64(word);
    ubal_error_t *err =
        ubal_dead_get(letter, session->daemon->db, id, session->step);

    return err || letter->id
               ? err
               : ubal_error_make(UBAL_ERR_INPUT, session->step,
                                 "there is no dead letter %" APR_INT64_T_FMT,
                                 id);
}

static ubal_error_t *drop_one(ubal_session_t *session, const char *word)
{
    ubal_db_t *db = session->daemon->db;
    ubal_letter_t letter;
    ubal_error_t *err = find(&letter, session, word);

    if (!err && !strcmp(letter.state, "open")) {
        err = ubal_dead_decide(db, letter.id, "dropped", session->step);
        letter.state = "dropped";
    }
    if (!err) {
        ubal_verb_say(
            session,
            apr_psprintf(session->step, "%" APR_INT64_T_FMT, letter.id),
            letter.state, letter.reason, UBAL_VERB_END);
    }
    return err;
}

/* Looks the next ones up; `*at` is the word after them. */
static ubal_error_t *look_up(int *at, ubal_session_t *session)
{
    ubal_error_t *err = NULL;
    ubal_letter_t letter;
    const char *word;
    int end = *at + STEP_MOST;

    while (!err && *at < end && (word = ubal_verb_word(session, *at))) {
        err = find(&letter, session, word);
        ++*at;
    }
    return err;
}

/* Drops the next ones, in one transaction. */
static ubal_error_t *drop_some(int *at, ubal_session_t *session)
{
    ubal_daemon_t *daemon = session->daemon;
    ubal_error_t *err =
        ubal_meta_begin(daemon->db, &daemon->owner, session->step);
    const char *word;
    int end = *at + STEP_MOST;

    if (err) {
        return err;
    }
    while (!err && *at < end && (word = ubal_verb_word(session, *at))) {
        err = drop_one(session, word);
        ++*at;
    }
    if (!err) {
        err = ubal_meta_update_coverage(daemon->db, session->step);
    }
    if (!err) {
        err = ubal_db_commit(daemon->db, session->step);
    }
    if (err) {
        ubal_db_rollback(daemon->db, session->step);
    } else if (daemon->loop) {
        ubal_log_line(UBAL_LOG_WARN, "by command: %d dead letters dropped",
                      session->lines->nelts);
    }
    return err;
}

ubal_error_t *ubal_verb_drop(ubal_verb_next_e *next, ubal_session_t *session)
{
    drop_t *drop = session->state;
    ubal_error_t *err;
    int at;

    if (!drop) {
        session->state = drop = apr_pcalloc(session->pool, sizeof(*drop));
        drop->at = 1;
    }
    at = drop->at;
    err = drop->is_known ? drop_some(&at, session) : look_up(&at, session);
    if (err) {
        return err;
    }
    *next = UBAL_VERB_MORE;
    drop->at = at;
    if (!ubal_verb_word(session, at)) {
        *next = drop->is_known ? UBAL_VERB_DONE : UBAL_VERB_MORE;
        drop->is_known = 1;
        drop->at = 1;
    }
    return NULL;
}
