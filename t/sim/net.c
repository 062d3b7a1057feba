/* Takes the place of ingest/fetch*.c: requests on a simulated network, driven
 * by simulated time. What a reply says is answer.c's. */
#include "net.h"

#include <apr_strings.h>
#include <string.h>

#include "fetch_reply.h"
#include "model.h"

struct ubal_loop_t {
    ubal_fetch_t *fetch; /* the one under way; NULL: none */
};

typedef enum {
    CONNECTING,
    SENT,
    OVER
} stage_e;

struct ubal_fetch_t {
    ubal_loop_t *loop;
    const ubal_vendor_t *vendor;
    ubal_query_t query;
    ubal_fetch_gate_t gate;
    void *baton;
    apr_pool_t *pool;
    stage_e stage;
    apr_int64_t next;  /* true time of its next event */
    apr_int64_t limit; /* true time at which we give it up */
    int is_refused;    /* it will not connect */
    int request;       /* the vendor's number for it; -1: not sent */
    sim_answer_t answer;
    ubal_reply_t reply;
};

static int under_way = -1; /* the vendor's number of what was sent */

void sim_net_begin(void)
{
    under_way = -1;
}

void sim_net_lose(void)
{
    sim_limit_end(under_way, sim.now + sim.profile.rate_period);
    under_way = -1;
}

ubal_error_t *ubal_loop_make(ubal_loop_t **loop, apr_pool_t *pool)
{
    *loop = apr_pcalloc(pool, sizeof(**loop));
    return NULL;
}

/* --- the end of a request ---------------------------------------------- */

static void finish(ubal_fetch_t *fetch, ubal_error_t *err)
{
    fetch->reply.err = err;
    fetch->stage = OVER;
    fetch->loop->fetch = NULL;
    sim.phase = SIM_CRASH_REPLY;
    under_way = -1;
}

static void fail(ubal_fetch_t *fetch, const char *what)
{
    finish(fetch, ubal_error_make(UBAL_ERR_NET, fetch->pool, "%s", what));
}

/* We hang up: the vendor may count it for a period more. */
static void give_up(ubal_fetch_t *fetch, const char *what)
{
    sim_limit_end(fetch->request, sim.now + sim.profile.rate_period);
    fail(fetch, what);
}

void ubal_fetch_abort(ubal_fetch_t *fetch)
{
    if (fetch->stage != OVER) {
        give_up(fetch, "the request was given up");
    }
}

const ubal_reply_t *ubal_fetch_reply(const ubal_fetch_t *fetch)
{
    return fetch->stage == OVER ? &fetch->reply : NULL;
}

/* The vendor's side is over: a reply, or what became of it. */
static void receive(ubal_fetch_t *fetch)
{
    const sim_answer_t *answer = &fetch->answer;
    ubal_reply_t *reply = &fetch->reply;
    ubal_error_t *err;
    ubal_head_t head;

    sim_limit_end(fetch->request, fetch->next);
    reply->is_over = 1;
    memset(&head, 0, sizeof(head));
    ubal_head_add(&head, answer->date, strlen(answer->date));
    ubal_head_add(&head, answer->retry_after, strlen(answer->retry_after));
    ubal_head_read(reply, &head);
    reply->status = answer->status;
    reply->body = answer->body ? answer->body : "";
    reply->length = answer->length;
    err = answer->status ? ubal_head_judge(answer->status, fetch->pool) : NULL;
    if (!err && answer->fault) {
        err = ubal_error_make(UBAL_ERR_NET, fetch->pool, "%s", answer->fault);
    }
    finish(fetch, err);
    if (!err && answer->is_whole) {
        sim.date_told = *answer->date ? answer->date_offset : sim.date_told;
        sim_model_answered(answer->items, answer->count);
    }
}

/* --- its beginning ----------------------------------------------------- */

static void pass_gate(ubal_fetch_t *fetch)
{
    ubal_error_t *err;

    sim.phase = SIM_CRASH_GATE;
    sim_world_point(SIM_CRASH_GATE);
    err = fetch->gate(fetch->baton, fetch->pool);
    if (err) {
        finish(fetch, err);
        return;
    }
    fetch->reply.was_sent = 1;
    fetch->request = under_way = sim_limit_send();
    fetch->stage = SENT;
    sim.phase = SIM_CRASH_SENT;
    sim_answer_make(&fetch->answer, &fetch->query, fetch->pool);
    fetch->next = sim.now + fetch->answer.delay;
}

/* Its next event, which is due. */
static void drive(ubal_fetch_t *fetch)
{
    if (fetch->next > fetch->limit) {
        sim_fault_count(SIM_TIMEOUT);
        give_up(fetch, "no whole reply in time");
    } else if (fetch->stage == SENT) {
        receive(fetch);
    } else if (fetch->is_refused) {
        fail(fetch, "could not connect");
    } else {
        pass_gate(fetch);
    }
}

static apr_int64_t next_event(const ubal_fetch_t *fetch)
{
    return fetch->next < fetch->limit ? fetch->next : fetch->limit;
}

ubal_error_t *ubal_fetch_start(ubal_fetch_t **fetch, ubal_loop_t *loop,
                               const ubal_vendor_t *vendor,
                               const ubal_query_t *query,
                               ubal_fetch_gate_t gate, void *baton,
                               apr_pool_t *pool)
{
    ubal_fetch_t *made = apr_pcalloc(pool, sizeof(*made));

    sim_world_point(SIM_CRASH_START);
    *made = (ubal_fetch_t){.loop = loop,
                           .vendor = vendor,
                           .query = *query,
                           .gate = gate,
                           .baton = baton,
                           .pool = pool,
                           .request = -1};
    made->reply.retry_after = -1;
    made->limit = sim.now + vendor->timeout;
    made->is_refused = sim_answer_refuses();
    made->next = sim.now + sim_random_in(SIM_OF_NET, 200, 80000);
    loop->fetch = made;
    *fetch = made;
    return NULL;
}

/* --- the loop ---------------------------------------------------------- */

static apr_int64_t sooner(apr_int64_t a, apr_int64_t b)
{
    return a < b ? a : b;
}

ubal_error_t *ubal_loop_wait(ubal_loop_t *loop, ubal_loop_fd_t *fds, int count,
                             apr_int64_t timeout, apr_pool_t *pool)
{
    apr_int64_t until = timeout < 0 ? SIM_NEVER : sim.now + timeout;

    (void)fds, (void)count, (void)pool;
    sim_check_step();
    sim.phase = loop->fetch ? sim.phase : SIM_CRASH_CLOCK;
    while (sim.end == UBAL_END_NOT || loop->fetch) {
        ubal_fetch_t *fetch = loop->fetch;
        apr_int64_t next = fetch ? next_event(fetch) : SIM_NEVER;

        next = sooner(next, sooner(until, sim_life_next()));
        if (next == SIM_NEVER) {
            sim_fail("progress: the daemon waits for nothing");
        }
        sim_world_pass(next);
        sim_life_happen();
        sim_world_point(SIM_CRASH_CLOCK);
        if (sim.end == UBAL_END_NOW || sim.end == UBAL_END_DISOWNED) {
            return NULL;
        }
        if (fetch && next_event(fetch) <= sim.now) {
            drive(fetch);
            if (!loop->fetch) {
                return NULL;
            }
        }
        if (until <= sim.now) {
            return NULL;
        }
    }
    return NULL;
}
