/* The verbs about history: ranges that are wanted, or wanted no more, and
 * ranges to compare with what the vendor lists now. Instants are us in
 * decimal. */
#include <apr_strings.h>

#include "core/time.h"
#include "store/backfill.h"
#include "store/vendor_row.h"
#include "verb.h"

/* What is done for one vendor; `*count` is said to the caller. */
typedef ubal_error_t *(*for_vendor_t)(int *count, ubal_session_t *session,
                                      const ubal_vendor_row_t *row,
                                      const char *name);

static ubal_error_t *read_range(apr_int64_t *from, apr_int64_t *to,
                                const ubal_session_t *session)
{
    const char *first = ubal_verb_word(session, 1);
    const char *second = ubal_verb_word(session, 2);

    *from = first ? apr_atoi64(first) : 0;
    *to = second ? apr_atoi64(second) : 0;
    *from -= *from % UBAL_TIME_SECOND;
    *to += (UBAL_TIME_SECOND - *to % UBAL_TIME_SECOND) % UBAL_TIME_SECOND;
    return *from >= 0 && *from < *to
               ? NULL
               : ubal_error_make(UBAL_ERR_INPUT, session->step,
                                 "the range is empty");
}

static void say(ubal_session_t *session, const char *name, int count)
{
    ubal_verb_say(session, name, apr_itoa(session->step, count),
                  UBAL_VERB_END);
}

/* History ends where coverage begins; what is later is fetched anyway. */
static ubal_error_t *add(int *count, ubal_session_t *session,
                         const ubal_vendor_row_t *row, const char *name)
{
    apr_int64_t from, to;
    ubal_error_t *err = read_range(&from, &to, session);

    if (!err && !row->since) {
        err = ubal_error_make(UBAL_ERR_INPUT, session->step,
                              "vendor %s was not fetched from yet: let the "
                              "daemon begin, then ask for what was before",
                              name);
    }
    if (err) {
        return err;
    }
    to = to < row->since ? to : row->since;
    *count = 0;
    return from < to
               ? ubal_backfill_add(count, session->daemon->db, row->id, from,
                                   to, ubal_owner_wall(), session->step)
               : NULL;
}

static ubal_error_t *cancel(int *count, ubal_session_t *session,
                            const ubal_vendor_row_t *row, const char *name)
{
    (void)name;
    return ubal_backfill_cancel(count, session->daemon->db, row->id,
                                row->since, session->step);
}

static ubal_error_t *for_each(ubal_session_t *session, for_vendor_t act)
{
    const apr_array_header_t *vendors = session->daemon->settings->vendors;
    ubal_error_t *err = NULL;
    int i, count;

    for (i = 0; !err && i < vendors->nelts; i++) {
        const char *name =
            APR_ARRAY_IDX(vendors, i, const ubal_vendor_t *)->name;
        ubal_vendor_row_t row;

        err = ubal_vendor_row_settle(&row, session->daemon->db, name,
                                     session->step);
        if (!err) {
            err = (*act)(&count, session, &row, name);
        }
        if (!err) {
            say(session, name, count);
        }
    }
    return err;
}

static ubal_error_t *change(ubal_session_t *session, for_vendor_t act)
{
    ubal_daemon_t *daemon = session->daemon;
    ubal_error_t *err =
        ubal_meta_begin(daemon->db, &daemon->owner, session->step);

    if (err) {
        return err;
    }
    err = for_each(session, act);
    if (!err) {
        err = ubal_meta_update_coverage(daemon->db, session->step);
    }
    if (!err) {
        err = ubal_db_commit(daemon->db, session->step);
    }
    if (err) {
        ubal_db_rollback(daemon->db, session->step);
    }
    return err;
}

ubal_error_t *ubal_verb_backfill(ubal_verb_next_e *next,
                                 ubal_session_t *session)
{
    *next = UBAL_VERB_DONE;
    return change(session, add);
}

ubal_error_t *ubal_verb_cancel(ubal_verb_next_e *next, ubal_session_t *session)
{
    *next = UBAL_VERB_DONE;
    return change(session, cancel);
}

/* Asks nothing itself: the tasks do, when their budget has something left. */
ubal_error_t *ubal_verb_reconcile(ubal_verb_next_e *next,
                                  ubal_session_t *session)
{
    apr_int64_t from, to;
    ubal_error_t *err = read_range(&from, &to, session);
    int i, ranges;

    *next = UBAL_VERB_DONE;
    session->keeps_plan = 1;
    if (!err && !session->daemon->loop) {
        err = ubal_error_make(UBAL_ERR_SYSTEM, session->step,
                              "no daemon runs that could ask the vendor");
    }
    for (i = 0; !err && i < session->tasks->nelts; i++) {
        ubal_task_t *task = APR_ARRAY_IDX(session->tasks, i, ubal_task_t *);

        err = ubal_task_reconcile(&ranges, task, from, to, session->step);
        if (!err) {
            say(session, task->vendor->name, ranges);
        }
    }
    return err;
}
