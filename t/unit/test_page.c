/* Pages: every fault an item or a page can have, and what becomes of it. */
#include "page.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tap.h"

/* A day in March 2026, in us. */
#define MARCH_16 (APR_INT64_C(1773664391) * 1000000)

static apr_pool_t *pool;
static ubal_mapping_t *mapping;

/* Reads a copy without anything behind it; NULL and `*message` if refused. */
static ubal_page_t *read_bytes(const char **message, const char *text,
                               apr_size_t length, int number)
{
    char *exact = malloc(length ? length : 1);
    ubal_page_t *page = NULL;
    ubal_error_t *err;

    memcpy(exact, text, length);
    err = ubal_page_read(&page, exact, length, number, mapping, 2, pool);
    free(exact);
    *message = err ? err->message : NULL;
    if (err && err->kind != UBAL_ERR_VENDOR) {
        *message = "an error of the wrong kind";
    }
    return err ? NULL : page;
}

static ubal_page_t *read_page(const char *text)
{
    const char *message;
    ubal_page_t *page = read_bytes(&message, text, strlen(text), 1);

    if (message) {
        printf("# %s\n", message);
    }
    return page;
}

static const ubal_item_t *item_of(const ubal_page_t *page, int i)
{
    static const ubal_item_t none;

    return page && i < page->items->nelts
               ? &APR_ARRAY_IDX(page->items, i, ubal_item_t)
               : &none;
}

/* Reads a page of a good item and `text`; gives the latter. */
static const ubal_item_t *read_item(const char *text)
{
    ubal_page_t *page = read_page(apr_psprintf(
        pool,
        "{\"items\":[{\"id\":\"good\",\"userId\":\"1\",\"createdAt\":"
        "\"2026-03-16\",\"type\":\"earned\",\"amount\":1},%s]}",
        text));

    if (!page || page->items->nelts != 2 || item_of(page, 0)->fault) {
        tap_ok(0, "the good item beside %s is storable", text);
    }
    return item_of(page, 1);
}

/* An item whose `field` is `value`, the rest being good. */
static const ubal_item_t *with(const char *field, const char *value)
{
    static const char *const good[][2] = {
        {"id", "\"t1\""},
        {"userId", "\"12\""},
        {"createdAt", "\"2026-03-16T12:33:11.000Z\""},
        {"type", "\"payout\""},
        {"amount", "30"},
    };
    const char *text = "{";
    size_t i;

    for (i = 0; i < sizeof(good) / sizeof(*good); i++) {
        text = apr_pstrcat(
            pool, text, i ? "," : "", "\"", good[i][0],
            "\":", strcmp(good[i][0], field) ? good[i][1] : value, NULL);
    }
    return read_item(apr_pstrcat(pool, text, "}", NULL));
}

static const char *fault_with(const char *field, const char *value)
{
    const char *fault = with(field, value)->fault;

    return fault ? fault : "(storable)";
}

static int is_dead(const char *field, const char *value)
{
    const ubal_item_t *item = with(field, value);

    return item->fault && strstr(item->fault, field) == item->fault;
}

static void check_dialect(void)
{
    ubal_page_t *page = read_page(
        "{\"items\":[{\"id\":\"41bb\",\"userId\":\"074092\",\"createdAt\":"
        "\"2026-03-16T12:33:11.000Z\",\"type\":\"payout\",\"amount\":30.5}],"
        "\"meta\":{\"totalItems\":1200,\"itemCount\":1,\"itemsPerPage\":1000,"
        "\"totalPages\":2,\"currentPage\":1}}");
    const ubal_item_t *item = item_of(page, 0);

    tap_is_str(item->fault, NULL, "an item as documented is storable");
    tap_is_str(item->id, "41bb", "its id");
    tap_is_str(item->key, "i41bb", "its key");
    tap_is_str(item->user_id, "074092", "its user, with the leading zero");
    tap_ok(item->created_at == MARCH_16, "its instant");
    tap_is_int(item->type, UBAL_TYPE_PAYOUT, "its type");
    tap_is_int(item->amount, 3050, "its amount in minor units");
    tap_ok(strncmp(item->raw, "{\"id\":\"41bb\"", 12) == 0 &&
               item->raw[strlen(item->raw) - 1] == '}',
           "its bytes as they came");
    tap_is_int(page->total, 1200, "the total");
    tap_is_int(page->distinct, 1, "one distinct key");
    tap_is_str(page->contradiction, NULL, "no contradiction");
}

static void check_times(void)
{
    static const char *const same[] = {
        "\"2026-03-16T12:33:11\"",
        "\"2026-03-16 12:33:11\"",
        "\"2026-03-16T13:33:11+01:00\"",
        "\"2026-03-16T12:33:11.0000009Z\"",
        "1773664391",
        "1773664391000",
        "\"1773664391\"",
    };
    static const char *const dead[] = {
        "\"2026-02-30T00:00:00Z\"",
        "\"2026-06-30T23:59:60Z\"",
        "\"0000-01-01T00:00:00Z\"",
        "\"9999-12-31T23:59:59Z\"",
        "\"\"",
        "\"soon\"",
        "-1",
        "1.5e9",
        "1773664391.5",
        "null",
        "true",
        "[]",
        "{}",
        "12345678901234567890",
        "\"2026-03-16T12:33:11Z\\u0000\"",
    };
    size_t i;

    for (i = 0; i < sizeof(same) / sizeof(*same); i++) {
        const ubal_item_t *item = with("createdAt", same[i]);

        tap_ok(!item->fault && item->created_at == MARCH_16,
               "V18 createdAt %s", same[i]);
    }
    tap_is_str(with("createdAt", "\"2099-01-01\"")->fault, NULL,
               "V19 a createdAt in the future is storable");
    for (i = 0; i < sizeof(dead) / sizeof(*dead); i++) {
        tap_ok(is_dead("createdAt", dead[i]), "V20 createdAt %s is dead",
               dead[i]);
    }
}

static void check_types(void)
{
    tap_is_int(with("type", "\"paidOut\"")->type, UBAL_TYPE_PAID_OUT,
               "paidOut");
    tap_is_int(with("type", "\"paid out\"")->type, UBAL_TYPE_PAID_OUT,
               "paid out");
    tap_is_str(fault_with("type", "\"refund\""), "type: 'refund' is unknown",
               "V21 an unknown type");
    tap_is_str(fault_with("type", "\"spent\\u0000\""),
               "type: 'spent\\x00' is unknown", "a NUL is not an end");
    tap_is_str(fault_with("type", "3"), "type: is a number", "a number");
    tap_is_str(fault_with("type", "null"), "type: is null", "null");
}

static const struct {
    const char *text;
    int minor;
} good_amounts[] = {
    {"-12.5", -1250},
    {"-0", 0},
    {"-0.00", 0},
    {"1.2e2", 12000},
    {"\"12.34\"", 1234},
    {"0.10", 10},
    {"1.50000000000000000000000", 150},
    {"12340e-3", 1234},
    {"0e999999999999", 0},
    {"\"-1E1\"", -1000},
};
static const char *const dead_amounts[] = {
    "12.345",
    "1e308",
    "12345678901234567890",
    "\"NaN\"",
    "10000000000000.01",
    "\"12,34\"",
    "true",
    "null",
    "\"\"",
    "\" 1\"",
    "\"1 \"",
    "\"0x10\"",
    "\"+1\"",
    "\"01\"",
    "\"1.\"",
    "[]",
    "{}",
    "1e-3",
    "\"1\\u0000\"",
    "1e999999999999",
    "-1e308",
    "\"n5\"",
    "\"\\u0661\"",
};

static void check_amounts(void)
{
    size_t i;

    for (i = 0; i < sizeof(good_amounts) / sizeof(*good_amounts); i++) {
        const ubal_item_t *item = with("amount", good_amounts[i].text);

        tap_is_str(item->fault, NULL, "V22, V24 amount %s",
                   good_amounts[i].text);
        tap_is_int(item->amount, good_amounts[i].minor, "and is exact");
    }
    tap_ok(with("amount", "9007199254740.93")->amount ==
               APR_INT64_C(900719925474093),
           "an amount no double holds in cents is exact");
    for (i = 0; i < sizeof(dead_amounts) / sizeof(*dead_amounts); i++) {
        tap_ok(is_dead("amount", dead_amounts[i]),
               "V23, V24 amount %s is dead", dead_amounts[i]);
    }
    tap_ok(with("amount", "true")->is_dated &&
               with("amount", "true")->created_at > 0 &&
               with("type", "null")->is_dated &&
               with("amount", "1,\"amount\":1")->is_dated &&
               !with("createdAt", "null")->is_dated,
           "what has a fault elsewhere says when it was");
    tap_is_str(fault_with("amount", "12.345"),
               "amount: 12.345 has more decimals than the scale 2",
               "the fault shows the number");
}

/* Text of `length` times `byte`, quoted. */
static const char *repeat(char byte, int length)
{
    char *text = apr_palloc(pool, (apr_size_t)length + 3);

    memset(text, byte, (apr_size_t)length + 2);
    text[0] = text[length + 1] = '"';
    text[length + 2] = '\0';
    return text;
}

static void check_ids(void)
{
    const ubal_item_t *item;

    tap_is_str(with("userId", "\"a/b'c\\\"\\u00e9\\ud83d\\ude00\"")->user_id,
               "a/b'c\"\xc3\xa9\xf0\x9f\x98\x80", "V26 slash, quote, unicode");
    tap_is_str(with("userId", "12")->user_id, "12", "V26 a number's digits");
    tap_is_str(with("userId", "12345678901234567890")->user_id,
               "12345678901234567890", "V26 more digits than 64 bits hold");
    tap_is_str(with("userId", repeat('u', 128))->fault, NULL, "V26 128 bytes");
    tap_ok(is_dead("userId", repeat('u', 129)), "V26 129 bytes");
    tap_ok(is_dead("userId", repeat('u', 4096)), "V26 4 KB");
    tap_ok(strlen(fault_with("userId", repeat('u', 4096))) < 140,
           "the fault shows the beginning of it");
    tap_is_str(fault_with("userId", "\"a\\u0000b\""),
               "userId: 'a\\x00b' has a control character", "V26 NUL");
    tap_ok(is_dead("userId", "\"a\\nb\""), "V26 a newline");
    tap_ok(is_dead("userId", "\"a\\u202eb\""), "V26 text direction");
    tap_ok(is_dead("userId", "\"\""), "V26 empty");
    tap_ok(is_dead("userId", "1.5"), "V26 a fraction");
    tap_ok(is_dead("userId", "1e3"), "V26 an exponent");
    item = with("id", "77");
    tap_is_str(item->id, "77", "an id may be a number");
    tap_is_str(item->key, "i77", "and is its key");
    item = with("amount", "1.001");
    tap_is_str(item->id, "t1", "a dead letter keeps a usable id");
    tap_is_str(item->key, "it1", "and its key");
}

static void check_fields(void)
{
    const ubal_item_t *item;

    tap_is_str(read_item("{\"userId\":\"12\"}")->fault, "id: is missing",
               "V25 no id");
    tap_is_str(read_item("{\"id\":\"x\",\"createdAt\":1}")->fault,
               "userId: is missing", "V25 no userId");
    tap_is_str(fault_with("id", "null"), "id: is null", "V25 null");
    tap_is_str(fault_with("id", "false"), "id: is true or false", "V25 false");
    tap_is_str(fault_with("id", "[1]"), "id: is an array", "V25 an array");
    tap_is_str(fault_with("id", "{\"id\":1}"), "id: is an object",
               "V25 an object");
    item = read_item("{\"id\":\"a\",\"id\":\"b\"}");
    tap_is_str(item->fault, "names a field twice", "V25 named twice");
    tap_is_str(item->id, NULL, "which has no usable id");
    tap_ok(item->key && item->key[0] == 'r', "but a key");
    tap_is_str(read_item("{\"id\":\"a\",\"\\u0069d\":\"b\"}")->fault,
               "names a field twice", "V25 named twice in disguise");
    tap_is_str(read_item("{\"a\\u0000\":1}")->fault,
               "has a NUL in a field's name", "a NUL in a name");
    tap_is_str(read_item("{\"id\":\"\\ud800\"}")->fault,
               "has half of a surrogate pair", "half a surrogate pair");
    tap_is_str(
        with("amount", "1,\"more\":{\"a\":[1e999,{\"a\":1,\"a\":2}]}")->fault,
        NULL, "what nobody asks for may be anything");
    tap_is_str(read_item("7")->fault, "is not an object", "V25 a number");
    tap_is_str(read_item("[]")->fault, "is not an object", "V25 an array");
    tap_is_str(read_item("\"{}\"")->fault, "is not an object", "V25 a string");
    tap_is_str(read_item("null")->raw, "null", "its bytes are kept");
}

static void check_raw(void)
{
    const ubal_item_t *item = read_item("{\"id\":\"\xff\"}");
    ubal_page_t *page;

    tap_is_str(item->fault, "is not UTF-8", "bytes that are no UTF-8");
    tap_is_str(item->raw, "base64:eyJpZCI6Iv8ifQ==", "are kept in base64");
    page = read_page("{\"items\":[0,0,{},0,{\"id\":1},{\"id\":\"1\"},{}]}");
    tap_is_int(page->distinct, 6,
               "equal bytes without an id stay apart, equal "
               "ids do not");
    tap_ok(strcmp(item_of(page, 0)->key, item_of(page, 1)->key) &&
               !strncmp(item_of(page, 0)->key, item_of(page, 1)->key, 41),
           "by their number on the page");
    tap_is_str(item_of(read_page("{\"items\":[0]}"), 0)->key,
               item_of(page, 0)->key, "the same on every reading");
}

/* The contradiction of two items and `meta` on page 2; "none". */
static const char *contradict(const char *meta)
{
    const char *text =
        apr_psprintf(pool, "{\"items\":[1,2],\"meta\":%s}", meta);
    const char *message;
    ubal_page_t *page = read_bytes(&message, text, strlen(text), 2);

    return !page                 ? message
           : page->contradiction ? page->contradiction
                                 : "none";
}

static apr_int64_t total(const char *meta)
{
    ubal_page_t *page =
        read_page(apr_psprintf(pool, "{\"meta\":%s,\"items\":[1,2]}", meta));

    return page ? page->total : -99;
}

static void check_meta(void)
{
    tap_is_str(contradict("{\"itemCount\":2,\"currentPage\":2,"
                          "\"totalItems\":4,\"totalPages\":2}"),
               "none", "a meta that agrees");
    tap_is_str(contradict("{\"itemCount\":1000}"),
               "meta says 1000 items, the page has 2", "V8 itemCount");
    tap_is_str(contradict("{\"itemCount\":\"3\"}"),
               "meta says 3 items, the page has 2", "V8 in a string");
    tap_is_str(contradict("{\"currentPage\":1}"),
               "meta says page 1, asked was page 2", "V8 currentPage");
    tap_is_str(contradict("{\"totalItems\":1}"),
               "meta says 1 items in all, the page has 2", "V8 totalItems");
    tap_is_str(contradict("{\"totalItems\":-1}"), "meta says totalItems is -1",
               "V8 a negative total");
    tap_is_str(contradict("{\"itemCount\":-2}"), "meta says itemCount is -2",
               "V8 a negative count");
    tap_is_str(contradict("{\"itemsPerPage\":1,\"totalPages\":0}"), "none",
               "what is not used contradicts nothing");
    tap_is_int(total("{\"totalItems\":1200}"), 1200, "a total");
    tap_is_int(total("{\"totalItems\":\"1200\"}"), 1200, "in a string");
    tap_is_int(total("{\"totalItems\":1.2e3}"), 1200, "with an exponent");
    tap_is_int(total("{\"totalItems\":-5}"), -1, "a negative one is none");
    tap_is_int(total("{\"totalItems\":2.5}"), -1, "nor is half an item");
    tap_is_int(total("{\"totalItems\":\"many\"}"), -1, "nor a word");
    tap_is_int(total("{\"totalItems\":1e308}"), -1, "nor what no int64 holds");
    tap_is_int(total("{\"totalItems\":null}"), -1, "nor null");
    tap_is_int(total("{}"), -1, "an empty meta has none");
    tap_is_int(total("null"), -1, "a null meta has none");
    tap_is_int(total("[1200]"), -1, "an array has none");
    tap_is_int(read_page("{\"items\":[]}")->total, -1, "no meta, no total");
}

static void check_refusals(void)
{
    static const char *const bad[] = {
        "<html><body>Service",
        "",
        " ",
        "null",
        "[]",
        "\"items\"",
        "{}",
        "{\"items\":{}}",
        "{\"items\":null}",
        "{\"items\":7}",
        "{\"data\":[{}]}",
        "{\"items\":[{}]}}",
        "{\"items\":[{}]} {}",
        "{\"items\":[{}],\"items\":[{}]}",
        "{\"items\":[{}],\"\\u0069tems\":[{}]}",
        "{\"\\u0069tems\":[{}]}",
        "{\"items\":[],\"meta\":{\"totalItems\":1,\"totalItems\":2}}",
        "{\"items\":[],\"a\":1,\"a\":2}",
        "{\"items\":[],\"\xff\":1}",
        "{\"items\":[{\"id\":\"a\",}]}",
        "{\"items\":[{\"amount\":01}]}",
        "{\"items\":[{\"amount\":NaN}]}",
        "{\"items\":[{\"id\":\"a\nb\"}]}",
        "\xef\xbb\xbf\xef\xbb\xbf{\"items\":[]}",
        "{\"items\":[{\"id\":'a'}]}",
    };
    const char *message;
    size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        tap_ok(!read_bytes(&message, bad[i], strlen(bad[i]), 1) &&
                   strncmp(message, "the reply ", 10) == 0,
               "V7, V9 refused: row %d", (int)i);
    }
    read_bytes(&message, "<html>\n\x1b[31m", 12, 1);
    tap_is_str(message,
               "the reply is no JSON at byte 1: an unexpected character; it "
               "begins '<html>\\x0a\\x1b[31m'",
               "V9 the first bytes are shown escaped");
    tap_ok(!read_bytes(&message, "{\"items\":[\"\0\"]}", 15, 1),
           "a raw NUL is refused");
    tap_ok(read_page("\xef\xbb\xbf{\"items\":[]}") != NULL,
           "one byte order mark is not");
}

static void check_cuts(void)
{
    static const char text[] =
        "{\"items\":[{\"id\":\"41bb\",\"userId\":\"074092\",\"createdAt\":"
        "\"2026-03-16T12:33:11.000Z\",\"type\":\"payout\",\"amount\":30}],"
        "\"meta\":{\"totalItems\":1,\"itemCount\":1}}";
    const char *message;
    apr_size_t length;
    int refused = 0;

    for (length = 0; length < sizeof(text) - 1; length++) {
        refused += !read_bytes(&message, text, length, 1);
    }
    tap_is_int(refused, sizeof(text) - 1, "V7 every cut of a page is refused");
}

/* "prefix", `count` times "element," without the last comma, "suffix". */
static const char *text_of(const char *prefix, int count, const char *element,
                           const char *suffix)
{
    size_t width = strlen(element) + 1;
    char *text = apr_palloc(pool, strlen(prefix) + (size_t)count * width +
                                      strlen(suffix) + 1);
    char *at = text + sprintf(text, "%s", prefix);
    int i;

    for (i = 0; i < count; i++) {
        at += sprintf(at, "%s,", element);
    }
    memcpy(at - 1, suffix, strlen(suffix) + 1);
    return text;
}

static void check_sizes(void)
{
    const ubal_item_t *item;
    ubal_page_t *page = read_page(
        text_of("{\"items\":[", 5000,
                "{\"id\":\"x\",\"userId\":12,\"createdAt\":1773664391,"
                "\"type\":\"spent\",\"amount\":0.01}",
                "],\"meta\":{\"itemCount\":5000}}"));

    tap_is_int(page->items->nelts, 5000, "V11 more than a thousand items");
    tap_is_int(page->distinct, 1, "all with the same id");
    tap_is_str(item_of(page, 4999)->fault, NULL, "the last is storable");
    item = read_item(text_of("{\"id\":\"big\",\"a\":\"", 300000, "", "\"}"));
    tap_is_str(item->fault, "is longer than 262144 bytes",
               "an item beyond all measure is a dead letter");
    item = read_item(text_of("{\"id\":\"big\",\"a\":[", 300000, "0", "]}"));
    tap_is_str(item->fault, "userId: is missing",
               "but not for what nobody asks for");
}

/* Peak memory of this process in KB. */
static long peak(void)
{
    struct rusage usage;

    getrusage(RUSAGE_SELF, &usage);
    return usage.ru_maxrss;
}

/* Reads the page of `count` `element`s in a process of its own, since a peak
 * hides a later, lower one: how many bytes of memory a byte of text took. */
static int cost(const char *prefix, int count, const char *element,
                const char *suffix)
{
    const char *text = text_of(prefix, count, element, suffix);
    apr_size_t length = strlen(text);
    ubal_page_t *page;
    int status = -1;
    long before;
    pid_t pid = fork();

    if (pid == 0) {
        before = peak();
        ubal_page_read(&page, text, length, 1, mapping, 2, pool);
        _exit((int)((peak() - before) * 1024 / (long)length));
    }
    waitpid(pid, &status, 0);
    return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static void check_memory(void)
{
#ifdef __SANITIZE_ADDRESS__
    int most = 100; /* its own book-keeping */
#else
    int most = 24;
#endif
    int times = cost("{\"items\":[", 3000000, "0", "]}");

    tap_ok(times <= most, "V10 three million numbers: %d times the page",
           times);
    times = cost("{\"items\":[", 3000000, "{}", "]}");
    tap_ok(times <= most, "three million empty objects: %d times", times);
    times = cost("{\"items\":[],\"a\":[", 3000000, "0", "]}");
    tap_ok(times <= most, "three million numbers beside: %d times", times);
    times = cost("{\"items\":[{\"a\":[", 3000000, "0", "]}]}");
    tap_ok(times <= most, "three million in an item: %d times", times);
    times = cost("{\"items\":[", 120000,
                 "{\"id\":\"\",\"userId\":1,\"amount\":5}", "]}");
    tap_ok(times <= most, "120000 short dead letters: %d times", times);
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    mapping = ubal_mapping_make(pool);
    check_dialect();
    check_times();
    check_types();
    check_amounts();
    check_ids();
    check_fields();
    check_raw();
    check_meta();
    check_refusals();
    check_cuts();
    check_sizes();
    check_memory();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
