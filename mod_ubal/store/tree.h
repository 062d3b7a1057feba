/* How a user's time is parted: into stretches of nine widths, each a whole
 * number of the next. Sums of a stretch are kept where there is much in it:
 * all of a user's stretches of the widest level once the user has more than
 * UBAL_TREE_LEAF transactions, and the parts of a stretch once that has.
 * Knows time and counts, no database. */
#ifndef UBAL_STORE_TREE_H
#define UBAL_STORE_TREE_H

#include "core/time.h"
#include "core/type.h"

/* 64 days, 8 days, a day, 6 hours, an hour, 10 minutes, a minute, 10 seconds,
 * a second: few parts each, so that a part of what has just more than
 * a leaf has some transactions, and not one. */
#define UBAL_TREE_LEVELS 9

#define UBAL_TREE_DAY 2

/* What has more transactions has parts, but for a second. */
#define UBAL_TREE_LEAF 128

/* The width of a level's stretches, us. */
apr_int64_t ubal_tree_width(int level);

/* Which of them an instant (us, from 1970 on) is in. */
apr_int64_t ubal_tree_bucket(int level, apr_int64_t created_at);

/* Sums that are wide enough for whatever is stored. */
typedef __int128 ubal_wide_t __attribute__((aligned(8)));

typedef struct ubal_tree_node_t {
    int level; /* -1: all of the user's */
    apr_int64_t bucket, n;
    ubal_wide_t of[UBAL_TYPE_COUNT];
} ubal_tree_node_t;

/* Takes a stretch that is to be stored. */
typedef ubal_error_t *(*ubal_tree_emit_fn)(void *baton,
                                           const ubal_tree_node_t *node);

typedef struct ubal_tree_t ubal_tree_t;

/* Makes the tree of a user whose transactions are added in the order of time:
 * each stretch that is to be stored is emitted once it is whole. */
ubal_tree_t *ubal_tree_make(ubal_tree_emit_fn emit, void *baton,
                            apr_pool_t *pool);

/* Returns an emit's error. */
ubal_error_t *ubal_tree_add(ubal_tree_t *tree, apr_int64_t created_at,
                            ubal_type_e type, apr_int64_t amount);

/* Emits what is left; sets `*all` to the sums over all (level -1). */
ubal_error_t *ubal_tree_end(ubal_tree_node_t *all, ubal_tree_t *tree);

#endif
