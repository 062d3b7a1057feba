/* The fields of one item, as read, to what is stored, as a vendor's UbalMap
 * and UbalType say. Knows no JSON: a field has come as text or not at all. */
#ifndef UBAL_MAP_H
#define UBAL_MAP_H

#include "core/error.h"
#include "core/item.h"
#include "core/mapping.h"

typedef enum {
    UBAL_FIELD_MISSING,
    UBAL_FIELD_STRING,
    UBAL_FIELD_NUMBER, /* text is its digits as they came */
    UBAL_FIELD_NULL,
    UBAL_FIELD_BOOLEAN,
    UBAL_FIELD_ARRAY,
    UBAL_FIELD_OBJECT
} ubal_field_kind_e;

typedef struct ubal_field_t {
    ubal_field_kind_e kind;
    const char *text; /* of strings and numbers; may hold NUL, ends in one */
    apr_size_t length;
} ubal_field_t;

/* Fills id, user_id, created_at, type, amount of `item` from `fields`, one for
 * each of mapping->paths, or its fault: the first field that is wrong, and how
 * ("type: 'refund' is unknown", "userId at user.id: is missing"). The id is
 * set wherever it is usable, also beside a fault. Where several fields make
 * the id, each is usable as one by itself and they are joined with "/", those
 * in them written as %2F, and a "%" as %25: no two lists of fields give the
 * same. `scale` as in ubal_money_parse. What is set is allocated in `pool`. */
void ubal_map_item(ubal_item_t *item, const ubal_mapping_t *mapping,
                   const ubal_field_t *fields, int scale, apr_pool_t *pool);

/* Of an item with a fault: sets created_at and is_dated, if it says when it
 * was. ubal_map_item has done so. */
void ubal_map_date(ubal_item_t *item, const ubal_mapping_t *mapping,
                   const ubal_field_t *fields, apr_pool_t *pool);

/* Reads a count that a vendor gives (a number or its digits in a string) into
 * `*count`; returns 0 where `field` is none. May be negative. */
int ubal_map_count(apr_int64_t *count, const ubal_field_t *field,
                   apr_pool_t *pool);

#endif
