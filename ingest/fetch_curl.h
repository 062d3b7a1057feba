/* What fetch.c and fetch_loop.c, the only files that include curl, share. */
#ifndef UBAL_FETCH_CURL_H
#define UBAL_FETCH_CURL_H

#include <apr.h>
#include <curl/curl.h>
#include <limits.h>
#include <time.h>

struct ubal_loop_t {
    CURLM *multi;
};

/* Ends the request of `easy`, which curl is through with; `easy` is gone
 * afterwards. */
void ubal_curl_finish(CURL *easy, CURLcode code);

/* A clock that never goes back, us. */
static inline apr_int64_t ubal_curl_now(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (apr_int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

/* Up, so that a wait is never over before its time. */
static inline long ubal_curl_ms(apr_int64_t us)
{
    return us > (apr_int64_t)INT_MAX * 1000 ? INT_MAX
                                            : (long)((us + 999) / 1000);
}

#endif
