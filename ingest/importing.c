/* An import as the owner sees it. See importing.h. */
#include "importing.h"

#include <apr_strings.h>

#include "store/slot.h"
#include "witness.h"

/* Batches that one transaction takes where nobody waits for its end. */
#define HELD_MOST 16

const char *ubal_importing_number(apr_int64_t value, apr_pool_t *pool)
{
    return apr_psprintf(pool, "%" APR_INT64_T_FMT, value);
}

void ubal_importing_say(ubal_session_t *session, const char *what,
                        const ubal_importing_t *state)
{
    const ubal_import_counts_t *counts = &state->import.counts;
    const apr_int64_t values[] = {counts->seen,      counts->stored,
                                  counts->duplicate, counts->dead,
                                  counts->conflict,  state->windows};
    const char *words[6];
    int i;

    for (i = 0; i < 6; i++) {
        words[i] = ubal_importing_number(values[i], session->step);
    }
    ubal_verb_say(session, what, words[0], words[1], words[2], words[3],
                  words[4], words[5], UBAL_VERB_END);
}

void ubal_importing_forget(ubal_importing_t *state)
{
    apr_pool_clear(state->held_pool);
    state->held = apr_array_make(state->held_pool, 4096, sizeof(ubal_item_t));
    state->batches = 0;
}

/* Its row among the imports, and one in the ledger, of no account: so the
 * counts of all rows are what is stored. */
static ubal_error_t *add_rows(ubal_import_t *import, ubal_session_t *session)
{
    ubal_daemon_t *daemon = session->daemon;
    apr_int64_t now = ubal_owner_now();
    ubal_outcome_t outcome = {.ended = now};
    ubal_slot_t slot = {.account = "",
                        .boot = daemon->boot,
                        .started = now,
                        .vendor = import->vendor,
                        .at = ubal_owner_wall()};
    ubal_error_t *err = ubal_slot_open(daemon->db, &slot, session->step);

    if (!err) {
        err = ubal_slot_close(daemon->db, slot.id, &outcome, session->step);
    }
    import->request = slot.id;
    return err ? err
               : ubal_import_begin(import, daemon->db, slot.at, session->step);
}

/* One transaction: `import` becomes what it is after it. */
static ubal_error_t *store(ubal_import_t *import, ubal_session_t *session,
                           apr_array_header_t *items)
{
    ubal_daemon_t *daemon = session->daemon;
    apr_pool_t *pool = session->step;
    ubal_page_t page = {.items = items, .total = -1};
    ubal_error_t *err = ubal_meta_begin(daemon->db, &daemon->owner, pool);

    if (err) {
        return err;
    }
    if (!import->id) {
        err = add_rows(import, session);
    }
    if (!err) {
        err = ubal_import_store(import, daemon->db, &page, ubal_owner_wall(),
                                pool);
    }
    if (!err) {
        err = ubal_meta_update_coverage(daemon->db, pool);
    }
    if (!err) {
        err = ubal_db_commit(daemon->db, pool);
    }
    if (err) {
        ubal_db_rollback(daemon->db, pool);
    }
    return err;
}

/* Stores what is held; on an error nothing has changed. */
static ubal_error_t *store_held(ubal_importing_t *state,
                                const ubal_import_t *place,
                                ubal_session_t *session)
{
    ubal_import_t after = *place;
    int is_first = !state->import.id;
    ubal_error_t *err = store(&after, session, state->held);

    if (err) {
        return err;
    }
    state->import = after;
    ubal_importing_forget(state);
    return is_first ? ubal_witness_write(session->daemon, after.request,
                                         session->step)
                    : NULL;
}

/* Takes a batch; in a command's process, where nobody waits, several together
 * make one transaction. */
ubal_error_t *ubal_importing_take(ubal_importing_t *state,
                                  ubal_session_t *session)
{
    const ubal_frame_t *frame = session->frame;
    ubal_import_t place = state->import;
    int before = state->held->nelts;
    int is_held = !session->daemon->loop;
    const char *bytes =
        is_held ? apr_pmemdup(state->held_pool, frame->bytes, frame->length)
                : frame->bytes;
    ubal_error_t *err = ubal_batch_read(&place, state->held, bytes,
                                        frame->length, session->step);

    state->batches++;
    if (!err && is_held && state->batches < HELD_MOST) {
        state->import = place;
    } else if (!err) {
        err = store_held(state, &place, session);
    }
    if (err) { /* the same batch may come again */
        state->held->nelts = before;
        state->batches--;
        return err;
    }
    ubal_importing_say(session, "stored", state);
    return NULL;
}

ubal_error_t *ubal_importing_flush(ubal_importing_t *state,
                                   ubal_session_t *session)
{
    return state->held->nelts ? store_held(state, &state->import, session)
                              : NULL;
}
