/* Reads a vendor's reply into a page: the only file that includes jansson.
 * Knows how JSON becomes fields; map.c knows what they mean. */
#include "page.h"

#include <apr_hash.h>
#include <apr_strings.h>
#include <jansson.h>
#include <string.h>

#include "map.h"
#include "raw.h"
#include "show.h"
#include "slice.h"

/* The most that jansson is ever given at once: it takes up to seventy bytes
 * of memory for one of text. */
#define REDUCED_MAX 262144

/* What the parts of one page's reading share. */
typedef struct reader_t {
    char *reduced; /* room for a reduced text, used again for each item */
    apr_size_t room;
    apr_hash_t *keys; /* to what they are the keys of: anything */
    apr_hash_t *raws; /* digest of a raw item to how often it came, int * */
    const ubal_mapping_t *mapping;
    int depth; /* of the mapping's paths */
    int scale;
    apr_pool_t *pool;
} reader_t;

/* The field that a value reduced by ubal_slice_reduce stands for. */
static ubal_field_t read_field(const json_t *value)
{
    ubal_field_t field = {UBAL_FIELD_MISSING, NULL, 0};

    if (json_is_string(value)) {
        const char *text = json_string_value(value);

        field.kind = *text == 'n' ? UBAL_FIELD_NUMBER : UBAL_FIELD_STRING;
        field.text = text + 1;
        field.length = json_string_length(value) - 1;
    } else if (value) {
        field.kind = json_is_null(value)     ? UBAL_FIELD_NULL
                     : json_is_array(value)  ? UBAL_FIELD_ARRAY
                     : json_is_object(value) ? UBAL_FIELD_OBJECT
                                             : UBAL_FIELD_BOOLEAN;
    }
    return field;
}

/* What jansson can still find wrong in a text that passed the lexer. */
static const char *json_fault(const json_error_t *error, apr_pool_t *pool)
{
    switch (json_error_code(error)) {
    case json_error_duplicate_key:
        return "names a field twice";
    case json_error_null_byte_in_key:
        return "has a NUL in a field's name";
    case json_error_invalid_utf8:
        return "is not UTF-8";
    case json_error_invalid_syntax:
        return "has half of a surrogate pair";
    default:
        return ubal_show_text(error->text, strlen(error->text), pool);
    }
}

/* Parses reader->reduced[0..length): an object, or NULL and `*fault`. */
static json_t *parse_reduced(const char **fault, const reader_t *reader,
                             apr_size_t length, apr_size_t flags)
{
    json_error_t error;
    json_t *json;

    if (length > reader->room) {
        *fault =
            apr_psprintf(reader->pool, "is longer than %d bytes", REDUCED_MAX);
        return NULL;
    }
    json = json_loadb(reader->reduced, length, flags | JSON_ALLOW_NUL, &error);
    if (!json) {
        *fault = json_fault(&error, reader->pool);
    }
    return json;
}

/* The key of an item without an id: a digest of its bytes, and the how-many-
 * eth of those on this page it is, so that equal ones stay apart. */
static const char *raw_key(reader_t *reader, const ubal_slice_t *slice)
{
    const char *text = ubal_raw_digest(slice, reader->pool);
    int *count = apr_hash_get(reader->raws, text, APR_HASH_KEY_STRING);

    if (!count) {
        count = apr_pcalloc(reader->pool, sizeof(*count));
        apr_hash_set(reader->raws, text, APR_HASH_KEY_STRING, count);
    }
    return apr_psprintf(reader->pool, "r%s.%d", text, ++*count);
}

/* The value at the end of a path into `json`; NULL where it ends before. */
static const json_t *follow(const json_t *json, const ubal_path_t *path)
{
    const char *const *step;

    for (step = path->steps; json && *step; step++) {
        json = json_object_get(json, *step);
    }
    return json;
}

/* Reads the fields of an element, of which `*json` has the texts; the caller
 * releases it. Returns what is wrong where it cannot be looked into. */
static const char *read_fields(ubal_field_t *fields, json_t **json,
                               const reader_t *reader,
                               const ubal_slice_t *slice, apr_size_t flags)
{
    const char *fault = NULL;
    ubal_error_t *err;
    apr_size_t length;
    int i;

    *json = NULL;
    if (*slice->text != '{') {
        return "is not an object";
    }
    err =
        ubal_slice_reduce(&length, reader->reduced, reader->room, slice->text,
                          slice->length, reader->depth, reader->pool);
    if (err) {
        return err->message;
    }
    *json = parse_reduced(&fault, reader, length, flags);
    for (i = 0; *json && i < ubal_mapping_count(reader->mapping); i++) {
        fields[i] = read_field(follow(*json, &reader->mapping->paths[i]));
    }
    return fault;
}

/* Maps the element; returns its fault where it cannot even be looked into. */
static const char *read_object(ubal_item_t *item, const reader_t *reader,
                               const ubal_slice_t *slice)
{
    ubal_field_t fields[UBAL_MAPPING_PATHS];
    json_t *json;
    const char *fault =
        read_fields(fields, &json, reader, slice, JSON_REJECT_DUPLICATES);
    if (fault) {
        /* that a field is there twice does not hide when it was */
        if (!read_fields(fields, &json, reader, slice, 0)) {
            ubal_map_date(item, reader->mapping, fields, reader->pool);
            json_decref(json);
        }
        return fault;
    }
    ubal_map_item(item, reader->mapping, fields, reader->scale, reader->pool);
    json_decref(json);
    return item->fault;
}

static void read_item(ubal_item_t *item, reader_t *reader,
                      const ubal_slice_t *slice)
{
    memset(item, 0, sizeof(*item));
    item->fault = read_object(item, reader, slice);
    item->raw = ubal_raw_keep(slice, reader->pool);
    item->key = item->id ? apr_pstrcat(reader->pool, "i", item->id, NULL)
                         : raw_key(reader, slice);
    apr_hash_set(reader->keys, item->key, APR_HASH_KEY_STRING, item);
}

/* Reads the count `name` of the meta object; -1 where there is none. */
static apr_int64_t read_count(const json_t *meta, const char *name,
                              ubal_page_t *page, apr_pool_t *pool)
{
    ubal_field_t field = read_field(json_object_get(meta, name));
    apr_int64_t count;

    if (!ubal_map_count(&count, &field, pool)) {
        return -1;
    }
    if (count < 0) {
        page->contradiction = apr_psprintf(
            pool, "meta says %s is %" APR_INT64_T_FMT, name, count);
        return -1;
    }
    return count;
}

/* Sets what the meta says and whether the page agrees with it. */
static void read_meta(ubal_page_t *page, const json_t *meta, int asked,
                      apr_pool_t *pool)
{
    apr_int64_t here = page->items->nelts;
    apr_int64_t count = read_count(meta, "itemCount", page, pool);
    apr_int64_t number = read_count(meta, "currentPage", page, pool);

    page->total = read_count(meta, "totalItems", page, pool);
    if (page->contradiction) {
        return;
    }
    if (count >= 0 && count != here) {
        page->contradiction =
            apr_psprintf(pool,
                         "meta says %" APR_INT64_T_FMT " items, the page has "
                         "%" APR_INT64_T_FMT,
                         count, here);
    } else if (page->total >= 0 && page->total < here) {
        page->contradiction = apr_psprintf(pool,
                                           "meta says %" APR_INT64_T_FMT
                                           " items in all, the page has "
                                           "%" APR_INT64_T_FMT,
                                           page->total, here);
    } else if (number >= 0 && number != asked) {
        page->contradiction = apr_psprintf(
            pool, "meta says page %" APR_INT64_T_FMT ", asked was page %d",
            number, asked);
    }
}

/* Refuses the whole page, showing how it begins. */
static ubal_error_t *refuse(const char *fault, const char *body,
                            apr_size_t length, apr_pool_t *pool)
{
    return ubal_error_make(UBAL_ERR_VENDOR, pool,
                           "the reply %s; it begins '%s'", fault,
                           ubal_show_text(body, length, pool));
}

/* Reads the object around the items into `*envelope`, which the caller
 * releases; returns what is wrong with it or NULL. */
static const char *read_envelope(json_t **envelope, const reader_t *reader,
                                 const char *body, apr_size_t length)
{
    const char *fault = NULL;
    apr_size_t reduced;
    ubal_error_t *err =
        ubal_slice_reduce(&reduced, reader->reduced, reader->room, body,
                          length, 2, reader->pool);

    *envelope = NULL;
    if (err) {
        return err->message;
    }
    if (!reduced || *reader->reduced != '{') {
        return "is not a JSON object";
    }
    *envelope = parse_reduced(&fault, reader, reduced, JSON_REJECT_DUPLICATES);
    if (!*envelope) {
        return apr_pstrcat(reader->pool, "around its items ", fault, NULL);
    }
    return json_is_array(json_object_get(*envelope, "items"))
               ? NULL
               : "has no array 'items'";
}

static const char *read_items(ubal_page_t *page, reader_t *reader,
                              const char *body, apr_size_t length)
{
    apr_array_header_t *slices;
    ubal_error_t *err =
        ubal_slice_list(&slices, "items", body, length, reader->pool);
    int i;

    if (err) {
        return err->message;
    }
    if (!slices) {
        return "writes the name 'items' with escapes";
    }
    page->items =
        apr_array_make(reader->pool, slices->nelts + 1, sizeof(ubal_item_t));
    for (i = 0; i < slices->nelts; i++) {
        read_item(apr_array_push(page->items), reader,
                  &APR_ARRAY_IDX(slices, i, ubal_slice_t));
    }
    page->distinct = apr_hash_count(reader->keys);
    return NULL;
}

static void make_reader(reader_t *reader, apr_size_t length,
                        const ubal_mapping_t *mapping, int scale,
                        apr_pool_t *pool)
{
    *reader = (reader_t){.mapping = mapping,
                         .depth = ubal_mapping_depth(mapping),
                         .scale = scale,
                         .pool = pool};
    reader->keys = apr_hash_make(pool);
    reader->raws = apr_hash_make(pool);
    /* No reduced text is twice as long as its original. */
    reader->room = length < REDUCED_MAX / 2 ? 2 * length + 64 : REDUCED_MAX;
    reader->reduced = apr_palloc(pool, reader->room);
}

void ubal_page_item(ubal_item_t *item, const char *raw,
                    const ubal_mapping_t *mapping, int scale, apr_pool_t *pool)
{
    ubal_slice_t slice = ubal_raw_slice(raw, pool);
    reader_t reader;

    make_reader(&reader, slice.length, mapping, scale, pool);
    read_item(item, &reader, &slice);
}

const char *ubal_page_fields(ubal_field_t *fields, const char *raw,
                             const ubal_mapping_t *mapping, apr_pool_t *pool)
{
    ubal_slice_t slice = ubal_raw_slice(raw, pool);
    const char *fault;
    reader_t reader;
    json_t *json;
    int i;

    make_reader(&reader, slice.length, mapping, 0, pool);
    fault =
        read_fields(fields, &json, &reader, &slice, JSON_REJECT_DUPLICATES);
    for (i = 0; !fault && i < ubal_mapping_count(mapping); i++) {
        fields[i].text =
            apr_pstrmemdup(pool, fields[i].text, fields[i].length);
    }
    json_decref(json);
    return fault;
}

ubal_error_t *ubal_page_read(ubal_page_t **page, const char *body,
                             apr_size_t length, int page_number,
                             const ubal_mapping_t *mapping, int scale,
                             apr_pool_t *pool)
{
    reader_t reader;
    json_t *envelope;
    const char *fault;

    if (length >= 3 && !memcmp(body, "\xef\xbb\xbf", 3)) {
        body += 3;
        length -= 3;
    }
    make_reader(&reader, length, mapping, scale, pool);
    fault = read_envelope(&envelope, &reader, body, length);
    if (!fault) {
        *page = apr_pcalloc(pool, sizeof(**page));
        fault = read_items(*page, &reader, body, length);
    }
    if (!fault) {
        read_meta(*page, json_object_get(envelope, "meta"), page_number, pool);
    }
    json_decref(envelope);
    return fault ? refuse(fault, body, length, pool) : NULL;
}
