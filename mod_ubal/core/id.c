/* What may be an id; see id.h. Plain C, so that its bounds can be checked. */
#include "core/id.h"

/* Reads one well-formed UTF-8 sequence (RFC 3629, section 4) at text[*at] and
 * steps over it; 0 where there is none. */
static int next_char(apr_uint32_t *code, const unsigned char *text,
                     apr_size_t length, apr_size_t *at)
{
    static const apr_uint32_t least[] = {0, 0x80, 0x800, 0x10000};
    unsigned char first = text[*at];
    apr_size_t i, more = first < 0x80   ? 0
                         : first < 0xc0 ? 4
                         : first < 0xe0 ? 1
                         : first < 0xf0 ? 2
                         : first < 0xf8 ? 3
                                        : 4;

    if (more == 4 || length - *at <= more) {
        return 0;
    }
    *code = more ? first & (0x3fu >> more) : first;
    for (i = 1; i <= more; i++) {
        if ((text[*at + i] & 0xc0) != 0x80) {
            return 0;
        }
        *code = *code << 6 | (text[*at + i] & 0x3fu);
    }
    *at += more + 1;
    return *code >= least[more] && *code <= 0x10ffff &&
           (*code < 0xd800 || *code > 0xdfff);
}

static int is_control(apr_uint32_t code)
{
    return code < 0x20 || (code >= 0x7f && code < 0xa0) || code == 0x61c ||
           code == 0x200e || code == 0x200f ||
           (code >= 0x2028 && code <= 0x202e) ||
           (code >= 0x2066 && code <= 0x2069);
}

const char *ubal_id_fault(const char *text, apr_size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    apr_size_t at = 0;
    apr_uint32_t code;

    if (length == 0) {
        return "is empty";
    }
    if (length > UBAL_ID_MAX) {
        return "is longer than 128 bytes";
    }
    while (at < length) {
        if (!next_char(&code, bytes, length, &at)) {
            return "is not UTF-8";
        }
        if (is_control(code)) {
            return "has a control character";
        }
    }
    return NULL;
}

int ubal_id_is_utf8(const char *text, apr_size_t length)
{
    const unsigned char *bytes = (const unsigned char *)text;
    apr_size_t at = 0;
    apr_uint32_t code;

    while (at < length) {
        if (!next_char(&code, bytes, length, &at) || code == 0) {
            return 0;
        }
    }
    return 1;
}
