/* Rows as PostgreSQL's COPY reads them: its text format, a line a row,
 * https://www.postgresql.org/docs/15/sql-copy.html. Knows no table. */
#ifndef UBAL_STORE_LINES_H
#define UBAL_STORE_LINES_H

#include "store/text.h"

typedef struct ubal_lines_t {
    ubal_text_t text; /* whole lines, once each row has ended */
    apr_int64_t rows;
    int is_begun; /* the row has a value already */
} ubal_lines_t;

/* No rows yet; their text will live as long as `pool`. */
ubal_lines_t ubal_lines_make(apr_pool_t *pool);

/* Adds a value to the row, UTF-8 text without NUL or a number, or ends it. */
void ubal_lines_add_text(ubal_lines_t *lines, const char *text);
void ubal_lines_add_int(ubal_lines_t *lines, apr_int64_t number);
void ubal_lines_end_row(ubal_lines_t *lines);

#endif
