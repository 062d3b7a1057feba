/* One peer of the daemon's socket: its bytes in and out, its patience, and the
 * call that it makes. */
#ifndef UBAL_CONTROL_PEER_H
#define UBAL_CONTROL_PEER_H

#include "session.h"

typedef struct ubal_peer_t ubal_peer_t;

/* Takes a connection over; it is closed with ubal_peer_end. Its events are
 * watched by `epoll_fd`, with the peer as their data. NULL (and closed) where
 * that fails. */
ubal_peer_t *ubal_peer_make(int fd, int epoll_fd, ubal_daemon_t *daemon,
                            const apr_array_header_t *tasks, apr_pool_t *pool);

/* Reads and writes what can be without waiting. 0: it is to be ended. */
int ubal_peer_move(ubal_peer_t *peer, unsigned int events);

/* 1 where a step can be run now. */
int ubal_peer_is_ready(const ubal_peer_t *peer, int is_idle, apr_int64_t now);

/* 1 while its next step waits for no request to be in flight. */
int ubal_peer_wants_idle(const ubal_peer_t *peer);

/* Runs a step and queues what it said. `*changes_plan`: tasks are to take
 * their plan again. Only UBAL_ERR_FENCED is returned, others are told to the
 * peer. */
ubal_error_t *ubal_peer_step(int *changes_plan, ubal_peer_t *peer);

/* The boot time at which it is to be looked at again (APR_INT64_MAX: when
 * there are events); ubal_peer_is_late says whether it is to be ended. */
apr_int64_t ubal_peer_wake(const ubal_peer_t *peer);
int ubal_peer_is_late(const ubal_peer_t *peer, apr_int64_t now);

/* Ends it: the call, wherever it was, the connection, and the peer. */
void ubal_peer_end(ubal_peer_t *peer);

#endif
