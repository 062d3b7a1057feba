/* Places in a list as text that clients hand back: opaque, safe in a URL, and
 * of no use elsewhere. Knows digits and digests; no list and no database. */
#ifndef UBAL_CORE_CURSOR_H
#define UBAL_CORE_CURSOR_H

#include <apr_pools.h>
#include <apr_siphash.h>

/* The row that a page ended with, and the commit up to which the list is
 * read. A list that does not need a number has 0 there. */
typedef struct ubal_cursor_t {
    apr_int64_t commit_seq, created_at, vendor;
    const char *id;                         /* what ubal_id_fault() allows */
    unsigned char check[APR_SIPHASH_DSIZE]; /* set by ubal_cursor_parse() */
} ubal_cursor_t;

/* Prints `cursor` for one list alone: `scope` names all that makes the list
 * what it is, `owner` who made the commit. Lower-case hexadecimal digits,
 * allocated in `pool`. */
const char *ubal_cursor_print(const ubal_cursor_t *cursor, const char *scope,
                              const char *owner, apr_pool_t *pool);

/* Reads `text` into `cursor`. Returns 0 where it was never printed so, else 1;
 * whether it is sound, ubal_cursor_is_of() says alone: until then its numbers
 * are no more than numbers. */
int ubal_cursor_parse(ubal_cursor_t *cursor, const char *text,
                      apr_pool_t *pool);

/* 1 where `cursor` was printed with the same contents, `scope` and `owner`. */
int ubal_cursor_is_of(const ubal_cursor_t *cursor, const char *scope,
                      const char *owner, apr_pool_t *pool);

#endif
