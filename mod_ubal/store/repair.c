/* Balances and sums over time made again; see repair.h. */
#include "store/repair.h"

#include "store/page.h"
#include "store/stretch.h"

typedef struct piece_t {
    ubal_db_t *db;
    const char *user;
    apr_array_header_t *changes;
    apr_int64_t at;
    apr_pool_t *pool;
} piece_t;

/* The next user, NULL where none is left. */
static ubal_error_t *find_user(ubal_repair_t *repair, const piece_t *piece)
{
    const char *after = repair->user ? repair->user : "";
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, piece->db, piece->pool,
                      UBAL_SQL_REPAIR_NEXT_USER, after, after, after);

    repair->user = !err && has_row ? ubal_rows_text(rows, 0) : NULL;
    return err;
}

static ubal_error_t *settle_stretches(const piece_t *piece,
                                      const ubal_stretch_t *found)
{
    ubal_repaired_t *change;

    if (!found->wrong && !found->has_overflow) {
        return NULL;
    }
    change = apr_array_push(piece->changes);
    *change = (ubal_repaired_t){.user = piece->user,
                                .stretches = found->wrong,
                                .is_overflow = found->has_overflow};
    return found->has_overflow
               ? NULL
               : ubal_stretch_write(piece->db, piece->user, piece->pool);
}

/* What is stored. */
static ubal_error_t *read_balance(ubal_repaired_t *change, apr_int64_t *n,
                                  const piece_t *piece)
{
    ubal_rows_t *rows;
    int i;
    ubal_error_t *err =
        ubal_db_first(&rows, &change->had, piece->db, piece->pool,
                      UBAL_SQL_BALANCE_GET, change->user);

    for (i = 0; !err && change->had && i < UBAL_TYPE_COUNT; i++) {
        change->before.of[i] = ubal_rows_int(rows, i, 0);
    }
    *n = !err && change->had ? ubal_rows_int(rows, UBAL_TYPE_COUNT, 0) : 0;
    return err;
}

/* What it is to become; 0 where it is that already. Sets is_overflow where it
 * cannot. */
static int is_wrong(ubal_repaired_t *change, apr_int64_t n,
                    const ubal_tree_node_t *all)
{
    int i, is_equal = change->had == change->has && n == all->n;

    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        if (all->of[i] > UBAL_PAGE_SUM_MAX ||
            all->of[i] < -UBAL_PAGE_SUM_MAX) {
            change->is_overflow = 1;
            return 1;
        }
        change->after.of[i] = (apr_int64_t)all->of[i];
        is_equal = is_equal && all->of[i] == change->before.of[i];
    }
    return !is_equal;
}

static ubal_error_t *write_balance(const piece_t *piece,
                                   const ubal_repaired_t *change,
                                   const ubal_tree_node_t *all)
{
    const apr_int64_t *of = change->after.of;

    return change->has
               ? ubal_db_run(piece->db, NULL, piece->pool,
                             UBAL_SQL_BALANCE_SET, change->user,
                             &of[UBAL_TYPE_EARNED], &of[UBAL_TYPE_SPENT],
                             &of[UBAL_TYPE_PAYOUT], &of[UBAL_TYPE_PAID_OUT],
                             &all->n, &piece->at)
               : ubal_db_run(piece->db, NULL, piece->pool,
                             UBAL_SQL_BALANCE_DELETE, change->user);
}

static ubal_error_t *settle_balance(const piece_t *piece,
                                    const ubal_tree_node_t *all)
{
    ubal_repaired_t change = {.user = piece->user, .has = all->n > 0};
    apr_int64_t n;
    ubal_error_t *err = read_balance(&change, &n, piece);

    if (err || !is_wrong(&change, n, all)) {
        return err;
    }
    APR_ARRAY_PUSH(piece->changes, ubal_repaired_t) = change;
    return change.is_overflow ? NULL : write_balance(piece, &change, all);
}

ubal_error_t *ubal_repair_next(int *is_over, apr_array_header_t *changes,
                               ubal_repair_t *repair, ubal_db_t *db,
                               apr_int64_t at, apr_pool_t *pool)
{
    piece_t piece = {.db = db, .changes = changes, .at = at, .pool = pool};
    ubal_stretch_t found;
    ubal_error_t *err = find_user(repair, &piece);

    *is_over = !err && !repair->user;
    if (err || *is_over) {
        return err;
    }
    piece.user = repair->user;
    err = ubal_stretch_compare(&found, db, piece.user, pool);
    if (!err) {
        err = settle_stretches(&piece, &found);
    }
    return err || found.has_overflow ? err
                                     : settle_balance(&piece, &found.all);
}
