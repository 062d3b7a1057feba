/* Sums over time from transactions. Knows two statements of transactions and
 * those of sums. See stretch.h. */
#include "store/stretch.h"

#include <apr_strings.h>

#include "store/page.h"

/* Transactions that are read at once. */
#define CHUNK 10000

/* An id has 128 bytes at most; one that was put there by hand is cut, and
 * then found wrong. */
#define ID_ROOM 512

typedef struct walk_t {
    ubal_db_t *db;
    const char *user_id;
    ubal_stretch_t *found;
    apr_int64_t same, missing;
    apr_pool_t *pool;  /* of what outlasts the walk */
    apr_pool_t *chunk; /* cleared after some transactions */
} walk_t;

/* Where the walk goes on. */
typedef struct at_t {
    apr_int64_t created_at, vendor;
    char id[ID_ROOM];
} at_t;

static int is_beyond(const ubal_tree_node_t *node)
{
    int i;

    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        if (node->of[i] > UBAL_PAGE_SUM_MAX ||
            node->of[i] < -UBAL_PAGE_SUM_MAX) {
            return 1;
        }
    }
    return 0;
}

static const char *print(apr_int64_t n, const apr_int64_t *of,
                         apr_pool_t *pool)
{
    return apr_psprintf(pool,
                        "%" APR_INT64_T_FMT " transactions, %" APR_INT64_T_FMT
                        " earned, %" APR_INT64_T_FMT
                        " spent, %" APR_INT64_T_FMT
                        " payout, %" APR_INT64_T_FMT " paid_out",
                        n, of[UBAL_TYPE_EARNED], of[UBAL_TYPE_SPENT],
                        of[UBAL_TYPE_PAYOUT], of[UBAL_TYPE_PAID_OUT]);
}

/* Says what is wrong, of the first; `stored` is NULL for nothing. */
static void find(walk_t *walk, const ubal_tree_node_t *node,
                 const char *stored)
{
    static const char *const widths[UBAL_TREE_LEVELS] = {
        "64 days",    "8 days", "day",        "6 hours", "hour",
        "10 minutes", "minute", "10 seconds", "second"};
    apr_int64_t of[UBAL_TYPE_COUNT];
    int i;

    if (walk->found->finding) {
        return;
    }
    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        of[i] = (apr_int64_t)node->of[i];
    }
    walk->found->finding = apr_psprintf(
        walk->pool, "user %s, the %s from %s: stored is %s; there are %s",
        walk->user_id, widths[node->level],
        ubal_time_print(node->bucket * ubal_tree_width(node->level),
                        walk->chunk),
        stored ? stored : "nothing",
        is_beyond(node) ? "more than can be stored"
                        : print(node->n, of, walk->chunk));
}

static ubal_error_t *compare(void *baton, const ubal_tree_node_t *node)
{
    walk_t *walk = baton;
    apr_int64_t level = node->level, of[UBAL_TYPE_COUNT], n;
    ubal_rows_t *rows;
    int has_row, i, is_same;
    ubal_error_t *err =
        ubal_db_first(&rows, &has_row, walk->db, walk->chunk, UBAL_SQL_SUM_GET,
                      walk->user_id, &level, &node->bucket);

    if (err) {
        return err;
    }
    walk->found->has_overflow |= is_beyond(node);
    if (!has_row) {
        walk->missing++;
        find(walk, node, NULL);
        return NULL;
    }
    n = ubal_rows_int(rows, UBAL_TYPE_COUNT, 0);
    is_same = n == node->n;
    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        of[i] = ubal_rows_int(rows, i, 0);
        is_same = is_same && of[i] == node->of[i];
    }
    walk->same += is_same;
    walk->found->wrong += !is_same;
    if (!is_same) {
        find(walk, node, print(n, of, walk->chunk));
    }
    return NULL;
}

static ubal_error_t *put(void *baton, const ubal_tree_node_t *node)
{
    walk_t *walk = baton;
    apr_int64_t level = node->level, of[UBAL_TYPE_COUNT];
    int i;

    for (i = 0; i < UBAL_TYPE_COUNT; i++) {
        of[i] = (apr_int64_t)node->of[i];
    }
    return ubal_db_run(
        walk->db, NULL, walk->chunk, UBAL_SQL_SUM_SET, walk->user_id, &level,
        &node->bucket, &of[UBAL_TYPE_EARNED], &of[UBAL_TYPE_SPENT],
        &of[UBAL_TYPE_PAYOUT], &of[UBAL_TYPE_PAID_OUT], &node->n);
}

/* Adds the next transactions; `*count` how many they were. */
static ubal_error_t *add_chunk(int *count, ubal_tree_t *tree, at_t *at,
                               const walk_t *walk)
{
    apr_int64_t most = CHUNK;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err = ubal_db_select(
        &rows, walk->db, walk->chunk, UBAL_SQL_STRETCH_ROWS, walk->user_id,
        &at->created_at, &at->vendor, at->id, &most);

    *count = 0;
    while (!err && !(err = ubal_rows_next(rows, &has_row)) && has_row) {
        at->created_at = ubal_rows_int(rows, 0, 0);
        at->vendor = ubal_rows_int(rows, 1, 0);
        apr_cpystrn(at->id, ubal_rows_text(rows, 2), sizeof(at->id));
        err = ubal_tree_add(tree, at->created_at,
                            (ubal_type_e)ubal_rows_int(rows, 3, 0),
                            ubal_rows_int(rows, 4, 0));
        ++*count;
    }
    return err;
}

static ubal_error_t *walk_all(walk_t *walk, ubal_tree_emit_fn emit)
{
    ubal_tree_t *tree = ubal_tree_make(emit, walk, walk->pool);
    at_t at = {-1, 0, ""};
    ubal_error_t *err;
    int count;

    apr_pool_create(&walk->chunk, walk->pool);
    do {
        apr_pool_clear(walk->chunk);
        err = add_chunk(&count, tree, &at, walk);
    } while (!err && count == CHUNK);
    return err ? err : ubal_tree_end(&walk->found->all, tree);
}

ubal_error_t *ubal_stretch_compare(ubal_stretch_t *found, ubal_db_t *db,
                                   const char *user_id, apr_pool_t *pool)
{
    walk_t walk = {.db = db, .user_id = user_id, .found = found, .pool = pool};
    apr_int64_t surplus;
    ubal_rows_t *rows;
    int has_row;
    ubal_error_t *err;

    memset(found, 0, sizeof(*found));
    err = walk_all(&walk, compare);
    if (!err) {
        err = ubal_db_first(&rows, &has_row, db, pool, UBAL_SQL_STRETCH_COUNT,
                            user_id);
    }
    if (err) {
        return err;
    }
    surplus = ubal_rows_int(rows, 0, 0) - walk.same - found->wrong;
    if (surplus && !found->finding) {
        found->finding = apr_psprintf(pool,
                                      "user %s: %" APR_INT64_T_FMT
                                      " stretches too many are stored",
                                      user_id, surplus);
    }
    found->wrong += walk.missing + surplus;
    return NULL;
}

ubal_error_t *ubal_stretch_write(ubal_db_t *db, const char *user_id,
                                 apr_pool_t *pool)
{
    ubal_stretch_t found;
    walk_t walk = {
        .db = db, .user_id = user_id, .found = &found, .pool = pool};
    ubal_error_t *err =
        ubal_db_run(db, NULL, pool, UBAL_SQL_STRETCH_FORGET, user_id);

    return err ? err : walk_all(&walk, put);
}

ubal_error_t *ubal_stretch_verify(const char **finding, ubal_db_t *db,
                                  apr_pool_t *pool)
{
    ubal_stretch_t found = {0};
    ubal_error_t *err = NULL;
    const char *next = "";
    char user[ID_ROOM] = "";
    apr_pool_t *own;

    apr_pool_create(&own, pool);
    while (!err && next && !found.finding) {
        ubal_rows_t *rows;
        int has_row;

        apr_pool_clear(own);
        err = ubal_db_first(&rows, &has_row, db, own,
                            UBAL_SQL_STRETCH_NEXT_USER, user, user);
        next = !err && has_row ? ubal_rows_text(rows, 0) : NULL;
        if (next) {
            apr_cpystrn(user, next, sizeof(user));
            err = ubal_stretch_compare(&found, db, user, own);
        }
    }
    *finding = err ? NULL : apr_pstrdup(pool, found.finding);
    return err;
}
