/* The verbs about windows that need a decision. Each is one transaction over
 * all the windows that it names. */
#include <apr_strings.h>
#include <string.h>

#include "core/time.h"
#include "log.h"
#include "store/gap.h"
#include "verb.h"

/* What is done to one window. */
typedef ubal_error_t *(*decision_t)(ubal_window_t *found, ubal_db_t *db,
                                    apr_int64_t id, apr_pool_t *pool);

static ubal_error_t *decide_one(ubal_session_t *session, decision_t decision,
                                apr_int64_t id, const char *done)
{
    apr_pool_t *pool = session->step;
    const char *number = apr_psprintf(pool, "%" APR_INT64_T_FMT, id);
    ubal_window_t window;
    ubal_error_t *err = (*decision)(&window, session->daemon->db, id, pool);

    if (!err && !window.id) {
        err = ubal_error_make(UBAL_ERR_INPUT, pool,
                              "window %s is not one to be %s: see "
                              "ubal-ingest windows",
                              number, done);
    }
    if (!err) {
        ubal_verb_say(session, number, ubal_time_print(window.from, pool),
                      ubal_time_print(window.to, pool), UBAL_VERB_END);
    }
    return err;
}

/* Those of all windows that wait for someone; the accepted ones too where
 * `with_accepted`. */
static ubal_error_t *retry_all(ubal_session_t *session, int with_accepted)
{
    apr_array_header_t *windows;
    ubal_error_t *err =
        ubal_gap_waiting(&windows, session->daemon->db, session->step);
    int i;

    for (i = 0; !err && i < windows->nelts; i++) {
        const ubal_window_t *window =
            &APR_ARRAY_IDX(windows, i, ubal_window_t);

        if (window->state != UBAL_WINDOW_ACCEPTED || with_accepted) {
            err = decide_one(session, ubal_gap_retry, window->id, "retried");
        }
    }
    return err;
}

static ubal_error_t *decide_named(ubal_session_t *session, decision_t decision,
                                  const char *done)
{
    const char *word;
    ubal_error_t *err = NULL;
    int i;

    for (i = 1; !err && (word = ubal_verb_word(session, i)); i++) {
        err = decide_one(session, decision, apr_atoi64(word), done);
    }
    return err;
}

static ubal_error_t *decide_all(ubal_session_t *session, decision_t decision,
                                const char *done)
{
    const char *first = ubal_verb_word(session, 1);

    if (decision == ubal_gap_retry && (!first || !strcmp(first, "all"))) {
        return retry_all(session, first != NULL);
    }
    return decide_named(session, decision, done);
}

static void log_decisions(const ubal_session_t *session, const char *done)
{
    int i;

    for (i = 0; session->daemon->loop && i < session->lines->nelts; i++) {
        const apr_array_header_t *words =
            APR_ARRAY_IDX(session->lines, i, const apr_array_header_t *);

        ubal_log_line(UBAL_LOG_WARN, "by command: window %s [%s, %s) is %s",
                      APR_ARRAY_IDX(words, 0, const char *),
                      APR_ARRAY_IDX(words, 1, const char *),
                      APR_ARRAY_IDX(words, 2, const char *), done);
    }
}

static ubal_error_t *decide(ubal_verb_next_e *next, ubal_session_t *session,
                            decision_t decision, const char *done)
{
    ubal_daemon_t *daemon = session->daemon;
    ubal_error_t *err =
        ubal_meta_begin(daemon->db, &daemon->owner, session->step);

    *next = UBAL_VERB_DONE;
    if (err) {
        return err;
    }
    err = decide_all(session, decision, done);
    if (!err) {
        err = ubal_meta_update_coverage(daemon->db, session->step);
    }
    if (!err) {
        err = ubal_db_commit(daemon->db, session->step);
    }
    if (err) {
        ubal_db_rollback(daemon->db, session->step);
        return err;
    }
    log_decisions(session, done);
    return NULL;
}

ubal_error_t *ubal_verb_accept(ubal_verb_next_e *next, ubal_session_t *session)
{
    return decide(next, session, ubal_gap_accept, "accepted");
}

ubal_error_t *ubal_verb_retry(ubal_verb_next_e *next, ubal_session_t *session)
{
    return decide(next, session, ubal_gap_retry, "retried");
}
