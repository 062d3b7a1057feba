/* One peer of the daemon's socket. Nothing here waits. See control_peer.h. */
#include "control_peer.h"

#include <errno.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <apr_strings.h>

#include "buffer.h"
#include "core/time.h"
#include "wire.h"

/* How long a peer may take for its line, for the rest of a frame, to take
 * anything of what it is told; and how long between frames. */
#define PATIENCE (5 * UBAL_TIME_SECOND)
#define PATIENCE_FRAME (600 * UBAL_TIME_SECOND)
#define OUT_MOST 262144 /* with more not taken yet, its verb waits */

/* What is waited for. */
typedef enum {
    PHASE_NONE,  /* not known */
    PHASE_LINE,  /* its line */
    PHASE_WORK,  /* us */
    PHASE_FRAME, /* a frame to begin */
    PHASE_REST,  /* the rest of it */
    PHASE_OUT    /* what was said to be taken */
} phase_e;

struct ubal_peer_t {
    int fd, epoll_fd;
    ubal_daemon_t *daemon;
    const apr_array_header_t *tasks;
    ubal_running_t *running; /* NULL: its line is not read yet */
    ubal_buffer_t in;        /* what was read and not used */
    ubal_buffer_t out;       /* what was said and not taken */
    phase_e phase;
    apr_int64_t deadline; /* boot time; APR_INT64_MAX: none */
    int is_refused;       /* its line was no call */
    apr_pool_t *pool;
};

static int wants_input(const ubal_peer_t *peer)
{
    const ubal_running_t *running = peer->running;

    if (!running) {
        return !peer->is_refused;
    }
    return !running->is_over && running->next == UBAL_VERB_FRAME;
}

/* How many bytes the frame that has been read begins with has, its head
 * included; 0 while that is not known. */
static apr_size_t frame_size(const ubal_peer_t *peer)
{
    return peer->in.length < UBAL_WIRE_HEAD
               ? 0
               : UBAL_WIRE_HEAD + ubal_wire_length(peer->in.bytes);
}

static int has_frame(const ubal_peer_t *peer)
{
    apr_size_t size = frame_size(peer);

    return size && peer->in.length >= size;
}

/* How much may be read at most: never more than what is waited for, so that
 * a peer takes no more memory than it may. */
static apr_size_t room(const ubal_peer_t *peer)
{
    apr_size_t size = UBAL_WIRE_HEAD;

    if (!peer->running) {
        return UBAL_WIRE_LINE_MAX - peer->in.length;
    }
    if (peer->in.length >= UBAL_WIRE_HEAD) {
        size = frame_size(peer);
    }
    return size > peer->in.length ? size - peer->in.length : 0;
}

static void put_line(ubal_peer_t *peer, const char *line)
{
    ubal_buffer_add(&peer->out, line, strlen(line));
    ubal_buffer_add(&peer->out, "\n", 1);
}

static void put_lines(ubal_peer_t *peer)
{
    const ubal_session_t *session = &peer->running->session;
    int i;

    for (i = 0; i < session->lines->nelts; i++) {
        const apr_array_header_t *words =
            APR_ARRAY_IDX(session->lines, i, const apr_array_header_t *);

        put_line(peer,
                 apr_pstrcat(session->step, "line ",
                             ubal_wire_print(words, session->step), NULL));
    }
}

static phase_e phase_of(const ubal_peer_t *peer)
{
    const ubal_running_t *running = peer->running;

    if (peer->out.length) {
        return PHASE_OUT;
    }
    if (!running) {
        return PHASE_LINE;
    }
    if (running->next != UBAL_VERB_FRAME || has_frame(peer)) {
        return PHASE_WORK;
    }
    return peer->in.length ? PHASE_REST : PHASE_FRAME;
}

/* Each thing that is waited for has its time as a whole: a peer that sends a
 * byte now and then gains nothing. */
static void set_deadline(ubal_peer_t *peer)
{
    phase_e phase = phase_of(peer);
    apr_int64_t now = ubal_owner_now();

    if (phase == peer->phase) {
        return;
    }
    peer->phase = phase;
    switch (phase) {
    case PHASE_WORK:
        peer->deadline = APR_INT64_MAX;
        break;
    case PHASE_FRAME:
        peer->deadline = now + PATIENCE_FRAME;
        break;
    default:
        peer->deadline = now + PATIENCE;
    }
}

static void begin(ubal_peer_t *peer, apr_size_t length)
{
    apr_array_header_t *words;
    ubal_error_t *err =
        ubal_wire_parse(&words, peer->in.bytes, length, peer->pool);

    ubal_buffer_consume(&peer->in, length + 1);
    if (!err &&
        strcmp(APR_ARRAY_IDX(words, 0, const char *), UBAL_WIRE_VERSION)) {
        err = ubal_error_make(UBAL_ERR_SYSTEM, peer->pool,
                              "this daemon is of another version: reload "
                              "httpd after an upgrade");
    }
    if (!err && words->nelts < 2) {
        err = ubal_error_make(UBAL_ERR_INPUT, peer->pool, "no verb");
    }
    if (!err) {
        ubal_session_begin(&peer->running, peer->daemon, peer->tasks,
                           ubal_wire_rest(words, peer->pool), peer->pool);
        err = peer->running->err;
    }
    if (err) {
        peer->is_refused = 1;
        put_line(peer, ubal_wire_print_end(err, peer->pool));
    }
}

/* Takes the line, once it is whole; 0 where it never will be. */
static int take_line(ubal_peer_t *peer)
{
    const char *end = memchr(peer->in.bytes, '\n', peer->in.length);

    if (end) {
        begin(peer, (apr_size_t)(end - peer->in.bytes));
    }
    return end || peer->in.length < UBAL_WIRE_LINE_MAX;
}

/* Reads once. 0: the peer is gone, or asks for too much. */
static int take_in(ubal_peer_t *peer)
{
    apr_size_t most = room(peer);
    ssize_t got;

    if (!most) {
        return 1;
    }
    ubal_buffer_grow(&peer->in, most);
    got = recv(peer->fd, peer->in.bytes + peer->in.length, most, MSG_DONTWAIT);
    if (got <= 0) {
        return got < 0 && (errno == EAGAIN || errno == EINTR);
    }
    peer->in.length += (apr_size_t)got;
    if (!peer->running) {
        return take_line(peer);
    }
    return frame_size(peer) <= UBAL_WIRE_HEAD + UBAL_VERB_FRAME_MAX;
}

/* Sends what can be sent. 0: the peer is gone. */
static int give_out(ubal_peer_t *peer)
{
    ssize_t sent;

    if (!peer->out.length) {
        return 1;
    }
    sent = send(peer->fd, peer->out.bytes, peer->out.length,
                MSG_DONTWAIT | MSG_NOSIGNAL);
    if (sent < 0) {
        return errno == EAGAIN || errno == EINTR;
    }
    ubal_buffer_consume(&peer->out, (apr_size_t)sent);
    peer->phase = PHASE_NONE;
    return 1;
}

static int is_finished(const ubal_peer_t *peer)
{
    return !peer->out.length &&
           (peer->is_refused || (peer->running && peer->running->is_over));
}

static void watch(ubal_peer_t *peer)
{
    struct epoll_event event = {.events = EPOLLRDHUP, .data.ptr = peer};

    if (wants_input(peer) && room(peer)) {
        event.events |= EPOLLIN;
    }
    if (peer->out.length) {
        event.events |= EPOLLOUT;
    }
    epoll_ctl(peer->epoll_fd, EPOLL_CTL_MOD, peer->fd, &event);
}

int ubal_peer_move(ubal_peer_t *peer, unsigned int events)
{
    if (events & (EPOLLERR | EPOLLHUP) ||
        (events & EPOLLIN && wants_input(peer) && !take_in(peer)) ||
        events & EPOLLRDHUP || !give_out(peer) || is_finished(peer)) {
        return 0;
    }
    set_deadline(peer);
    watch(peer);
    return 1;
}

ubal_peer_t *ubal_peer_make(int fd, int epoll_fd, ubal_daemon_t *daemon,
                            const apr_array_header_t *tasks, apr_pool_t *pool)
{
    struct epoll_event event = {.events = EPOLLIN | EPOLLRDHUP};
    ubal_peer_t *peer;
    apr_pool_t *own;

    apr_pool_create(&own, pool);
    peer = apr_pcalloc(own, sizeof(*peer));
    *peer = (ubal_peer_t){.fd = fd,
                          .epoll_fd = epoll_fd,
                          .daemon = daemon,
                          .tasks = tasks,
                          .in.parent = own,
                          .out.parent = own,
                          .pool = own};
    event.data.ptr = peer;
    put_line(peer, UBAL_WIRE_VERSION);
    set_deadline(peer);
    if (epoll_ctl(epoll_fd, EPOLL_CTL_ADD, fd, &event) || !give_out(peer)) {
        ubal_peer_end(peer);
        return NULL;
    }
    return peer;
}

int ubal_peer_wants_idle(const ubal_peer_t *peer)
{
    const ubal_running_t *running = peer->running;

    return running && !running->is_over && running->next == UBAL_VERB_IDLE &&
           !running->not_before;
}

int ubal_peer_is_ready(const ubal_peer_t *peer, int is_idle, apr_int64_t now)
{
    const ubal_running_t *running = peer->running;

    if (!running || running->is_over || running->not_before > now ||
        peer->out.length > OUT_MOST) {
        return 0;
    }
    switch (running->next) {
    case UBAL_VERB_FRAME:
        return has_frame(peer);
    case UBAL_VERB_IDLE:
        return is_idle;
    default:
        return 1;
    }
}

ubal_error_t *ubal_peer_step(int *changes_plan, ubal_peer_t *peer)
{
    ubal_running_t *running = peer->running;
    int is_frame = running->next == UBAL_VERB_FRAME;
    ubal_frame_t frame = {0};

    *changes_plan = running->next == UBAL_VERB_IDLE;
    if (is_frame) {
        frame.length = frame_size(peer) - UBAL_WIRE_HEAD;
        frame.bytes = peer->in.bytes + UBAL_WIRE_HEAD;
    }
    ubal_session_step(running, is_frame ? &frame : NULL);
    *changes_plan &= !running->session.keeps_plan;
    if (running->not_before) {
        return NULL;
    }
    if (is_frame) {
        ubal_buffer_consume(&peer->in, frame_size(peer));
    }
    put_lines(peer);
    if (running->is_over) {
        put_line(peer, ubal_wire_print_end(running->err, peer->pool));
    }
    return running->err && running->err->kind == UBAL_ERR_FENCED ? running->err
                                                                 : NULL;
}

apr_int64_t ubal_peer_wake(const ubal_peer_t *peer)
{
    const ubal_running_t *running = peer->running;

    return running && running->not_before ? running->not_before
                                          : peer->deadline;
}

int ubal_peer_is_late(const ubal_peer_t *peer, apr_int64_t now)
{
    return peer->deadline <= now;
}

void ubal_peer_end(ubal_peer_t *peer)
{
    close(peer->fd);
    apr_pool_destroy(peer->pool);
}
