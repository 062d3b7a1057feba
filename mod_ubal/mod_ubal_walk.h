/* A walk through a user's transactions: page by page, as of one commit,
 * without a connection to the database in between. Knows what a request asks
 * for and the cursors of its pages; not how rows are shown. */
#ifndef MOD_UBAL_WALK_H
#define MOD_UBAL_WALK_H

#include <httpd.h>

#include "core/id.h"
#include "mod_ubal_request.h"
#include "store/list.h"

/* The parameters of a walk, and which of them is which. */
extern const ubal_query_parameter_t ubal_walk_parameters[];
enum {
    UBAL_WALK_FROM,
    UBAL_WALK_TO,
    UBAL_WALK_TYPE,
    UBAL_WALK_LIMIT,
    UBAL_WALK_ORDER,
    UBAL_WALK_AFTER
};

typedef struct ubal_walk_t {
    ubal_list_t list;
    ubal_list_page_t page; /* where the walk is, in `pool` */
    int scale;
    const char *scope;  /* what binds its cursors to it */
    const char *cursor; /* that of the page; NULL where it is the last */
    apr_pool_t *pool;
    char after[UBAL_ID_MAX + 1]; /* what outlives a page */
    const char *owner;
} ubal_walk_t;

/* Reads the first page that `request` asks for, of `limit` rows, into `walk`,
 * which is kept in r->pool, and sets the headers that tell what it is as of.
 * Returns 0 where a problem was sent instead, `*status` being what the handler
 * is to return. */
int ubal_walk_begin(ubal_walk_t *walk, int *status, request_rec *r,
                    const ubal_request_t *request, apr_int64_t limit);

/* Reads the next page in place of the one that was read. Fails where it cannot
 * be read as of the same commit any more. */
ubal_error_t *ubal_walk_next(ubal_walk_t *walk, request_rec *r);

#endif
