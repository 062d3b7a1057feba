/* Ids: 1 to 128 bytes of clean UTF-8, and nothing else. */
#include "core/id.h"

#include "core_fixture.h"

static const char *fault(const char *text, apr_size_t length)
{
    char *exact = core_exact(text, length);
    const char *what = ubal_id_fault(exact, length);

    free(exact);
    return what;
}

static int is_utf8(const char *text, apr_size_t length)
{
    char *exact = core_exact(text, length);
    int yes = ubal_id_is_utf8(exact, length);

    free(exact);
    return yes;
}

/* Writes the code point as UTF-8 would, valid or not; gives its length. */
static apr_size_t encode(char *to, unsigned int code)
{
    if (code < 0x80) {
        to[0] = (char)code;
        return 1;
    }
    if (code < 0x800) {
        to[0] = (char)(0xc0 | code >> 6);
        to[1] = (char)(0x80 | (code & 0x3f));
        return 2;
    }
    if (code < 0x10000) {
        to[0] = (char)(0xe0 | code >> 12);
        to[1] = (char)(0x80 | (code >> 6 & 0x3f));
        to[2] = (char)(0x80 | (code & 0x3f));
        return 3;
    }
    to[0] = (char)(0xf0 | code >> 18);
    to[1] = (char)(0x80 | (code >> 12 & 0x3f));
    to[2] = (char)(0x80 | (code >> 6 & 0x3f));
    to[3] = (char)(0x80 | (code & 0x3f));
    return 4;
}

static int is_unclean(unsigned int code)
{
    return code < 0x20 || (code >= 0x7f && code <= 0x9f) || code == 0x61c ||
           code == 0x200e || code == 0x200f ||
           (code >= 0x202a && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069) || code == 0x2028 ||
           code == 0x2029;
}

/* Each code point there can be, and some that cannot. */
static void check_each(void)
{
    unsigned int code;
    int wrong = 0, wrong_text = 0;

    for (code = 0; code < 0x140000; code++) {
        char text[8] = "a";
        apr_size_t length = 1 + encode(text + 1, code);
        int is_char = code <= 0x10ffff && (code < 0xd800 || code > 0xdfff);
        const char *what = ubal_id_fault(text, length);
        const char *expected = !is_char           ? "is not UTF-8"
                               : is_unclean(code) ? "has a control character"
                                                  : NULL;

        wrong += what != expected &&
                 (!what || !expected || strcmp(what, expected) != 0);
        wrong_text += ubal_id_is_utf8(text, length) != (is_char && code != 0);
    }
    tap_is_int(wrong, 0, "each code point is an id's or not, as promised");
    tap_is_int(wrong_text, 0, "and each but NUL and surrogates is text");
}

static void check_malformed(void)
{
    static const char *const wrong[] = {"\x80",
                                        "\xbf",
                                        "\xc0\x80",
                                        "\xc0\xaf",
                                        "\xc1\xbf",
                                        "\xe0\x80\xaf",
                                        "\xe0\x9f\xbf",
                                        "\xf0\x80\x80\xaf",
                                        "\xf0\x8f\xbf\xbf",
                                        "\xed\xa0\x80",
                                        "\xed\xbf\xbf",
                                        "\xed\xa0\xbd",
                                        "\xf4\x90\x80\x80",
                                        "\xf5\x80\x80\x80",
                                        "\xf8\x88\x80\x80\x80",
                                        "\xfc\x84\x80\x80\x80\x80",
                                        "\xfe",
                                        "\xff",
                                        "\xc3",
                                        "\xe2\x82",
                                        "\xe2",
                                        "\xf0\x9f\x98",
                                        "\xf0\x9f",
                                        "\xc3(",
                                        "\xe2(\xa1",
                                        "\xe2\x82(",
                                        "\xf0\x9f\x98(",
                                        "a\xc3",
                                        "\xc3\xa4\xa4",
                                        "\xff\xfe"};
    size_t i;

    for (i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
        apr_size_t length = strlen(wrong[i]);
        const char *what = fault(wrong[i], length);

        tap_ok(what && strcmp(what, "is not UTF-8") == 0 &&
                   !is_utf8(wrong[i], length),
               "malformed sequence %d is refused", (int)i);
    }
}

static void check_length(void)
{
    char text[UBAL_ID_MAX + 8];

    memset(text, 'x', sizeof(text));
    tap_is_str(fault("", 0), "is empty", "an id is not empty");
    tap_is_str(ubal_id_fault(NULL, 0), "is empty", "also where it is nowhere");
    tap_is_str(fault("x", 1), NULL, "one byte will do");
    tap_is_str(fault(text, UBAL_ID_MAX), NULL, "128 bytes too");
    tap_is_str(fault(text, UBAL_ID_MAX + 1), "is longer than 128 bytes",
               "129 do not");
    memcpy(text + UBAL_ID_MAX - 1, "\xc3\xa4", 2);
    tap_is_str(fault(text, UBAL_ID_MAX), "is not UTF-8",
               "a character is not cut at the limit");
    tap_is_str(fault(text, UBAL_ID_MAX + 1), "is longer than 128 bytes",
               "bytes are counted, not characters");
    tap_ok(is_utf8("", 0), "no text is text");
    memset(text, 'x', sizeof(text));
    tap_ok(is_utf8(text, sizeof(text)), "of text any length is fine");
}

static void check_some(void)
{
    static const char *const right[] = {
        "12",       "074092",       "41bb-5e",          "a b",      "a;b",
        "a/b",      "..",           "'; DROP TABLE",    "<script>", "a\"b",
        "\xc3\xa4", "\xe2\x82\xac", "\xf0\x9f\x98\x80", "%00",      "?",
        "#"};
    static const char override[] = {'a',        (char)0xe2, (char)0x80,
                                    (char)0xae, 'b',        '\0'};
    size_t i;

    for (i = 0; i < sizeof(right) / sizeof(right[0]); i++) {
        tap_is_str(fault(right[i], strlen(right[i])), NULL, "'%s' is an id",
                   right[i]);
    }
    tap_is_str(fault("a\0b", 3), "has a control character", "NUL is seen");
    tap_is_str(fault("12\r\n", 4), "has a control character", "so is CR LF");
    tap_is_str(fault(override, 5), "has a control character", "and U+202E");
    tap_ok(!is_utf8("a\0b", 3), "text has no NUL");
    tap_ok(is_utf8(override, 5) && is_utf8("a\r\n\x7f", 4),
           "other controls are text");
}

int main(void)
{
    core_begin();
    check_length();
    check_some();
    check_malformed();
    check_each();
    return tap_done();
}
