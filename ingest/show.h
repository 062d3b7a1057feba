/* Shows a piece of what a vendor sent in a message. Knows bytes only. */
#ifndef UBAL_SHOW_H
#define UBAL_SHOW_H

#include <apr_pools.h>

/* How many bytes of a value are shown. */
#define UBAL_SHOW_MAX 80

/* Gives the first UBAL_SHOW_MAX bytes of text[0..length), followed by "..."
 * where that is not all. Whatever ubal_id_fault refuses (control characters,
 * text direction, broken UTF-8) is shown as \xNN. Well-formed UTF-8, in
 * `pool`. */
const char *ubal_show_text(const char *text, apr_size_t length,
                           apr_pool_t *pool);

#endif
