/* One request to a vendor, in curl's words. Knows curl and nothing of plans,
 * budgets or databases: whether it may be sent, the gate says. */
#include "fetch.h"

#include <curl/curl.h>
#include <stdlib.h>
#include <string.h>

#include <apr_strings.h>

#include "core/time.h"
#include "request.h"

/* A reply that trickles: fewer bytes a second for this long are a failure. */
#define SLOW_BYTES 16L
#define SLOW_SECONDS 10L
#define RETRY_AFTER_MAX (86400 * UBAL_TIME_SECOND)

struct ubal_loop_t {
    CURLM *multi;
};

struct ubal_fetch_t {
    ubal_loop_t *loop;
    CURL *easy;
    const ubal_vendor_t *vendor;
    ubal_fetch_gate_t gate;
    void *baton;
    apr_pool_t *pool;
    struct curl_slist *headers;
    ubal_error_t *refused; /* by the gate, or for its size */
    char *body;
    apr_size_t length, size;
    int has_reply;
    ubal_reply_t reply;
};

static ubal_error_t *curl_failed(const char *what, const char *why,
                                 apr_pool_t *pool)
{
    return ubal_error_make(UBAL_ERR_SYSTEM, pool, "%s: %s", what, why);
}

static apr_status_t end_loop(void *data)
{
    ubal_loop_t *loop = data;

    curl_multi_cleanup(loop->multi);
    return APR_SUCCESS;
}

ubal_error_t *ubal_loop_make(ubal_loop_t **loop, apr_pool_t *pool)
{
    *loop = apr_pcalloc(pool, sizeof(**loop));
    if (curl_global_init(CURL_GLOBAL_DEFAULT) ||
        !((*loop)->multi = curl_multi_init())) {
        return curl_failed("curl", "cannot be set up", pool);
    }
    apr_pool_cleanup_register(pool, *loop, end_loop, apr_pool_cleanup_null);
    return NULL;
}

/* --- what curl calls -------------------------------------------------------
 */

static int pass_gate(void *data, char *to, char *from, int to_port,
                     int from_port)
{
    ubal_fetch_t *fetch = data;

    (void)to;
    (void)from;
    (void)to_port;
    (void)from_port;
    fetch->refused = fetch->gate(fetch->baton, fetch->pool);
    fetch->reply.was_sent = !fetch->refused;
    return fetch->refused ? CURL_PREREQFUNC_ABORT : CURL_PREREQFUNC_OK;
}

/* Counts what is written, decoded: MAXFILESIZE lets chunked replies and gzip
 * bombs through. */
static size_t take_bytes(char *bytes, size_t one, size_t count, void *data)
{
    ubal_fetch_t *fetch = data;
    apr_size_t more = one * count, size = fetch->size;
    char *body;

    if (more > fetch->vendor->max_body - fetch->length) {
        fetch->refused =
            ubal_error_make(UBAL_ERR_VENDOR, fetch->pool,
                            "the reply is larger than UbalMaxBody, "
                            "%" APR_SIZE_T_FMT " bytes",
                            fetch->vendor->max_body);
        return CURL_WRITEFUNC_ERROR;
    }
    while (size < fetch->length + more + 1) {
        size = size ? size * 2 : 65536;
    }
    if (size != fetch->size) {
        body = realloc(fetch->body, size);
        if (!body) {
            return CURL_WRITEFUNC_ERROR;
        }
        fetch->body = body;
        fetch->size = size;
    }
    memcpy(fetch->body + fetch->length, bytes, more);
    fetch->length += more;
    fetch->body[fetch->length] = '\0';
    return more;
}

/* --- starting --------------------------------------------------------------
 */

static apr_status_t end_fetch(void *data)
{
    ubal_fetch_t *fetch = data;

    if (fetch->easy) {
        curl_multi_remove_handle(fetch->loop->multi, fetch->easy);
        curl_easy_cleanup(fetch->easy);
        fetch->easy = NULL;
    }
    curl_slist_free_all(fetch->headers);
    fetch->headers = NULL;
    free(fetch->body);
    fetch->body = NULL;
    return APR_SUCCESS;
}

static unsigned int set_headers(ubal_fetch_t *fetch)
{
    const apr_array_header_t *lines =
        ubal_request_headers(fetch->vendor, fetch->pool);
    int i;

    for (i = 0; i < lines->nelts; i++) {
        struct curl_slist *more = curl_slist_append(
            fetch->headers, APR_ARRAY_IDX(lines, i, const char *));

        if (!more) {
            return CURLE_OUT_OF_MEMORY;
        }
        fetch->headers = more;
    }
    return curl_easy_setopt(fetch->easy, CURLOPT_HTTPHEADER, fetch->headers);
}

/* Each request is one: no reused connection that curl would silently try
 * again on, no HTTP/2 that resends by itself, no redirect, no negotiation. */
static unsigned int set_once(CURL *easy)
{
    unsigned int rv = 0;

    rv |= curl_easy_setopt(easy, CURLOPT_HTTP_VERSION,
                           (long)CURL_HTTP_VERSION_1_1);
    rv |= curl_easy_setopt(easy, CURLOPT_FRESH_CONNECT, 1L);
    rv |= curl_easy_setopt(easy, CURLOPT_FORBID_REUSE, 1L);
    rv |= curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 0L);
    rv |= curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
    rv |= curl_easy_setopt(easy, CURLOPT_PROXY, "");
    rv |= curl_easy_setopt(easy, CURLOPT_NETRC, (long)CURL_NETRC_IGNORED);
    rv |= curl_easy_setopt(easy, CURLOPT_ACCEPT_ENCODING, "gzip");
    rv |= curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    return rv;
}

static unsigned int set_limits(CURL *easy, const ubal_vendor_t *vendor)
{
    long ms = (long)(vendor->timeout / 1000);
    unsigned int rv = 0;

    rv |= curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, ms);
    rv |= curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, ms);
    rv |= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, SLOW_BYTES);
    rv |= curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, SLOW_SECONDS);
    return rv;
}

static unsigned int set_calls(CURL *easy, ubal_fetch_t *fetch)
{
    unsigned int rv = 0;

    rv |= curl_easy_setopt(easy, CURLOPT_PREREQFUNCTION, pass_gate);
    rv |= curl_easy_setopt(easy, CURLOPT_PREREQDATA, fetch);
    rv |= curl_easy_setopt(easy, CURLOPT_WRITEFUNCTION, take_bytes);
    rv |= curl_easy_setopt(easy, CURLOPT_WRITEDATA, fetch);
    rv |= curl_easy_setopt(easy, CURLOPT_PRIVATE, fetch);
    return rv;
}

ubal_error_t *ubal_fetch_start(ubal_fetch_t **result, ubal_loop_t *loop,
                               const ubal_vendor_t *vendor,
                               const ubal_query_t *query,
                               ubal_fetch_gate_t gate, void *baton,
                               apr_pool_t *pool)
{
    ubal_fetch_t *fetch = apr_pcalloc(pool, sizeof(*fetch));
    CURL *easy = curl_easy_init();
    unsigned int rv;

    if (!easy) {
        return curl_failed("curl", "has no memory", pool);
    }
    *fetch = (ubal_fetch_t){.loop = loop,
                            .easy = easy,
                            .vendor = vendor,
                            .gate = gate,
                            .baton = baton,
                            .pool = pool,
                            .reply = {.retry_after = -1}};
    apr_pool_cleanup_register(pool, fetch, end_fetch, apr_pool_cleanup_null);
    rv = curl_easy_setopt(easy, CURLOPT_URL,
                          ubal_request_url(vendor, query, pool));
    rv |= set_once(easy) | set_limits(easy, vendor) | set_calls(easy, fetch) |
          set_headers(fetch);
    if (rv || curl_multi_add_handle(loop->multi, easy)) {
        return curl_failed("curl", "refuses an option", pool);
    }
    *result = fetch;
    return NULL;
}

/* --- ending ----------------------------------------------------------------
 */

static const char *header_of(CURL *easy, const char *name)
{
    struct curl_header *header;

    return curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &header) ==
                   CURLHE_OK
               ? header->value
               : NULL;
}

static apr_int64_t date_of(const char *text)
{
    time_t seconds = text ? curl_getdate(text, NULL) : -1;

    return seconds > 0 ? (apr_int64_t)seconds * UBAL_TIME_SECOND : 0;
}

/* RFC 9110, section 10.2.3: seconds, or a date, which is read by the vendor's
 * own clock. */
static apr_int64_t retry_after_of(const char *text, apr_int64_t now)
{
    apr_int64_t wait;
    char *end;

    if (!text) {
        return -1;
    }
    wait = apr_strtoi64(text, &end, 10);
    if (end != text && !*end) {
        wait = wait > RETRY_AFTER_MAX / UBAL_TIME_SECOND
                   ? RETRY_AFTER_MAX
                   : wait * UBAL_TIME_SECOND;
    } else if (date_of(text) && now) {
        wait = date_of(text) - now;
    } else {
        return -1;
    }
    return wait < 0 ? 0 : wait > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : wait;
}

/* Whether the vendor has ended the request, so that it cannot read it later:
 * it sent the whole reply or closed the connection. */
static int is_over(CURLcode code)
{
    switch (code) {
    case CURLE_OK:
    case CURLE_GOT_NOTHING:
    case CURLE_RECV_ERROR:
    case CURLE_PARTIAL_FILE:
        return 1;
    default:
        return 0;
    }
}

static ubal_error_t *error_of(const ubal_fetch_t *fetch, CURLcode code)
{
    int status = fetch->reply.status;

    if (fetch->refused) {
        return fetch->refused;
    }
    if (code) {
        return ubal_error_make(UBAL_ERR_NET, fetch->pool, "%s: %s",
                               ubal_request_shown(fetch->vendor, fetch->pool),
                               curl_easy_strerror(code));
    }
    if (status >= 300 && status < 400) {
        return ubal_error_make(UBAL_ERR_VENDOR, fetch->pool,
                               "the vendor answered %d: redirects are refused",
                               status);
    }
    return status == 200 ? NULL
                         : ubal_error_make(UBAL_ERR_VENDOR, fetch->pool,
                                           "the vendor answered %d", status);
}

static void finish(ubal_fetch_t *fetch, CURLcode code)
{
    ubal_reply_t *reply = &fetch->reply;
    long status = 0;

    curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
    reply->status = (int)status;
    reply->date = date_of(header_of(fetch->easy, "Date"));
    reply->retry_after =
        retry_after_of(header_of(fetch->easy, "Retry-After"), reply->date);
    reply->is_over = reply->was_sent && is_over(code);
    reply->err = error_of(fetch, code);
    reply->body = fetch->body ? fetch->body : "";
    reply->length = fetch->length;
    fetch->has_reply = 1;
    curl_multi_remove_handle(fetch->loop->multi, fetch->easy);
    curl_easy_cleanup(fetch->easy);
    fetch->easy = NULL;
}

/* Ends what curl has ended; returns how many. */
static int reap(ubal_loop_t *loop)
{
    CURLMsg *message;
    int left, ended = 0;

    while ((message = curl_multi_info_read(loop->multi, &left))) {
        void *fetch = NULL;

        if (message->msg == CURLMSG_DONE) {
            CURLcode code = message->data.result;

            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &fetch);
            finish(fetch, code);
            ended++;
        }
    }
    return ended;
}

const ubal_reply_t *ubal_fetch_reply(const ubal_fetch_t *fetch)
{
    return fetch->has_reply ? &fetch->reply : NULL;
}

void ubal_fetch_abort(ubal_fetch_t *fetch)
{
    if (!fetch->has_reply) {
        fetch->refused =
            ubal_error_make(UBAL_ERR_NET, fetch->pool, "given up");
        finish(fetch, CURLE_ABORTED_BY_CALLBACK);
    }
}

/* --- waiting ---------------------------------------------------------------
 */

#define FDS_MAX 8

static int mark_ready(ubal_loop_fd_t *fds, const struct curl_waitfd *wait,
                      int count)
{
    int i, at = 0, ready = 0;

    for (i = 0; i < count; i++) {
        fds[i].is_ready = fds[i].fd >= 0 && wait[at++].revents != 0;
        ready |= fds[i].is_ready;
    }
    return ready;
}

static int fill(struct curl_waitfd *wait, const ubal_loop_fd_t *fds, int count)
{
    int i, used = 0;

    for (i = 0; i < count && used < FDS_MAX; i++) {
        if (fds[i].fd >= 0) {
            wait[used++] = (struct curl_waitfd){.fd = fds[i].fd,
                                                .events = CURL_WAIT_POLLIN};
        }
    }
    return used;
}

/* curl_multi_poll returns at the latest when curl itself has something to do
 * (a timeout of its own), and cannot wait longer than an int of ms. */
ubal_error_t *ubal_loop_wait(ubal_loop_t *loop, ubal_loop_fd_t *fds, int count,
                             apr_int64_t timeout, apr_pool_t *pool)
{
    const apr_int64_t longest = 3600000;
    apr_int64_t ms = timeout < 0 ? longest : (timeout + 999) / 1000;
    struct curl_waitfd wait[FDS_MAX];
    int running, used = fill(wait, fds, count);
    CURLMcode code = curl_multi_perform(loop->multi, &running);

    if (!code && reap(loop)) {
        return NULL;
    }
    if (!code) {
        code = curl_multi_poll(loop->multi, wait, (unsigned)used,
                               (int)(ms < longest ? ms : longest), NULL);
    }
    if (!code && !mark_ready(fds, wait, count)) {
        code = curl_multi_perform(loop->multi, &running);
    }
    if (code) {
        return curl_failed("curl", curl_multi_strerror(code), pool);
    }
    reap(loop);
    return NULL;
}
