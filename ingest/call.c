/* A command's call of a verb. Knows the socket's end of a command, and when
 * to do without. See call.h. */
#include "call.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <apr_strings.h>
#include <apr_time.h>

#include "buffer.h"
#include "core/time.h"
#include "here.h"
#include "socket.h"
#include "wire.h"

/* How long someone who holds the lock may take to answer: a daemon that
 * starts, or that is in the middle of a commit. */
#define PATIENCE (5 * UBAL_TIME_SECOND)
#define PAUSE APR_INT64_C(50000)
#define READ_SIZE 65536

struct ubal_call_t {
    const ubal_cmd_t *cmd;
    ubal_here_t *here; /* NULL: through the socket */
    int fd;            /* -1: not connected */
    ubal_buffer_t in;
    int has_line; /* one was read */
    apr_pool_t *pool;
};

static apr_status_t hang_up(void *data)
{
    ubal_call_t *call = data;

    if (call->fd >= 0) {
        close(call->fd);
        call->fd = -1;
    }
    return APR_SUCCESS;
}

static ubal_error_t *gone(apr_pool_t *pool)
{
    return ubal_error_make(UBAL_ERR_NET, pool,
                           "the daemon has ended in the middle of it");
}

static ubal_error_t *parse_line(apr_array_header_t **words, ubal_call_t *call,
                                const char *end, apr_pool_t *pool)
{
    apr_size_t length = (apr_size_t)(end - call->in.bytes);
    ubal_error_t *err = ubal_wire_parse(words, call->in.bytes, length, pool);

    ubal_buffer_consume(&call->in, length + 1);
    return err;
}

/* Reads a line of the daemon's; UBAL_ERR_NET where none comes by `deadline`
 * (boot time; 0: whenever). */
static ubal_error_t *read_line(apr_array_header_t **words, ubal_call_t *call,
                               apr_int64_t deadline, apr_pool_t *pool)
{
    for (;;) {
        apr_int64_t left = deadline ? deadline - ubal_owner_now() : -1000;
        struct pollfd in = {call->fd, POLLIN, 0};
        const char *end = call->in.length
                              ? memchr(call->in.bytes, '\n', call->in.length)
                              : NULL;
        ssize_t got;

        if (end) {
            return parse_line(words, call, end, pool);
        }
        if ((deadline && left <= 0) ||
            (!poll(&in, 1, (int)(left / 1000)) && deadline)) {
            return ubal_error_make(UBAL_ERR_NET, pool, "no answer");
        }
        ubal_buffer_grow(&call->in, READ_SIZE);
        got = recv(call->fd, call->in.bytes + call->in.length, READ_SIZE, 0);
        if (got > 0) {
            call->in.length += (apr_size_t)got;
        } else if (got == 0 || errno != EINTR) {
            return gone(pool);
        }
    }
}

/* Sends all of it. A daemon that is gone is found out by reading. */
static void send_all(ubal_call_t *call, const char *bytes, apr_size_t length)
{
    while (length) {
        ssize_t sent = send(call->fd, bytes, length, MSG_NOSIGNAL);

        if (sent < 0 && errno != EINTR) {
            return;
        }
        bytes += sent > 0 ? sent : 0;
        length -= sent > 0 ? (apr_size_t)sent : 0;
    }
}

/* Connects, and waits for the daemon's first word, until `deadline`. 0 where
 * none listens or answers. */
static int greet(ubal_call_t *call, apr_int64_t deadline)
{
    apr_array_header_t *words;

    call->in.length = 0;
    call->fd = ubal_socket_connect(call->cmd->settings->lock, call->pool);
    if (call->fd >= 0 && (!ubal_socket_is_trusted(call->fd) ||
                          read_line(&words, call, deadline, call->pool))) {
        hang_up(call);
    }
    return call->fd >= 0;
}

/* Finds the owner: a daemon's socket, or this process, where the lock can be
 * had. */
static ubal_error_t *reach(ubal_call_t *call, const apr_array_header_t *words)
{
    const char *path = call->cmd->settings->lock;
    apr_int64_t deadline = ubal_owner_now() + PATIENCE;
    int lock_fd = -1;

    do {
        ubal_error_t *err;

        if (greet(call, deadline)) {
            return NULL;
        }
        err = ubal_owner_lock(&lock_fd, path, call->pool);
        if (err) {
            return err;
        }
        if (lock_fd >= 0) {
            return ubal_here_open(&call->here, call->cmd, lock_fd, words,
                                  call->pool);
        }
        apr_sleep(PAUSE);
    } while (ubal_owner_now() < deadline);
    return ubal_error_make(UBAL_ERR_NET, call->pool,
                           "busy: %s holds %s and does not answer",
                           ubal_cmd_holder(call->cmd), path);
}

/* As an array, `first` (NULL: none) before them. */
static apr_array_header_t *array_of(const char *first,
                                    const char *const *words, apr_pool_t *pool)
{
    apr_array_header_t *array = apr_array_make(pool, 4, sizeof(const char *));

    if (first) {
        APR_ARRAY_PUSH(array, const char *) = first;
    }
    for (; *words; words++) {
        APR_ARRAY_PUSH(array, const char *) = *words;
    }
    return array;
}

ubal_error_t *ubal_call_open(ubal_call_t **call, const ubal_cmd_t *cmd,
                             const char *const *words, apr_pool_t *pool)
{
    ubal_call_t *made = apr_pcalloc(pool, sizeof(*made));
    const char *line;
    ubal_error_t *err;

    made->cmd = cmd;
    made->fd = -1;
    made->pool = made->in.parent = pool;
    apr_pool_pre_cleanup_register(pool, made, hang_up);
    err = reach(made, array_of(NULL, words, pool));
    if (err) {
        return err;
    }
    if (!made->here) {
        line = apr_pstrcat(
            pool,
            ubal_wire_print(array_of(UBAL_WIRE_VERSION, words, pool), pool),
            "\n", NULL);
        if (strlen(line) > UBAL_WIRE_LINE_MAX) {
            return ubal_error_make(UBAL_ERR_INPUT, pool,
                                   "that is too much for one command");
        }
        send_all(made, line, strlen(line));
    }
    *call = made;
    return NULL;
}

void ubal_call_send(ubal_call_t *call, const char *bytes, apr_size_t length)
{
    ubal_frame_t frame = {bytes, length};
    unsigned char head[UBAL_WIRE_HEAD];

    if (call->here) {
        ubal_here_send(call->here, &frame);
        return;
    }
    ubal_wire_put_length(head, length);
    send_all(call, (const char *)head, sizeof(head));
    send_all(call, bytes, length);
}

void ubal_call_finish(ubal_call_t *call)
{
    ubal_call_send(call, "", 0);
}

ubal_error_t *ubal_call_read(const apr_array_header_t **words,
                             ubal_call_t *call, apr_pool_t *pool)
{
    apr_array_header_t *line;
    const char *first;
    ubal_error_t *err;

    *words = NULL;
    if (call->here) {
        return ubal_here_read(words, call->here, pool);
    }
    err = read_line(&line, call, 0, pool);
    if (err) {
        return err;
    }
    first = APR_ARRAY_IDX(line, 0, const char *);
    if (!strcmp(first, "line")) {
        call->has_line = 1;
        *words = ubal_wire_rest(line, pool);
        return NULL;
    }
    return strcmp(first, "ok") ? ubal_wire_error(line, pool) : NULL;
}

static ubal_error_t *run_once(int *may_repeat, const ubal_cmd_t *cmd,
                              const char *const *words,
                              ubal_call_line_t on_line, void *baton,
                              apr_pool_t *pool)
{
    const apr_array_header_t *line;
    apr_pool_t *of_line;
    ubal_call_t *call;
    ubal_error_t *err = ubal_call_open(&call, cmd, words, pool);

    *may_repeat = 0;
    if (err) {
        return err;
    }
    apr_pool_create(&of_line, pool);
    while (!(err = ubal_call_read(&line, call, of_line)) && line) {
        err = on_line ? on_line(baton, line, of_line) : NULL;
        if (err) {
            return err;
        }
        apr_pool_clear(of_line);
    }
    *may_repeat = err && err->kind == UBAL_ERR_NET && !call->has_line;
    return err;
}

ubal_error_t *ubal_call_run(const ubal_cmd_t *cmd, const char *const *words,
                            ubal_call_line_t on_line, void *baton)
{
    int may_repeat, tries = 0;
    ubal_error_t *err;

    do {
        apr_pool_t *pool;

        apr_pool_create(&pool, cmd->pool);
        err = run_once(&may_repeat, cmd, words, on_line, baton, pool);
        if (err) {
            err = ubal_error_make(err->kind, cmd->pool, "%s", err->message);
        }
        apr_pool_destroy(pool);
    } while (may_repeat && ++tries < 5);
    return err;
}

int ubal_call_exit(const ubal_error_t *err)
{
    if (!err) {
        return UBAL_EXIT_DONE;
    }
    ubal_cmd_fail(err);
    switch (err->kind) {
    case UBAL_ERR_INPUT:
        return UBAL_EXIT_USAGE;
    case UBAL_ERR_NET:
    case UBAL_ERR_FENCED:
        return UBAL_EXIT_BUSY;
    default:
        return UBAL_EXIT_FAILED;
    }
}
