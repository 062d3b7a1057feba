/* JSON, written piece by piece into one buffer. Knows how text, amounts and
 * instants are spelled in it; no key and no HTTP. */
#ifndef MOD_UBAL_JSON_H
#define MOD_UBAL_JSON_H

#include "mod_ubal_location.h"

typedef struct ubal_json_t {
    char *text; /* ends with a zero byte once something was put */
    apr_size_t length, room;
    ubal_amounts_e amounts; /* how amounts are written */
    int scale;              /* of amounts */
    apr_pool_t *pool;
} ubal_json_t;

/* Makes `json` an empty text of at least `room` bytes in `pool`; it grows by
 * itself. The caller may set `length` to 0, to begin anew in the same room. */
void ubal_json_begin(ubal_json_t *json, const ubal_location_t *location,
                     int scale, apr_size_t room, apr_pool_t *pool);

/* Puts `text` as it is: braces, keys, commas. */
void ubal_json_put(ubal_json_t *json, const char *text);

/* Puts `text` as a string (RFC 8259, section 7); bytes that are no UTF-8
 * become U+FFFD. */
void ubal_json_string(ubal_json_t *json, const char *text);

/* Puts `minor` as UbalAmounts says. */
void ubal_json_amount(ubal_json_t *json, apr_int64_t minor);

/* Puts `us` as a string. */
void ubal_json_instant(ubal_json_t *json, apr_int64_t us);

#endif
