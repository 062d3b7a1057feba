/* One request to a vendor: how it is kept to one sending and bounded, and what
 * its end means. What is sent is fetch_request.c's, what headers say
 * fetch_reply.c's; who drives it is fetch_loop.c. Knows no JSON. */
#include "fetch.h"

#include <errno.h>

#include "fetch_body.h"
#include "fetch_curl.h"
#include "fetch_reply.h"
#include "fetch_request.h"

/* All headers together: curl itself has no limit before 8.3. */
#define HEAD_MAX 65536
#define CONNECT_MAX APR_INT64_C(10000000)

struct ubal_fetch_t {
    ubal_loop_t *loop;
    CURL *easy; /* NULL: it is over */
    struct curl_slist *headers;
    const ubal_vendor_t *vendor;
    ubal_request_t request;
    ubal_fetch_gate_t gate;
    void *baton;
    ubal_head_t head;
    apr_size_t head_bytes;
    ubal_body_t body;
    ubal_error_t *refused;     /* by the gate or by us, not by curl */
    char why[CURL_ERROR_SIZE]; /* curl's own words, which can quote the URL */
    ubal_reply_t reply;
    apr_pool_t *pool;
};

/* --- callbacks of curl ------------------------------------------------- */

/* The last moment before the request line is written. Were curl ever to send
 * a request again by itself, the second is stopped here. */
static int pass_gate(void *baton, char *to, char *from, int to_port,
                     int from_port)
{
    ubal_fetch_t *fetch = baton;

    (void)to, (void)from, (void)to_port, (void)from_port;
    if (!fetch->reply.was_sent) {
        fetch->refused = fetch->gate(fetch->baton, fetch->pool);
    } else {
        fetch->refused = ubal_error_make(UBAL_ERR_NET, fetch->pool,
                                         "was to be sent a second time");
    }
    if (fetch->refused) {
        return CURL_PREREQFUNC_ABORT;
    }
    fetch->reply.was_sent = 1;
    return CURL_PREREQFUNC_OK;
}

static size_t take_header(char *line, size_t size, size_t count, void *baton)
{
    ubal_fetch_t *fetch = baton;

    fetch->head_bytes += size * count;
    if (fetch->head_bytes > HEAD_MAX) {
        fetch->refused = ubal_error_make(
            UBAL_ERR_VENDOR, fetch->pool,
            "the reply's headers are longer than %d bytes", HEAD_MAX);
        return 0;
    }
    ubal_head_add(&fetch->head, line, size * count);
    return size * count;
}

/* Counts bytes as they are decoded: what curl can limit by itself is only
 * what a Content-Length announces. */
static size_t take_body(char *bytes, size_t size, size_t count, void *baton)
{
    ubal_fetch_t *fetch = baton;

    fetch->refused = ubal_body_add(&fetch->body, bytes, size * count,
                                   ubal_curl_now(), fetch->pool);
    return fetch->refused ? 0 : size * count;
}

/* --- the end of a request ---------------------------------------------- */

static void release(ubal_fetch_t *fetch)
{
    if (fetch->easy) {
        curl_multi_remove_handle(fetch->loop->multi, fetch->easy);
        curl_easy_cleanup(fetch->easy);
        fetch->easy = NULL;
    }
    curl_slist_free_all(fetch->headers);
    fetch->headers = NULL;
}

static apr_status_t drop(void *data)
{
    ubal_fetch_t *fetch = data;

    release(fetch);
    ubal_body_free(&fetch->body);
    return APR_SUCCESS;
}

/* Whether the vendor's side is known to have ended, for which only its own
 * closing of the connection counts: where it was we who hung up, or the way
 * there broke, the vendor may still read the request. */
static int is_over(const ubal_fetch_t *fetch, CURLcode code)
{
    long cause = 0;

    switch (code) {
    case CURLE_OK:
    case CURLE_PARTIAL_FILE:
    case CURLE_GOT_NOTHING:
        return 1;
    case CURLE_SEND_ERROR:
    case CURLE_RECV_ERROR:
        curl_easy_getinfo(fetch->easy, CURLINFO_OS_ERRNO, &cause);
        return cause == ECONNRESET || cause == EPIPE;
    default:
        return 0;
    }
}

/* curl's own text of the code alone, as what it says of the case can quote the
 * URL; of a certificate it tells what is wrong with it, and quotes the host.
 */
static ubal_error_t *curl_error(const ubal_fetch_t *fetch, CURLcode code)
{
    long cause = 0;
    char text[128];

    if (code == CURLE_OPERATION_TIMEDOUT) {
        return ubal_error_make(UBAL_ERR_NET, fetch->pool,
                               "no whole reply within %ld ms",
                               ubal_curl_ms(fetch->vendor->timeout));
    }
    if (code == CURLE_UNSUPPORTED_PROTOCOL && fetch->reply.was_sent) {
        return ubal_error_make(UBAL_ERR_NET, fetch->pool,
                               "what came back is no HTTP");
    }
    if (code == CURLE_PEER_FAILED_VERIFICATION && *fetch->why) {
        return ubal_error_make(UBAL_ERR_NET, fetch->pool, "%s", fetch->why);
    }
    curl_easy_getinfo(fetch->easy, CURLINFO_OS_ERRNO, &cause);
    if (code == CURLE_COULDNT_CONNECT && cause) {
        return ubal_error_make(
            UBAL_ERR_NET, fetch->pool, "%s: %s", curl_easy_strerror(code),
            apr_strerror((apr_status_t)cause, text, sizeof(text)));
    }
    return ubal_error_make(UBAL_ERR_NET, fetch->pool, "%s",
                           curl_easy_strerror(code));
}

/* What the request failed by, the most telling first, or NULL. */
static ubal_error_t *find_error(const ubal_fetch_t *fetch, CURLcode code)
{
    ubal_error_t *err = NULL;

    if (!fetch->reply.was_sent && fetch->refused) {
        return fetch->refused; /* the gate's own words */
    }
    if (fetch->reply.status) {
        err = ubal_head_judge(fetch->reply.status, fetch->pool);
    }
    if (!err) {
        err = fetch->refused;
    }
    if (!err && code != CURLE_OK) {
        err = curl_error(fetch, code);
    }
    return err ? ubal_error_wrap(err, fetch->pool, "%s", fetch->request.shown)
               : NULL;
}

static void finish(ubal_fetch_t *fetch, CURLcode code)
{
    ubal_reply_t *reply = &fetch->reply;
    long status = 0;

    curl_easy_getinfo(fetch->easy, CURLINFO_RESPONSE_CODE, &status);
    reply->status = (int)status;
    reply->is_over = reply->was_sent && is_over(fetch, code);
    ubal_head_read(reply, &fetch->head);
    reply->err = find_error(fetch, code);
    reply->body = fetch->body.bytes ? fetch->body.bytes : "";
    reply->length = fetch->body.length;
    release(fetch);
}

void ubal_curl_finish(CURL *easy, CURLcode code)
{
    ubal_fetch_t *fetch = NULL;

    curl_easy_getinfo(easy, CURLINFO_PRIVATE, &fetch);
    finish(fetch, code);
}

void ubal_fetch_abort(ubal_fetch_t *fetch)
{
    if (fetch->easy) {
        finish(fetch, CURLE_ABORTED_BY_CALLBACK);
        fetch->reply.err = ubal_error_make(UBAL_ERR_NET, fetch->pool,
                                           "%s: the request was given up",
                                           fetch->request.shown);
    }
}

const ubal_reply_t *ubal_fetch_reply(const ubal_fetch_t *fetch)
{
    return fetch->easy ? NULL : &fetch->reply;
}

/* --- the start --------------------------------------------------------- */

/* What holds for every request: one sending, to that host alone, with nothing
 * from the environment. */
static const struct {
    CURLoption option;
    long value;
} fixed[] = {
    {CURLOPT_NOSIGNAL, 1},
    {CURLOPT_HTTPGET, 1},
    {CURLOPT_HTTP_VERSION, CURL_HTTP_VERSION_1_1}, /* 2 resends by itself */
    {CURLOPT_FRESH_CONNECT, 1}, /* a dead old connection means a resending */
    {CURLOPT_FORBID_REUSE, 1},
    {CURLOPT_FOLLOWLOCATION, 0}, /* curl would take the secret along */
    {CURLOPT_NETRC, CURL_NETRC_IGNORED},
    {CURLOPT_HTTP09_ALLOWED, 0},
    {CURLOPT_SSL_VERIFYPEER, 1},
    {CURLOPT_SSL_VERIFYHOST, 2},
    {CURLOPT_SSLVERSION, CURL_SSLVERSION_TLSv1_2},
#if LIBCURL_VERSION_NUM >= 0x075700
    {CURLOPT_QUICK_EXIT, 1}, /* do not wait for a resolver that hangs */
#endif
#if LIBCURL_VERSION_NUM < 0x075500
    {CURLOPT_PROTOCOLS, CURLPROTO_HTTP | CURLPROTO_HTTPS},
#endif
};

/* Sets one option, unless one before has failed. */
#define SET(option, value) \
    (code = code ? code : curl_easy_setopt(fetch->easy, option, value))

static CURLcode set_fixed(const ubal_fetch_t *fetch)
{
    CURLcode code = CURLE_OK;
    size_t i;

    for (i = 0; i < sizeof(fixed) / sizeof(*fixed); i++) {
        SET(fixed[i].option, fixed[i].value);
    }
#if LIBCURL_VERSION_NUM >= 0x075500
    SET(CURLOPT_PROTOCOLS_STR, "http,https");
#endif
    SET(CURLOPT_PROXY, "");
    SET(CURLOPT_ACCEPT_ENCODING, "gzip");
    return code;
}

static CURLcode set_own(ubal_fetch_t *fetch)
{
    apr_int64_t timeout = fetch->vendor->timeout;
    CURLcode code = CURLE_OK;

    SET(CURLOPT_URL, fetch->request.url);
    SET(CURLOPT_HTTPHEADER, fetch->headers);
    SET(CURLOPT_TIMEOUT_MS, ubal_curl_ms(timeout));
    SET(CURLOPT_CONNECTTIMEOUT_MS,
        ubal_curl_ms(timeout < CONNECT_MAX ? timeout : CONNECT_MAX));
    SET(CURLOPT_PREREQFUNCTION, pass_gate);
    SET(CURLOPT_PREREQDATA, fetch);
    SET(CURLOPT_HEADERFUNCTION, take_header);
    SET(CURLOPT_HEADERDATA, fetch);
    SET(CURLOPT_WRITEFUNCTION, take_body);
    SET(CURLOPT_WRITEDATA, fetch);
    SET(CURLOPT_PRIVATE, fetch);
    SET(CURLOPT_ERRORBUFFER, fetch->why);
    return code;
}

static int make_headers(ubal_fetch_t *fetch)
{
    const apr_array_header_t *headers = fetch->request.headers;
    int i;

    for (i = 0; i < headers->nelts; i++) {
        struct curl_slist *longer = curl_slist_append(
            fetch->headers, APR_ARRAY_IDX(headers, i, const char *));

        if (!longer) {
            return 0;
        }
        fetch->headers = longer;
    }
    return 1;
}

ubal_error_t *ubal_fetch_start(ubal_fetch_t **fetch, ubal_loop_t *loop,
                               const ubal_vendor_t *vendor,
                               const ubal_query_t *query,
                               ubal_fetch_gate_t gate, void *baton,
                               apr_pool_t *pool)
{
    ubal_fetch_t *made = apr_pcalloc(pool, sizeof(*made));
    ubal_error_t *err = ubal_request_make(&made->request, vendor, query, pool);

    if (err) {
        return err;
    }
    made->loop = loop;
    made->vendor = vendor;
    made->gate = gate;
    made->baton = baton;
    made->pool = pool;
    made->reply.retry_after = -1;
    ubal_body_start(&made->body, vendor->max_body, vendor->timeout);
    apr_pool_cleanup_register(pool, made, drop, apr_pool_cleanup_null);
    made->easy = curl_easy_init();
    if (!made->easy || !make_headers(made) || set_fixed(made) ||
        set_own(made) || curl_multi_add_handle(loop->multi, made->easy)) {
        return ubal_error_make(UBAL_ERR_SYSTEM, pool,
                               "%s: curl cannot take the request",
                               made->request.shown);
    }
    *fetch = made;
    return NULL;
}
