/* The daemon's end of its socket: who is connected, whose turn it is. Knows
 * no verb; a peer's bytes are control_peer.c's. See control.h. */
#include "control.h"

#include <errno.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include "control_peer.h"
#include "log.h"
#include "socket.h"
#include "store/lock.h"

/* More wait to be accepted until others have ended. */
#define PEERS_MOST 16
#define RELOAD_PAUSE APR_INT64_C(250000)

struct ubal_control_t {
    ubal_daemon_t *daemon;
    const apr_array_header_t *tasks;
    int epoll_fd, listen_fd;
    ubal_peer_t *peers[PEERS_MOST];
    int turn;                 /* of which peer it is */
    int needs_reload;         /* a verb may have changed what is planned */
    apr_int64_t reload_after; /* boot time; the database was busy */
    apr_pool_t *pool;
};

/* Without a socket commands are busy beside this daemon; it fetches. */
static void listen_beside(ubal_control_t *control)
{
    struct epoll_event event = {.events = EPOLLIN};
    ubal_error_t *err = ubal_socket_listen(
        &control->listen_fd, control->daemon->watch->lock_path, control->pool);

    if (err) {
        ubal_log_line(UBAL_LOG_WARN, "commands cannot reach this daemon: %s",
                      err->message);
        return;
    }
    epoll_ctl(control->epoll_fd, EPOLL_CTL_ADD, control->listen_fd, &event);
}

ubal_error_t *ubal_control_make(ubal_control_t **control,
                                ubal_daemon_t *daemon,
                                const apr_array_header_t *tasks,
                                apr_pool_t *pool)
{
    ubal_control_t *made = apr_pcalloc(pool, sizeof(*made));
    apr_status_t rv;

    made->daemon = daemon;
    made->tasks = tasks;
    made->pool = pool;
    made->epoll_fd = epoll_create1(EPOLL_CLOEXEC);
    if (made->epoll_fd < 0) {
        rv = errno;
        return ubal_error_make(UBAL_ERR_SYSTEM, pool,
                               "cannot watch for commands: %pm", &rv);
    }
    listen_beside(made);
    *control = made;
    return NULL;
}

static void end_peer(ubal_control_t *control, int place)
{
    ubal_peer_end(control->peers[place]);
    control->peers[place] = NULL;
}

void ubal_control_end(ubal_control_t *control)
{
    const ubal_watch_t *watch = control->daemon->watch;
    int i;

    if (ubal_lock_is_at(watch->lock_fd, watch->lock_path)) {
        ubal_socket_remove(watch->lock_path, control->pool);
    }
    for (i = 0; i < PEERS_MOST; i++) {
        if (control->peers[i]) {
            end_peer(control, i);
        }
    }
    if (control->listen_fd >= 0) {
        close(control->listen_fd);
    }
    close(control->epoll_fd);
}

int ubal_control_fd(const ubal_control_t *control)
{
    return control->epoll_fd;
}

int ubal_control_wants_idle(const ubal_control_t *control)
{
    int i, wants = control->needs_reload;

    for (i = 0; i < PEERS_MOST; i++) {
        wants |= control->peers[i] && ubal_peer_wants_idle(control->peers[i]);
    }
    return wants;
}

static int free_place(const ubal_control_t *control)
{
    int i;

    for (i = 0; i < PEERS_MOST && control->peers[i]; i++) {
    }
    return i < PEERS_MOST ? i : -1;
}

/* Whether connections are looked for: a full house does not want to hear of
 * them. */
static void watch_listener(const ubal_control_t *control)
{
    struct epoll_event event = {.events =
                                    free_place(control) < 0 ? 0 : EPOLLIN};

    if (control->listen_fd >= 0) {
        epoll_ctl(control->epoll_fd, EPOLL_CTL_MOD, control->listen_fd,
                  &event);
    }
}

static void accept_peers(ubal_control_t *control)
{
    int place, fd;

    while ((place = free_place(control)) >= 0 &&
           (fd = accept4(control->listen_fd, NULL, NULL,
                         SOCK_CLOEXEC | SOCK_NONBLOCK)) >= 0) {
        if (ubal_socket_is_trusted(fd)) {
            control->peers[place] =
                ubal_peer_make(fd, control->epoll_fd, control->daemon,
                               control->tasks, control->pool);
        } else {
            ubal_log_line(UBAL_LOG_WARN,
                          "a process of another user has no say here");
            close(fd);
        }
    }
}

static int place_of(const ubal_control_t *control, const ubal_peer_t *peer)
{
    int i;

    for (i = 0; control->peers[i] != peer; i++) {
    }
    return i;
}

static void move_peers(ubal_control_t *control)
{
    struct epoll_event events[PEERS_MOST + 1];
    int i, count = epoll_wait(control->epoll_fd, events, PEERS_MOST + 1, 0);

    for (i = 0; i < count; i++) {
        ubal_peer_t *peer = events[i].data.ptr;

        if (!peer) {
            accept_peers(control);
        } else if (!ubal_peer_move(peer, events[i].events)) {
            end_peer(control, place_of(control, peer));
        }
    }
}

/* Ends peers that are too slow; `*wake` becomes the earliest that one has to
 * be looked at again. */
static void end_late(apr_int64_t *wake, ubal_control_t *control)
{
    apr_int64_t now = ubal_owner_now();
    int i;

    for (i = 0; i < PEERS_MOST; i++) {
        if (control->peers[i] && ubal_peer_is_late(control->peers[i], now)) {
            ubal_log_line(UBAL_LOG_WARN, "dropped a command that is silent");
            end_peer(control, i);
        }
        if (control->peers[i] && ubal_peer_wake(control->peers[i]) < *wake) {
            *wake = ubal_peer_wake(control->peers[i]);
        }
    }
}

/* The next peer in turn that can go on, by its place; -1 if none. */
static int next_ready(const ubal_control_t *control, int is_idle)
{
    apr_int64_t now = ubal_owner_now();
    int i;

    for (i = 1; i <= PEERS_MOST; i++) {
        int place = (control->turn + i) % PEERS_MOST;

        if (control->peers[place] &&
            ubal_peer_is_ready(control->peers[place], is_idle, now)) {
            return place;
        }
    }
    return -1;
}

static ubal_error_t *run_step(int *has_run, ubal_control_t *control,
                              int is_idle)
{
    int place = next_ready(control, is_idle), changes_plan = 0;
    ubal_error_t *err;

    if (place < 0) {
        return NULL;
    }
    control->turn = place;
    *has_run = 1;
    err = ubal_peer_step(&changes_plan, control->peers[place]);
    control->needs_reload |= changes_plan;
    if (err) {
        return ubal_error_make(err->kind, control->pool, "%s", err->message);
    }
    if (!ubal_peer_move(control->peers[place], 0)) {
        end_peer(control, place);
    }
    return NULL;
}

static ubal_error_t *reload(ubal_control_t *control)
{
    ubal_error_t *err = NULL;
    int i;

    for (i = 0; i < control->tasks->nelts && !err; i++) {
        err =
            ubal_task_reload(APR_ARRAY_IDX(control->tasks, i, ubal_task_t *));
    }
    if (err && ubal_task_is_passing(err)) {
        control->reload_after = ubal_owner_now() + RELOAD_PAUSE;
        return NULL;
    }
    control->needs_reload = 0;
    return err;
}

ubal_error_t *ubal_control_turn(apr_int64_t *wake, ubal_control_t *control,
                                int is_idle)
{
    ubal_error_t *err = NULL;
    int has_run = 0;

    *wake = APR_INT64_MAX;
    move_peers(control);
    if (!control->needs_reload) {
        err = run_step(&has_run, control, is_idle);
    }
    if (!err && control->needs_reload && is_idle &&
        control->reload_after <= ubal_owner_now()) {
        err = reload(control);
    }
    end_late(wake, control);
    watch_listener(control);
    if (has_run || next_ready(control, is_idle) >= 0) {
        *wake = 0;
    }
    if (control->needs_reload) {
        *wake = control->reload_after;
    }
    return err;
}
