/* Fetching: what is sent, what a reply is taken for, and that no request goes
 * out but through the gate. Against a server in a thread that misbehaves. */
#include "fetch.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <time.h>
#include <unistd.h>

#include "core/time.h"
#include "tap.h"

#define SECRET "s3cret&key"
#define MS APR_INT64_C(1000)
#define DATE "Date: Mon, 16 Mar 2026 12:33:11 GMT\r\n"

static apr_pool_t *pool;
static ubal_loop_t *loop;

/* --- a server for one request ------------------------------------------ */

typedef struct server_t {
    int listener;
    int quit[2]; /* closed at the writing end when no more requests come */
    int port;
    const char *text; /* what it answers, ... */
    apr_size_t length;
    enum {
        CLOSE,
        RESET,
        HANG,
        DRIBBLE,
        ENDLESS
    } then; /* ... and then does */
    char request[8192];
    int connections;
    pthread_t thread;
} server_t;

static int await(int fd)
{
    struct pollfd look_at = {fd, POLLIN, 0};

    return poll(&look_at, 1, 5000) > 0;
}

/* Reads up to the end of the headers or of the connection. */
static void read_request(server_t *server, int fd)
{
    size_t length = 0;
    ssize_t more;

    while (length < sizeof(server->request) - 1 && await(fd)) {
        more = recv(fd, server->request + length,
                    sizeof(server->request) - 1 - length, 0);
        if (more <= 0) {
            break;
        }
        length += (size_t)more;
        server->request[length] = '\0';
        if (strstr(server->request, "\r\n\r\n")) {
            break;
        }
    }
}

/* Sends `text` until the other side hangs up; a byte each 20 ms if slow. */
static void send_for_ever(int fd, const char *text, size_t length, int is_slow)
{
    struct pollfd look_at = {fd, POLLIN, 0};

    while (send(fd, text, length, MSG_NOSIGNAL) > 0) {
        if (poll(&look_at, 1, is_slow ? 20 : 0) > 0) {
            break;
        }
    }
}

static void answer(server_t *server, int fd)
{
    static const char zeros[65536];
    struct linger at_once = {1, 0};

    read_request(server, fd);
    if (*server->request) {
        send(fd, server->text, server->length, MSG_NOSIGNAL);
    }
    if (server->then == RESET) {
        setsockopt(fd, SOL_SOCKET, SO_LINGER, &at_once, sizeof(at_once));
    } else if (server->then == HANG) {
        await(fd);
    } else if (server->then == DRIBBLE) {
        send_for_ever(fd, " ", 1, 1);
    } else if (server->then == ENDLESS) {
        send_for_ever(fd, zeros, sizeof(zeros), 0);
    }
}

/* Whether there is one more connection: those made before the end count. */
static int is_asked(const server_t *server)
{
    struct pollfd look_at[2] = {{server->listener, POLLIN, 0},
                                {server->quit[0], POLLIN, 0}};

    poll(look_at, 2, 5000);
    return look_at[0].revents != 0;
}

static void *serve(void *baton)
{
    server_t *server = baton;

    while (is_asked(server)) {
        int fd = accept(server->listener, NULL, NULL);

        if (fd < 0) {
            break;
        }
        server->connections++;
        answer(server, fd);
        close(fd);
    }
    return NULL;
}

static void start_bytes(server_t *server, const char *text, apr_size_t length,
                        int then)
{
    struct sockaddr_in address = {.sin_family = AF_INET};
    socklen_t size = sizeof(address);

    memset(server, 0, sizeof(*server));
    server->text = text;
    server->length = length;
    server->then = then;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    server->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (bind(server->listener, (struct sockaddr *)&address, size) ||
        listen(server->listener, 5) || pipe(server->quit) ||
        getsockname(server->listener, (struct sockaddr *)&address, &size) ||
        pthread_create(&server->thread, NULL, serve, server)) {
        perror("server");
        exit(1);
    }
    server->port = ntohs(address.sin_port);
}

static void start(server_t *server, const char *text, int then)
{
    start_bytes(server, text, strlen(text), then);
}

static void stop(server_t *server)
{
    close(server->quit[1]);
    pthread_join(server->thread, NULL);
    close(server->quit[0]);
    close(server->listener);
}

/* --- a request --------------------------------------------------------- */

static int gate_calls;
static ubal_error_t *gate_error;

static ubal_error_t *gate(void *baton, apr_pool_t *own)
{
    (void)baton;
    (void)own;
    gate_calls++;
    return gate_error;
}

static ubal_vendor_t *vendor_at(int port)
{
    ubal_vendor_t *vendor = ubal_vendor_make("game", pool);

    vendor->url = apr_psprintf(pool, "http://127.0.0.1:%d/list", port);
    vendor->timeout = 5 * UBAL_TIME_SECOND;
    return vendor;
}

static ubal_fetch_t *begin(const ubal_vendor_t *vendor)
{
    ubal_query_t query = {.from = APR_INT64_C(1772323200000000),
                          .to = APR_INT64_C(1772323220500000),
                          .page = 3,
                          .limit = 1000};
    ubal_fetch_t *fetch = NULL;
    ubal_error_t *err;

    gate_calls = 0;
    err = ubal_fetch_start(&fetch, loop, vendor, &query, gate, NULL, pool);
    tap_ok(!err, "the request starts");
    return fetch;
}

static const ubal_reply_t *finish(const ubal_fetch_t *fetch)
{
    const ubal_reply_t *reply;

    while (!(reply = ubal_fetch_reply(fetch))) {
        ubal_loop_wait(loop, NULL, 0, -1, pool);
    }
    if (reply->err) {
        printf("# %s\n", reply->err->message);
    }
    return reply;
}

static const ubal_reply_t *fetch_bytes(const char *text, apr_size_t length,
                                       int then, apr_int64_t timeout)
{
    const ubal_reply_t *reply;
    ubal_vendor_t *vendor;
    server_t server;

    start_bytes(&server, text, length, then);
    vendor = vendor_at(server.port);
    vendor->timeout = timeout;
    vendor->max_body = 1000000;
    reply = finish(begin(vendor));
    stop(&server);
    return reply;
}

static const ubal_reply_t *fetch(const char *text, int then)
{
    return fetch_bytes(text, strlen(text), then, 5 * UBAL_TIME_SECOND);
}

/* Checks that it failed as it should. */
static void is_failure(const ubal_reply_t *reply, int kind, int is_over,
                       const char *what, const char *name)
{
    tap_ok(reply->err && (int)reply->err->kind == kind, "%s is an error",
           name);
    tap_ok(reply->err && strstr(reply->err->message, what), "%s says \"%s\"",
           name, what);
    tap_is_int(reply->is_over, is_over, "%s: whether it is over", name);
    tap_is_int(reply->was_sent, 1, "%s: it cost a slot", name);
}

/* --- what is sent ------------------------------------------------------ */

static const char *sent(ubal_vendor_t *vendor, server_t *server)
{
    const ubal_reply_t *reply;

    reply = finish(begin(vendor));
    stop(server);
    tap_ok(reply->err && !strstr(reply->err->message, "s3cret") &&
               !strstr(reply->err->message, "?"),
           "the error shows neither secret nor query");
    return server->request;
}

static ubal_vendor_t *prepare(server_t *server, ubal_auth_e auth,
                              const char *name)
{
    ubal_vendor_t *vendor;

    start(server, "HTTP/1.1 500 Oops\r\nContent-Length: 0\r\n\r\n", CLOSE);
    vendor = vendor_at(server->port);
    vendor->auth = auth;
    vendor->auth_name = name;
    vendor->secret = SECRET;
    return vendor;
}

static void has(const char *request, const char *text)
{
    if (!tap_ok(strstr(request, text) != NULL, "sent: %s", text)) {
        printf("# %s\n", request);
    }
}

static void check_request(void)
{
    ubal_vendor_t *vendor;
    const char *request;
    server_t server;

    vendor = prepare(&server, UBAL_AUTH_NONE, NULL);
    request = sent(vendor, &server);
    has(request, "GET /list?startDate=2026-03-01T00%3A00%3A00.000Z&"
                 "endDate=2026-03-01T00%3A00%3A20.500Z&page=3&limit=1000 "
                 "HTTP/1.1\r\n");
    has(request, "\r\nUser-Agent: ubal-ingest/");
    has(request, "\r\nAccept: application/json\r\n");
    has(request, "\r\nAccept-Encoding: gzip\r\n");
    tap_ok(!strstr(request, "Expect:") && !strstr(request, "Upgrade:") &&
               !strstr(request, "Cookie:") &&
               !strstr(request, "Authorization"),
           "nothing that was not asked for");
    vendor = prepare(&server, UBAL_AUTH_NONE, NULL);
    vendor->url = apr_pstrcat(pool, vendor->url, "?v=1", NULL);
    vendor->page_size_param = "per page";
    apr_table_add(vendor->params, "a&b", "c d");
    apr_table_add(vendor->headers, "X-Team", "ours");
    apr_table_add(vendor->headers, "X-Empty", "");
    apr_table_add(vendor->headers, "accept", "text/json");
    request = sent(vendor, &server);
    has(request, "GET /list?v=1&a%26b=c%20d&startDate=");
    has(request, "&page=3&per%20page=1000 ");
    has(request, "\r\nX-Team: ours\r\n");
    has(request, "\r\nX-Empty:");
    has(request, "\r\naccept: text/json\r\n");
    tap_ok(!strstr(request, "application/json"), "a header is sent once");
}

static void check_auth(void)
{
    ubal_query_t query = {0};
    ubal_vendor_t *vendor;
    ubal_fetch_t *none;
    ubal_error_t *err;
    server_t server;

    vendor = prepare(&server, UBAL_AUTH_BEARER, NULL);
    has(sent(vendor, &server), "\r\nAuthorization: Bearer " SECRET "\r\n");
    vendor = prepare(&server, UBAL_AUTH_BASIC, "me");
    has(sent(vendor, &server),
        "\r\nAuthorization: Basic bWU6czNjcmV0JmtleQ==\r\n");
    vendor = prepare(&server, UBAL_AUTH_HEADER, "X-Api-Key");
    has(sent(vendor, &server), "\r\nX-Api-Key: " SECRET "\r\n");
    vendor = prepare(&server, UBAL_AUTH_QUERY, "key");
    has(sent(vendor, &server), "GET /list?key=s3cret%26key&startDate=");
    vendor = vendor_at(1);
    vendor->auth = UBAL_AUTH_BEARER;
    err = ubal_fetch_start(&none, loop, vendor, &query, gate, NULL, pool);
    tap_ok(err && err->kind == UBAL_ERR_CONFIG, "no secret, no request");
}

/* --- what comes back --------------------------------------------------- */

static void check_replies(void)
{
    const ubal_reply_t *reply = fetch(
        "HTTP/1.1 200 OK\r\n" DATE "Content-Length: 12\r\n\r\n{\"items\":[]}",
        HANG);

    tap_ok(!reply->err, "a reply with 200");
    tap_is_int(gate_calls, 1, "passed the gate once");
    tap_is_int(reply->was_sent, 1, "cost a slot");
    tap_is_int(reply->is_over, 1, "is over");
    tap_is_int(reply->status, 200, "its status");
    tap_is_str(reply->body, "{\"items\":[]}", "its body");
    tap_is_int((long long)reply->length, 12, "its length");
    tap_ok(reply->date == APR_INT64_C(1773664391000000), "its date");
    tap_ok(reply->retry_after == -1, "no Retry-After");
    reply = fetch("HTTP/1.1 200 OK\r\nDate: yesterday\r\n\r\n{\"ite", CLOSE);
    tap_ok(!reply->err && reply->is_over && !strcmp(reply->body, "{\"ite"),
           "V7 a body that ends with the connection is left to the JSON");
    tap_ok(reply->date == 0, "a Date that is none");
    reply =
        fetch("HTTP/1.1 103 Early Hints\r\nDate: Mon, 16 Mar 2020 12:00:00 "
              "GMT\r\nRetry-After: 5\r\n\r\nHTTP/1.1 200 OK\r\n"
              "Content-Length: 0\r\n\r\n",
              CLOSE);
    tap_ok(!reply->err && reply->date == 0 && reply->retry_after == -1 &&
               reply->length == 0 && *reply->body == '\0',
           "an interim reply's headers are not the reply's");
}

static void check_statuses(void)
{
    static const struct {
        int status;
        const char *what;
    } bad[] = {
        {201, "answered 201"},
        {204, "answered 204"},
        {206, "answered 206"},
        {301, "answered 301: redirect refused"},
        {302, "answered 302: redirect refused"},
        {307, "answered 307: redirect refused"},
        {401, "answered 401: it refuses the credentials"},
        {403, "answered 403: it refuses the credentials"},
        {404, "answered 404: there is no list at UbalURL"},
        {410, "answered 410: there is no list at UbalURL"},
        {429, "answered 429: too many requests"},
        {500, "answered 500"},
        {503, "answered 503"},
    };
    const ubal_reply_t *reply;
    server_t other;
    size_t i;

    start(&other, "", CLOSE);
    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        reply = fetch(apr_psprintf(pool,
                                   "HTTP/1.1 %d x\r\nLocation: "
                                   "http://127.0.0.1:%d/\r\nWWW-Authenticate: "
                                   "Basic\r\nContent-Length: 0\r\n\r\n",
                                   bad[i].status, other.port),
                      HANG);
        is_failure(reply, UBAL_ERR_VENDOR, 1, bad[i].what, "V3, V4, V5");
        tap_is_int(reply->status, bad[i].status, "the status is kept");
    }
    stop(&other);
    tap_is_int(other.connections, 0, "V28 nobody else was asked");
    reply = fetch("HTTP/1.1 401 x\r\nContent-Length: 9\r\n\r\nno", CLOSE);
    is_failure(reply, UBAL_ERR_VENDOR, 1, "answered 401", "a cut refusal");
}

static apr_int64_t retry_after(const char *headers)
{
    return fetch(apr_pstrcat(pool, "HTTP/1.1 429 x\r\n", headers,
                             "Content-Length: 0\r\n\r\n", NULL),
                 CLOSE)
        ->retry_after;
}

static void check_retry_after(void)
{
    tap_ok(retry_after("Retry-After: 7\r\n") == 7 * UBAL_TIME_SECOND,
           "V1 seconds");
    tap_ok(retry_after("retry-after:  0 \r\n") == 0, "V1 none at all");
    tap_ok(retry_after("Retry-After: 99999999999999999999999\r\n") ==
               UBAL_TIME_DAY,
           "V1 absurd seconds are a day");
    tap_ok(
        retry_after("Retry-After: Mon, 16 Mar 2026 12:34:11 GMT\r\n" DATE) ==
            60 * UBAL_TIME_SECOND,
        "V1 a date counts from the reply's own");
    tap_ok(retry_after(
               "Retry-After: Mon, 16 Mar 2020 12:34:11 GMT\r\n" DATE) == 0,
           "V1 a date in the past");
    tap_ok(
        retry_after(DATE "Retry-After: Mon, 16 Mar 2099 12:34:11 GMT\r\n") ==
            UBAL_TIME_DAY,
        "V1 an absurd date is a day");
    tap_ok(retry_after("Retry-After: Mon, 16 Mar 2026 12:34:11 GMT\r\n") == -1,
           "V1 a date without the reply's own says nothing");
    tap_ok(retry_after(DATE "Retry-After: soon\r\n") == -1, "V2 a word");
    tap_ok(retry_after(DATE "Retry-After: -5\r\n") == -1, "V2 a minus");
    tap_ok(retry_after(DATE "Retry-After:\r\n") == -1, "V2 nothing");
    tap_ok(retry_after(DATE) == -1, "V2 no header");
}

static void check_broken(void)
{
    is_failure(
        fetch("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{\"it", CLOSE),
        UBAL_ERR_NET, 1, "partial", "V7 a body cut by length");
    is_failure(fetch("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "4\r\n{\"it\r\n",
                     CLOSE),
               UBAL_ERR_NET, 1, "", "V7 a body cut between chunks");
    is_failure(fetch("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
                     "zz\r\n{\"it",
                     HANG),
               UBAL_ERR_NET, 0, "", "V7 a chunk without a size");
    is_failure(fetch("", CLOSE), UBAL_ERR_NET, 1, "nothing", "V29 no reply");
    is_failure(fetch("", RESET), UBAL_ERR_NET, 1, "", "V29 a reset");
    is_failure(fetch("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{", RESET),
               UBAL_ERR_NET, 1, "", "V29 a reset in the body");
    is_failure(fetch("\x16\x03garbage\r\n\r\n", HANG), UBAL_ERR_NET, 0,
               "is no HTTP", "V29 garbage");
}

static void check_limits(void)
{
    const ubal_reply_t *reply = fetch_bytes("", 0, HANG, 300 * MS);

    is_failure(reply, UBAL_ERR_NET, 0, "no whole reply within 300 ms",
               "V6 silence");
    reply = fetch_bytes("HTTP/1.1 200 OK\r\n\r\n", 19, DRIBBLE, 900 * MS);
    is_failure(reply, UBAL_ERR_NET, 0, "dribbles", "V6 a byte at a time");
    is_failure(fetch("HTTP/1.1 200 OK\r\n\r\n", ENDLESS), UBAL_ERR_VENDOR, 0,
               "longer than 1000000 bytes", "V10 a body without end");
    tap_ok(fetch("HTTP/1.1 200 OK\r\n\r\n", ENDLESS)->length <= 1000000,
           "V10 of which no more is kept");
    is_failure(fetch(apr_pstrcat(pool, "HTTP/1.1 200 OK\r\nX: ",
                                 memset(apr_pcalloc(pool, 50001), 'x', 50000),
                                 "\r\nY: ",
                                 memset(apr_pcalloc(pool, 50001), 'y', 50000),
                                 "\r\n\r\n", NULL),
                     CLOSE),
               UBAL_ERR_VENDOR, 0, "headers are longer", "headers of 100 KB");
}

/* --- gzip -------------------------------------------------------------- */

/* Writes the `count` bits of `code`, the highest first as Huffman codes are.
 */
static void put_bits(unsigned char *out, size_t *bit, unsigned code, int count)
{
    while (count--) {
        out[*bit / 8] |= (unsigned char)((code >> count & 1) << *bit % 8);
        ++*bit;
    }
}

/* A reply of a gzip stream of `count` times 258 bytes: RFC 1951, 3.2.6. */
static const char *make_bomb(size_t *length, int count)
{
    static const char head[] = "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n"
                               "\r\n\x1f\x8b\x08\0\0\0\0\0\0\x03";
    size_t start = sizeof(head) - 1, bit = 0;
    unsigned char *text = apr_pcalloc(pool, start + (size_t)count * 2 + 100);

    memcpy(text, head, start);
    put_bits(text + start, &bit, 6, 3);    /* the last block, fixed codes */
    put_bits(text + start, &bit, 0x91, 8); /* "a" */
    while (count--) {
        put_bits(text + start, &bit, 0xc5, 8); /* 258 bytes ... */
        put_bits(text + start, &bit, 0, 5);    /* ... from 1 byte before */
    }
    put_bits(text + start, &bit, 0, 7); /* the end of the block */
    *length = start + bit / 8 + 9;
    return (const char *)text;
}

static void check_gzip(void)
{
    static const char good[] =
        "HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
        "\x1f\x8b\x08\0\0\0\0\0\0\x03\xab\x56\xca\x2c\x49\xcd\x2d\x56\xb2\x8a"
        "\x8e\xad\x05\0\x1d\x1f\x43\xea\x0c\0\0\0";
    const ubal_reply_t *reply =
        fetch_bytes(good, sizeof(good) - 1, CLOSE, UBAL_TIME_SECOND);
    size_t length;
    const char *bomb = make_bomb(&length, 200000);

    tap_ok(!reply->err && !strcmp(reply->body, "{\"items\":[]}"),
           "a compressed reply is read");
    reply = fetch_bytes(bomb, length, CLOSE, 5 * UBAL_TIME_SECOND);
    is_failure(reply, UBAL_ERR_VENDOR, 0, "longer than 1000000 bytes",
               "V10 51 MB in 325 KB");
    reply = fetch_bytes(good, sizeof(good) - 12, CLOSE, UBAL_TIME_SECOND);
    tap_ok(!reply->err || reply->err->kind == UBAL_ERR_NET,
           "a cut compressed reply is an error or cut JSON");
}

/* --- TLS --------------------------------------------------------------- */

/* A server with a certificate that nobody has signed but itself. */
#define TLS_SERVER                                                          \
    "cd \"$(mktemp -d)\" && trap 'rm -r \"$PWD\"' EXIT && "                 \
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes " \
    "-keyout key -out cert -days 1 -subj /CN=127.0.0.1 "                    \
    "-addext subjectAltName=IP:127.0.0.1 2>&1 && "                          \
    "timeout 10 openssl s_server -accept 127.0.0.1:0 -cert cert -key key "  \
    "-www -naccept 1 </dev/null 2>&1"

/* Reads what the server says; its port, once it says that it listens. */
static const char *read_port(FILE *server)
{
    char line[256];

    while (fgets(line, sizeof(line), server)) {
        if (strncmp(line, "ACCEPT ", 7) == 0) {
            line[strcspn(line, "\n")] = '\0';
            return apr_pstrdup(pool, strrchr(line, ':'));
        }
    }
    return NULL;
}

static void check_tls(void)
{
    /* NOLINTNEXTLINE(cert-env33-c): the command is a constant */
    FILE *server = popen(TLS_SERVER, "r");
    const char *port = server ? read_port(server) : NULL;
    const ubal_reply_t *reply;
    ubal_vendor_t *vendor;

    if (!tap_ok(port != NULL, "openssl serves TLS")) {
        return;
    }
    vendor = vendor_at(0);
    vendor->url = apr_pstrcat(pool, "https://127.0.0.1", port, "/", NULL);
    reply = finish(begin(vendor));
    tap_ok(reply->err &&
               strstr(reply->err->message, "SSL certificate problem"),
           "V27 a foreign certificate fails");
    tap_is_int(gate_calls, 0, "V27 before the gate");
    tap_is_int(reply->was_sent, 0, "V27 without a slot");
    read_port(server);
    pclose(server);
}

/* --- gate, abort, loop ------------------------------------------------- */

static void check_gate(void)
{
    const ubal_reply_t *reply;
    server_t server;

    gate_error = ubal_error_make(UBAL_ERR_BUDGET, pool, "no slot is free");
    start(&server, "HTTP/1.1 200 OK\r\n\r\n", CLOSE);
    reply = finish(begin(vendor_at(server.port)));
    stop(&server);
    tap_ok(reply->err == gate_error, "the gate's error is the reply's");
    tap_is_int(reply->was_sent, 0, "nothing was sent");
    tap_is_int(reply->is_over, 0, "nothing is over");
    tap_is_str(server.request, "", "the vendor has seen no byte");
    tap_is_int(server.connections, 1, "but a connection: the gate is late");
    gate_error = NULL;
    reply = finish(begin(vendor_at(server.port)));
    tap_ok(reply->err && reply->err->kind == UBAL_ERR_NET &&
               strstr(reply->err->message, "refused"),
           "V29 a refused connection");
    tap_is_int(reply->was_sent, 0, "V29 costs no slot");
    tap_is_int(gate_calls, 0, "V29 and does not ask the gate");
}

static void check_abort(void)
{
    const ubal_reply_t *reply;
    ubal_fetch_t *running;
    server_t server;

    start(&server, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{", HANG);
    running = begin(vendor_at(server.port));
    while (!gate_calls) {
        ubal_loop_wait(loop, NULL, 0, 10 * MS, pool);
    }
    tap_ok(!ubal_fetch_reply(running), "no reply while it runs");
    ubal_fetch_abort(running);
    reply = ubal_fetch_reply(running);
    is_failure(reply, UBAL_ERR_NET, 0, "given up", "an aborted request");
    ubal_fetch_abort(running);
    tap_ok(ubal_fetch_reply(running) == reply, "aborting again does nothing");
    stop(&server);
    running = begin(vendor_at(server.port));
    ubal_fetch_abort(running);
    tap_is_int(ubal_fetch_reply(running)->was_sent, 0,
               "a request aborted before its connection was not sent");
}

static void check_pools(void)
{
    ubal_query_t query = {0};
    apr_pool_t *own;
    ubal_fetch_t *running;
    server_t server;

    start(&server, "HTTP/1.1 200 OK\r\n\r\n{", HANG);
    apr_pool_create(&own, pool);
    gate_calls = 0;
    ubal_fetch_start(&running, loop, vendor_at(server.port), &query, gate,
                     NULL, own);
    while (!gate_calls) {
        ubal_loop_wait(loop, NULL, 0, 10 * MS, pool);
    }
    apr_pool_destroy(own);
    tap_ok(!ubal_loop_wait(loop, NULL, 0, 1 * MS, pool),
           "a pool that ends takes its request along");
    stop(&server);
}

static void on_alarm(int signal)
{
    (void)signal;
}

static apr_int64_t clock_us(void)
{
    struct timespec now;

    clock_gettime(CLOCK_MONOTONIC, &now);
    return (apr_int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static void check_loop(void)
{
    struct itimerval soon = {.it_value = {.tv_usec = 30000}};
    struct sigaction action = {.sa_handler = on_alarm};
    ubal_loop_fd_t fds[2] = {{-1, 1}, {-1, 0}};
    apr_int64_t start_at = clock_us();
    int ends[2];
    char byte;

    if (pipe(ends)) {
        perror("pipe");
        exit(1);
    }
    fds[1].fd = ends[0];
    ubal_loop_wait(loop, fds, 2, 30 * MS, pool);
    tap_ok(clock_us() - start_at >= 30 * MS, "a wait lasts its time");
    tap_ok(!fds[0].is_ready && !fds[1].is_ready, "nothing was ready");
    tap_is_int(write(ends[1], "x", 1), 1, "a byte is written");
    ubal_loop_wait(loop, fds, 2, -1, pool);
    tap_ok(fds[1].is_ready && !fds[0].is_ready, "input wakes the wait");
    tap_is_int(read(ends[0], &byte, 1), 1, "the byte is read");
    ubal_loop_wait(loop, fds, 2, 0, pool);
    tap_ok(!fds[1].is_ready, "and is ready no more");
    sigaction(SIGALRM, &action, NULL);
    setitimer(ITIMER_REAL, &soon, NULL);
    start_at = clock_us();
    ubal_loop_wait(loop, fds, 2, 5 * UBAL_TIME_SECOND, pool);
    tap_ok(clock_us() - start_at < UBAL_TIME_SECOND && !fds[1].is_ready,
           "a signal ends the wait");
    close(ends[1]);
    ubal_loop_wait(loop, fds, 2, -1, pool);
    tap_ok(fds[1].is_ready, "a hang-up wakes the wait");
    close(ends[0]);
}

static void check_two(void)
{
    const ubal_reply_t *first, *second;
    ubal_fetch_t *one, *other;
    server_t servers[2];

    start(&servers[0], "HTTP/1.1 200 OK\r\n\r\none", CLOSE);
    start(&servers[1], "HTTP/1.1 200 OK\r\n\r\nother", CLOSE);
    one = begin(vendor_at(servers[0].port));
    other = begin(vendor_at(servers[1].port));
    second = finish(other);
    first = finish(one);
    tap_ok(!strcmp(first->body, "one") && !strcmp(second->body, "other"),
           "two requests at a time");
    stop(&servers[0]);
    stop(&servers[1]);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    /* Which nothing may go through, or be sent with. */
    setenv("http_proxy", "http://127.0.0.1:1", 1);
    setenv("all_proxy", "http://127.0.0.1:1", 1);
    tap_ok(!ubal_loop_make(&loop, pool), "the loop is made");
    check_request();
    check_auth();
    check_replies();
    check_statuses();
    check_retry_after();
    check_broken();
    check_limits();
    check_gzip();
    check_tls();
    check_gate();
    check_abort();
    check_pools();
    check_loop();
    check_two();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
