/* Sums as of many instants: of the first and the last as of one, and what was
 * added between. See history.h. */
#include "store/history.h"

#include "core/money.h"
#include "store/instant.h"
#include "store/tree.h"

typedef struct history_t {
    ubal_db_t *db;
    const char *user_id;
    const apr_int64_t *ends;
    int count, scale;
    apr_pool_t *pool;
} history_t;

/* The widest stretches, a day at most, that no border but the last cuts; -1
 * where one cuts a second, or is not above the one before. */
static int find_level(const history_t *h)
{
    int level = UBAL_TREE_DAY, i;

    for (i = 0; i < h->count; i++) {
        if (i && h->ends[i] <= h->ends[i - 1]) {
            return -1;
        }
        while (i + 1 < h->count && level < UBAL_TREE_LEVELS &&
               h->ends[i] % ubal_tree_width(level)) {
            level++;
        }
    }
    return level < UBAL_TREE_LEVELS ? level : -1;
}

/* The first of the ends that is after `at`. */
static int find_end(const history_t *h, apr_int64_t at)
{
    int low = 0, high = h->count - 1;

    while (low < high) {
        int middle = low + (high - low) / 2;

        if (h->ends[middle] > at) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low;
}

static ubal_error_t *add(ubal_sums_t *sums, const ubal_sums_t *more,
                         const history_t *h)
{
    int i;

    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        if (!ubal_money_add(&sums->of[i], sums->of[i], more->of[i])) {
            return ubal_error_make(UBAL_ERR_DB, h->pool,
                                   "a sum of user %s is too large",
                                   h->user_id);
        }
    }
    return NULL;
}

/* Adds to each end what came since the one before. */
static ubal_error_t *read_between(ubal_sums_t *sums, const history_t *h)
{
    apr_int64_t level = find_level(h);
    ubal_rows_t *rows;
    ubal_sums_t more;
    int has_row;
    ubal_error_t *err =
        ubal_db_select(&rows, h->db, h->pool, UBAL_SQL_HISTORY, h->user_id,
                       &h->ends[0], &h->ends[h->count - 1], &level);

    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        ubal_read_sums(&more, rows, 1);
        err = add(&sums[find_end(h, ubal_rows_int(rows, 0, 0))], &more, h);
    }
    return err;
}

static ubal_error_t *read_all(ubal_coverage_t *coverage, ubal_sums_t *sums,
                              int *is_known, const history_t *h)
{
    ubal_error_t *err =
        ubal_instant_read(coverage, &sums[0], is_known, h->db, h->user_id,
                          h->ends[0], h->scale, h->pool);
    int i, last = h->count - 1;

    if (err || !last) {
        return err;
    }
    err = read_between(sums, h);
    for (i = 1; !err && i < last; i++) {
        err = add(&sums[i], &sums[i - 1], h);
    }
    return err ? err
               : ubal_instant_read(coverage, &sums[last], is_known, h->db,
                                   h->user_id, h->ends[last], h->scale,
                                   h->pool);
}

ubal_error_t *ubal_history_read(ubal_coverage_t *coverage, ubal_sums_t *sums,
                                int *is_known, ubal_db_t *db,
                                const char *user_id, const apr_int64_t *ends,
                                int count, int scale, apr_pool_t *pool)
{
    history_t h = {db, user_id, ends, count, scale, pool};
    ubal_error_t *err;

    if (count < 1 || find_level(&h) < 0) {
        return ubal_error_make(UBAL_ERR_INPUT, pool,
                               "borders of a history do not ascend by whole "
                               "seconds");
    }
    memset(sums, 0, (apr_size_t)count * sizeof(*sums));
    err = ubal_db_begin_read(db, pool);
    if (!err) {
        err = read_all(coverage, sums, is_known, &h);
        ubal_db_rollback(db, pool);
    }
    return err;
}
