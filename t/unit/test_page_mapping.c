/* Pages of a vendor with a mapping of its own: fields in objects, ids that are
 * made of several fields, types by other names. */
#include "page.h"

#include <apr_hash.h>

#include "core_fixture.h"

static ubal_mapping_t *mapping;

/* Reads a page of the one item `text`. */
static const ubal_item_t *read_item(const char *text)
{
    static const ubal_item_t none;
    const char *body = apr_psprintf(pool, "{\"items\":[%s]}", text);
    ubal_page_t *page = NULL;
    ubal_error_t *err =
        ubal_page_read(&page, body, strlen(body), 1, mapping, 2, pool);

    core_fine(err, "a page with one item");
    return err ? &none : &APR_ARRAY_IDX(page->items, 0, ubal_item_t);
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

static void map(const char *field, int count, const char *const *paths)
{
    const char *what =
        ubal_mapping_set_field(mapping, field, count, paths, pool);

    tap_is_str(what, NULL, "%s is mapped", field);
}

/* The id of an item of "a" and "b", or its fault. */
static const char *joined(const char *a, const char *b)
{
    const ubal_item_t *item =
        read_item(apr_psprintf(pool, "{\"a\":%s,\"b\":{\"c\":%s}}", a, b));

    return item->id ? item->id : item->fault;
}

static void check_joined(void)
{
    static const char *const paths[] = {"a", "b.c"};

    mapping = ubal_mapping_make(pool);
    map("id", 2, paths);
    tap_is_str(joined("\"41bb\"", "\"paid_out\""), "41bb/paid_out",
               "V32 both");
    tap_is_str(joined("\"a/b\"", "\"c\""), "a%2Fb/c", "a slash in one");
    tap_is_str(joined("\"a\"", "\"b/c\""), "a/b%2Fc", "a slash in the other");
    tap_is_str(joined("\"a%2Fb\"", "\"c\""), "a%252Fb/c", "what it becomes");
    tap_is_str(joined("7", "\"x\""), "7/x", "a number's digits");
    tap_is_str(joined("\"\"", "\"x\""), "id at a: '' is empty", "one empty");
    tap_is_str(joined("\"x\"", "\"\""), "id at b.c: '' is empty", "the other");
    tap_is_str(joined("\"x\"", "null"), "id at b.c: is null", "null");
    tap_is_str(joined("1.5", "1"), "id at a: is no whole number",
               "a fraction");
    tap_is_str(joined("\"x\"", "\"\\u0000\""),
               "id at b.c: '\\x00' has a control character", "a NUL");
    tap_is_int((long long)strlen(joined(repeat('a', 64), repeat('b', 63))),
               128, "128 bytes with the slash");
    tap_ok(strstr(joined(repeat('a', 64), repeat('b', 64)),
                  "longer than 128") != NULL,
           "129 bytes are a dead letter");
    tap_ok(strstr(joined(repeat('/', 42), "1"), "/1") != NULL, "128 escaped");
    tap_ok(strstr(joined(repeat('/', 43), "1"), "longer than 128") != NULL,
           "131 escaped are a dead letter");
    tap_is_str(read_item("{\"a\":1,\"b\":{}}")->fault, "id at b.c: is missing",
               "missing");
    tap_is_str(read_item("{\"a\":1}")->fault, "id at b.c: is missing",
               "with what it should be in");
    tap_is_str(read_item("{\"a\":1,\"b\":[2]}")->fault,
               "id at b.c: is missing", "an array has no names");
}

/* No two pairs of short texts of the awkward letters have one id. */
static void check_unambiguous(void)
{
    static const char *const parts[] = {"a",    "/",    "%",    "%2F", "%25",
                                        "a/",   "/a",   "a%",   "//",  "%%",
                                        "%2F/", "/%2F", "%252F"};
    static const char *const paths[] = {"a", "b.c"};
    const size_t count = sizeof(parts) / sizeof(*parts);
    apr_hash_t *ids = apr_hash_make(pool);
    size_t i;

    mapping = ubal_mapping_make(pool);
    map("id", 2, paths);
    for (i = 0; i < count * count; i++) {
        apr_hash_set(ids,
                     joined(apr_psprintf(pool, "\"%s\"", parts[i / count]),
                            apr_psprintf(pool, "\"%s\"", parts[i % count])),
                     APR_HASH_KEY_STRING, "");
    }
    tap_is_int((int)apr_hash_count(ids), (int)(count * count),
               "V32 as many ids as pairs");
}

/* An item with a user and an amount in objects, and one nobody asks for. */
static const ubal_item_t *nested(const char *user, const char *amount)
{
    return read_item(
        apr_pstrcat(pool,
                    "{\"id\":\"t\",\"createdAt\":1773664391,\"type\":\"Win\","
                    "\"user\":{\"account\":{\"no\":",
                    user, "},\"money\":", amount,
                    "},\"more\":{\"a\":[{\"x\":1,\"x\":2}]}}", NULL));
}

static void check_paths(void)
{
    static const char *const user[] = {"user.account.no"};
    static const char *const amount[] = {"user.money"};
    const ubal_item_t *item;

    mapping = ubal_mapping_make(pool);
    map("userId", 1, user);
    map("amount", 1, amount);
    ubal_mapping_add_type(mapping, "earned", "Win", pool);
    item = nested("12345678901234567890", "9007199254740.93");
    tap_is_str(item->fault, NULL, "fields in objects");
    tap_is_str(item->user_id, "12345678901234567890", "by their own digits");
    tap_ok(item->amount == APR_INT64_C(900719925474093), "to the last unit");
    tap_is_int(item->type, UBAL_TYPE_EARNED, "V21 a type that is spelled so");
    tap_is_str(nested("{}", "1")->fault,
               "userId at user.account.no: is an object", "an object");
    tap_is_str(nested("1,\"no\":2", "1")->fault, "names a field twice",
               "V25 named twice in an object");
    tap_is_str(nested("1,\"\\u006eo\":2", "1")->fault, "names a field twice",
               "V25 in disguise");
    tap_is_str(
        nested("1", "1.001")->fault,
        "amount at user.money: 1.001 has more decimals than the scale 2",
        "a fault says where it is");
    tap_is_str(read_item("{\"id\":\"t\",\"user.account.no\":1}")->fault,
               "userId at user.account.no: is missing",
               "a dot leads into an object, always");
    tap_is_str(nested(repeat('a', 262144), "1")->fault,
               "is longer than 262144 bytes",
               "V10 an object is bounded like the item");
}

int main(void)
{
    core_begin();
    check_joined();
    check_unambiguous();
    check_paths();
    return tap_done();
}
