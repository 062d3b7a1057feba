/* One page of a vendor's list, as read and mapped: what the daemon's page
 * reader makes and the store keeps. Data only. */
#ifndef UBAL_CORE_ITEM_H
#define UBAL_CORE_ITEM_H

#include <apr_tables.h>

#include "core/type.h"

typedef struct ubal_item_t {
    const char *fault;      /* NULL: storable; else why it is a dead letter */
    const char *id;         /* NULL where it has no usable one */
    const char *user_id;    /* this and what follows: only where storable */
    apr_int64_t created_at; /* us */
    int is_dated;           /* it has a fault, and created_at all the same */
    ubal_type_e type;
    apr_int64_t amount; /* minor units */
    const char *key;    /* tells items of a pass apart: "i" and the id or,
                         * without one, "r", a digest of the raw bytes and
                         * which of the equal ones on its page it is */
    const char *raw;    /* the bytes as they came; where they are no UTF-8
                         * text without NUL, "base64:" and their encoding */
} ubal_item_t;

typedef struct ubal_page_t {
    apr_array_header_t *items; /* of ubal_item_t */
    apr_int64_t distinct;      /* different keys among them */
    apr_int64_t total;         /* the vendor's count over all pages; -1 */
    const char *contradiction; /* NULL, or how the meta contradicts items */
} ubal_page_t;

/* What became of a page's items: seen is the sum of the others. */
typedef struct ubal_counts_t {
    int seen;
    int stored;    /* new */
    int duplicate; /* there already, equal */
    int dead;
    int conflict; /* there already, with other content */
    int ignored;
} ubal_counts_t;

#endif
