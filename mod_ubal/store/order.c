/* Orders items by user. See order.h. */
#include "store/order.h"

#include <stdlib.h>
#include <string.h>

#include <apr_hash.h>

typedef struct place_t {
    const char *user_id;
    int index;
} place_t;

static int compare(const void *left, const void *right)
{
    const place_t *a = left, *b = right;
    int order = strcmp(a->user_id, b->user_id);

    return order ? order : a->index - b->index;
}

/* Whether no item depends on one before it, but for its user's sums. */
static int is_free(const ubal_page_t *page, apr_pool_t *pool)
{
    const ubal_item_t *items = (const void *)page->items->elts;
    apr_hash_t *ids = apr_hash_make(pool);
    int i;

    for (i = 0; i < page->items->nelts; i++) {
        if (items[i].fault) {
            return 0;
        }
        apr_hash_set(ids, items[i].id, APR_HASH_KEY_STRING, &items[i]);
    }
    return apr_hash_count(ids) == (unsigned int)page->items->nelts;
}

ubal_order_t ubal_order_make(const ubal_page_t *page, apr_pool_t *pool)
{
    const ubal_item_t *items = (const void *)page->items->elts;
    int i, count = page->items->nelts;
    int *of = apr_palloc(pool, ((size_t)count + 1) * sizeof(*of));
    ubal_order_t order = {.of = of, .is_by_user = is_free(page, pool)};
    place_t *places;

    places = apr_palloc(pool, ((size_t)count + 1) * sizeof(*places));
    for (i = 0; i < count; i++) {
        places[i] = (place_t){items[i].user_id, i};
    }
    if (order.is_by_user) {
        qsort(places, (size_t)count, sizeof(*places), compare);
    }
    for (i = 0; i < count; i++) {
        of[i] = places[i].index;
    }
    return order;
}
