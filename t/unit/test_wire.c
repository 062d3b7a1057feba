/* What goes over the control socket: any words come out as they went in, and
 * what was not made by it is refused. */
#include <apr_general.h>
#include <apr_strings.h>

#include "tap.h"
#include "wire.h"

static apr_pool_t *pool;

static apr_array_header_t *words_of(const char *a, const char *b,
                                    const char *c)
{
    apr_array_header_t *words = apr_array_make(pool, 3, sizeof(char *));

    APR_ARRAY_PUSH(words, const char *) = a;
    if (b) {
        APR_ARRAY_PUSH(words, const char *) = b;
    }
    if (c) {
        APR_ARRAY_PUSH(words, const char *) = c;
    }
    return words;
}

static void test_round(const char *a, const char *b, const char *line)
{
    const char *printed = ubal_wire_print(words_of(a, b, NULL), pool);
    apr_array_header_t *words;

    tap_is_str(printed, line, "printed: %s", line);
    if (!ubal_wire_parse(&words, printed, strlen(printed), pool)) {
        tap_is_int(words->nelts, 2, "two words again");
        tap_is_str(APR_ARRAY_IDX(words, 0, const char *), a, "the first");
        tap_is_str(APR_ARRAY_IDX(words, 1, const char *), b, "the second");
    } else {
        tap_ok(0, "it is read again");
    }
}

static void test_refused(const char *line, apr_size_t length, const char *what)
{
    apr_array_header_t *words;
    ubal_error_t *err = ubal_wire_parse(&words, line, length, pool);

    tap_ok(err && err->kind == UBAL_ERR_INPUT, "refused: %s", what);
}

static void test_every_byte(void)
{
    apr_array_header_t *words;
    char all[256];
    const char *line;
    int i;

    for (i = 1; i < 256; i++) {
        all[i - 1] = (char)i;
    }
    all[255] = '\0';
    line = ubal_wire_print(words_of(all, "", "x"), pool);
    tap_ok(!strpbrk(line, "\r\n") && strlen(line) < 800,
           "a line has no line ends in it");
    tap_ok(!ubal_wire_parse(&words, line, strlen(line), pool) &&
               words->nelts == 3,
           "three words");
    tap_is_str(APR_ARRAY_IDX(words, 0, const char *), all, "every byte");
    tap_is_str(APR_ARRAY_IDX(words, 1, const char *), "", "and none");
    tap_is_int(ubal_wire_rest(words, pool)->nelts, 2, "the rest of three");
}

static void test_ends(void)
{
    ubal_error_kind_e kind;
    apr_array_header_t *words;
    const char *line;

    tap_is_str(ubal_wire_print_end(NULL, pool), "ok", "a good end");
    for (kind = UBAL_ERR_INPUT; kind <= UBAL_ERR_SYSTEM; kind++) {
        ubal_error_t *err = ubal_error_make(kind, pool, "no: 100 %%\n");

        line = ubal_wire_print_end(err, pool);
        if (ubal_wire_parse(&words, line, strlen(line), pool)) {
            tap_ok(0, "an end is a line");
            continue;
        }
        err = ubal_wire_error(words, pool);
        tap_ok(err->kind == kind && !strcmp(err->message, "no: 100 %\n"),
               "an error of kind %d comes as it was made", (int)kind);
    }
    tap_is_int(ubal_wire_error(words_of("error", "worse", "x"), pool)->kind,
               UBAL_ERR_SYSTEM, "an error of a kind that is not known");
    tap_is_int(ubal_wire_error(words_of("what", NULL, NULL), pool)->kind,
               UBAL_ERR_SYSTEM, "an end that is none");
}

static void test_lengths(void)
{
    static const apr_size_t lengths[] = {0, 1, 255, 256, 1048576, 0xfffefdfc};
    unsigned char head[UBAL_WIRE_HEAD];
    size_t i;

    for (i = 0; i < sizeof(lengths) / sizeof(lengths[0]); i++) {
        ubal_wire_put_length(head, lengths[i]);
        tap_is_int((long long)ubal_wire_length((const char *)head),
                   (long long)lengths[i], "a frame of %lu bytes",
                   (unsigned long)lengths[i]);
    }
}

int main(void)
{
    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_round("retry", "17", "retry 17");
    test_round("a b", "", "a%20b %");
    test_round("%", "\xe2\x82\xac\n", "%25 %E2%82%AC%0A");
    test_every_byte();
    test_refused("", 0, "no word");
    test_refused(" a", 2, "a space before");
    test_refused("a ", 2, "a space behind");
    test_refused("a  b", 4, "two spaces");
    test_refused("%4", 2, "half an escape");
    test_refused("a%", 2, "a bare percent in a word");
    test_refused("%%", 2, "two of them");
    test_refused("%e2", 3, "digits in lower case");
    test_refused("%00", 3, "NUL");
    test_refused("a\tb", 3, "a tab");
    test_refused("a\0b", 3, "a NUL as it is");
    test_refused("\xc3\xa4", 2, "bytes that are not escaped");
    test_ends();
    test_lengths();
    apr_terminate();
    return tap_done();
}
