/* Transactions as vendors list them: UUIDs as ids, users of whom few do the
 * most. See made.h. */
#include "made.h"

#include <math.h>

#include <apr_strings.h>

/* Steele, Lea and Flood, "Fast splittable pseudorandom number generators". */
static apr_uint64_t next(made_t *made)
{
    apr_uint64_t z = made->random += APR_UINT64_C(0x9e3779b97f4a7c15);

    z = (z ^ (z >> 30)) * APR_UINT64_C(0xbf58476d1ce4e5b9);
    z = (z ^ (z >> 27)) * APR_UINT64_C(0x94d049bb133111eb);
    return z ^ (z >> 31);
}

/* From 0, below 1. */
static double fraction(made_t *made)
{
    return (double)(next(made) >> 11) / 9007199254740992.0;
}

/* A UUID: of version 7, whose first 48 bits are the time, or of version 4. */
static const char *make_id(made_t *made, apr_pool_t *pool)
{
    apr_uint64_t high = next(made), low = next(made);
    int version = 4;

    if (made->is_ordered) {
        high = (apr_uint64_t)(made->now / 1000) << 16 | (high & 0xfff);
        version = 7;
    }
    return apr_psprintf(
        pool, "%08x-%04x-%d%03x-%04x-%012" APR_UINT64_T_HEX_FMT,
        (unsigned int)(high >> 32), (unsigned int)(high >> 16 & 0xffff),
        version, (unsigned int)(high & 0xfff),
        (unsigned int)(0x8000 | (low >> 48 & 0x3fff)),
        low & APR_UINT64_C(0xffffffffffff));
}

/* By Zipf's law: the user of rank k has a share of 1/k. The ranks are
 * scattered over the ids. */
static const char *make_user(made_t *made, apr_pool_t *pool)
{
    apr_uint64_t rank =
        (apr_uint64_t)pow((double)made->users, fraction(made)) - 1;

    return apr_psprintf(pool, "%06" APR_UINT64_T_FMT,
                        rank * 7919 % (apr_uint64_t)made->users);
}

ubal_page_t *made_page(made_t *made, int count, apr_pool_t *pool)
{
    ubal_page_t *page = apr_pcalloc(pool, sizeof(*page));
    int i;

    page->items = apr_array_make(pool, count, sizeof(ubal_item_t));
    page->distinct = count;
    page->total = count;
    for (i = 0; i < count; i++) {
        ubal_item_t *item = apr_array_push(page->items);

        *item = (ubal_item_t){0};
        made->now += made->step;
        made->counter++;
        item->id = make_id(made, pool);
        item->user_id = make_user(made, pool);
        item->created_at = made->now;
        item->type = (ubal_type_e)(next(made) % UBAL_TYPE_COUNT);
        item->amount = (apr_int64_t)(next(made) % 100000);
        item->key = apr_pstrcat(pool, "i", item->id, NULL);
        item->raw = "";
    }
    return page;
}
