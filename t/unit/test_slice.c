/* Slices: the grammar to the letter, reduced copies, elements of a list. */
#include "slice.h"

#include <apr_general.h>
#include <apr_strings.h>
#include <stdlib.h>

#include "tap.h"

static apr_pool_t *pool;

/* The reduced copy, or the error's sentence in angle brackets. The text lies
 * at the end of a block of its own, so that a sanitizer sees an overrun. */
static const char *reduce_bytes(const char *text, apr_size_t length,
                                int levels, apr_size_t size)
{
    char *exact = malloc(length ? length : 1);
    char *out = malloc(size);
    apr_size_t written;
    ubal_error_t *err;
    const char *result;

    memcpy(exact, text, length);
    err = ubal_slice_reduce(&written, out, size, exact, length, levels, pool);
    result = err              ? apr_pstrcat(pool, "<", err->message, ">", NULL)
             : written > size ? "(too long)"
                              : apr_pstrmemdup(pool, out, written);
    free(exact);
    free(out);
    return result;
}

static const char *reduce(const char *text, int levels)
{
    return reduce_bytes(text, strlen(text), levels, 2 * strlen(text) + 64);
}

static void check_copies(void)
{
    tap_is_str(reduce("{\"a\":1,\"b\":\"x\"}", 1),
               "{\"a\":\"n1\",\"b\":\"sx\"}",
               "numbers and strings are told apart");
    tap_is_str(reduce(" { \"a\" : true ,\n\"b\":\tnull } ", 1),
               "{\"a\":true,\"b\":null}", "words stay, spaces go");
    tap_is_str(reduce("{\"a\":90071992547409.93e-0}", 1),
               "{\"a\":\"n90071992547409.93e-0\"}", "digits stay as they are");
    tap_is_str(reduce("{\"a\":{\"b\":{\"c\":1},\"d\":[1,{}]},\"e\":2}", 1),
               "{\"a\":{},\"e\":\"n2\"}", "what is deeper is left out");
    tap_is_str(reduce("{\"a\":{\"b\":{\"c\":1},\"d\":[1]},\"e\":[[]]}", 2),
               "{\"a\":{\"b\":{},\"d\":[]},\"e\":[]}", "arrays are emptied");
    tap_is_str(reduce("{\"a\\\"b\":\"\\u0041\\\\\"}", 1),
               "{\"a\\\"b\":\"s\\u0041\\\\\"}", "escapes stay");
    tap_is_str(reduce("[{\"a\":1}]", 1), "[]", "an array is an empty one");
    tap_is_str(reduce("-0", 1), "\"n-0\"", "a lone number is a value");
    tap_is_str(reduce("{\"\xff\":\"\xc3\"}", 1), "{\"\xff\":\"s\xc3\"}",
               "bytes that are no UTF-8 pass through");
    tap_is_str(reduce_bytes("{\"a\":\"0123456789\"}", 18, 1, 18), "(too long)",
               "a copy that does not fit says so");
}

/* Texts that are no JSON. */
static const char *const bad[] = {
    "",
    " ",
    "{",
    "[",
    "{\"a\"",
    "{\"a\":",
    "{\"a\":1",
    "{\"a\":1,",
    "{\"a\":1,}",
    "[1,]",
    "[,1]",
    "[1 2]",
    "{,}",
    "{\"a\" 1}",
    "{a:1}",
    "{1:2}",
    "{\"a\":1]",
    "[1}",
    "]",
    "}",
    "{}{}",
    "{} x",
    "[] ,",
    "1 2",
    "01",
    "-",
    "-a",
    "+1",
    ".5",
    "1.",
    "1.e1",
    "1e",
    "1e+",
    "0x10",
    "NaN",
    "Infinity",
    "-Infinity",
    "tru",
    "True",
    "nulls",
    "nan",
    "'a'",
    "\"a",
    "\"a\\",
    "\"\\x\"",
    "\"\\u12\"",
    "\"\\u12g4\"",
    "\"\\u",
    "\"a\nb\"",
    "\"\x01\"",
    "\xef\xbb\xbf{}",
    "\xff",
    "{\"a\":1 \"b\":2}",
    "{\"a\"::1}",
    "{\"a\":1,,\"b\":2}",
    "[1]]",
    "/* */{}",
    "{\"a\":[1,2}]",
    "[\"a\":1]",
    "{\"a\":}",
    "{\"a\"}",
    "[-]",
    "[1.2.3]",
    "[1e1e1]",
    "\f{}",
};

static void check_refusals(void)
{
    apr_size_t i;

    for (i = 0; i < sizeof(bad) / sizeof(*bad); i++) {
        tap_ok(*reduce(bad[i], 9) == '<', "refused: row %d", (int)i);
    }
    tap_ok(*reduce_bytes("{\"a\0b\":1}", 9, 9, 64) == '<', "refused: NUL");
    tap_ok(*reduce_bytes("\0", 1, 9, 64) == '<', "refused: only NUL");
    tap_is_str(reduce("{\"a\":01}", 9),
               "<is no JSON at byte 7: a comma expected>",
               "the error says where");
    tap_is_str(reduce("{\"a\":1", 9), "<is no JSON at byte 7: ends too early>",
               "a cut text ends too early");
}

/* Every way to cut a good page must be refused. */
static void check_cuts(void)
{
    static const char page[] =
        "{\"items\":[{\"id\":\"a\\u00e4\",\"amount\":-1.5e+3,\"x\":[true,{}]},"
        "null],\"meta\":{\"totalItems\":2}}";
    apr_size_t length;
    int refused = 0;

    for (length = 0; length < sizeof(page) - 1; length++) {
        refused += *reduce_bytes(page, length, 2, 256) == '<';
    }
    tap_is_int(refused, sizeof(page) - 1, "every cut of a page is refused");
    tap_ok(*reduce(page, 2) == '{', "the whole page is not");
}

static void check_depth(void)
{
    int depth = 1000000;
    char *text = malloc(2 * (size_t)depth);

    memset(text, '[', (size_t)depth);
    memset(text + depth, ']', (size_t)depth);
    tap_is_str(reduce_bytes(text, 2 * (size_t)depth, 1, 64), "[]",
               "a million levels are read");
    tap_ok(*reduce_bytes(text, 2 * (size_t)depth - 1, 1, 64) == '<',
           "and refused where one is left open");
    text[depth] = '}';
    tap_ok(*reduce_bytes(text, 2 * (size_t)depth, 1, 64) == '<',
           "and where one is closed by the other bracket");
    free(text);
}

/* The elements, each followed by |. */
static const char *list(const char *text)
{
    apr_array_header_t *elements;
    const char *joined = "";
    ubal_error_t *err =
        ubal_slice_list(&elements, "items", text, strlen(text), pool);
    int i;

    if (err || !elements) {
        return err ? err->message : NULL;
    }
    for (i = 0; i < elements->nelts; i++) {
        ubal_slice_t slice = APR_ARRAY_IDX(elements, i, ubal_slice_t);

        joined = apr_pstrcat(pool, joined,
                             apr_pstrmemdup(pool, slice.text, slice.length),
                             "|", NULL);
    }
    return joined;
}

static void check_lists(void)
{
    tap_is_str(list("{\"items\":[]}"), "", "an empty list");
    tap_is_str(list("{\"items\":[ {\"a\": [1]} , 2,\"]\",[3,[ ]],null ]}"),
               "{\"a\": [1]}|2|\"]\"|[3,[ ]]|null|",
               "elements, byte for byte");
    tap_is_str(list("{\"x\":{\"items\":[1]},\"y\":[{\"items\":[2]}],"
                    "\"items\":[3],\"z\":\"items\"}"),
               "3|", "only the outermost name counts");
    tap_is_str(list("{\"item\":[1],\"items2\":[2]}"), NULL, "no such name");
    tap_is_str(list("{\"items\":{\"items\":[1]}}"), NULL, "no array");
    tap_is_str(list("[\"items\",[1]]"), NULL, "no object");
    tap_is_str(list("7"), NULL, "not even a container");
}

/* A list of `count` times `element`; returns whether it is taken. */
static int is_taken(int count, const char *element)
{
    apr_size_t width = strlen(element);
    apr_size_t length = 10 + (apr_size_t)count * (width + 1) + 1;
    char *text = malloc(length + 1);
    apr_array_header_t *elements;
    ubal_error_t *err;
    char *at = text;
    int i;

    at += sprintf(at, "{\"items\":[");
    for (i = 0; i < count; i++) {
        at += sprintf(at, "%s,", element);
    }
    sprintf(at - 1, "]}");
    err = ubal_slice_list(&elements, "items", text, length, pool);
    free(text);
    return !err && elements->nelts == count;
}

static void check_density(void)
{
    static const char item[] =
        "{\"id\":1,\"userId\":1,\"createdAt\":1700000000,"
        "\"type\":\"spent\",\"amount\":1}";

    tap_ok(is_taken(UBAL_SLICE_DENSE, "0"), "ten thousand tiny elements");
    tap_ok(!is_taken(UBAL_SLICE_DENSE + 1, "0"), "one more is too many");
    tap_ok(!is_taken(1000000, "{}"), "a million too");
    tap_ok(is_taken(100000, item), "a hundred thousand real items are taken");
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    check_copies();
    check_refusals();
    check_cuts();
    check_depth();
    check_lists();
    check_density();
    apr_pool_destroy(pool);
    apr_terminate();
    return tap_done();
}
