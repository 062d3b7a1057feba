/* Files that are imported: how far each is, and what it brought. Knows its
 * tables; items are page.c's. All writes inside a transaction of the owner. */
#ifndef UBAL_STORE_IMPORT_H
#define UBAL_STORE_IMPORT_H

#include "core/item.h"
#include "store/db.h"

#define UBAL_IMPORT_DIGEST 40 /* hex digits of a SHA-1 */

/* What became of the items so far; a file has more than an int counts. */
typedef struct ubal_import_counts_t {
    apr_int64_t seen, stored, duplicate, dead, conflict;
} ubal_import_counts_t;

typedef struct ubal_import_t {
    apr_int64_t id; /* 0: nothing is stored of it yet */
    apr_int64_t vendor;
    const char *name;      /* for people */
    apr_int64_t size;      /* bytes; -1: not known */
    const char *head;      /* digest of its first bytes */
    apr_int64_t from, to;  /* us; the range that it covers whole; 0: none */
    apr_int64_t request;   /* its row in the ledger, of no account */
    apr_int64_t first_seq; /* the first commit that may have stored of it */
    apr_int64_t position;  /* bytes that are stored */
    apr_int64_t line;      /* lines of those */
    char digest[UBAL_IMPORT_DIGEST + 1]; /* of those; "" where none */
    ubal_import_counts_t counts;
} ubal_import_t;

typedef enum {
    UBAL_IMPORT_BEGUN,
    UBAL_IMPORT_DONE,
    UBAL_IMPORT_GIVEN_UP
} ubal_import_state_e;

/* Finds an import of this vendor, head, size and range that was begun and not
 * ended; sets the rest of it. id 0: there is none. */
ubal_error_t *ubal_import_find(ubal_import_t *import, ubal_db_t *db,
                               apr_pool_t *pool);

/* Stores a new one whose request is set; sets id and first_seq. */
ubal_error_t *ubal_import_begin(ubal_import_t *import, ubal_db_t *db,
                                apr_int64_t at, apr_pool_t *pool);

/* Stores the items of `page`, which it puts in the order of their ids, at
 * wall clock `at` (us), with the progress that import->position, line and
 * digest say; adds what became of them to import->counts. */
ubal_error_t *ubal_import_store(ubal_import_t *import, ubal_db_t *db,
                                ubal_page_t *page, apr_int64_t at,
                                apr_pool_t *pool);

/* Has the connection keep up to `kilobytes` of the database in memory, as long
 * as `pool` lives: what a transaction changes is then written once. */
ubal_error_t *ubal_import_hasten(ubal_db_t *db, int kilobytes,
                                 apr_pool_t *pool);

ubal_error_t *ubal_import_end(ubal_db_t *db, apr_int64_t id,
                              ubal_import_state_e state, apr_pool_t *pool);

#endif
