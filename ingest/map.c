/* The fields of one item to what is stored. What a value must look like is
 * the core's to say; here is which kinds a field may have. */
#include "map.h"

#include <apr_strings.h>
#include <string.h>

#include "core/id.h"
#include "core/money.h"
#include "core/time.h"
#include "show.h"

static const char *const names[UBAL_MAP_COUNT] = {
    [UBAL_MAP_ID] = "id",
    [UBAL_MAP_USER_ID] = "userId",
    [UBAL_MAP_CREATED_AT] = "createdAt",
    [UBAL_MAP_TYPE] = "type",
    [UBAL_MAP_AMOUNT] = "amount",
};

const char *ubal_map_name(ubal_map_e field)
{
    return names[field];
}

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

static const char *read_type(ubal_type_e *type, const ubal_field_t *field,
                             apr_pool_t *pool)
{
    if (field->kind != UBAL_FIELD_STRING) {
        return kind_fault(field->kind);
    }
    if (strlen(field->text) == field->length &&
        ubal_type_find(type, field->text)) {
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

static const char *read_field(ubal_item_t *item, ubal_map_e name,
                              const ubal_field_t *field, int scale,
                              apr_pool_t *pool)
{
    switch (name) {
    case UBAL_MAP_ID:
        return read_id(&item->id, field, pool);
    case UBAL_MAP_USER_ID:
        return read_id(&item->user_id, field, pool);
    case UBAL_MAP_CREATED_AT:
        return read_time(&item->created_at, field, pool);
    case UBAL_MAP_TYPE:
        return read_type(&item->type, field, pool);
    default:
        return read_amount(&item->amount, field, scale, pool);
    }
}

void ubal_map_item(ubal_item_t *item,
                   const ubal_field_t fields[UBAL_MAP_COUNT], int scale,
                   apr_pool_t *pool)
{
    int i;

    for (i = 0; i < UBAL_MAP_COUNT && !item->fault; i++) {
        const char *fault =
            read_field(item, (ubal_map_e)i, &fields[i], scale, pool);

        if (fault) {
            item->fault = apr_pstrcat(pool, names[i], ": ", fault, NULL);
        }
    }
}

int ubal_map_count(apr_int64_t *count, const ubal_field_t *field,
                   apr_pool_t *pool)
{
    return (field->kind == UBAL_FIELD_STRING ||
            field->kind == UBAL_FIELD_NUMBER) &&
           !ubal_money_parse(count, field->text, field->length, 0, pool);
}
