/* Stretches of time, and the sums of a user's. See tree.h. */
#include "store/tree.h"

#include <string.h>

#define DAY UBAL_TIME_DAY
#define SECOND UBAL_TIME_SECOND

static const apr_int64_t widths[UBAL_TREE_LEVELS] = {
    64 * DAY,     8 * DAY,     DAY,         21600 * SECOND, 3600 * SECOND,
    600 * SECOND, 60 * SECOND, 10 * SECOND, SECOND};

/* The stretch of a level that is being added to, and those of the level that
 * are whole and wait to see whether what they are part of has enough. They
 * are few: each has a transaction, and that has no more than UBAL_TREE_LEAF
 * while they wait. */
typedef struct rank_t {
    ubal_tree_node_t now;
    ubal_tree_node_t waiting[UBAL_TREE_LEAF];
    int count;
} rank_t;

struct ubal_tree_t {
    ubal_tree_emit_fn emit;
    void *baton;
    ubal_tree_node_t all;
    rank_t ranks[UBAL_TREE_LEVELS];
};

apr_int64_t ubal_tree_width(int level)
{
    return widths[level];
}

apr_int64_t ubal_tree_bucket(int level, apr_int64_t created_at)
{
    return created_at / widths[level];
}

ubal_tree_t *ubal_tree_make(ubal_tree_emit_fn emit, void *baton,
                            apr_pool_t *pool)
{
    ubal_tree_t *tree = apr_pcalloc(pool, sizeof(*tree));
    int level;

    tree->emit = emit;
    tree->baton = baton;
    tree->all.level = -1;
    for (level = 0; level < UBAL_TREE_LEVELS; level++) {
        tree->ranks[level].now.level = level;
    }
    return tree;
}

static const ubal_tree_node_t *parent_of(const ubal_tree_t *tree, int level)
{
    return level ? &tree->ranks[level - 1].now : &tree->all;
}

static ubal_error_t *emit_waiting(ubal_tree_t *tree, int level)
{
    rank_t *rank = &tree->ranks[level];
    ubal_error_t *err = NULL;
    int i;

    for (i = 0; !err && i < rank->count; i++) {
        err = tree->emit(tree->baton, &rank->waiting[i]);
    }
    rank->count = 0;
    return err;
}

/* The stretch of this level is whole: it is stored where what it is part of
 * has enough already, else it waits. */
static ubal_error_t *close_rank(ubal_tree_t *tree, int level)
{
    rank_t *rank = &tree->ranks[level];
    ubal_error_t *err = NULL;

    if (!rank->now.n) {
        return NULL;
    }
    if (parent_of(tree, level)->n > UBAL_TREE_LEAF) {
        err = emit_waiting(tree, level);
        if (!err) {
            err = tree->emit(tree->baton, &rank->now);
        }
    } else {
        rank->waiting[rank->count++] = rank->now;
    }
    rank->now.n = 0;
    memset(rank->now.of, 0, sizeof(rank->now.of));
    return err;
}

/* Closes the levels from the deepest up to `level`; what waits below one that
 * is whole now and has not enough is not stored at all. */
static ubal_error_t *close_from(ubal_tree_t *tree, int level)
{
    ubal_error_t *err = NULL;
    int i;

    for (i = UBAL_TREE_LEVELS - 1; !err && i >= level; i--) {
        if (i + 1 < UBAL_TREE_LEVELS) {
            tree->ranks[i + 1].count = 0;
        }
        err = close_rank(tree, i);
    }
    return err;
}

static void count(ubal_tree_node_t *node, ubal_type_e type, apr_int64_t amount)
{
    node->n++;
    node->of[type] += amount;
}

ubal_error_t *ubal_tree_add(ubal_tree_t *tree, apr_int64_t created_at,
                            ubal_type_e type, apr_int64_t amount)
{
    ubal_error_t *err = NULL;
    int level;

    for (level = 0; level < UBAL_TREE_LEVELS; level++) {
        const ubal_tree_node_t *now = &tree->ranks[level].now;

        if (now->n && now->bucket != ubal_tree_bucket(level, created_at)) {
            err = close_from(tree, level);
            break;
        }
    }
    count(&tree->all, type, amount);
    for (level = 0; level < UBAL_TREE_LEVELS; level++) {
        tree->ranks[level].now.bucket = ubal_tree_bucket(level, created_at);
        count(&tree->ranks[level].now, type, amount);
    }
    return err;
}

ubal_error_t *ubal_tree_end(ubal_tree_node_t *all, ubal_tree_t *tree)
{
    ubal_error_t *err = close_from(tree, 0);

    *all = tree->all;
    return err;
}
