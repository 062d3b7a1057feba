/* Ranges with a difference, halved down to windows. Pure; see recon.h. */
#include "recon.h"

/* So many whole readings that explain nothing are enough. */
#define PASSES_ENOUGH 2

void ubal_recon_make(ubal_recon_t *recon, apr_pool_t *pool)
{
    recon->ranges = apr_array_make(pool, 8, sizeof(ubal_recon_range_t));
    recon->doubts = apr_array_make(pool, 8, sizeof(ubal_recon_doubt_t));
}

static ubal_recon_range_t *push(ubal_recon_t *recon, apr_int64_t from,
                                apr_int64_t to)
{
    ubal_recon_range_t *range = apr_array_push(recon->ranges);

    *range = (ubal_recon_range_t){.from = from, .to = to};
    return range;
}

void ubal_recon_asked(ubal_recon_t *recon, apr_int64_t now)
{
    recon->last_at = now;
    recon->is_history_next = 1;
}

void ubal_recon_add(ubal_recon_t *recon, apr_int64_t from, apr_int64_t to)
{
    push(recon, from, to);
}

ubal_recon_range_t *ubal_recon_top(const ubal_recon_t *recon)
{
    return recon->ranges && recon->ranges->nelts
               ? &((ubal_recon_range_t *)
                       recon->ranges->elts)[recon->ranges->nelts - 1]
               : NULL;
}

void ubal_recon_drop(ubal_recon_t *recon)
{
    apr_array_pop(recon->ranges);
}

static ubal_recon_doubt_t *find_doubt(const ubal_recon_t *recon,
                                      apr_int64_t window)
{
    int i;

    for (i = 0; recon->doubts && i < recon->doubts->nelts; i++) {
        ubal_recon_doubt_t *doubt =
            &((ubal_recon_doubt_t *)recon->doubts->elts)[i];

        if (doubt->window == window) {
            return doubt;
        }
    }
    return NULL;
}

void ubal_recon_read(ubal_recon_t *recon, apr_int64_t window)
{
    apr_int64_t difference = ubal_recon_top(recon)->difference;
    ubal_recon_doubt_t *doubt = find_doubt(recon, window);

    if (!doubt) {
        doubt = apr_array_push(recon->doubts);
        *doubt = (ubal_recon_doubt_t){.window = window};
    } else if (doubt->difference != difference) {
        doubt->passes = 0; /* it has changed: two more */
    }
    doubt->difference = difference;
    ubal_recon_drop(recon);
}

void ubal_recon_ask(apr_int64_t *from, apr_int64_t *to,
                    const ubal_recon_t *recon)
{
    const ubal_recon_range_t *range = ubal_recon_top(recon);

    *from = range->from;
    *to = range->is_known ? range->middle : range->to;
}

/* What the second half has, the whole and the first half tell. */
static void halve(ubal_recon_t *recon, apr_int64_t first)
{
    ubal_recon_range_t range = *ubal_recon_top(recon), *half;

    ubal_recon_drop(recon);
    if (range.difference != first) {
        half = push(recon, range.middle, range.to);
        half->difference = range.difference - first;
        half->is_known = 1;
    }
    if (first) {
        half = push(recon, range.from, range.middle);
        half->difference = first;
        half->is_known = 1;
    }
}

void ubal_recon_counted(ubal_recon_t *recon, apr_int64_t difference)
{
    ubal_recon_range_t *range = ubal_recon_top(recon);

    recon->requests++;
    if (range->is_known) {
        halve(recon, difference);
    } else if (difference) {
        range->difference = difference;
        range->is_known = 1;
        range->middle = 0;
    } else {
        ubal_recon_drop(recon);
    }
}

apr_int64_t ubal_recon_drift(const ubal_recon_t *recon, apr_int64_t window,
                             int is_same)
{
    const ubal_recon_doubt_t *doubt = find_doubt(recon, window);

    return doubt && is_same && doubt->passes + 1 >= PASSES_ENOUGH
               ? doubt->difference
               : 0;
}

static void forget_doubt(ubal_recon_t *recon, ubal_recon_doubt_t *doubt)
{
    ubal_recon_doubt_t *last = apr_array_pop(recon->doubts);

    *doubt = *last;
}

void ubal_recon_reread(ubal_recon_t *recon, apr_int64_t window,
                       apr_int64_t from, apr_int64_t to, int is_same)
{
    ubal_recon_doubt_t *doubt = find_doubt(recon, window);

    if (!doubt) {
        return;
    }
    if (!is_same || ++doubt->passes >= PASSES_ENOUGH) {
        forget_doubt(recon, doubt);
    } else {
        push(recon, from, to);
    }
}

void ubal_recon_forget(ubal_recon_t *recon)
{
    if (recon->ranges) {
        apr_array_clear(recon->ranges);
        apr_array_clear(recon->doubts);
    }
}
