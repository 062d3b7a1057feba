/* The fields of one item to what is stored. What a value must look like is
 * the core's to say; here is which kinds a field may have. */
#include "map.h"

#include <apr_strings.h>
#include <string.h>

#include "core/id.h"
#include "core/money.h"
#include "core/time.h"
#include "show.h"

/* What a field of this kind is, said of one that must not be. */
static const char *kind_fault(ubal_field_kind_e kind)
{
    static const char *const faults[] = {
        [UBAL_FIELD_MISSING] = "is missing",
        [UBAL_FIELD_STRING] = "is a string",
        [UBAL_FIELD_NUMBER] = "is a number",
        [UBAL_FIELD_NULL] = "is null",
        [UBAL_FIELD_BOOLEAN] = "is true or false",
        [UBAL_FIELD_ARRAY] = "is an array",
        [UBAL_FIELD_OBJECT] = "is an object",
    };

    return faults[kind];
}

/* Whether a JSON number is written as an integer: no fraction, no exponent. */
static int is_integer(const ubal_field_t *field)
{
    return field->kind == UBAL_FIELD_NUMBER &&
           strspn(field->text, "-0123456789") == field->length;
}

/* What is wrong with a field that may be a string or an integer, or NULL. */
static const char *text_fault(const ubal_field_t *field)
{
    if (field->kind == UBAL_FIELD_STRING || is_integer(field)) {
        return NULL;
    }
    return field->kind == UBAL_FIELD_NUMBER ? "is no whole number"
                                            : kind_fault(field->kind);
}

/* Says `what` is wrong with a value, and begins with the value. */
static const char *value_fault(const ubal_field_t *field, const char *what,
                               apr_pool_t *pool)
{
    const char *quote = field->kind == UBAL_FIELD_STRING ? "'" : "";

    return apr_pstrcat(pool, quote,
                       ubal_show_text(field->text, field->length, pool), quote,
                       " ", what, NULL);
}

/* Reads an id or userId; returns its fault or NULL. */
static const char *read_id(const char **id, const ubal_field_t *field,
                           apr_pool_t *pool)
{
    const char *fault = text_fault(field);

    if (fault) {
        return fault;
    }
    fault = ubal_id_fault(field->text, field->length);
    if (fault) {
        return value_fault(field, fault, pool);
    }
    *id = apr_pstrmemdup(pool, field->text, field->length);
    return NULL;
}

/* How long the part of a composite id is in it; written where `to` is set. */
static apr_size_t escape_part(char *to, const ubal_field_t *field)
{
    apr_size_t i, length = 0;

    for (i = 0; i < field->length; i++) {
        char byte = field->text[i];

        if (byte != '/' && byte != '%') {
            if (to) {
                to[length] = byte;
            }
            length++;
        } else {
            if (to) {
                memcpy(to + length, byte == '/' ? "%2F" : "%25", 3);
            }
            length += 3;
        }
    }
    return length;
}

/* Joins the parts, so that no two lists of parts give the same text. */
static ubal_field_t join(const ubal_field_t *parts, int count,
                         apr_pool_t *pool)
{
    ubal_field_t whole = {UBAL_FIELD_STRING, NULL, 0};
    apr_size_t room = 0;
    char *text;
    int i;

    for (i = 0; i < count; i++) {
        room += escape_part(NULL, &parts[i]) + 1;
    }
    whole.text = text = apr_palloc(pool, room);
    for (i = 0; i < count; i++) {
        whole.length += escape_part(text + whole.length, &parts[i]);
        text[whole.length++] = '/';
    }
    text[--whole.length] = '\0';
    return whole;
}

/* Reads the id and, where it is made of several fields, says which is wrong
 * in `*part`. */
static const char *read_whole_id(const char **id, int *part,
                                 const ubal_mapping_t *mapping,
                                 const ubal_field_t *fields, apr_pool_t *pool)
{
    const char *unused, *fault = NULL;
    ubal_field_t whole;

    *part = 0;
    if (mapping->ids == 1) {
        return read_id(id, fields, pool);
    }
    for (; *part < mapping->ids; ++*part) {
        fault = read_id(&unused, &fields[*part], pool);
        if (fault) {
            return fault;
        }
    }
    *part = 0;
    whole = join(fields, mapping->ids, pool);
    return read_id(id, &whole, pool);
}

static const char *read_time(apr_int64_t *us, const ubal_field_t *field,
                             apr_pool_t *pool)
{
    const char *fault = text_fault(field);
    ubal_error_t *err;

    if (fault) {
        return fault;
    }
    err = ubal_time_parse(us, field->text, field->length, pool);
    return err ? value_fault(field, err->message, pool) : NULL;
}

static const char *read_type(ubal_type_e *type, const ubal_mapping_t *mapping,
                             const ubal_field_t *field, apr_pool_t *pool)
{
    if (field->kind != UBAL_FIELD_STRING) {
        return kind_fault(field->kind);
    }
    if (strlen(field->text) == field->length &&
        ubal_mapping_type(type, mapping, field->text)) {
        return NULL;
    }
    return value_fault(field, "is unknown", pool);
}

static const char *read_amount(apr_int64_t *minor, const ubal_field_t *field,
                               int scale, apr_pool_t *pool)
{
    ubal_error_t *err;

    if (field->kind != UBAL_FIELD_STRING && field->kind != UBAL_FIELD_NUMBER) {
        return kind_fault(field->kind);
    }
    err = ubal_money_parse(minor, field->text, field->length, scale, pool);
    return err ? value_fault(field, err->message, pool) : NULL;
}

/* Reads `name` from the fields; `*at` is which of them it was. */
static const char *read_field(ubal_item_t *item, int *at, ubal_map_e name,
                              const ubal_mapping_t *mapping,
                              const ubal_field_t *fields, int scale,
                              apr_pool_t *pool)
{
    const ubal_field_t *field;

    *at = ubal_mapping_first(mapping, name);
    field = &fields[*at];
    switch (name) {
    case UBAL_MAP_ID:
        return read_whole_id(&item->id, at, mapping, fields, pool);
    case UBAL_MAP_USER_ID:
        return read_id(&item->user_id, field, pool);
    case UBAL_MAP_CREATED_AT:
        return read_time(&item->created_at, field, pool);
    case UBAL_MAP_TYPE:
        return read_type(&item->type, mapping, field, pool);
    default:
        return read_amount(&item->amount, field, scale, pool);
    }
}

void ubal_map_date(ubal_item_t *item, const ubal_mapping_t *mapping,
                   const ubal_field_t *fields, apr_pool_t *pool)
{
    int at = ubal_mapping_first(mapping, UBAL_MAP_CREATED_AT);

    item->is_dated = !read_time(&item->created_at, &fields[at], pool);
}

void ubal_map_item(ubal_item_t *item, const ubal_mapping_t *mapping,
                   const ubal_field_t *fields, int scale, apr_pool_t *pool)
{
    int i, at;

    for (i = 0; i < UBAL_MAP_COUNT && !item->fault; i++) {
        const char *name = ubal_mapping_field((ubal_map_e)i);
        const char *fault =
            read_field(item, &at, (ubal_map_e)i, mapping, fields, scale, pool);
        const char *path = mapping->paths[at].text;

        if (fault && strcmp(path, name) == 0) {
            item->fault = apr_pstrcat(pool, name, ": ", fault, NULL);
        } else if (fault) {
            item->fault =
                apr_pstrcat(pool, name, " at ", path, ": ", fault, NULL);
        }
    }
    if (item->fault) {
        ubal_map_date(item, mapping, fields, pool);
    }
}

int ubal_map_count(apr_int64_t *count, const ubal_field_t *field,
                   apr_pool_t *pool)
{
    return (field->kind == UBAL_FIELD_STRING ||
            field->kind == UBAL_FIELD_NUMBER) &&
           !ubal_money_parse(count, field->text, field->length, 0, pool);
}
