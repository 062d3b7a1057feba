/* A user's transactions in the order of time, a page at a time, as of one
 * commit. Knows the tables; not how a place in a list is written. */
#ifndef UBAL_STORE_LIST_H
#define UBAL_STORE_LIST_H

#include <apr_tables.h>

#include "store/read.h"

/* As `commit_seq`: the latest. */
#define UBAL_LIST_NOW (-1)

/* The order of a list: by created_at, then vendor, then id. */
typedef struct ubal_list_place_t {
    apr_int64_t created_at, vendor;
    const char *id;
} ubal_list_place_t;

/* What is asked for. */
typedef struct ubal_list_t {
    const char *user_id;
    apr_int64_t from, to; /* created_at in [from, to), us */
    int type;             /* one alone; -1: all */
    int is_ascending;     /* oldest first; else newest first */
    apr_int64_t limit;    /* rows, 1 or more */
    int has_after;        /* rows after `after`, in the list's order */
    ubal_list_place_t after;
    apr_int64_t commit_seq; /* rows that this commit or one before stored */
} ubal_list_t;

typedef struct ubal_list_row_t {
    ubal_list_place_t place;
    ubal_type_e type;
    apr_int64_t amount;
} ubal_list_row_t;

typedef struct ubal_list_page_t {
    ubal_coverage_t coverage;
    int is_known;             /* the user has transactions */
    apr_int64_t commit_seq;   /* as asked; the latest for UBAL_LIST_NOW */
    int is_commit_known;      /* 0: the database has not come so far, as after
                               * a restore; there are no rows */
    const char *owner;        /* the token of who made that commit, "" where
                               * none is noted: another history, another one */
    apr_array_header_t *rows; /* of ubal_list_row_t */
    int has_more;
} ubal_list_page_t;

/* Reads what `list` asks for, in one snapshot, into `page`, all in `pool`.
 * Errors as for ubal_read_user. */
ubal_error_t *ubal_list_read(ubal_list_page_t *page, ubal_db_t *db,
                             const ubal_list_t *list, int scale,
                             apr_pool_t *pool);

#endif
