/* The verb that stores what an import sends, batch by batch: each a
 * transaction with the file's progress in it. Reading files is the command's
 * (cmd_import.c); what it covers in the end is import_range.c's.
 *
 * Words: import VENDOR NAME SIZE HEAD FROM TO; numbers, us, 0 for none.
 * Lines: begin POSITION LINE DIGEST HULL_FROM HULL_TO OPENING, and for each
 * frame: probed N | stored SEEN NEW DUPLICATE DEAD CONFLICT; last, done and
 * the same counts, WINDOWS. */
#include <apr_strings.h>
#include <string.h>

#include "import_rules.h"
#include "importing.h"
#include "log.h"
#include "store/import_range.h"

/* What of the database is kept in memory meanwhile, kilobytes: in the daemon,
 * and in a command's own process. */
#define CACHE_SHARED 8000
#define CACHE_ALONE 64000

static apr_int64_t word_number(const ubal_session_t *session, int index)
{
    const char *word = ubal_verb_word(session, index);

    return word ? apr_atoi64(word) : 0;
}

static ubal_importing_t *make_state(ubal_session_t *session)
{
    ubal_importing_t *state = apr_pcalloc(session->pool, sizeof(*state));

    state->import = (ubal_import_t){
        .name = ubal_verb_word(session, 2),
        .size = word_number(session, 3),
        .head = ubal_verb_word(session, 4),
        .from = word_number(session, 5),
        .to = word_number(session, 6),
    };
    apr_pool_create(&state->held_pool, session->pool);
    ubal_importing_forget(state);
    return state;
}

/* Finds out what the file has to do with what is stored. */
static ubal_error_t *look(ubal_importing_t *state, ubal_rules_t *rules,
                          ubal_session_t *session)
{
    ubal_db_t *db = session->daemon->db;
    ubal_error_t *err =
        ubal_rules_look(rules, db, state->vendor, state->import.from,
                        state->import.to, session->step);

    state->import.vendor = rules->row.id;
    if (!err) {
        err = ubal_import_find(&state->import, db, session->step);
    }
    return err ? err : ubal_db_commit(db, session->step);
}

static ubal_error_t *begin(ubal_verb_next_e *next, ubal_session_t *session)
{
    ubal_daemon_t *daemon = session->daemon;
    ubal_importing_t *state = make_state(session);
    apr_pool_t *pool = session->step;
    ubal_import_t *import = &state->import;
    ubal_rules_t rules;
    ubal_error_t *err;

    err = ubal_rules_vendor(&state->vendor, daemon->settings,
                            ubal_verb_word(session, 1), pool);
    if (!err && !import->head) {
        err = ubal_error_make(UBAL_ERR_INPUT, pool, "too few words");
    }
    if (!err) {
        err = ubal_meta_begin(daemon->db, &daemon->owner, pool);
    }
    if (err) {
        return err;
    }
    err = look(state, &rules, session);
    if (err) {
        ubal_db_rollback(daemon->db, pool);
        return err;
    }
    err = ubal_import_hasten(
        daemon->db, daemon->loop ? CACHE_SHARED : CACHE_ALONE, session->pool);
    if (err) {
        return err;
    }
    ubal_verb_say(session, "begin",
                  ubal_importing_number(import->position, pool),
                  ubal_importing_number(import->line, pool), import->digest,
                  ubal_importing_number(rules.hull_from, pool),
                  ubal_importing_number(rules.hull_to, pool),
                  ubal_importing_number(rules.opening, pool), UBAL_VERB_END);
    session->state = state;
    *next = UBAL_VERB_FRAME;
    return NULL;
}

static ubal_error_t *probe(ubal_importing_t *state, ubal_session_t *session)
{
    ubal_import_t place;
    ubal_page_t page = {.total = -1};
    int covered = 0, shared = 0;
    ubal_error_t *err;

    page.items = apr_array_make(session->step, 4096, sizeof(ubal_item_t));
    err = ubal_batch_read(&place, page.items, session->frame->bytes,
                          session->frame->length, session->step);
    if (!err) {
        err = ubal_import_probe(&covered, &shared, session->daemon->db,
                                state->import.vendor, &page, session->step);
    }
    if (err) {
        return err;
    }
    state->covered += covered;
    state->is_shared |= shared;
    ubal_verb_say(session, "probed", state->is_shared ? "1" : "0",
                  UBAL_VERB_END);
    return NULL;
}

static ubal_error_t *end_probe(const ubal_importing_t *state,
                               ubal_session_t *session)
{
    if (state->covered && !state->is_shared) {
        return ubal_error_make(
            UBAL_ERR_INPUT, session->step,
            "nothing is stored: %" APR_INT64_T_FMT
            " rows of %s lie where the list of vendor %s was read whole, and "
            "none of their ids is known there. It is another vendor's file, "
            "or has other ids, and would count money twice",
            state->covered, state->import.name, state->vendor->name);
    }
    ubal_verb_say(session, "probed", "1", UBAL_VERB_END);
    return NULL;
}

/* The file is not the one of which a part is stored: it begins anew. */
static ubal_error_t *begin_afresh(ubal_importing_t *state,
                                  ubal_session_t *session)
{
    ubal_daemon_t *daemon = session->daemon;
    apr_pool_t *pool = session->step;
    ubal_import_t *import = &state->import;
    ubal_error_t *err = ubal_meta_begin(daemon->db, &daemon->owner, pool);

    if (err) {
        return err;
    }
    err = ubal_import_end(daemon->db, import->id, UBAL_IMPORT_GIVEN_UP, pool);
    if (!err) {
        err = ubal_import_forget(daemon->db, import->id, pool);
    }
    if (!err) {
        err = ubal_db_commit(daemon->db, pool);
    }
    if (err) {
        ubal_db_rollback(daemon->db, pool);
        return err;
    }
    import->id = import->position = import->line = 0;
    import->counts = (ubal_import_counts_t){0};
    import->digest[0] = '\0';
    ubal_importing_say(session, "afresh", state);
    return NULL;
}

/* Makes some of the windows, or ends the import. */
static ubal_error_t *cover(ubal_importing_t *state, ubal_session_t *session)
{
    ubal_daemon_t *daemon = session->daemon;
    apr_pool_t *pool = session->step;
    const ubal_import_t *import = &state->import;
    apr_int64_t cursor = state->cursor;
    int made = 0;
    ubal_error_t *err = ubal_meta_begin(daemon->db, &daemon->owner, pool);

    if (err) {
        return err;
    }
    err = import->to ? ubal_rules_cover(&cursor, &made, daemon->db,
                                        state->vendor, import, pool)
                     : NULL;
    if (!err && cursor >= import->to && import->id) {
        err = ubal_import_end(daemon->db, import->id, UBAL_IMPORT_DONE, pool);
    }
    if (!err) {
        err = ubal_meta_update_coverage(daemon->db, pool);
    }
    if (!err) {
        err = ubal_db_commit(daemon->db, pool);
    }
    if (err) {
        ubal_db_rollback(daemon->db, pool);
        return err;
    }
    state->cursor = cursor;
    state->windows += made;
    return NULL;
}

/* All of the file is there. */
static ubal_error_t *end_file(ubal_verb_next_e *next, ubal_importing_t *state,
                              ubal_session_t *session)
{
    const ubal_import_t *import = &state->import;
    int has_rows = 0;
    ubal_error_t *err = ubal_importing_flush(state, session);

    if (!err && import->to && import->id) {
        err = ubal_import_has_hours(&has_rows, session->daemon->db, import->id,
                                    session->step);
    }
    if (!err && import->to && !has_rows) {
        err = ubal_error_make(UBAL_ERR_INPUT, session->step,
                              "no row of %s lies in --from --to: nothing is "
                              "taken for covered",
                              import->name);
    }
    state->cursor = import->from;
    *next = import->to ? UBAL_VERB_IDLE : UBAL_VERB_MORE;
    return err;
}

static ubal_error_t *finish(ubal_verb_next_e *next, ubal_importing_t *state,
                            ubal_session_t *session)
{
    const ubal_import_counts_t *counts = &state->import.counts;
    ubal_error_t *err = cover(state, session);

    if (err) {
        return err;
    }
    if (state->cursor < state->import.to) {
        *next = UBAL_VERB_IDLE;
        return NULL;
    }
    *next = UBAL_VERB_DONE;
    ubal_importing_say(session, "done", state);
    if (session->daemon->loop) {
        ubal_log_line(UBAL_LOG_INFO,
                      "by command: imported %s for vendor %s: "
                      "%" APR_INT64_T_FMT " rows, %" APR_INT64_T_FMT " new",
                      state->import.name, state->vendor->name, counts->seen,
                      counts->stored);
    }
    return NULL;
}

static ubal_error_t *flush(ubal_importing_t *state, ubal_session_t *session)
{
    ubal_error_t *err = ubal_importing_flush(state, session);

    if (!err) {
        ubal_importing_say(session, "stored", state);
    }
    return err;
}

static ubal_error_t *take_frame(ubal_importing_t *state,
                                ubal_session_t *session)
{
    switch (*session->frame->bytes) {
    case UBAL_BATCH_PROBE:
        return probe(state, session);
    case UBAL_BATCH_PROBED:
        return end_probe(state, session);
    case UBAL_BATCH_FLUSH:
        return flush(state, session);
    case UBAL_BATCH_AFRESH:
        return begin_afresh(state, session);
    default:
        return ubal_importing_take(state, session);
    }
}

ubal_error_t *ubal_verb_import(ubal_verb_next_e *next, ubal_session_t *session)
{
    ubal_importing_t *state = session->state;

    if (!state) {
        return begin(next, session);
    }
    *next = UBAL_VERB_FRAME;
    if (!session->frame) {
        return finish(next, state, session);
    }
    return session->frame->length ? take_frame(state, session)
                                  : end_file(next, state, session);
}
