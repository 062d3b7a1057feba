/* The verb that reads dead letters again, as today's settings have it. How an
 * item is read page.c knows; here is what becomes of its letter. */
#include <apr_strings.h>
#include <string.h>

#include "log.h"
#include "page.h"
#include "store/dead.h"
#include "store/page.h"
#include "store/slot.h"
#include "verb.h"
#include "witness.h"

/* Letters that one transaction takes. */
#define BATCH 50

/* How far a replay is, after what was committed. */
typedef struct replay_t {
    int word;         /* the next id among the words, from 1; 0: all */
    apr_int64_t last; /* the last letter looked at, of all */
    int is_of_all;    /* conflicts too */
} replay_t;

/* One transaction of it. */
typedef struct work_t {
    ubal_session_t *session;
    replay_t after; /* what becomes of replay_t with the commit */
    ubal_slot_t slot;
    ubal_counts_t counts;
} work_t;

static ubal_error_t *no_letter(apr_int64_t id, apr_pool_t *pool)
{
    return ubal_error_make(UBAL_ERR_INPUT, pool,
                           "there is no dead letter %" APR_INT64_T_FMT, id);
}

static void say(ubal_session_t *session, const ubal_letter_t *letter,
                const char *outcome, const char *reason)
{
    ubal_verb_say(session,
                  apr_psprintf(session->step, "%" APR_INT64_T_FMT, letter->id),
                  outcome, reason, UBAL_VERB_END);
}

static const ubal_vendor_t *find_vendor(const ubal_session_t *session,
                                        const char *name)
{
    const apr_array_header_t *vendors = session->daemon->settings->vendors;
    int i;

    for (i = 0; i < vendors->nelts; i++) {
        const ubal_vendor_t *vendor =
            APR_ARRAY_IDX(vendors, i, const ubal_vendor_t *);

        if (!strcmp(vendor->name, name)) {
            return vendor;
        }
    }
    return NULL;
}

static void add_counts(ubal_counts_t *sum, const ubal_counts_t *counts)
{
    sum->seen += counts->seen;
    sum->stored += counts->stored;
    sum->duplicate += counts->duplicate;
    sum->dead += counts->dead;
    sum->conflict += counts->conflict;
    sum->ignored += counts->ignored;
}

/* An item that cannot be stored by today's settings either. Where it is told
 * apart by another key now, its letter under that one stands for it. */
static ubal_error_t *keep_open(work_t *work, const ubal_letter_t *letter,
                               const ubal_item_t *item, int is_conflict)
{
    ubal_session_t *session = work->session;
    ubal_db_t *db = session->daemon->db;
    const char *reason = item->fault;

    if (!reason) {
        reason = is_conflict == letter->is_conflict
                     ? letter->reason
                     : "its id is stored with other content";
    }
    say(session, letter, is_conflict ? "conflict" : "dead", reason);
    if (strcmp(letter->state, "open")) {
        return NULL;
    }
    return strcmp(item->key, letter->key)
               ? ubal_dead_decide(db, letter->id, "superseded", session->step)
               : ubal_dead_restate(db, letter->id, is_conflict, reason,
                                   session->step);
}

static ubal_error_t *settle(work_t *work, const ubal_letter_t *letter,
                            const ubal_item_t *item,
                            const ubal_counts_t *counts)
{
    ubal_session_t *session = work->session;
    ubal_db_t *db = session->daemon->db;

    if (counts->stored) {
        say(session, letter, "stored", item->id);
        return ubal_dead_decide(db, letter->id, "replayed", session->step);
    }
    if (counts->duplicate) {
        say(session, letter, "known", item->id);
        return ubal_dead_decide(db, letter->id, "superseded", session->step);
    }
    return keep_open(work, letter, item, counts->conflict);
}

/* Reads and stores the item of a letter again, as a page of it alone. */
static ubal_error_t *replay_one(work_t *work, const ubal_letter_t *letter,
                                const ubal_vendor_t *vendor)
{
    ubal_session_t *session = work->session;
    apr_pool_t *pool = session->step;
    ubal_page_t page = {.distinct = 1, .total = -1};
    ubal_item_t *item;
    ubal_counts_t counts;
    ubal_error_t *err;

    page.items = apr_array_make(pool, 1, sizeof(ubal_item_t));
    item = apr_array_push(page.items);
    ubal_page_item(item, letter->raw, vendor->mapping,
                   session->daemon->settings->scale, pool);
    if (*letter->raw != '{' && strncmp(letter->raw, "base64:", 7) != 0 &&
        item->fault) {
        item->fault = letter->reason; /* a row of a CSV file: that reads it */
    }
    if (!item->id) {
        item->key = letter->key; /* which of equal ones it is, too */
    }
    err = ubal_page_store(&counts, session->daemon->db, letter->vendor,
                          work->slot.id, ubal_owner_wall(), &page, pool);
    if (err) {
        return err;
    }
    add_counts(&work->counts, &counts);
    return settle(work, letter, item, &counts);
}

/* What came of no request has a row in the ledger all the same, so that the
 * counts of all rows are what is stored; it is of no account. */
static ubal_error_t *open_slot(work_t *work, apr_int64_t vendor)
{
    ubal_daemon_t *daemon = work->session->daemon;

    work->slot = (ubal_slot_t){.account = "",
                               .boot = daemon->boot,
                               .started = ubal_owner_now(),
                               .vendor = vendor,
                               .at = ubal_owner_wall()};
    return ubal_slot_open(daemon->db, &work->slot, work->session->step);
}

static ubal_error_t *close_slot(const work_t *work)
{
    ubal_outcome_t outcome = {.ended = ubal_owner_now(),
                              .counts = work->counts};

    return work->slot.id
               ? ubal_slot_close(work->session->daemon->db, work->slot.id,
                                 &outcome, work->session->step)
               : NULL;
}

/* A letter that is to be looked at. `*is_other`: it is of another vendor than
 * this transaction's, and left for the next. */
static ubal_error_t *look_at(int *is_other, work_t *work,
                             const ubal_letter_t *letter)
{
    ubal_session_t *session = work->session;
    const ubal_vendor_t *vendor = find_vendor(session, letter->vendor_name);
    ubal_error_t *err = NULL;

    *is_other = work->slot.id && work->slot.vendor != letter->vendor;
    if (*is_other) {
        return NULL;
    }
    if (strcmp(letter->state, "open") && strcmp(letter->state, "dropped")) {
        say(session, letter, letter->state, letter->reason);
        return NULL;
    }
    if (!vendor) {
        say(session, letter, letter->is_conflict ? "conflict" : "dead",
            "its vendor is not configured");
        return NULL;
    }
    if (!work->slot.id) {
        err = open_slot(work, letter->vendor);
    }
    return err ? err : replay_one(work, letter, vendor);
}

/* Takes letters by the ids that were named. */
static ubal_error_t *take_named(int *is_more, work_t *work)
{
    ubal_session_t *session = work->session;
    ubal_error_t *err = NULL;
    const char *word;
    int count = 0, is_other = 0;

    *is_more = 0;
    while (!err && (word = ubal_verb_word(session, work->after.word))) {
        ubal_letter_t letter;

        *is_more = is_other || count++ == BATCH;
        if (*is_more) {
            break;
        }
        err = ubal_dead_get(&letter, session->daemon->db, apr_atoi64(word),
                            session->step);
        if (!err && !letter.id) {
            err = no_letter(apr_atoi64(word), session->step);
        }
        if (!err) {
            err = look_at(&is_other, work, &letter);
        }
        work->after.word += !is_other;
    }
    return err;
}

/* Takes the next open ones. */
static ubal_error_t *take_all(int *is_more, work_t *work)
{
    ubal_session_t *session = work->session;
    apr_array_header_t *letters;
    ubal_error_t *err = ubal_dead_list(&letters, session->daemon->db,
                                       work->after.last, BATCH, session->step);
    int i, is_other = 0;

    *is_more = !err && letters->nelts > 0;
    for (i = 0; !err && i < letters->nelts && !is_other; i++) {
        const ubal_letter_t *letter =
            &APR_ARRAY_IDX(letters, i, ubal_letter_t);

        if (!letter->is_conflict || work->after.is_of_all) {
            err = look_at(&is_other, work, letter);
        }
        if (!is_other) {
            work->after.last = letter->id;
        }
    }
    return err;
}

static ubal_error_t *take(int *is_more, work_t *work)
{
    ubal_daemon_t *daemon = work->session->daemon;
    apr_pool_t *pool = work->session->step;
    ubal_error_t *err =
        work->after.word ? take_named(is_more, work) : take_all(is_more, work);

    if (!err) {
        err = close_slot(work);
    }
    if (!err) {
        err = ubal_meta_update_coverage(daemon->db, pool);
    }
    return err ? err : ubal_db_commit(daemon->db, pool);
}

static replay_t *begin_replay(ubal_session_t *session)
{
    const char *first = ubal_verb_word(session, 1);
    replay_t *replay = apr_pcalloc(session->pool, sizeof(*replay));

    replay->is_of_all = first && !strcmp(first, "all");
    replay->word = first && !replay->is_of_all;
    return replay;
}

ubal_error_t *ubal_verb_replay(ubal_verb_next_e *next, ubal_session_t *session)
{
    ubal_daemon_t *daemon = session->daemon;
    replay_t *replay = session->state ? session->state : begin_replay(session);
    work_t work = {.session = session, .after = *replay};
    int is_more;
    ubal_error_t *err =
        ubal_meta_begin(daemon->db, &daemon->owner, session->step);

    if (err) {
        return err;
    }
    session->state = replay;
    err = take(&is_more, &work);
    if (err) {
        ubal_db_rollback(daemon->db, session->step);
        return err;
    }
    *replay = work.after;
    *next = is_more ? UBAL_VERB_MORE : UBAL_VERB_DONE;
    if (work.slot.id) {
        err = ubal_witness_write(daemon, work.slot.id, session->step);
    }
    if (daemon->loop && work.counts.seen) {
        ubal_log_line(UBAL_LOG_INFO,
                      "by command: %d dead letters read again, %d of them "
                      "stored",
                      work.counts.seen, work.counts.stored);
    }
    return err;
}
