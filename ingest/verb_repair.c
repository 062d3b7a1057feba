/* The verb that makes balances and sums over time again from the transactions.
 * What is right store/repair knows; here is how much of it a step does, and
 * how it is told. */
#include <apr_strings.h>

#include "core/money.h"
#include "log.h"
#include "store/repair.h"
#include "verb.h"

/* A step goes on for so long, us, or until it has so many changes. */
#define STEP_TIME 30000
#define STEP_CHANGES 500

/* Sums as one word: a number each, with blanks between; "" for no row. */
static const char *print_sums(const ubal_session_t *session, int is_there,
                              const ubal_sums_t *sums)
{
    apr_pool_t *pool = session->step;
    const char *text = "";
    int i;

    for (i = 0; is_there && i < UBAL_TYPE_COUNT; i++) {
        text = apr_pstrcat(pool, text, i ? " " : "",
                           ubal_money_print(sums->of[i],
                                            session->daemon->settings->scale,
                                            pool),
                           NULL);
    }
    return text;
}

/* A line has what was done (repaired or overflow), the user and, of the
 * balance, "" and the sums before and those now; of the sums over time, how
 * many of them were wrong. */
static void say(ubal_session_t *session, const ubal_repaired_t *change)
{
    ubal_verb_say(
        session, change->is_overflow ? "overflow" : "repaired", change->user,
        change->stretches ? apr_psprintf(session->step, "%" APR_INT64_T_FMT,
                                         change->stretches)
                          : "",
        print_sums(session, change->had, &change->before),
        print_sums(session, change->has && !change->is_overflow,
                   &change->after),
        UBAL_VERB_END);
}

/* Does pieces until it is time for the daemon's other work. */
static ubal_error_t *do_pieces(int *is_over, apr_array_header_t *changes,
                               ubal_repair_t *repair, ubal_session_t *session)
{
    apr_int64_t until = ubal_owner_now() + STEP_TIME;
    ubal_error_t *err;

    do {
        err = ubal_repair_next(is_over, changes, repair, session->daemon->db,
                               ubal_owner_wall(), session->step);
    } while (!err && !*is_over && changes->nelts < STEP_CHANGES &&
             ubal_owner_now() < until);
    return err;
}

static void log_changes(const ubal_session_t *session,
                        const apr_array_header_t *changes)
{
    if (session->daemon->loop && changes->nelts) {
        ubal_log_line(
            UBAL_LOG_WARN,
            "by command: %d balances and sums over time were not those "
            "of the transactions",
            changes->nelts);
    }
}

ubal_error_t *ubal_verb_repair(ubal_verb_next_e *next, ubal_session_t *session)
{
    ubal_daemon_t *daemon = session->daemon;
    apr_pool_t *pool = session->step;
    apr_array_header_t *changes =
        apr_array_make(pool, 8, sizeof(ubal_repaired_t));
    ubal_repair_t repair = {0};
    int i, is_over;
    ubal_error_t *err;

    if (session->state) {
        repair = *(ubal_repair_t *)session->state;
    } else {
        session->state = apr_pcalloc(session->pool, sizeof(repair));
    }
    err = ubal_meta_begin(daemon->db, &daemon->owner, pool);
    if (err) {
        return err;
    }
    err = do_pieces(&is_over, changes, &repair, session);
    if (!err) {
        err = ubal_db_commit(daemon->db, pool);
    }
    if (err) {
        ubal_db_rollback(daemon->db, pool);
        return err;
    }
    repair.user = apr_pstrdup(session->pool, repair.user);
    *(ubal_repair_t *)session->state = repair;
    for (i = 0; i < changes->nelts; i++) {
        say(session, &APR_ARRAY_IDX(changes, i, ubal_repaired_t));
    }
    log_changes(session, changes);
    *next = is_over ? UBAL_VERB_DONE : UBAL_VERB_MORE;
    return NULL;
}
