/* Many users' sums. Knows one statement and that it takes the ids as a JSON
 * array. See bulk.h. */
#include "store/bulk.h"

#include <string.h>

#include "core/id.h"

/* An id has no control characters: two bytes alone are escaped. */
static const char *array_of(const ubal_bulk_user_t *users, int count,
                            apr_pool_t *pool)
{
    char *text =
        apr_palloc(pool, (apr_size_t)count * (2 * UBAL_ID_MAX + 3) + 3);
    char *out = text;
    const char *at;
    int i;

    for (i = 0; i < count; i++) {
        *out++ = i ? ',' : '[';
        *out++ = '"';
        for (at = users[i].id; *at; at++) {
            if (*at == '"' || *at == '\\') {
                *out++ = '\\';
            }
            *out++ = *at;
        }
        *out++ = '"';
    }
    *out++ = ']';
    *out = '\0';
    return text;
}

/* The rows come in any order, each with its user's place in the array. */
static void read_row(ubal_bulk_user_t *users, int count, ubal_rows_t *rows)
{
    apr_int64_t place = ubal_rows_int(rows, 8, -1);

    if (place >= 0 && place < count) {
        users[place].is_known = ubal_rows_text(rows, 9) != NULL;
        ubal_read_sums(&users[place].sums, rows, 9);
    }
}

ubal_error_t *ubal_bulk_read(ubal_coverage_t *coverage,
                             ubal_bulk_user_t *users, int count, ubal_db_t *db,
                             int scale, apr_pool_t *pool)
{
    ubal_rows_t *rows;
    int has_row = 0;
    ubal_error_t *err = ubal_db_select(&rows, db, pool, UBAL_SQL_BULK,
                                       array_of(users, count, pool));

    if (!err) {
        err = ubal_rows_next(rows, &has_row);
    }
    if (!err) {
        err = ubal_read_coverage(coverage, rows, has_row, scale, pool);
    }
    while (!err && has_row) {
        read_row(users, count, rows);
        err = ubal_rows_next(rows, &has_row);
    }
    return err;
}
