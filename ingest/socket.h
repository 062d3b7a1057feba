/* The socket beside the lock: where it is, listening and connecting. Knows
 * files and sockets, nothing of what is said over them. */
#ifndef UBAL_SOCKET_H
#define UBAL_SOCKET_H

#include "core/error.h"

/* Listens at <lock_path>.sock, made with mode 0600; whatever lies there is
 * removed before, so only who holds the lock may call this. `*fd` neither
 * blocks nor survives exec. */
ubal_error_t *ubal_socket_listen(int *fd, const char *lock_path,
                                 apr_pool_t *pool);

/* Removes it. */
void ubal_socket_remove(const char *lock_path, apr_pool_t *pool);

/* Connects to it: a blocking descriptor, or -1 where nobody listens there. */
int ubal_socket_connect(const char *lock_path, apr_pool_t *pool);

/* 1 where the process at the other end runs as our own user or as root. */
int ubal_socket_is_trusted(int fd);

#endif
