/* Shows a piece of what a vendor sent in a message. Knows bytes only. */
#include "show.h"

#include <apr_strings.h>
#include <string.h>

#include "core/id.h"

/* How many bytes the character that begins with `lead` has. */
static apr_size_t width(unsigned char lead)
{
    return lead < 0xc0 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
}

const char *ubal_show_text(const char *text, apr_size_t length,
                           apr_pool_t *pool)
{
    static const char hex[] = "0123456789abcdef";
    apr_size_t shown = length < UBAL_SHOW_MAX ? length : UBAL_SHOW_MAX;
    char out[4 * UBAL_SHOW_MAX + 1];
    char *at = out;
    apr_size_t i = 0;

    while (i < shown) {
        unsigned char byte = (unsigned char)text[i];
        apr_size_t bytes = width(byte);

        if (bytes <= length - i && !ubal_id_fault(text + i, bytes)) {
            memcpy(at, text + i, bytes);
            at += bytes;
            i += bytes;
        } else {
            *at++ = '\\';
            *at++ = 'x';
            *at++ = hex[byte >> 4];
            *at++ = hex[byte & 15];
            i++;
        }
    }
    *at = '\0';
    return apr_pstrcat(pool, out, i < length ? "..." : "", NULL);
}
