/* The loop that drives requests and watches descriptors of the caller's.
 * Knows curl's multi interface and nothing of what a request is. */
#include <poll.h>

#include "fetch.h"
#include "fetch_curl.h"

static apr_status_t close_loop(void *data)
{
    ubal_loop_t *loop = data;

    curl_multi_cleanup(loop->multi);
    curl_global_cleanup();
    return APR_SUCCESS;
}

ubal_error_t *ubal_loop_make(ubal_loop_t **loop, apr_pool_t *pool)
{
    ubal_loop_t *made = apr_pcalloc(pool, sizeof(*made));

    if (curl_global_init(CURL_GLOBAL_DEFAULT)) {
        return ubal_error_make(UBAL_ERR_SYSTEM, pool, "curl cannot start");
    }
    made->multi = curl_multi_init();
    if (!made->multi) {
        curl_global_cleanup();
        return ubal_error_make(UBAL_ERR_SYSTEM, pool, "curl cannot start");
    }
    apr_pool_cleanup_register(pool, made, close_loop, apr_pool_cleanup_null);
    *loop = made;
    return NULL;
}

static ubal_error_t *multi_error(CURLMcode code, apr_pool_t *pool)
{
    return ubal_error_make(UBAL_ERR_SYSTEM, pool, "%s",
                           curl_multi_strerror(code));
}

/* Drives the requests as far as they go; whether one is over. */
static ubal_error_t *drive(int *is_one_over, ubal_loop_t *loop,
                           apr_pool_t *pool)
{
    CURLMcode code;
    CURLMsg *message;
    int count;

    code = curl_multi_perform(loop->multi, &count);
    if (code) {
        return multi_error(code, pool);
    }
    while ((message = curl_multi_info_read(loop->multi, &count))) {
        if (message->msg == CURLMSG_DONE) {
            ubal_curl_finish(message->easy_handle, message->data.result);
            *is_one_over = 1;
        }
    }
    return NULL;
}

/* Looks at the caller's descriptors; whether one is ready. */
static int look(ubal_loop_fd_t *fds, int count)
{
    int i, is_one_ready = 0;

    for (i = 0; i < count; i++) {
        struct pollfd look_at = {fds[i].fd, POLLIN, 0};

        fds[i].is_ready = fds[i].fd >= 0 && poll(&look_at, 1, 0) > 0;
        is_one_ready |= fds[i].is_ready;
    }
    return is_one_ready;
}

/* Sleeps for at most `timeout` us (-1: no limit) until curl or one of the
 * `count` descriptors has something to do; whether a signal ended that early.
 */
static ubal_error_t *sleep_once(int *is_signalled, ubal_loop_t *loop,
                                struct curl_waitfd *extra, unsigned int count,
                                apr_int64_t timeout, apr_pool_t *pool)
{
    long own = timeout < 0 ? INT_MAX : ubal_curl_ms(timeout);
    apr_int64_t begin = ubal_curl_now();
    long limit = -1;
    int events = 0;
    CURLMcode code;

    curl_multi_timeout(loop->multi, &limit);
    code = curl_multi_poll(loop->multi, extra, count, (int)own, &events);
    if (code) {
        return multi_error(code, pool);
    }
    /* curl hides EINTR: that nothing has happened, and too early. */
    limit = limit < 0 || limit > own ? own : limit;
    *is_signalled =
        !events && ubal_curl_now() - begin < (limit - 2) * APR_INT64_C(1000);
    return NULL;
}

ubal_error_t *ubal_loop_wait(ubal_loop_t *loop, ubal_loop_fd_t *fds, int count,
                             apr_int64_t timeout, apr_pool_t *pool)
{
    struct curl_waitfd *extra =
        apr_palloc(pool, sizeof(*extra) * (size_t)(count + 1));
    apr_int64_t end = ubal_curl_now() + timeout;
    unsigned int used = 0;
    int i, is_enough = 0;
    ubal_error_t *err = drive(&is_enough, loop, pool);

    for (i = 0; i < count; i++) {
        if (fds[i].fd >= 0) {
            extra[used++] =
                (struct curl_waitfd){fds[i].fd, CURL_WAIT_POLLIN, 0};
        }
    }
    is_enough |= look(fds, count);
    while (!err && !is_enough) {
        apr_int64_t left = timeout < 0 ? -1 : end - ubal_curl_now();

        if (timeout >= 0 && left <= 0) {
            break;
        }
        err = sleep_once(&is_enough, loop, extra, used, left, pool);
        if (!err) {
            err = drive(&is_enough, loop, pool);
        }
        is_enough |= look(fds, count);
    }
    return err;
}
