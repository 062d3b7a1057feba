/* A cursor comes back as it went out, in the list that it is of; everything
 * else is none. */
#include <stdlib.h>

#include <apr_general.h>
#include <apr_strings.h>

#include "core/cursor.h"
#include "core/id.h"
#include "tap.h"

#define SCOPE "transactions 0 -1 0 9223372036854775807 12"
#define OWNER "0123456789abcdef0123456789abcdef"

static apr_pool_t *pool;

static int is_sound(const char *text, const char *scope, const char *owner)
{
    ubal_cursor_t cursor;

    return ubal_cursor_parse(&cursor, text, pool) &&
           ubal_cursor_is_of(&cursor, scope, owner, pool);
}

static const char *print(apr_int64_t seq, apr_int64_t at, apr_int64_t vendor,
                         const char *id)
{
    ubal_cursor_t cursor = {seq, at, vendor, id, {0}};

    return ubal_cursor_print(&cursor, SCOPE, OWNER, pool);
}

static void test_round(apr_int64_t seq, apr_int64_t at, apr_int64_t vendor,
                       const char *id, const char *what)
{
    const char *text = print(seq, at, vendor, id);
    ubal_cursor_t cursor;

    tap_ok(is_sound(text, SCOPE, OWNER), "%s: sound", what);
    ubal_cursor_parse(&cursor, text, pool);
    tap_ok(cursor.commit_seq == seq && cursor.created_at == at &&
               cursor.vendor == vendor && !strcmp(cursor.id, id),
           "%s: as it went out", what);
    tap_ok(strspn(text, "0123456789abcdef") == strlen(text),
           "%s: nothing in it is to be encoded in a URL", what);
}

static void test_rounds(void)
{
    char longest[UBAL_ID_MAX + 1];

    memset(longest, 'x', UBAL_ID_MAX);
    longest[UBAL_ID_MAX] = '\0';
    test_round(7, APR_INT64_C(1772323200000001), 1, "41bb", "a row");
    test_round(0, 0, 0, "0", "zeros");
    test_round(APR_INT64_MAX, APR_INT64_MAX, APR_INT64_MAX, longest,
               "all that there is room for");
    test_round(1, APR_INT64_MIN, APR_INT64_MIN, " a 1 2 ", "spaces");
    test_round(1, 1, 1, "\xc3\xa9\xf0\x9f\x92\xb0", "UTF-8");
}

static void test_foreign(void)
{
    const char *text = print(7, 1772323200000001, 1, "41bb");

    tap_ok(!is_sound(text, SCOPE "3", OWNER), "another user's is none");
    tap_ok(
        !is_sound(text, "transactions 1 -1 0 9223372036854775807 12", OWNER),
        "another order's is none");
    tap_ok(!is_sound(text, "", OWNER), "nor is one of no list");
    tap_ok(!is_sound(text, SCOPE, "1123456789abcdef0123456789abcdef"),
           "another history's is none");
    tap_ok(!is_sound(text, SCOPE, ""), "nor one of a history without owner");
}

/* Every byte of a cursor as every other byte. */
static void test_tampered(const char *text, const char *what)
{
    char *copy = apr_pstrdup(pool, text);
    size_t i;
    int accepted = 0;
    int c;

    for (i = 0; i < strlen(text); i++) {
        for (c = 1; c < 256; c++) {
            if ((char)c != text[i]) {
                copy[i] = (char)c;
                accepted += is_sound(copy, SCOPE, OWNER);
            }
        }
        copy[i] = text[i];
    }
    tap_is_int(accepted, 0, "%s: no byte can be changed", what);
}

/* Every length but its own, and every byte left out or doubled. */
static void test_cut(const char *text)
{
    size_t length = strlen(text), i;
    int accepted = 0;

    for (i = 0; i < length; i++) {
        const char *head = apr_pstrndup(pool, text, i);

        accepted += is_sound(head, SCOPE, OWNER);
        accepted += is_sound(text + i + 1, SCOPE, OWNER);
        accepted += is_sound(apr_pstrcat(pool, head, text + i + 1, NULL),
                             SCOPE, OWNER);
        if (i) {
            accepted +=
                is_sound(apr_pstrcat(pool, head, text, NULL), SCOPE, OWNER);
        }
    }
    accepted += is_sound(apr_pstrcat(pool, text, text, NULL), SCOPE, OWNER);
    accepted += is_sound(apr_pstrcat(pool, text, "0", NULL), SCOPE, OWNER);
    accepted += is_sound(apr_pstrcat(pool, text, "00", NULL), SCOPE, OWNER);
    tap_is_int(accepted, 0, "nothing cut, doubled or added");
}

/* With a check that is right for what the numbers mean. */
static void test_spellings(void)
{
    static const char *const spellings[] = {"07 5 1 a", "+7 5 1 a", " 7 5 1 a",
                                            "7 5 1  a", "7 5 01 a", NULL};
    const char *check = apr_pstrndup(pool, print(7, 5, 1, "a"), 16);
    char digits[64];
    int i;
    size_t j;

    for (i = 0; spellings[i]; i++) {
        for (j = 0; spellings[i][j]; j++) {
            apr_snprintf(digits + 2 * j, 3, "%02x", spellings[i][j]);
        }
        tap_ok(!is_sound(apr_pstrcat(pool, check, digits, NULL), SCOPE, OWNER),
               "'%s' is no other spelling", spellings[i]);
    }
}

int main(void)
{
    char *huge;

    apr_initialize();
    apr_pool_create(&pool, NULL);
    test_rounds();
    test_foreign();
    test_tampered(print(7, 1772323200000001, 1, "41bb"), "a row's");
    test_tampered(print(0, 0, 0, "0"), "one of zeros");
    test_cut(print(7, 1772323200000001, 1, "41bb"));
    test_spellings();
    huge = apr_palloc(pool, 100001);
    memset(huge, 'a', 100000);
    huge[100000] = '\0';
    tap_ok(!is_sound(huge, SCOPE, OWNER), "a hundred thousand digits");
    tap_ok(!is_sound("", SCOPE, OWNER), "no digits");
    tap_ok(!is_sound("42", SCOPE, OWNER), "a number");
    apr_terminate();
    return tap_done();
}
