/* The verb that sets opening balances: each user's four sums come as four
 * items, looked at first, all of them, and stored when none is refused. Pages
 * may be stored in between: what one of them brings from before the instant
 * is taken from the sums when they are stored, and once the first are, pages
 * leave it away.
 *
 * Words: opening AT. Lines: begin SINCE (0: not known), and for each frame:
 * checked | stored SEEN NEW DUPLICATE; last, done and the same counts. */
#include <apr_strings.h>

#include "import_batch.h"
#include "import_rules.h"
#include "log.h"
#include "store/opening.h"
#include "store/page.h"
#include "store/slot.h"
#include "verb.h"
#include "witness.h"

typedef struct state_t {
    apr_int64_t at, vendor;
    apr_int64_t seen, stored, duplicate;
} state_t;

/* Inside a transaction: sets state->vendor, which is made where it is not
 * there, or refuses. */
static ubal_error_t *allow(apr_int64_t *since, state_t *state,
                           ubal_session_t *session)
{
    ubal_daemon_t *daemon = session->daemon;
    ubal_error_t *err = ubal_rules_opening(since, daemon->db, daemon->settings,
                                           state->at, session->step);

    return err ? err
               : ubal_opening_vendor(&state->vendor, daemon->db, state->at,
                                     session->step);
}

static ubal_error_t *begin(ubal_verb_next_e *next, ubal_session_t *session)
{
    ubal_daemon_t *daemon = session->daemon;
    apr_pool_t *pool = session->step;
    const char *word = ubal_verb_word(session, 1);
    state_t *state = apr_pcalloc(session->pool, sizeof(*state));
    apr_int64_t since;
    ubal_error_t *err = ubal_meta_begin(daemon->db, &daemon->owner, pool);

    if (err) {
        return err;
    }
    state->at = word ? apr_atoi64(word) : 0;
    err = allow(&since, state, session);
    /* a refused file leaves no trace, this vendor's row neither */
    ubal_db_rollback(daemon->db, pool);
    if (err) {
        return err;
    }
    ubal_verb_say(session, "begin",
                  apr_psprintf(pool, "%" APR_INT64_T_FMT, since),
                  UBAL_VERB_END);
    session->state = state;
    *next = UBAL_VERB_FRAME;
    return NULL;
}

static ubal_error_t *read_items(apr_array_header_t **items,
                                ubal_session_t *session)
{
    ubal_import_t place;
    ubal_error_t *err;

    *items = apr_array_make(session->step, 4096, sizeof(ubal_item_t));
    err = ubal_batch_read(&place, *items, session->frame->bytes,
                          session->frame->length, session->step);
    if (!err && (*items)->nelts % UBAL_TYPE_COUNT) {
        err = ubal_error_make(UBAL_ERR_INPUT, session->step,
                              "a user's sums are not all there");
    }
    return err;
}

/* Makes of each user's sums what is to be stored. */
static ubal_error_t *settle(apr_array_header_t *items, const state_t *state,
                            ubal_session_t *session)
{
    ubal_error_t *err = NULL;
    int i, type;

    for (i = 0; !err && i < items->nelts; i += UBAL_TYPE_COUNT) {
        ubal_item_t *item = &APR_ARRAY_IDX(items, i, ubal_item_t);
        ubal_opening_t opening = {.user_id = item->user_id};
        ubal_sums_t rest;

        for (type = 0; type < UBAL_TYPE_COUNT; type++) {
            opening.sums.of[type] = item[type].amount;
        }
        err = ubal_opening_rest(&rest, session->daemon->db, state->vendor,
                                state->at, &opening, session->step);
        for (type = 0; !err && type < UBAL_TYPE_COUNT; type++) {
            item[type].amount = rest.of[type];
        }
    }
    return err;
}

static ubal_error_t *check(const state_t *state, ubal_session_t *session)
{
    apr_array_header_t *items;
    ubal_error_t *err = read_items(&items, session);

    if (!err) {
        err = settle(items, state, session);
    }
    if (!err) {
        ubal_verb_say(session, "checked", UBAL_VERB_END);
    }
    return err;
}

/* The sums that are not zero, as transactions of just before the instant. */
static ubal_page_t page_of(const apr_array_header_t *items,
                           const state_t *state, apr_pool_t *pool)
{
    ubal_page_t page = {.total = -1};
    int i;

    page.items = apr_array_make(pool, items->nelts + 1, sizeof(ubal_item_t));
    for (i = 0; i < items->nelts; i++) {
        ubal_item_t item = APR_ARRAY_IDX(items, i, ubal_item_t);

        if (item.amount) {
            item.created_at = state->at - 1;
            APR_ARRAY_PUSH(page.items, ubal_item_t) = item;
        }
    }
    return page;
}

/* Inside a transaction. */
static ubal_error_t *store(state_t *state, ubal_slot_t *slot,
                           ubal_session_t *session, apr_array_header_t *items)
{
    ubal_daemon_t *daemon = session->daemon;
    apr_pool_t *pool = session->step;
    ubal_outcome_t outcome = {.ended = slot->started};
    ubal_page_t page;
    apr_int64_t since;
    ubal_error_t *err = allow(&since, state, session);

    slot->vendor = state->vendor;
    if (!err) {
        err = settle(items, state, session);
    }
    if (!err) {
        err = ubal_slot_open(daemon->db, slot, pool);
    }
    page = page_of(items, state, pool);
    if (!err) {
        err = ubal_page_store(&outcome.counts, daemon->db, state->vendor,
                              slot->id, slot->at, &page, pool);
    }
    if (!err && (outcome.counts.dead || outcome.counts.conflict)) {
        err = ubal_error_make(UBAL_ERR_INPUT, pool,
                              "an opening balance does not fit to what is "
                              "stored of its user");
    }
    if (!err) {
        err = ubal_slot_close(daemon->db, slot->id, &outcome, pool);
    }
    state->seen += outcome.counts.seen;
    state->stored += outcome.counts.stored;
    state->duplicate += outcome.counts.duplicate;
    return err ? err : ubal_db_commit(daemon->db, pool);
}

static void say_counts(ubal_session_t *session, const char *what,
                       const state_t *state)
{
    apr_pool_t *pool = session->step;

    ubal_verb_say(session, what,
                  apr_psprintf(pool, "%" APR_INT64_T_FMT, state->seen),
                  apr_psprintf(pool, "%" APR_INT64_T_FMT, state->stored),
                  apr_psprintf(pool, "%" APR_INT64_T_FMT, state->duplicate),
                  UBAL_VERB_END);
}

static ubal_error_t *take(state_t *state, ubal_session_t *session)
{
    ubal_daemon_t *daemon = session->daemon;
    apr_pool_t *pool = session->step;
    apr_array_header_t *items;
    state_t after = *state;
    ubal_slot_t slot = {.account = "",
                        .boot = daemon->boot,
                        .started = ubal_owner_now(),
                        .at = ubal_owner_wall()};
    ubal_error_t *err = read_items(&items, session);

    if (!err) {
        err = ubal_meta_begin(daemon->db, &daemon->owner, pool);
    }
    if (err) {
        return err;
    }
    err = store(&after, &slot, session, items);
    if (err) {
        ubal_db_rollback(daemon->db, pool);
        return err;
    }
    *state = after;
    say_counts(session, "stored", state);
    return ubal_witness_write(daemon, slot.id, pool);
}

ubal_error_t *ubal_verb_opening(ubal_verb_next_e *next,
                                ubal_session_t *session)
{
    state_t *state = session->state;

    if (!state) {
        return begin(next, session);
    }
    *next = UBAL_VERB_FRAME;
    if (session->frame->length) {
        return *session->frame->bytes == UBAL_BATCH_PROBE
                   ? check(state, session)
                   : take(state, session);
    }
    *next = UBAL_VERB_DONE;
    say_counts(session, "done", state);
    if (session->daemon->loop) {
        ubal_log_line(UBAL_LOG_INFO,
                      "by command: %" APR_INT64_T_FMT " opening balances set",
                      state->stored);
    }
    return NULL;
}
