/* In which order the items of a page are stored: what lies together in the
 * tables comes together, where it makes no difference to what is stored.
 * Knows items, no database. */
#ifndef UBAL_STORE_ORDER_H
#define UBAL_STORE_ORDER_H

#include "core/item.h"

typedef struct ubal_order_t {
    const int *of;  /* indexes of the items, each once */
    int is_by_user; /* each user's items come in a row, as the page has them */
} ubal_order_t;

/* By user where every id is there once and no item has a fault; else as on the
 * page, as the first of an id stands and letters follow items. */
ubal_order_t ubal_order_make(const ubal_page_t *page, apr_pool_t *pool);

#endif
