/* The socket beside the lock. See socket.h. */
#include "socket.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <apr_strings.h>

#define BACKLOG 32

/* An address, and the folder that it may have to be reached through. */
typedef struct place_t {
    struct sockaddr_un address;
    int folder; /* -1: none */
} place_t;

static const char *path_of(const char *lock_path, apr_pool_t *pool)
{
    return apr_pstrcat(pool, lock_path, ".sock", NULL);
}

/* A path that is too long for an address is taken from its folder, which is
 * open then and has a short name in /proc (see unix(7)). 0 where even that is
 * too long or there is no such folder. */
static int find_place(place_t *place, const char *path, apr_pool_t *pool)
{
    const char *slash = strrchr(path, '/');

    memset(place, 0, sizeof(*place));
    place->address.sun_family = AF_UNIX;
    place->folder = -1;
    if (strlen(path) >= sizeof(place->address.sun_path) && slash) {
        place->folder =
            open(apr_pstrmemdup(pool, path, (apr_size_t)(slash - path) + 1),
                 O_PATH | O_DIRECTORY | O_CLOEXEC);
        if (place->folder < 0) {
            return 0;
        }
        path = apr_psprintf(pool, "/proc/self/fd/%d%s", place->folder, slash);
    }
    if (strlen(path) >= sizeof(place->address.sun_path)) {
        errno = ENAMETOOLONG;
        return 0;
    }
    apr_cpystrn(place->address.sun_path, path,
                sizeof(place->address.sun_path));
    return 1;
}

static void leave_place(const place_t *place)
{
    if (place->folder >= 0) {
        close(place->folder);
    }
}

static int bind_at(int fd, const place_t *place)
{
    mode_t mask = umask(0177);
    int rv = bind(fd, (const struct sockaddr *)&place->address,
                  sizeof(place->address));

    umask(mask);
    return rv;
}

ubal_error_t *ubal_socket_listen(int *fd, const char *lock_path,
                                 apr_pool_t *pool)
{
    const char *path = path_of(lock_path, pool);
    apr_status_t rv;
    place_t place;
    int made;

    unlink(path);
    *fd = -1;
    made = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (made >= 0 && find_place(&place, path, pool)) {
        if (!bind_at(made, &place) && !listen(made, BACKLOG)) {
            *fd = made;
        }
        rv = errno;
        leave_place(&place);
        errno = rv;
    }
    if (*fd >= 0) {
        return NULL;
    }
    rv = errno;
    if (made >= 0) {
        close(made);
    }
    return ubal_error_make(UBAL_ERR_SYSTEM, pool, "cannot listen at %s: %pm",
                           path, &rv);
}

void ubal_socket_remove(const char *lock_path, apr_pool_t *pool)
{
    unlink(path_of(lock_path, pool));
}

int ubal_socket_connect(const char *lock_path, apr_pool_t *pool)
{
    int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0), rv = -1;
    place_t place;

    if (fd >= 0 && find_place(&place, path_of(lock_path, pool), pool)) {
        rv = connect(fd, (const struct sockaddr *)&place.address,
                     sizeof(place.address));
        leave_place(&place);
    }
    if (rv && fd >= 0) {
        close(fd);
    }
    return rv ? -1 : fd;
}

int ubal_socket_is_trusted(int fd)
{
    struct ucred peer;
    socklen_t size = sizeof(peer);

    return getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &peer, &size) == 0 &&
           (peer.uid == geteuid() || peer.uid == 0);
}
