/* The verb that puts dead letters away. They stay in their table, so that the
 * same bytes, when they come again, are not reported again. */
#include <apr_strings.h>
#include <string.h>

#include "log.h"
#include "store/dead.h"
#include "verb.h"

static ubal_error_t *drop_one(ubal_session_t *session, apr_int64_t id)
{
    ubal_db_t *db = session->daemon->db;
    ubal_letter_t letter;
    ubal_error_t *err = ubal_dead_get(&letter, db, id, session->step);

    if (!err && !letter.id) {
        err = ubal_error_make(UBAL_ERR_INPUT, session->step,
                              "there is no dead letter %" APR_INT64_T_FMT, id);
    }
    if (!err && !strcmp(letter.state, "open")) {
        err = ubal_dead_decide(db, id, "dropped", session->step);
        letter.state = "dropped";
    }
    if (!err) {
        ubal_verb_say(session,
                      apr_psprintf(session->step, "%" APR_INT64_T_FMT, id),
                      letter.state, letter.reason, UBAL_VERB_END);
    }
    return err;
}

static ubal_error_t *drop_named(ubal_session_t *session)
{
    ubal_daemon_t *daemon = session->daemon;
    ubal_error_t *err = NULL;
    const char *word;
    int i;

    for (i = 1; !err && (word = ubal_verb_word(session, i)); i++) {
        err = drop_one(session, apr_atoi64(word));
    }
    if (!err) {
        err = ubal_meta_update_coverage(daemon->db, session->step);
    }
    return err ? err : ubal_db_commit(daemon->db, session->step);
}

ubal_error_t *ubal_verb_drop(ubal_verb_next_e *next, ubal_session_t *session)
{
    ubal_daemon_t *daemon = session->daemon;
    ubal_error_t *err =
        ubal_meta_begin(daemon->db, &daemon->owner, session->step);

    *next = UBAL_VERB_DONE;
    if (!err) {
        err = drop_named(session);
        if (err) {
            ubal_db_rollback(daemon->db, session->step);
        } else if (daemon->loop) {
            ubal_log_line(UBAL_LOG_WARN, "by command: %d dead letters dropped",
                          session->lines->nelts);
        }
    }
    return err;
}
